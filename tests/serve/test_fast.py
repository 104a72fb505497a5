"""What the fast path answers at once and what it leaves to the slow one; and that every guard holds on it."""

import asyncio
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from talk import DATE, HEAD, PLAIN, UNUSUAL, config_of, talking

from aggregator.model import Document
from aggregator.serve.connection import Limits
from aggregator.serve.fast import KNOWN_BYTES, KNOWN_HEADS, FastConfig
from aggregator.serve.headers import on_the_wire


@pytest.mark.parametrize('method', [b'GET', b'HEAD'])
@pytest.mark.parametrize('target', [b'/all.atom', b'/index.html', b'/'])
@pytest.mark.parametrize('more', [b'', b'Accept-Encoding: gzip\r\n', b'If-None-Match: *\r\nConnection: keep-alive\r\n'])
def test_a_document_in_memory_is_answered_at_once(fast, slow, method, target, more):
    request = b'%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n' % (method, target, more)

    async def act(talk):
        sent = [talk.at_once(request) for _ in range(3)]
        assert not talk.state.tasks
        return sent

    expected = talking(slow, lambda talk: talk.said(request))
    assert talking(fast, act) == [expected] * 3
    assert expected.startswith(b'HTTP/1.1 304 ' if b'If-None' in more else b'HTTP/1.1 200 OK\r\ndate: ' + DATE)
    assert list(fast.known) == [request]


@pytest.mark.parametrize('request_bytes', UNUSUAL)
def test_anything_else_goes_the_slow_way_and_is_not_remembered(fast, request_bytes):
    async def act(talk):
        assert talk.at_once(request_bytes) == b''
        return await talk.said()

    assert talking(fast, act)
    assert not fast.known


def test_requests_that_share_a_chunk_go_the_slow_way(fast):
    async def act(talk):
        assert talk.at_once(PLAIN * 3) == b''
        assert (await talk.said()).count(b'HTTP/1.1 200') == 3

    talking(fast, act)
    assert not fast.known


def test_a_head_in_pieces_goes_the_slow_way_though_its_end_is_known(fast):
    async def act(talk):
        await talk.said(PLAIN)
        assert talk.at_once(b'GET /nothing HTTP/1.1\r\nHost: b\r\nX: ') == b''
        assert talk.at_once(PLAIN) == b'', 'a value and two fields, not a request'
        return await talk.said()

    assert talking(fast, act).count(b'HTTP/1.1 ') == 2


def test_who_does_not_read_waits_for_no_second_answer(fast):
    async def act(talk):
        await talk.said(PLAIN)
        talk.connection.pause_writing()
        assert talk.at_once(PLAIN) == b''
        await asyncio.sleep(0)
        assert talk.at_once(PLAIN) == b''
        before = len(talk.wire.sent)
        talk.connection.resume_writing()
        assert len(await talk.said()) > before

    talking(fast, act)


def test_while_another_answer_is_under_way_nothing_overtakes_it(fast):
    async def act(talk):
        await talk.said(PLAIN)
        talk.connection.data_received(b'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n')
        talk.connection.data_received(PLAIN)
        return await talk.said()

    assert re.findall(rb'HTTP/1.1 (\d+)', talking(fast, act)) == [b'200', b'404', b'200']


def test_what_is_remembered_is_the_question_and_not_the_answer(fast, warm, folder, clock):
    async def act(talk):
        one = talk.at_once(PLAIN)
        folder.write([Document('all.atom', '', b'<new/>')])
        warm.invalidate(['all.atom'])
        talk.state.default_headers = [(b'date', b'Sun, 22 Nov 2026 08:00:01 GMT')]
        changed = await talk.said(PLAIN)
        again = talk.at_once(PLAIN)
        folder.remove(['all.atom'])
        clock.advance(1)
        return one, changed[len(one) :], again, (await talk.said(PLAIN))[-200:]

    one, changed, again, removed = talking(fast, act)
    assert b'08:00:00 GMT\r\n' in one.partition(b'\r\ndate: ')[2][:40]
    assert b'08:00:01 GMT\r\n' in changed.partition(b'\r\ndate: ')[2][:40]
    assert again == changed
    assert changed.endswith(b'\r\n\r\n<new/>')
    assert b'Every feed is listed on the front page' in removed


