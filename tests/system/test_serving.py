"""The daemon from outside: its start, its addresses, conditional requests, who may start beside it, how it ends."""

import gzip
import json
import os
import signal
import sqlite3
import time

import brotli
import pytest

pytestmark = pytest.mark.slow

DATE = {'pubDate': 'Fri, 12 Apr 2024 08:00:00 +0800'}
TYPES = {
    'atom': 'application/atom+xml; charset=utf-8',
    'rss': 'application/rss+xml; charset=utf-8',
    'json': 'application/feed+json',
    'html': 'text/html; charset=utf-8',
}
RULE = {'when': {'title': '一'}, 'add': '规则类'}


def feeds(place, *more, **top):
    place.write(place.source('甲', '/a', category='甲报新闻', every='1h'), *more, **top)


@pytest.fixture(scope='module')
def served(make_place):
    """Polled, then changed: one category lost its entries, one slug was renamed; two sources say nothing."""
    place = make_place()
    place.origin.rss('/a', {'title': '一', 'link': 'https://a.example/1', 'description': '文' * 2000, **DATE})
    place.origin.serve('/silent', '', 0)
    feeds(place, rules=[RULE])
    place.poll()
    silent = place.source('静', '/silent'), {'name': '拒', 'url': 'http://127.0.0.1:1/x'}
    feeds(place, *silent, categories=[{'label': '甲报新闻', 'slug': 'newname'}])
    place.ok('publish')
    with place.daemon() as daemon:
        seconds = daemon.wait()
        yield place, daemon, seconds


def test_the_index_is_there_within_10_seconds_without_a_network(served):
    _, daemon, seconds = served
    assert seconds < 10
    for path in ('/', '/index.html'):
        status, headers, body = daemon.ask(path)
        assert status == 200
        assert headers['content-type'].lower() == TYPES['html']
        assert '甲报新闻'.encode() in body


@pytest.mark.parametrize('suffix', TYPES)
def test_a_category_without_entries_answers_for_ever(served, suffix):
    status, headers, body = served[1].ask(f'/category/guizelei.{suffix}')
    assert status == 200
    assert headers['content-type'].lower() == TYPES[suffix]
    assert b'https://a.example/1' not in body


@pytest.mark.parametrize('suffix', TYPES)
def test_a_renamed_slug_redirects_for_ever(served, suffix):
    _, daemon, _ = served
    status, headers, _ = daemon.ask(f'/category/jiabao.{suffix}')
    assert status == 301
    assert headers['location'].endswith(f'/category/newname.{suffix}')
    status, headers, body = daemon.ask(f'/category/newname.{suffix}')
    assert status == 200
    assert b'https://a.example/1' in body


def test_a_category_without_suffix_goes_to_its_page(served):
    status, headers, _ = served[1].ask('/category/newname')
    assert status in {301, 302, 307, 308}
    assert headers['location'].endswith('/category/newname.html')


@pytest.mark.parametrize('path', ['/category/newname.atom', '/all.rss', '/all.json', '/feeds.opml', '/index.html'])
def test_conditional_requests_and_head(served, path):
    _, daemon, _ = served
    status, headers, body = daemon.ask(path)
    etag = headers['etag']
    assert status == 200
    assert etag.strip('W/').startswith('"')
    assert 'set-cookie' not in headers
    assert 'max-age=' in headers['cache-control']
    for sent in (etag, f'"x", {etag}', '*', f'W/{etag.removeprefix("W/")}'):
        status, again, nothing = daemon.ask(path, If_None_Match=sent)
        assert (status, nothing) == (304, b'')
        assert [again[key] for key in ('etag', 'cache-control', 'vary')] == [
            headers[key] for key in ('etag', 'cache-control', 'vary')
        ]
    assert daemon.ask(path, If_None_Match='"x"', If_Modified_Since=headers['last-modified'])[0] == 200
    assert daemon.ask(path, If_Modified_Since=headers['last-modified'])[0] == 304
    assert daemon.ask(path, If_Modified_Since='nonsense')[0] == 200
    status, head, nothing = daemon.ask(path, 'HEAD')
    assert (status, nothing) == (200, b'')
    assert head['content-length'] == str(len(body))
    assert head['etag'] == etag
    for method in ('POST', 'DELETE'):
        status, refused, _ = daemon.ask(path, method)
        assert status == 405
        assert {'GET', 'HEAD'} <= {word.strip() for word in refused['allow'].split(',')}


