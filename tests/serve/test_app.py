"""The application, asked without a socket: every H point of the conformance list, and paths that try something."""

import gzip
import threading
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import DataError
from aggregator.model import Document, Site
from aggregator.serve.app import make_app
from aggregator.serve.folder import PublicFolder
from aggregator.serve.health import Health

PATHS = [
    ('/', 'text/html; charset=utf-8'),
    ('/index.html', 'text/html; charset=utf-8'),
    ('/all.atom', 'application/atom+xml; charset=utf-8'),
    ('/category/shuzi.html', 'text/html; charset=utf-8'),
    ('/category/shuzi.atom', 'application/atom+xml; charset=utf-8'),
    ('/category/shuzi.rss', 'application/rss+xml; charset=utf-8'),
    ('/category/shuzi.json', 'application/feed+json'),
    ('/feeds.opml', 'text/x-opml; charset=utf-8'),
]


@pytest.mark.parametrize(('path', 'media_type'), PATHS)
def test_a_document_and_all_its_fields(reader, clock, path, media_type):
    answer = reader.get(path)
    assert answer.status == 200
    assert answer.h['content-type'] == media_type
    assert answer.h['x-content-type-options'] == 'nosniff'
    assert answer.h['cache-control'] == 'public, max-age=60'
    assert answer.h['vary'] == 'Accept-Encoding'
    assert answer.h['last-modified'] == format_datetime(clock.at, usegmt=True)
    assert answer.h['content-length'] == str(len(answer.body))
    assert answer.h['etag'].startswith('"')
    assert answer.h['accept-ranges'] == 'none'
    assert 'set-cookie' not in answer.h
    assert 'content-encoding' not in answer.h


@pytest.mark.parametrize('path', [path for path, _ in PATHS])
def test_head_is_get_without_a_body(reader, path):
    get, head = reader.get(path), reader.get(path, 'HEAD')
    assert (head.status, head.h, head.body) == (get.status, get.h, b'')


@pytest.mark.parametrize('coding', ['gzip', 'br'])
def test_each_form_has_its_own_tag_and_304(reader, coding):
    plain = reader.get('/all.atom')
    packed = reader.get('/all.atom', accept_encoding=coding)
    assert packed.h['content-encoding'] == coding
    assert packed.h['vary'] == 'Accept-Encoding'
    assert packed.h['etag'] != plain.h['etag']
    assert {'gzip': gzip.decompress, 'br': brotli.decompress}[coding](packed.body) == plain.body
    again = reader.get('/all.atom', accept_encoding=coding, if_none_match=packed.h['etag'])
    assert (again.status, again.h['etag']) == (304, packed.h['etag'])
    assert reader.get('/all.atom', if_none_match=packed.h['etag']).status == 200


def test_a_304_repeats_what_matters_and_nothing_else(reader):
    whole = reader.get('/all.atom')
    answer = reader.get('/all.atom', if_none_match=whole.h['etag'])
    assert (answer.status, answer.body) == (304, b'')
    assert set(answer.h) == {'etag', 'cache-control', 'vary', 'last-modified'}
    assert all(whole.h[name] == value for name, value in answer.h.items())


def test_fields_that_come_in_two_lines_are_one_list(reader):
    etag = reader.get('/all.atom').h['etag'].encode()
    assert reader.get('/all.atom', pairs=[(b'if-none-match', b'"x"'), (b'if-none-match', etag)]).status == 304


def test_a_condition_that_fails_says_412(reader):
    assert reader.get('/all.atom', if_match='"other"').status == 412


def test_a_small_document_is_sent_plain_to_whoever_unpacks(reader):
    answer = reader.get('/category/shuzi.json', accept_encoding='gzip, br')
    assert (answer.status, answer.body) == (200, b'{"items": []}')
    assert 'content-encoding' not in answer.h


@pytest.mark.parametrize(
    'field', ['gzip;q=0, br;q=0', 'identity;q=1, *;q=0', 'deflate', '*;q=0', 'identity;q=0, gzip;q=0']
)
def test_whoever_takes_no_form_of_ours_gets_it_plain(reader, field):
    answer = reader.get('/all.atom', accept_encoding=field)
    assert answer.status == 200
    assert 'content-encoding' not in answer.h


