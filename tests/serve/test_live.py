"""Pages that are made when asked for: once for all who ask, conditional, bounded, and never in the way of the others."""

import asyncio
import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import DataError
from aggregator.model import Site
from aggregator.serve import LivePage, Made

PATIENCE_S = 30
ATOM = 'application/atom+xml; charset=utf-8'


class Kitchen:
    """Makes what is asked for, and remembers what that was."""

    def __init__(self):
        self.asked = []
        self.threads = set()
        self.gate = threading.Event()
        self.gate.set()
        self.body = b'<p>made</p>' * 100

    def page(self, asked):
        self.asked.append(dict(asked))
        self.threads.add(threading.current_thread().name)
        assert self.gate.wait(PATIENCE_S)
        if asked.get('q') == 'boom':
            raise DataError('the store is away', 'wait')
        if asked.get('q') == 'bug':
            raise ZeroDivisionError
        return Made(self.body + asked.get('q', '').encode(), status=404 if asked.get('q') == 'none' else 200)

    def feed(self, asked):
        return Made(self.body + asked.get('q', '').encode(), ATOM)


@pytest.fixture
def kitchen():
    return Kitchen()


@pytest.fixture
def ask(make_reader, kitchen):
    """Asks for path?query."""
    reader = make_reader(
        live={
            '/search': LivePage(kitchen.page, ('q', 'page'), noindex=True),
            '/search.atom': LivePage(kitchen.feed, ('q',), max_age_s=900, noindex=True),
        },
        site=Site(url='https://feeds.example.org/', noindex=False),
    )

    def get(target, method='GET', **fields):
        path, _, query = target.partition('?')
        app = reader.app

        async def with_query(scope, receive, send):
            await app({**scope, 'query_string': query.encode()}, receive, send)

        return type(reader)(with_query).get(path, method, **fields)

    get.app = reader.app
    return get


def test_a_page_and_all_its_fields(ask):
    answer = ask('/search?q=a')
    assert answer.status == 200
    assert answer.body.endswith(b'</p>a')
    assert answer.h['content-type'] == 'text/html; charset=utf-8'
    assert answer.h['cache-control'] == 'public, max-age=10'
    assert answer.h['vary'] == 'Accept-Encoding'
    assert answer.h['x-robots-tag'] == 'noindex'
    assert 'content-security-policy' in answer.h
    assert 'last-modified' not in answer.h
    assert answer.h['content-length'] == str(len(answer.body))


def test_a_feed_names_itself(ask):
    answer = ask('/search.atom?q=%E6%95%B0%E5%AD%97%20x')
    assert answer.h['content-type'] == ATOM
    assert answer.h['cache-control'] == 'public, max-age=900'
    assert answer.h['link'] == '<https://feeds.example.org/search.atom?q=%E6%95%B0%E5%AD%97%20x>; rel="self"'


def test_the_same_again_is_a_304_in_each_coding(ask):
    assert 'content-encoding' not in ask('/search?q=a', accept_encoding='br').h  # who asks seldom needs no second form
    for coding in ('identity', 'gzip'):
        whole = ask('/search?q=a', accept_encoding=coding)
        assert whole.h.get('content-encoding', 'identity') == coding
        again = ask('/search?q=a', accept_encoding=coding, if_none_match=whole.h['etag'])
        assert (again.status, again.body) == (304, b'')
        assert set(again.h) == {'etag', 'cache-control', 'vary'}
    assert gzip.decompress(ask('/search?q=a', accept_encoding='gzip').body) == ask('/search?q=a').body
    assert ask('/search?q=b', if_none_match=whole.h['etag']).status == 200


@pytest.mark.parametrize('field', ['if_modified_since', 'if_unmodified_since'])
def test_a_page_without_a_time_passes_over_conditions_by_time(ask, field):
    assert ask('/search?q=a', **{field: 'Fri, 31 Dec 2100 23:59:59 GMT'}).status == 200
    assert ask('/search?q=a', **{field: 'Fri, 01 Jan 1971 00:00:00 GMT'}).status == 200


def test_head_and_other_methods(ask):
    get, head = ask('/search?q=a'), ask('/search?q=a', 'HEAD')
    assert (head.status, head.h, head.body) == (200, get.h, b'')
    assert ask('/search?q=a', 'POST').status == 405


def test_an_answer_is_given_again_for_some_seconds(ask, kitchen, clock):
    first = ask('/search?q=a')
    kitchen.body = b'other'
    assert ask('/search?q=a').body == first.body
    clock.advance(10)
    assert ask('/search?q=a').body == b'othera'
    assert len(kitchen.asked) == 2


