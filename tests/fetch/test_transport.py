"""A visit that goes well, and what is asked and told on the way."""

import gzip
import socket
import zlib
from datetime import UTC, datetime, timedelta

import brotli
import pytest

from aggregator.model import Fetched, FetchFailed, FetchLimits, Hop, NotModified, Request, Validators

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FEED = '<feed>财经</feed>'.encode()


def test_a_document_and_what_its_headers_mean(serve, fetch):
    server = serve(
        lambda visitor: visitor.answer(
            200,
            FEED,
            {
                'Content-Type': 'Application/Atom+XML; charset=UTF-8',
                'ETag': 'W/"ä"',
                'Last-Modified': 'Sun, 22 Nov 2026 07:00:00 GMT',
                'Cache-Control': 'max-age=300',
                'Retry-After': '60',
                'Link': '</hub>; rel=hub, </feed>; rel=self',
            },
        )
    )
    result = fetch(server.url)
    match result:
        case Fetched(answer, received):
            assert (received.url, received.body, received.fetched_at) == (server.url, FEED, NOW)
            assert (received.content_type, received.charset) == ('application/atom+xml', 'UTF-8')
            assert (answer.url, answer.final_url, answer.status, answer.hops) == (server.url, server.url, 200, ())
            assert answer.validators == Validators('W/"ä"', 'Sun, 22 Nov 2026 07:00:00 GMT')
            assert (answer.max_age, answer.retry_after) == (timedelta(minutes=5), timedelta(minutes=1))
            assert (answer.hubs, answer.self_url) == ((server.url + 'hub',), server.url + 'feed')
            assert ('Cache-Control', 'max-age=300') in answer.headers
            assert 0 <= answer.elapsed_ms < 5000
        case _:
            pytest.fail(f'{result}')


def test_what_we_tell_a_server(serve, fetch):
    server = serve(lambda visitor: visitor.answer())
    fetch(server.url + 'a/b?c=d#e')
    visitor = server.visitors[0]
    assert visitor.path == '/a/b?c=d'
    assert set(visitor.headers) == {'host', 'user-agent', 'accept', 'accept-encoding', 'connection'}
    assert visitor.headers['user-agent'] == 'test/1'
    assert visitor.headers['accept'].startswith('application/atom+xml, ')
    assert visitor.headers['accept'].endswith(', */*;q=0.1')
    assert visitor.headers['accept-encoding'] == 'gzip, deflate, br, zstd'


def test_the_headers_of_a_source_win_in_any_case(serve, fetch):
    server = serve(lambda visitor: visitor.answer())
    fetch(server.url, headers={'user-agent': 'mine', 'X-Key': '财'}, accept='text/html')
    told = server.visitors[0].headers
    assert told['user-agent'] == 'mine'
    assert told['x-key'].encode('latin-1').decode() == '财'
    assert told['accept'] == 'text/html'
    assert server.visitors[0].head.lower().count(b'user-agent:') == 1


def test_a_name_and_password_in_the_url_are_sent_and_not_shown(serve, fetch):
    server = serve(lambda visitor: visitor.answer(200, FEED))
    result = fetch(server.url.replace('//', '//me:secret@'))
    assert isinstance(result, Fetched)
    assert server.visitors[0].headers['authorization'] == 'Basic bWU6c2VjcmV0'
    assert result.received.url == result.answer.final_url == server.url


@pytest.mark.parametrize(
    ('validators', 'expected'),
    [
        (Validators('W/"ä"', 'sometime'), {'if-none-match': 'W/"ä"', 'if-modified-since': 'sometime'}),
        (Validators('"a"'), {'if-none-match': '"a"'}),
        (Validators('', 'Sun, 22 Nov 2026 07:00:00 GMT'), {'if-modified-since': 'Sun, 22 Nov 2026 07:00:00 GMT'}),
    ],
)
def test_validators_go_out_as_they_came_in(serve, fetch, validators, expected):
    server = serve(lambda visitor: visitor.answer(304))
    result = fetch(server.url, validators=validators)
    assert isinstance(result, NotModified)
    assert result.answer.status == 304
    told = server.visitors[0].headers
    assert {name: value for name, value in told.items() if name.startswith('if-')} == expected