@pytest.mark.parametrize('accept', ['text/html', 'application/rss+xml', '*/*;q=0'])
def test_accept_never_decides(reader, accept):
    assert reader.get('/all.atom', accept=accept).body == reader.get('/all.atom').body


def test_a_range_is_not_answered_in_parts(reader):
    assert reader.get('/all.atom', range='bytes=0-9').body == reader.get('/all.atom').body


def test_feeds_name_themselves_and_their_hubs(make_reader):
    reader = make_reader(hubs=['https://hub.example.org/', 'https://hub.example.org/a b>"\n新'])
    for method in ('GET', 'HEAD'):
        assert reader.get('/category/shuzi.atom', method).h['link'] == (
            '<https://feeds.example.org/category/shuzi.atom>; rel="self", '
            '<https://hub.example.org/>; rel="hub", <https://hub.example.org/a%20b%3E%22%0A%E6%96%B0>; rel="hub"'
        )
    assert 'link' not in reader.get('/category/shuzi.html').h


def test_pages_are_fenced_in(reader):
    answer = reader.get('/category/shuzi.html')
    assert answer.h['content-security-policy'] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.h['referrer-policy'] == 'no-referrer'


@pytest.mark.parametrize(('noindex', 'field'), [(True, 'noindex'), (False, None)])
def test_search_engines_are_asked_to_stay_away(make_reader, noindex, field):
    reader = make_reader(site=Site(noindex=noindex))
    assert reader.get('/all.atom').h.get('x-robots-tag') == field
    assert reader.get('/category/shuzi.html').h.get('x-robots-tag') == field
    assert 'x-robots-tag' not in reader.get('/feeds.opml').h


@pytest.mark.parametrize(('stated', 'sent'), [(900, 900), (60, 60), (59, 60), (0, 60), (-5, 60)])
def test_max_age_is_the_publishers_but_never_short(make_reader, stated, sent):
    asked = []
    reader = make_reader(max_age_s=lambda path: asked.append(path) or stated)
    assert reader.get('/category/shuzi.atom').h['cache-control'] == f'public, max-age={sent}'
    assert asked == ['category/shuzi.atom']


@pytest.mark.parametrize('method', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])
@pytest.mark.parametrize('path', ['/all.atom', '/', '/nothing', '/metrics'])
def test_other_methods(reader, method, path):
    answer = reader.get(path, method)
    assert (answer.status, answer.h['allow']) == (405, 'GET, HEAD')


@pytest.mark.parametrize(
    ('path', 'location'),
    [
        ('/category/shuzi', '../category/shuzi.html'),
        ('/category/shuzi/', '../../category/shuzi.html'),
        ('/index', 'index.html'),
        ('/category/old.atom', '../category/shuzi.atom'),
        ('/category/old', '../category/shuzi.html'),
    ],
)
def test_what_moved_or_is_known_by_a_shorter_name(make_reader, path, location):
    known = {'category/old.atom': 'category/shuzi.atom', 'category/old': 'category/shuzi.html'}
    answer = make_reader(redirects=known.get).get(path)
    assert (answer.status, answer.h['location']) == (301, location)


def test_a_redirect_to_itself_is_none(make_reader):
    assert make_reader(redirects=lambda path: path).get('/category/none.atom').status == 404


def test_looking_for_what_is_missing_keeps_nobody_waiting(make_reader):
    """The callables may ask the store, so they run beside the loop that answers."""
    ran = []
    make_reader(not_found=lambda path: ran.append(threading.current_thread()) or b'').get('/nothing')
    assert ran != [threading.current_thread()]
    assert len(ran) == 1


def test_what_was_taken_away(make_reader):
    answer = make_reader(is_gone=lambda path: path == 'category/weg.atom').get('/category/weg.atom')
    assert answer.status == 410
    assert b'remove it' in answer.body