def test_what_was_published_shows_at_once(ask, kitchen):
    ask('/search?q=a')
    ask.app.invalidate(['all.atom'])
    ask('/search?q=a')
    assert len(kitchen.asked) == 2


def test_fields_that_the_page_does_not_know_make_no_other_page(ask, kitchen):
    for query in ('q=a', 'q=a&utm=1', 'x=2&q=a&q=b', 'q=a&page='):
        assert ask(f'/search?{query}').body.endswith(b'a')
    assert kitchen.asked == [{'q': 'a'}]


@pytest.mark.parametrize(
    ('query', 'value'),
    [
        ('q=%E6%95%B0', '数'),
        ('q=数', '数'),
        ('q=a+b', 'a b'),
        ('q=%ff%fe', '\ufffd\ufffd'),
        ('q=%00', '\0'),
        ('q=%', '%'),
        ('q=a%26b=c', 'a&b=c'),
    ],
)
def test_queries_are_read_as_browsers_write_them(ask, kitchen, query, value):
    assert ask(f'/search?{query}').status == 200
    assert kitchen.asked == [{'q': value}]


@pytest.mark.parametrize('query', ['q=' + 'a' * 5000, '&'.join(f'q{n}=1' for n in range(100))])
def test_a_query_that_is_none(ask, kitchen, query):
    assert ask(f'/search?{query}').status == 400
    assert kitchen.asked == []


def test_what_is_not_there_and_what_goes_wrong(ask, caplog):
    missing = ask('/search?q=none')
    assert missing.status == 404
    assert missing.body.endswith(b'none')
    away = ask('/search?q=boom')
    assert (away.status, away.h['retry-after']) == (503, '60')
    assert b'store' not in away.body
    bug = ask('/search?q=bug')
    assert bug.status == 500
    assert b'ZeroDivision' not in bug.body
    assert 'ZeroDivisionError' in caplog.text
    assert ask('/search?q=a').status == 200


def _together(ask, targets, told=lambda _status: None):
    """All of them at once, as the one loop of a server has them; `told` of each status as it is sent."""

    async def one(target):
        path, _, query = target.partition('?')
        sent = []

        async def send(message):
            sent.append(message)
            told(sent[0]['status'])

        scope = {
            'type': 'http', 'method': 'GET', 'path': path, 'raw_path': path.encode(), 'query_string': query.encode(),
            'http_version': '1.1', 'headers': [(b'host', b'a')], 'root_path': '', 'scheme': 'http',
        }  # fmt: skip
        await ask.app(scope, None, send)
        return SimpleNamespace(status=sent[0]['status'], body=sent[1]['body'])

    async def all_of_them():
        return await asyncio.gather(*map(one, targets))

    return asyncio.run(all_of_them())


def test_many_who_ask_the_same_wait_for_one_answer(ask, kitchen):
    answers = _together(ask, ['/search?q=a'] * 50)
    assert {answer.status for answer in answers} == {200}
    assert kitchen.asked == [{'q': 'a'}]


def test_documents_are_answered_while_everything_else_is_waited_for(ask, kitchen):
    kitchen.gate.clear()
    refused = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        flood = pool.submit(_together, ask, [f'/search?q={n}' for n in range(40)], lambda _status: refused.set())
        assert refused.wait(PATIENCE_S)  # so all that may wait do
        assert ask('/all.atom').status == 200
        assert ask('/-/healthy').status == 200
        kitchen.gate.set()
        statuses = [answer.status for answer in flood.result(PATIENCE_S)]
    assert (statuses.count(200), statuses.count(503)) == (32, 8)
    assert len(kitchen.threads) <= 2


def test_what_is_remembered_is_bounded(make_reader, kitchen):
    kitchen.body = bytes(range(256)) * 4096  # a mebibyte that hardly packs
    reader = make_reader(live={'/search': LivePage(kitchen.page, ('q',))})
    live = reader.app.live
    for n in range(12):
        live._make(('/search', (('q', str(n)),)))
    assert 0 < live._held <= 8 * 1024 * 1024
    assert len(live._kept) < 12
    live.forget()
    assert live._held == 0


def test_what_was_made_of_an_older_state_is_not_kept(make_reader, kitchen):
    reader = make_reader(live={'/search': LivePage(kitchen.page, ('q',))})
    live = reader.app.live
    kitchen.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(live._make, ('/search', ()))
        while not kitchen.asked:
            pass
        live.forget()
        kitchen.gate.set()
        making.result(PATIENCE_S)
    assert live._kept == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=60))
def test_nothing_in_a_query_raises(ask, query):
    assert ask('/search?q=' + query.decode('latin-1')).status in (200, 400, 404, 500, 503)
