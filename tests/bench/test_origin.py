"""The origin of the benchmarks says what a phase needs: 304, something new, the same body again."""

from __future__ import annotations

import pytest
from made_up import MadeUp
from origin import Origin, addresses


@pytest.fixture
def origin():
    return Origin(MadeUp(10, 3), keep=True)


def ask(origin: Origin, path: str, etag: str = '') -> tuple[int, str, bytes]:
    """Status, the ETag of the answer, its body."""
    field = f'If-None-Match: {etag}\r\n' if etag else ''
    head, _, body = origin.respond(f'GET {path} HTTP/1.1\r\nHost: x\r\n{field}').partition(b'\r\n\r\n')
    lines = head.decode().split('\r\n')
    fields = dict(line.split(': ', 1) for line in lines[1:])
    return int(lines[0].split()[1]), fields.get('ETag', ''), body


def test_what_is_known_is_answered_by_304(origin):
    _, etag, body = ask(origin, '/f/1.xml')
    assert body.count(b'<item>') == 3
    assert ask(origin, '/f/1.xml', etag) == (304, etag, b'')


def test_a_tick_is_news_for_its_share(origin):
    etags = {n: ask(origin, f'/f/{n}.xml')[1] for n in range(10)}
    ask(origin, '/tick?percent=20')
    answers = [ask(origin, f'/f/{n}.xml', etag) for n, etag in etags.items()]
    assert sorted(status for status, _, _ in answers) == [200] * 2 + [304] * 8
    assert {body.count(b'<item>') for status, _, body in answers if status == 200} == {3}


def test_an_origin_that_forgets_says_the_same_again(origin):
    _, etag, body = ask(origin, '/f/1.xml')
    ask(origin, '/forget?on=1')
    assert ask(origin, '/f/1.xml', etag) == (200, '', body)
    ask(origin, '/forget?on=0')
    assert ask(origin, '/f/1.xml', etag)[0] == 304


def test_answers_are_counted_once(origin):
    _, etag, _ = ask(origin, '/f/1.xml')
    ask(origin, '/f/1.xml', etag)
    assert ask(origin, '/counts')[2] == b'{"200": 1, "304": 1}'
    assert ask(origin, '/counts')[2] == b'{}'


def test_feeds_are_the_same_at_every_run(origin):
    assert MadeUp(10, 3).body(4) == origin.feeds.body(4)


def test_every_host_has_an_address_of_its_own():
    assert len(set(addresses(600))) == 600
    assert addresses(2) == ['127.0.1.1', '127.0.1.2']