def test_not_modified_without_validators_is_a_fault_of_the_server(serve, fetch):
    result = fetch(serve(lambda visitor: visitor.answer(304)).url)
    assert isinstance(result, FetchFailed)
    assert (result.reason, result.answer.status) == ('protocol', 304)


@pytest.mark.parametrize(
    ('coding', 'pack'),
    [
        ('gzip', gzip.compress),
        ('x-gzip', gzip.compress),
        ('deflate', zlib.compress),
        ('br', brotli.compress),
        ('GZIP, identity', gzip.compress),
        ('utf-8', bytes),
    ],
)
def test_codings_are_undone(serve, fetch, coding, pack):
    server = serve(lambda visitor: visitor.answer(200, pack(FEED), {'Content-Encoding': coding}))
    assert fetch(server.url).received.body == FEED


def test_chunks_are_joined(serve, fetch):
    server = serve(
        lambda visitor: visitor.send(
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n'
        )
    )
    assert fetch(server.url).received.body == b'abcde'


def test_a_body_may_end_with_the_connection(serve, fetch):
    server = serve(lambda visitor: visitor.send(b'HTTP/1.0 200 OK\r\n\r\nabc'))
    assert fetch(server.url).received.body == b'abc'


def test_interim_answers_are_skipped(serve, fetch):
    server = serve(
        lambda visitor: visitor.send(
            b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'
            b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'
        )
    )
    assert fetch(server.url).received.body == b'a'


@pytest.mark.parametrize(
    ('status', 'words'),
    [
        (204, 'without a document'),
        (206, 'a part'),
        (203, 'no whole document'),
        (300, 'points elsewhere'),
        (400, 'does not accept'),
        (401, 'refuses us'),
        (403, 'refuses us'),
        (404, 'the server says there is nothing at this address (404)'),
        (410, 'gone for good'),
        (429, 'the server asks us to come less often (429)'),
        (500, 'the problem is on their side (500)'),
        (503, 'the problem is on their side'),
        (999, 'no meaning'),
    ],
)
def test_a_status_is_told_in_words(serve, fetch, status, words):
    server = serve(lambda visitor: visitor.answer(status, b'', {'Retry-After': '7'}))
    result = fetch(server.url)
    assert isinstance(result, FetchFailed)
    assert (result.reason, result.url, result.answer.status) == ('status', server.url, status)
    assert result.answer.retry_after == timedelta(seconds=7)
    assert words.lower() in result.message.lower()


@pytest.mark.parametrize('status', [301, 302, 303, 307, 308])
def test_redirects_are_followed(serve, fetch, status):
    def script(visitor):
        if visitor.path == '/':
            visitor.answer(status, b'moved', {'Location': 'new?x=财 经#part'.encode().decode('latin-1')})
        else:
            visitor.answer(200, FEED, {'ETag': '"n"'})

    server = serve(script)
    result = fetch(server.url)
    there = server.url + 'new?x=财 经'
    assert isinstance(result, Fetched)
    assert result.answer.hops == (Hop(status, there),)
    assert result.answer.url == server.url
    assert result.received.url == result.answer.final_url == there
    assert result.answer.validators == Validators('"n"', '', there)
    assert server.visitors[1].path == '/new?x=%E8%B4%A2%20%E7%BB%8F'
    assert 'referer' not in server.visitors[1].headers


def test_no_validators_are_none_after_a_redirect_too(serve, fetch):
    server = serve(lambda visitor: visitor.answer(302 if visitor.path == '/' else 200, b'', {'Location': '/new'}))
    assert fetch(server.url).answer.validators == Validators()