def test_so_many_heads_are_remembered_and_none_that_is_long(fast):
    heads = [HEAD + b'X: %d\r\n\r\n' % number for number in range(KNOWN_HEADS + 5)]

    async def act(talk):
        await talk.said(*heads)
        assert list(fast.known) == heads[5:]
        assert talk.at_once(HEAD + b'X: ' + b'x' * KNOWN_BYTES + b'\r\n\r\n')
        assert list(fast.known) == heads[5:]

    talking(fast, act)


def test_a_fault_is_told_by_the_slow_way_once(warm, caplog):
    def broken(_path):
        raise RuntimeError('broken')

    app = replace(warm, cache=SimpleNamespace(held=broken, find=broken))
    config = config_of(app, FastConfig, at_once=app.at_once)
    assert talking(config, lambda talk: talk.said(PLAIN)).startswith(b'HTTP/1.1 500 ')
    assert caplog.text.count('RuntimeError: broken') == 1


@pytest.mark.parametrize('path', ['robots.txt', 'x/a.html'])
def test_what_stands_before_a_document_does_so_at_once_too(folder, make_reader, path):
    """A page of the server's own, and another application."""

    async def other(scope, receive, send):
        await send({'type': 'http.response.start', 'status': 202, 'headers': []})
        await send({'type': 'http.response.body'})

    folder.write([Document(path, '', b'hidden')])
    app = make_reader(mounts={'/x/': other}).app
    assert app.cache.find(path) is not None
    config = config_of(app, FastConfig, at_once=app.at_once)
    sent = talking(config, lambda talk: talk.said(b'GET /%s HTTP/1.1\r\nHost: a\r\n\r\n' % path.encode()))
    assert b'hidden' not in sent


# ------------------------------------------------ the guards


def test_an_answer_at_once_is_progress_and_then_the_sweep_closes_politely(fast):
    fast.limits = Limits(idle_s=10)

    async def act(talk):
        connection = talk.connection
        assert not connection.overdue(0)
        talk.at_once(PLAIN)
        assert [connection.overdue(at) for at in (9, 19, 19.1)] == [False, False, True]
        connection.cut()
        return talk.wire.closed, talk.wire.aborted

    assert talking(fast, act) == (True, False)


@pytest.mark.parametrize(
    ('chunks', 'unread'),
    [([], 0), ([b'GET / HT'], 0), ([PLAIN, b'GET / HT'], 0), ([PLAIN], 1), ([PLAIN + b'GET /'], 1)],
)
def test_who_is_not_at_rest_is_reset(fast, chunks, unread):
    async def act(talk):
        await talk.said(*chunks)
        talk.wire.unread = unread
        talk.connection.cut()
        return talk.wire.aborted

    assert talking(fast, act)


def test_a_timer_of_the_slow_way_does_not_end_a_connection_that_goes_on(fast):
    async def act(talk):
        await talk.said(PLAIN, HEAD + b'Content-Length: 0\r\n\r\n')
        assert talk.connection.timeout_keep_alive_task is not None
        talk.at_once(PLAIN)
        assert talk.connection.timeout_keep_alive_task is None

    talking(fast, act)


def test_nothing_is_answered_after_the_end_has_been_decided(fast):
    async def act(talk):
        await talk.said(PLAIN)
        talk.connection.shutdown()
        assert talk.wire.closed
        assert talk.at_once(PLAIN) == b''

    talking(fast, act)


@pytest.mark.parametrize(
    ('name', 'value'), [(b'a b', b''), (b'', b''), (b'a', b'b\r\nc: d'), (b'a', b'\0'), (b'a:', b'')]
)
def test_a_field_that_would_be_two_is_never_put_on_the_wire(name, value):
    with pytest.raises(ValueError, match='not a header field'):
        on_the_wire([(name, value)])
    assert on_the_wire([(b'A', b'b\t\xff')]) == b'a: b\t\xff\r\n'
