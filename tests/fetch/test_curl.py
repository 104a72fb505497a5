"""What curl alone does: connections that are used again, its own thread, its last look at an address."""

import threading
from datetime import UTC, datetime

import pycurl
import pytest

from aggregator.fetch import RequestsTransport, transport_of
from aggregator.fetch.curl import CurlTransport
from aggregator.fetch.curl_call import Call, Errand
from aggregator.fetch.curl_loop import Loop
from aggregator.model import Fetched, FetchFailed, FetchLimits, NotModified, Request, Validators

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def kind():
    return CurlTransport


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.close()


def again_and_again(answer):
    """Answers every request of a connection, until `answer` says that it is over."""

    def script(visitor):
        while visitor.head and answer(visitor) is not False:
            visitor.head = visitor._read_head()

    return script


def errand(port, **told):
    usual = {
        'root': f'http://x.example:{port}/',
        'path': '/',
        'lines': [],
        'ip': '127.0.0.1',
        'connect_s': 5,
        'total_s': 5,
        'header_bytes': 9999,
        'body_bytes': 9999,
    }
    return Errand(**{**usual, **told})


# ------------------------------------------------ connections


@pytest.mark.parametrize('status', [200, 302, 304, 404])
def test_a_connection_is_used_again_when_nothing_is_left_on_it(serve, make, status):
    server = serve(again_and_again(lambda visitor: visitor.answer(status)))
    transport = make()
    for _ in range(3):
        transport.fetch(Request(url=server.url, private=True))
    assert server.calls == 1


def test_a_connection_with_an_unread_body_is_not(serve, make):
    server = serve(again_and_again(lambda visitor: visitor.answer(404, b'sorry')))
    transport = make()
    for _ in range(3):
        transport.fetch(Request(url=server.url, private=True))
    assert server.calls == 3


def test_a_connection_that_died_while_it_rested_is_no_failure(serve, make):
    """The second request of every connection is answered by hanging up."""
    seen = []

    def answer(visitor):
        if visitor in seen:
            return False
        seen.append(visitor)
        return visitor.answer(200, b'a')

    server = serve(again_and_again(answer))
    transport = make()
    assert all(isinstance(transport.fetch(Request(url=server.url, private=True)), Fetched) for _ in range(3))
    assert server.calls == 3


def test_a_name_that_moved_is_not_reached_over_an_old_connection(serve, make):
    server = serve(again_and_again(lambda visitor: visitor.answer(200, b'a')))
    answers = iter([('127.0.0.1',), ('127.0.0.2',)])
    transport = make(resolve=lambda *_: next(answers))
    request = Request(url=f'http://moves.example:{server.port}/', private=True)
    assert isinstance(transport.fetch(request), Fetched)
    assert transport.fetch(request).reason == 'connect'
    assert server.calls == 1


def test_what_was_told_of_one_request_is_not_told_of_the_next(serve, make):
    def answer(visitor):
        named = b'if-none-match' in visitor.head.lower()
        visitor.answer(304 if named else 200, b'' if named else b'body', {'X-Number': '1'})

    server = serve(again_and_again(answer))
    transport = make()
    first = transport.fetch(Request(url=server.url, private=True, validators=Validators('"a"')))
    second = transport.fetch(Request(url=server.url, private=True))
    assert isinstance(first, NotModified)
    assert second.received.body == b'body'
    assert [name for name, _ in second.answer.headers] == ['Content-Length', 'X-Number']


@pytest.mark.parametrize('headers', [{'X-Empty': ''}, {'X-Null': 'a\0b'}])
def test_headers_that_curl_has_its_own_mind_about(serve, make, headers):
    server = serve(lambda visitor: visitor.answer(200, b'a'))
    result = make().fetch(Request(url=server.url, private=True, headers=headers))
    if '\0' in str(headers.values()) or 'X-Null' in headers:
        assert (result.reason, server.calls) == ('protocol', 0)
    else:
        assert b'X-Empty:\r\n' in server.visitors[0].head


# ------------------------------------------------ the last look


def test_no_socket_is_opened_to_another_address_than_the_checked_one(serve, loop):
    """Whatever curl makes of its options: here it is told to go elsewhere behind the back of the errand."""
    server = serve(lambda visitor: visitor.answer(200))
    call = Call(lambda: '')
    call.begin(errand(server.port, ip='127.0.0.9'))
    call.easy.setopt(pycurl.CONNECT_TO, ['::127.0.0.1:'])
    loop.run(call)
    assert (call.strayed_to, call.headed, server.calls) == ('127.0.0.1', False, 0)


@pytest.mark.parametrize('ip', ['::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])
def test_addresses_of_the_sixth_kind_are_the_same_in_any_spelling(loop, ip):
    """Port 9 answers nobody; what counts is that the socket was opened."""
    call = Call(lambda: '')
    call.begin(errand(9, ip=ip))
    loop.run(call)
    assert (call.strayed_to, call.headed) == ('', False)
    assert call.code == pycurl.E_COULDNT_CONNECT


# ------------------------------------------------ the thread


def threads():
    return [thread for thread in threading.enumerate() if thread.name == 'fetch-curl']


def test_the_thread_ends_when_closed_and_begins_again_when_needed(serve, loop):
    server = serve(lambda visitor: visitor.answer(200, b'a'))
    call = Call(lambda: '')
    for _ in range(2):
        call.begin(errand(server.port))
        loop.run(call)
        assert call.pieces == [b'a']
        begun = threads()  # after the first close it may have ended by now
        loop.close()
        for thread in begun:
            thread.join(20)
        assert threads() == []


def test_what_is_under_way_ends_as_it_would_have(serve, make):
    go_on = threading.Event()

    def script(visitor):
        transport.close()
        go_on.wait(0.05)
        visitor.answer(200, b'a')

    transport = make()
    assert transport.fetch(Request(url=serve(script).url, private=True)).received.body == b'a'


def test_a_call_that_cannot_be_made_hurts_no_other(serve, loop):
    server = serve(lambda visitor: visitor.answer(200, b'a'))
    broken, call = Call(lambda: ''), Call(lambda: '')
    broken.easy.close()
    with pytest.raises(pycurl.error):
        loop.run(broken)
    call.begin(errand(server.port))
    loop.run(call)
    assert call.pieces == [b'a']


# ------------------------------------------------ the choice


def missing():
    raise ImportError


@pytest.mark.parametrize(
    ('told', 'expected'),
    [
        ({'rounds': True}, CurlTransport),
        ({'rounds': False}, RequestsTransport),
        ({'rounds': True, 'curl': missing}, RequestsTransport),
    ],
)
def test_curl_is_for_rounds_where_it_is_there(told, expected):
    transport = transport_of(FetchLimits(), 'test/1', now=lambda: NOW, **told)
    assert type(transport) is expected
    assert isinstance(transport.fetch(Request(url='file:///x')), FetchFailed)
    transport.close()
