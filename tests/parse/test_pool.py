"""Parsing in worker processes: documents that take too long or too much, or crash, are told; the next one is parsed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pool_made import parse_document

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse.pool import FEW, InlineParser, WorkerParser

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


def test_one_worker_reads_what_comes_now_and_then():
    parser = WorkerParser(parse_document, LIMITS, patience_s=60)
    feeds = []
    threads = [threading.Thread(target=lambda: feeds.append(parser.parse(SOURCE, received()))) for _ in range(FEW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parser.close()

    assert [feed.failed for feed in feeds] == [False] * FEW
    assert len({feed.head.id for feed in feeds}) == 1


@pytest.mark.slow
@pytest.mark.parametrize(('patience_s', 'more'), [(0.01, 1), (60, FEW)])
def test_another_worker_helps_where_one_takes_long_or_many_come(tmp_path, patience_s, more):
    parser = WorkerParser(parse_document, ParseLimits(parse_s=600), patience_s=patience_s)
    file, feeds = tmp_path / 'begun', []
    document = Received(url=str(file), body=b'wait', fetched_at=NOW)
    slow = threading.Thread(target=lambda: parser.parse(SOURCE, document))
    slow.start()
    _until(file.exists)
    threads = [threading.Thread(target=lambda: feeds.append(parser.parse(SOURCE, received()))) for _ in range(more)]
    for thread in threads:
        thread.start()
    _until(lambda: feeds)
    parser.close()
    for thread in (slow, *threads):
        thread.join()

    assert feeds[0].failed is False


@pytest.mark.slow
def test_workers_make_way_for_fresh_ones_and_none_is_left():
    parser = WorkerParser(parse_document, LIMITS, workers=1, documents_per_worker=2)
    pids = [int(parser.parse(SOURCE, received()).head.id) for _ in range(4)]
    parser.close()

    assert len(set(pids)) == 2
    assert not any(_runs(pid) for pid in pids)


@pytest.mark.slow
def test_workers_that_nobody_needs_end_and_come_back():
    parser = WorkerParser(parse_document, LIMITS)
    pid, nursery = _worker(parser), _nursery(parser)
    parser.rest()
    assert (_worker(parser), _nursery(parser)) == (pid, nursery)
    parser.rest()  # it was needed since the first time
    assert _runs(pid)
    parser.rest()
    assert not _runs(pid)
    assert not _runs(nursery)
    assert _worker(parser) != pid
    parser.close()


def test_a_worker_that_ended_while_idle_is_not_blamed_on_the_next_document(parser):
    pid = _worker(parser)
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not _runs(pid))

    assert parser.parse(SOURCE, received()).failed is False


@pytest.mark.slow
def test_the_nursery_may_end_too():
    parser = WorkerParser(parse_document, LIMITS)
    pids = _worker(parser), _nursery(parser)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    _until(lambda: not any(map(_runs, pids)))

    assert [parser.parse(SOURCE, received()).failed for _ in range(2)] == [False, False]
    parser.close()


@pytest.mark.slow
def test_what_is_being_parsed_is_given_up_by_a_close(tmp_path):
    parser = WorkerParser(parse_document, ParseLimits(parse_s=600))
    file, feeds = tmp_path / 'begun', []
    document = Received(url=str(file), body=b'wait', fetched_at=NOW)
    thread = threading.Thread(target=lambda: feeds.append(parser.parse(SOURCE, document)))
    thread.start()
    _until(file.exists)
    parser.close()
    thread.join()

    assert 'closed' in feeds[0].faults[0].message


KILLED = """
import sys
from test_pool import NOW, SOURCE, ParseLimits, Received, WorkerParser, _nursery, _worker, parse_document
parser = WorkerParser(parse_document, ParseLimits(parse_s=600))
print(_worker(parser), _nursery(parser), flush=True)
parser.parse(SOURCE, Received(url=sys.argv[1], body=b'wait', fetched_at=NOW))
"""


@pytest.mark.slow
def test_no_process_outlives_a_daemon_that_was_killed(tmp_path):
    file = tmp_path / 'begun'
    child = subprocess.Popen(
        [sys.executable, '-c', KILLED, file],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
    )
    with child:
        pids = [int(pid) for pid in child.stdout.readline().split()]
        _until(file.exists)
        child.kill()
    _until(lambda: not any(_runs(pid) for pid in pids))


def _worker(parser):
    return int(parser.parse(SOURCE, received()).head.id)


def _nursery(parser):
    return parser._nursery._process.pid


def _runs(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def _until(true, timeout_s=30.0):
    end_s = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.01)


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