def test_compressed_forms_have_tags_of_their_own(served):
    _, daemon, _ = served
    _, headers, plain = daemon.ask('/all.atom', Accept_Encoding='identity')
    tags = {headers['etag']}
    for accepted, unpack in (('gzip', gzip.decompress), ('br', brotli.decompress)):
        _, packed, body = daemon.ask('/all.atom', Accept_Encoding=accepted)
        assert packed['content-encoding'] == accepted
        assert 'accept-encoding' in packed['vary'].lower()
        assert unpack(body) == plain
        tags.add(packed['etag'])
        assert daemon.ask('/all.atom', Accept_Encoding=accepted, If_None_Match=packed['etag'])[0] == 304
    assert len(tags) == 3
    for refused in ('gzip;q=0', 'br;q=0, gzip;q=0', '*;q=0'):
        assert 'content-encoding' not in daemon.ask('/all.atom', Accept_Encoding=refused)[1]


def test_what_is_served_is_what_lies_in_public(served):
    place, daemon, _ = served
    for name, data in place.files().items():
        if not name.endswith(('.gz', '.br')):
            assert daemon.ask(f'/{name}', Accept_Encoding='identity')[2] == data, name


def test_other_addresses(served):
    daemon = served[1]
    for path in (
        '/nothing',
        '/category/nothing.atom',
        '/../aggregator.db',
        '/%2e%2e/aggregator.db',
        '/category/..%2f..%2fx',
    ):
        status, _, body = daemon.ask(path)
        assert status in {400, 404}, path
        assert body.strip(), path
    assert daemon.ask('/robots.txt')[0] == 200
    assert daemon.ask('/favicon.ico')[0] in {200, 204}
    page = daemon.ask('/category/newname.html')[2].decode()
    assert page.index('newname.atom') < page.index('/all.atom') if '/all.atom' in page else 'newname.atom' in page
    assert 'noindex' in page


def test_a_second_daemon_is_refused_and_told_of_the_first(served):
    place, daemon, _ = served
    ran, status = place.each(('run', '--port', '0'), ('status', '--json'))
    assert ran.code in {1, 2}
    assert str(daemon.child.pid) in ran.said
    assert json.loads(status.out)['entries'] == 1, 'looking is allowed'


def test_a_port_in_use_is_told_by_whom(served, place):
    _, daemon, _ = served
    feeds(place)
    place.origin.rss('/a')
    ran = place.run('run', '--port', daemon.port)
    assert ran.code in {1, 2}
    assert str(daemon.port) in ran.said
    assert str(daemon.child.pid) in ran.said


def test_sigterm_ends_it_within_10_seconds_whatever_it_waits_for(place):
    place.origin.rss('/a', {'title': '一', 'link': 'https://a.example/1', **DATE})
    place.origin.serve('/silent', '', 0)
    feeds(place, place.source('静', '/silent'))
    with place.daemon() as killed:
        killed.wait()
        killed.child.kill()
        killed.child.wait()
    with place.daemon() as daemon:
        daemon.wait()
        until = time.monotonic() + 10
        while not place.origin.asked('/silent') and time.monotonic() < until:
            time.sleep(0.05)
        assert place.origin.asked('/silent'), 'the daemon polls what is due'
        began = time.monotonic()
        os.kill(daemon.child.pid, signal.SIGTERM)
        assert daemon.child.wait(10) == 0
        assert time.monotonic() - began < 10
    with sqlite3.connect(place.folder / 'data' / 'aggregator.db') as database:
        assert database.execute('pragma integrity_check').fetchone() == ('ok',)
    database.close()
