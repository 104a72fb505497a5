"""Where we do not go: private addresses in every spelling, strange schemes, circles."""

import socket

import pytest

from aggregator.model import Fetched, FetchFailed, Request

SPELLINGS = [
    '127.0.0.1', '0x7f.1', '127.1', '2130706433', '0x7f000001', '017700000001', '0', '0.0.0.0', 'localhost',
    '[::ffff:127.0.0.1]', '[::1]', '[::127.0.0.1]', '[::]', '[64:ff9b::7f00:1]', '127.0.0.1.', 'user@127.0.0.1',
]  # fmt: skip


def by_system(host, port):
    """As the system reads numbers, and `localhost` without asking anybody."""
    if host.rstrip('.') == 'localhost':
        return ('127.0.0.1',)
    return tuple(
        info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    )


@pytest.mark.parametrize('host', SPELLINGS)
def test_no_private_address_is_asked(serve, make, host):
    server = serve(lambda visitor: visitor.answer(200))
    result = make(resolve=by_system).fetch(Request(url=f'http://{host}:{server.port}/'))
    assert isinstance(result, FetchFailed)
    assert result.reason in ('address', 'dns')  # a trailing dot makes no number
    assert server.calls == 0


@pytest.mark.parametrize('host', [*SPELLINGS, '10.0.0.1', 'LOCALHOST'])
def test_no_redirect_leads_to_a_private_address(serve, make, host):
    inner = serve(lambda visitor: visitor.answer(200))
    outer = serve(lambda visitor: visitor.answer(302, b'', {'Location': f'http://{host}:{inner.port}/'}))
    result = make(resolve=by_system).fetch(Request(url=outer.url, private=True))
    assert isinstance(result, FetchFailed)
    assert result.reason in ('address', 'dns')
    assert (outer.calls, inner.calls) == (1, 0)


def test_private_covers_the_configured_origin(serve, fetch):
    server = serve(
        lambda visitor: visitor.answer(302 if visitor.path == '/' else 200, b'', {'Location': f'{server.url}new'})
    )
    assert isinstance(fetch(server.url), Fetched)
    assert isinstance(fetch(server.url, private=False), FetchFailed)


def test_who_has_left_the_origin_does_not_come_back(serve, make):
    """Nobody else may choose what is asked of a private server, nor use the headers that were meant for it."""
    home = serve(lambda visitor: visitor.answer(302, b'', {'Location': f'http://elsewhere.example:{home.port}/a'}))
    result = make(resolve=by_system_or_loopback).fetch(Request(url=home.url, private=True))
    assert result.reason == 'address'
    assert home.calls == 1


def by_system_or_loopback(host, port):
    return ('127.0.0.1',) if host.endswith('.example') else by_system(host, port)


def test_an_answer_that_changes_gains_nothing(serve, make):
    """Rebinding: the first lookup is refused, and no second one is made."""
    server = serve(lambda visitor: visitor.answer(200))
    answers = iter([('127.0.0.1',), ('8.8.8.8',)])
    result = make(resolve=lambda *_: next(answers)).fetch(Request(url=f'http://rebind.example:{server.port}/'))
    assert result.reason == 'address'
    assert server.calls == 0
    assert list(answers) == [('8.8.8.8',)]


@pytest.mark.parametrize(
    'location',
    [
        'file:///etc/passwd', 'ftp://example.org/', 'gopher://example.org/', 'javascript:alert(1)', 'data:,x',
        'http://', 'https:', '//', 'http://[', 'http://[::1', 'http://a:99999/', 'http://a:x/', 'http://\x01/', 'http://.a/',
        'http://*/', 'http://' + 'a' * 9000 + '/', '\\\\evil\\x', 'httpx://a/',
    ],
)  # fmt: skip
def test_only_web_addresses_are_followed(serve, fetch, location):
    server = serve(lambda visitor: visitor.answer(302, b'', {'Location': location}))
    result = fetch(server.url)
    assert isinstance(result, FetchFailed)
    assert result.reason in ('redirect', 'dns')  # some are odd names rather than no addresses
    assert server.calls <= 2


@pytest.mark.parametrize(
    'url',
    [
        '',
        'x',
        'file:///etc/passwd',
        'http:///',
        'http://[',
        'http://a:b/',
        '//x/',
        'http://*/',
        'h' * 9000,
        'http://\x00/',
        'http://例..例/',
    ],
)
def test_a_url_that_is_none(fetch, url):
    result = fetch(url)
    assert isinstance(result, FetchFailed)
    assert result.url == url
    assert result.reason in ('protocol', 'dns')


@pytest.mark.parametrize('status', [301, 302, 303, 307, 308])
def test_a_redirect_to_nowhere(serve, fetch, status):
    result = fetch(serve(lambda visitor: visitor.answer(status)).url)
    assert (result.reason, result.answer.status) == ('redirect', status)


def test_circles_are_left(serve, fetch):
    server = serve(lambda visitor: visitor.answer(302, b'', {'Location': '/b' if visitor.path == '/a' else '/a#x'}))
    result = fetch(server.url + 'a')
    assert result.reason == 'redirect'
    assert 'circles' in result.message
    assert server.calls == 2


def test_only_so_many_redirects(serve, fetch):
    server = serve(lambda visitor: visitor.answer(302, b'', {'Location': visitor.path + 'a'}))
    result = fetch(server.url, limits={'redirects': 3})
    assert result.reason == 'redirect'
    assert len(result.answer.hops) == 3
    assert server.calls == 4


@pytest.mark.parametrize('same', [True, False])
def test_headers_of_a_source_stay_at_its_origin(serve, fetch, same):
    """Another port is another origin. It is private as well here, so nothing at all arrives there."""
    other = serve(lambda visitor: visitor.answer(200))
    server = serve(
        lambda visitor: visitor.answer(
            302 if visitor.path == '/' else 200, b'', {'Location': '/new' if same else other.url}
        )
    )
    fetch(server.url, headers={'Authorization': 'secret', 'User-Agent': 'mine'})
    assert [visitor.headers.get('authorization') for visitor in server.visitors] == ['secret'] * (1 + same)
    assert other.calls == 0


@pytest.mark.parametrize('headers', [{'X': 'a\r\nY: b'}, {'X\r\n': 'a'}, {'Ü': 'a'}, {'': 'a'}, {'X': ' a'}])
def test_headers_that_cannot_be_sent(serve, fetch, headers):
    server = serve(lambda visitor: visitor.answer(200))
    result = fetch(server.url, headers=headers)
    assert isinstance(result, FetchFailed)
    assert result.reason == 'protocol'
    assert not server.visitors or not server.visitors[0].head