def test_an_unknown_path_gets_a_readable_page(make_reader):
    reader = make_reader(not_found=lambda path: f'<p>no {path}</p>'.encode())
    answer = reader.get('/category/none.atom')
    assert (answer.status, answer.body) == (404, b'<p>no category/none.atom</p>')
    assert answer.h['content-type'] == 'text/html; charset=utf-8'
    assert 'content-security-policy' in answer.h


def test_the_plain_404_shows_a_hostile_path_as_text(reader):
    answer = reader.get('/<script>alert(1)</script>')
    assert answer.status == 404
    assert b'<script' not in answer.body


@pytest.mark.parametrize(
    ('path', 'raw_path', 'status'),
    [
        ('/../secret', None, 404),
        ('/category/../../secret', None, 404),
        ('/category/../all.atom', b'/category/%2e%2e/all.atom', 404),
        ('/category/shuzi.atom', b'/category%2Fshuzi.atom', 404),
        ('/category\\shuzi.atom', b'/category%5cshuzi.atom', 404),
        ('//all.atom', None, 404),
        ('/all.atom/', None, 404),
        ('/ALL.atom', None, 404),
        ('/category/', None, 404),
        ('/category', None, 404),
        ('/all.atom.gz', None, 404),
        ('/all.atom.br', None, 404),
        ('/.tmp-1-2', None, 404),
        ('/all.atom\0', b'/all.atom%00', 400),
        ('/a\r\nset-cookie: x', b'/a%0d%0aset-cookie:%20x', 400),
        ('/' + 'a' * 100_000, None, 404),
        ('/' + 'a/' * 50_000, None, 404),
        ('/新闻', '/%E6%96%B0%E9%97%BB', 404),
        ('/\ud800', None, 400),
        ('', b'', 200),
        ('*', b'*', 404),
    ],
)
def test_paths_that_try_something(reader, path, raw_path, status):
    raw_path = raw_path.encode() if isinstance(raw_path, str) else raw_path
    assert reader.get(path, raw_path=raw_path).status == status


@pytest.mark.parametrize('options', [{'host': None}, {'host': 'a b'}, {'pairs': [(b'host', b'b')]}])
def test_a_request_without_one_sane_host(reader, options):
    assert reader.get('/all.atom', **options).status == 400


def test_http_1_0_needs_no_host(reader):
    assert reader.get('/all.atom', host=None, version='1.0').status == 200


def test_equal_bytes_have_equal_tags_in_another_process(tmp_path, clock, folder, reader):
    other = PublicFolder(tmp_path / 'other', clock.now)
    clock.advance(3600)
    other.write([Document(p, '', folder.read(p).body) for p in ('all.atom', 'category/shuzi.atom')])
    second = type(reader)(make_app(other, site=Site(), clock=clock.seconds))
    for coding in ('', 'gzip', 'br'):
        one, two = (r.get('/all.atom', accept_encoding=coding) for r in (reader, second))
        assert (one.h['etag'], one.body) == (two.h['etag'], two.body)
    assert second.get('/all.atom').h['etag'] != second.get('/category/shuzi.atom').h['etag']


class Unreadable(PublicFolder):
    """A folder on a disk that has gone bad."""

    def read(self, path):
        raise DataError(f'{path}: Input/output error')

    stamp = read


def test_a_folder_that_cannot_be_read(tmp_path, clock, reader):
    broken = type(reader)(make_app(Unreadable(tmp_path), site=Site(), clock=clock.seconds))
    for path in ('/all.atom', '/category/shuzi'):
        answer = broken.get(path)
        assert (answer.status, answer.h['retry-after']) == (503, '60')
    assert broken.get('/-/healthy').status == 200


