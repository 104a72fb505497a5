"""Parsing in worker processes: documents that take too long or too much, or crash, are told; the next one is parsed."""

from __future__ import annotations

import multiprocessing
import os
import threading
from datetime import UTC, datetime

import pytest
from pool_made import parse_document

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse.pool import InlineParser, WorkerParser

NOW = datetime(2022, 4, 12, tzinfo=UTC)
LIMITS = ParseLimits(parse_s=0.5, memory_bytes=128 << 20)


def received(body=b'fine'):
    return Received(url='u', body=body, fetched_at=NOW)


SOURCE = Source(name='s')


@pytest.fixture(scope='module')
def parser():
    parser = WorkerParser(parse_document, LIMITS, workers=2, documents_per_worker=100)
    yield parser
    parser.close()


def test_a_document_is_parsed_in_another_process(parser):
    feed = parser.parse(SOURCE, received())

    assert (feed.head.title, feed.failed) == ('s fine 500', False)
    assert feed.head.id != str(os.getpid())


@pytest.mark.slow
@pytest.mark.parametrize(
    ('body', 'rule', 'told'),
    [
        (b'sleep', 'parse-timeout', 'longer than 0.5 s'),
        (b'spin', 'parse-timeout', 'longer than 0.5 s'),
        (b'memory', 'parse-memory', 'more than 128 MB'),
        (b'exit', 'parse-crash', 'exit code 3'),
        (b'crash', 'parse-crash', 'exit code -11'),
        (b'raise', 'parse-crash', "KeyError: 'x'"),
    ],
)
def test_a_document_that_fells_its_worker_is_told_and_the_next_is_parsed(parser, body, rule, told):
    feed = parser.parse(SOURCE, received(body))

    assert (feed.failed, [fault.rule for fault in feed.faults]) == (True, [rule])
    assert told in feed.faults[0].message
    assert f'{len(body)} bytes' in feed.faults[0].message
    assert parser.parse(SOURCE, received()).failed is False


def test_many_threads_share_the_workers(parser):
    feeds = []
    threads = [threading.Thread(target=lambda: feeds.append(parser.parse(SOURCE, received()))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(feeds) == 12
    assert not any(feed.failed for feed in feeds)
    assert len({feed.head.id for feed in feeds}) <= 2


@pytest.mark.slow
def test_workers_make_way_for_fresh_ones_and_none_is_left():
    parser = WorkerParser(parse_document, LIMITS, workers=1, documents_per_worker=2)
    pids = [int(parser.parse(SOURCE, received()).head.id) for _ in range(4)]
    parser.close()

    assert len(set(pids)) == 2
    assert not {child.pid for child in multiprocessing.active_children()} & set(pids)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_closed_parser_says_so():
    parser = WorkerParser(parse_document, LIMITS)
    parser.close()
    parser.close()
    feed = parser.parse(SOURCE, received())

    assert (feed.failed, feed.faults[0].rule) == (True, 'parse-crash')
    assert 'closed' in feed.faults[0].message


def test_inline_it_is_this_process_and_raises_nothing():
    parser = InlineParser(parse_document, LIMITS)

    assert parser.parse(SOURCE, received()).head.id == str(os.getpid())
    assert parser.parse(SOURCE, received(b'raise')).faults[0].rule == 'parse-crash'
    parser.close()
