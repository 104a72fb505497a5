"""A fetch that holds no thread: what it tells at once, what it leaves for later, and when it declines.

That it keeps the rules of the others is held by their tests, which run it as well.
"""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from queue import SimpleQueue

import pytest

from aggregator.fetch import RequestsTransport, beginner
from aggregator.fetch.curl import CurlTransport
from aggregator.model import Fetched, FetchFailed, FetchLimits, NotModified, Request, Validators

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KNOWN = Validators('"a"')


@pytest.fixture
def build():
    """A transport that can begin, with these limits."""
    with contextlib.ExitStack() as stack:

        def built(resolve=lambda *_: (), **limits):
            told = {'total_s': 5.0, 'body_bytes': 100_000, **limits}
            transport = CurlTransport(FetchLimits(**told), 'test/1', now=lambda: NOW, resolve=resolve)
            stack.callback(transport.close)
            return transport

        yield built


@pytest.fixture
def transport(build):
    return build()


def begun(transport, url, **told):
    ended = SimpleQueue()
    assert transport.begin(Request(url=url, private=True, **told), ended.put, patient=False)
    return ended.get(timeout=20)


def test_only_curl_can_begin(transport):
    assert beginner(transport) is transport
    assert not hasattr(RequestsTransport, 'begin')


def test_nothing_new_is_told_at_once(serve, transport):
    server = serve(lambda visitor: visitor.answer(304))
    assert isinstance(begun(transport, server.url, validators=KNOWN), NotModified)
    assert server.visitors[0].headers['if-none-match'] == '"a"'


def test_a_document_is_left_for_a_thread_that_may_wait(serve, transport):
    server = serve(lambda visitor: visitor.answer(200, b'news'))
    rest = begun(transport, server.url, validators=KNOWN)
    assert callable(rest)
    result = rest()
    assert isinstance(result, Fetched)
    assert result.received.body == b'news'
    assert server.calls == 1  # it was not asked for again


def test_a_redirect_is_followed_by_the_rest(serve, transport):
    def script(visitor):
        if visitor.path == '/':
            visitor.answer(302, b'', {'Location': '/there', 'Connection': 'close'})
        else:
            visitor.answer(200, b'news')

    server = serve(script)
    rest = begun(transport, server.url)
    assert [v.path for v in server.visitors] == ['/']
    assert rest().answer.final_url == f'{server.url}there'
    assert [v.path for v in server.visitors] == ['/', '/there']


def test_a_304_that_nobody_asked_for_is_a_failure(serve, transport):
    server = serve(lambda visitor: visitor.answer(304))
    result = begun(transport, server.url)()
    assert isinstance(result, FetchFailed)
    assert result.answer.status == 304


def test_who_does_not_answer_is_given_up_in_time(serve, build):
    server = serve(lambda visitor: visitor.wait())
    assert begun(build(total_s=0.2), server.url)().reason == 'timeout'


def test_a_name_is_looked_up_only_for_who_is_patient(serve, build):
    server = serve(lambda visitor: visitor.answer(304))
    asked = []

    def resolve(host, _port):
        asked.append(host)
        return ('127.0.0.1',)

    transport, ended = build(resolve=resolve), SimpleQueue()
    request = Request(url=f'http://name.example:{server.port}/', private=True, validators=KNOWN)
    assert not transport.begin(request, ended.put, patient=False)
    assert asked == []
    assert transport.begin(request, ended.put, patient=True)
    assert isinstance(ended.get(timeout=20), NotModified)
    assert asked == ['name.example']


def test_a_private_address_is_refused_without_a_call(serve, transport):
    server = serve(lambda visitor: visitor.answer(304))
    ended = SimpleQueue()
    assert transport.begin(Request(url=server.url), ended.put, patient=False)
    assert ended.get(timeout=20)().reason == 'address'
    assert server.calls == 0


def test_many_go_at_once_and_none_holds_a_thread(serve, transport):
    everybody = threading.Barrier(20)

    def script(visitor):
        everybody.wait(20)
        visitor.answer(304)

    server, ended = serve(script), SimpleQueue()
    for _ in range(20):
        assert transport.begin(Request(url=server.url, private=True, validators=KNOWN), ended.put, patient=False)
    ours = [thread for thread in threading.enumerate() if thread.name.startswith('fetch')]
    assert len(ours) == 1
    assert all(isinstance(ended.get(timeout=20), NotModified) for _ in range(20))


def test_another_may_be_begun_from_where_one_has_ended(serve, transport):
    server, told = serve(lambda visitor: visitor.answer(304)), SimpleQueue()
    request = Request(url=server.url, private=True, validators=KNOWN)

    def again(what):
        told.put(what)
        transport.begin(request, told.put, patient=False)

    transport.begin(request, again, patient=False)
    assert [type(told.get(timeout=20)) for _ in range(2)] == [NotModified, NotModified]


def test_limits_are_those_of_a_fetch(serve, build):
    server = serve(lambda visitor: visitor.answer(200, b'x' * 1000))
    assert begun(build(body_bytes=100), server.url)().reason == 'too-large'