def test_validators_go_to_the_url_that_gave_them(serve, fetch):
    def script(visitor):
        if visitor.path == '/':
            visitor.answer(302, b'', {'Location': '/new'})
        else:
            visitor.answer(304 if 'if-none-match' in visitor.headers else 200)

    server = serve(script)
    assert isinstance(fetch(server.url, validators=Validators('"a"')), Fetched)
    assert ['if-none-match' in visitor.headers for visitor in server.visitors] == [True, False]
    assert isinstance(fetch(server.url, validators=Validators('"a"', '', server.url + 'new')), NotModified)
    assert ['if-none-match' in visitor.headers for visitor in server.visitors[2:]] == [False, True]
    assert isinstance(fetch(server.url, validators=Validators('"a"', '', server.url + 'old')), Fetched)
    assert not any('if-none-match' in visitor.headers for visitor in server.visitors[4:])


def test_cookies_are_neither_kept_nor_sent(serve, fetch):
    server = serve(
        lambda visitor: visitor.answer(
            302 if visitor.path == '/' else 200, b'', {'Location': '/new', 'Set-Cookie': 'id=1; Path=/'}
        )
    )
    fetch(server.url)
    fetch(server.url + 'new')
    assert len(server.visitors) == 3
    assert not any('cookie' in visitor.headers for visitor in server.visitors)


def test_the_environment_is_not_asked(serve, fetch, monkeypatch, tmp_path):
    proxy = serve(lambda visitor: visitor.answer(200, b'proxy'))
    server = serve(lambda visitor: visitor.answer(200, FEED))
    (tmp_path / '.netrc').write_text('machine 127.0.0.1 login me password secret\n')
    monkeypatch.setenv('NETRC', str(tmp_path / '.netrc'))
    for name in ('http_proxy', 'HTTP_PROXY', 'https_proxy', 'all_proxy', 'ALL_PROXY'):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv('no_proxy', raising=False)
    assert fetch(server.url).received.body == FEED
    assert proxy.calls == 0
    assert 'authorization' not in server.visitors[0].headers


def test_names_are_looked_up_once(serve, make):
    server = serve(lambda visitor: visitor.answer(200, FEED))
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return ('127.0.0.1',)

    result = make(resolve=resolve).fetch(Request(url=f'http://feeds.example:{server.port}/', private=True))
    assert result.received.body == FEED
    assert asked == [('feeds.example', server.port)]
    assert server.visitors[0].headers['host'] == f'feeds.example:{server.port}'


def test_the_next_address_is_tried_when_one_is_dead(serve, make):
    server = serve(lambda visitor: visitor.answer(200, FEED))
    transport = make(resolve=lambda *_: ('127.0.0.2', 'rubbish', '127.0.0.1'))
    assert transport.fetch(Request(url=f'http://x.example:{server.port}/', private=True)).received.body == FEED


def test_the_system_resolves_where_nothing_else_is_given(serve, kind):
    server = serve(lambda visitor: visitor.answer(200, FEED))
    transport = kind(FetchLimits(), 'test/1', now=lambda: NOW)
    assert transport.fetch(Request(url=f'http://localhost:{server.port}/', private=True)).received.body == FEED
    transport.close()


def test_one_transport_serves_many_threads(serve, make):
    from concurrent.futures import ThreadPoolExecutor

    server = serve(lambda visitor: visitor.answer(200, visitor.path.encode()))
    transport = make()
    urls = [f'{server.url}{number}' for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda url: transport.fetch(Request(url=url, private=True)), urls))
    assert [result.received.body for result in results] == [f'/{number}'.encode() for number in range(32)]


def test_a_closed_port_is_a_failure_to_connect(fetch):
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
    result = fetch(f'http://127.0.0.1:{port}/')
    assert isinstance(result, FetchFailed)
    assert result.reason == 'connect'
    assert 'refuses the connection' in result.message