def test_a_fault_of_ours_is_one_answer(make_reader, caplog):
    reader = make_reader(not_found=lambda path: 1 // 0)
    answer = reader.get('/nothing')
    assert answer.status == 500
    assert b'ZeroDivision' not in answer.body
    assert 'ZeroDivisionError' in caplog.text
    assert reader.get('/all.atom').status == 200


def test_other_applications_take_every_method_below_their_path(make_reader):
    async def hub(scope, receive, send):
        await send({'type': 'http.response.start', 'status': 202, 'headers': []})
        await send({'type': 'http.response.body', 'body': scope['method'].encode()})

    reader = make_reader(mounts={'/websub/': hub})
    assert reader.get('/websub/x', 'POST').body == b'POST'
    assert reader.get('/websub', 'POST').status == 405


def test_an_application_that_fails_is_answered_for(make_reader, caplog):
    async def broken(scope, receive, send):
        raise RuntimeError('broken')

    assert make_reader(mounts={'/x/': broken}).get('/x/').status == 500
    assert 'broken' in caplog.text


def test_the_servers_own_pages(make_reader):
    health = Health(ok=True, ready=False, reasons=('the first round is not over',))
    reader = make_reader(health=lambda: health, metrics=lambda: b'a 1\n', status_json=lambda: b'{"a": 1}')
    healthy, ready = reader.get('/-/healthy'), reader.get('/-/ready')
    assert (healthy.status, healthy.body) == (200, b'ok\nthe first round is not over\n')
    assert (ready.status, ready.body) == (503, b'not ok\nthe first round is not over\n')
    assert reader.get('/metrics').body == b'a 1\n'
    assert reader.get('/metrics').h['content-type'].startswith('text/plain')
    status = reader.get('/-/status')
    assert (status.body, status.h['content-type']) == (b'{"a": 1}', 'application/json')
    assert all(r.h['cache-control'] == 'no-store' for r in (healthy, ready, status))


def test_ready(make_reader):
    answer = make_reader().get('/-/ready')
    assert (answer.status, answer.body) == (200, b'ok\n')


def test_robots_and_icon(reader):
    robots, icon = reader.get('/robots.txt'), reader.get('/favicon.ico')
    assert b'Allow: /\n' in robots.body
    assert icon.h['content-type'] == 'image/x-icon'
    assert icon.body.startswith(b'\0\0\1\0\1\0\x10\x10')
    assert len(icon.body) == 22 + 40 + 16 * 16 * 4 + 64
    assert reader.get('/robots.txt', 'HEAD').status == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    path=st.text(max_size=30)
    | st.lists(st.sampled_from(['/', '..', '.', 'category', 'all.atom', '%', '\0'])).map(''.join),
    value=st.binary(max_size=40),
)
def test_nothing_a_client_sends_raises(reader, path, value):
    names = (b'host', b'if-none-match', b'if-modified-since', b'accept-encoding', b'range')
    answer = reader.get(path, pairs=[(name, value) for name in names[1:]])
    assert answer.status in (200, 304, 400, 404)
    assert reader.get('/' + path, host=None, pairs=[(b'host', value)]).status in (200, 301, 400, 404)


def test_the_folder_is_not_left(tmp_path, folder, reader):
    (tmp_path / 'secret').write_text('secret')
    (Path(folder.root) / 'link.txt').write_text('inside')
    assert reader.get('/link.txt').body == b'inside'
    for path in ('/../secret', '/category/../../secret', f'/{tmp_path}/secret'):
        assert b'inside' not in reader.get(path).body
        assert reader.get(path).status == 404


def test_a_reader_that_has_it_is_told_so_before_anybody_asked_for_its_form(make_reader):
    etag = make_reader().get('/all.atom', accept_encoding='br').h['etag']
    restarted = make_reader()
    assert restarted.get('/all.atom', accept_encoding='br', if_none_match=etag).status == 304
    assert not restarted.app.cache.find('all.atom')['br'].made
    head, get = (restarted.get('/all.atom', method, accept_encoding='br') for method in ('HEAD', 'GET'))
    assert (head.status, head.h, head.body) == (200, get.h, b'')


def test_a_document_that_goes_before_its_form_is_made_is_looked_up(make_reader, folder):
    seconds = iter((0, 0.5, 2, 2))
    reader = make_reader(clock=lambda: next(seconds))
    assert reader.get('/all.atom').status == 200
    folder.remove(['all.atom'])
    assert reader.get('/all.atom', accept_encoding='br').status == 404
