from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model import Fault, FeedHead, Key, PollReport, Source, SourceState, Trace, Validators
from aggregator.store.sources import DETAILS_KEPT, DUE, POLLS_KEPT


def test_a_state_comes_back_as_it_was(tale):
    state = SourceState(
        name='a',
        validators={'https://a.example/': Validators('"x"', 'Sun, 22 Nov 2026')},
        digests={'u': 'd'},
        next_poll_at=tale.NOON,
        state='ok',
        head=FeedHead(title='题', ttl=timedelta(minutes=5), skip_hours=frozenset({3})),
        entries=7,
    )
    with tale.store.writing() as w:
        w.save_source(replace(state, failures=3))
        w.save_source(state)
        assert w.source('a') == state
    assert tale.store.source('a') == state
    assert tale.store.sources() == [state]
    assert tale.store.source('b') is None


def test_due(tale):
    states = {
        'now': ('ok', tale.NOON),
        'long': ('failing', tale.NOON - timedelta(hours=1)),
        'later': ('ok', tale.NOON + timedelta(microseconds=1)),
        'never seen': ('new', None),
        'gone': ('gone', None),
        'retired': ('retired', tale.NOON),
    }
    with tale.store.writing() as w:
        for name, (word, at) in states.items():
            w.save_source(SourceState(name=name, state=word, next_poll_at=at))
    assert tale.store.due(tale.NOON, 10) == ['never seen', 'long', 'now']
    assert tale.store.due(tale.NOON, 2) == ['never seen', 'long']


def test_a_tick_reads_who_is_due_and_nobody_else(tale):
    with tale.store._reading() as db:
        plan = [row[3] for row in db.execute(f'EXPLAIN QUERY PLAN {DUE}', {'now': 0, 'limit': 1})]
    read = [step for step in plan if 'sources USING' in step or step.startswith('SCAN sources')]
    assert len(read) == 2, plan
    assert all(step.startswith('SEARCH sources USING INDEX sources_due (next_poll_at') for step in read), plan


def report(tale, number, source='a'):
    return PollReport(source=source, url='u', at=tale.NOON, outcome='changed', status=number, faults=(Fault('r', 'm'),))


def test_recent_polls_are_kept_newest_first_without_traces(tale):
    trace = Trace(source='a', url='u', index=0, outcome='new', entry='e', identity='i', rule='code')
    with tale.store.writing() as w:
        w.add_poll(report(tale, 0, source='b'))
        for number in range(POLLS_KEPT + 10):
            w.add_poll(replace(report(tale, number), traces=(trace,)))
    polls = tale.store.polls('a')
    assert polls == [report(tale, number) for number in range(POLLS_KEPT + 9, 9, -1)]
    assert len(tale.store.polls('b', 5)) == 1


def test_details_are_kept_the_newest_only(tale):
    with tale.store.writing() as w:
        for number in range(DETAILS_KEPT + 1):
            w.save_detail('a', str(number), 'body')
        w.save_detail('a', '1', 'again')
        assert w.detail('a', '1') == 'again'
    assert [tale.store.detail(*which) for which in (('a', '0'), ('a', '2'), ('b', '1'))] == [None, 'body', None]


def test_a_forgotten_source_leaves_what_it_carried(tale):
    tale.tell('id1', tale.hear())
    with tale.store.writing() as w:
        w.save_source(SourceState(name='a'))
        w.add_poll(report(tale, 1))
        w.save_detail('a', 'u', 'b')
        w.forget_source('a')
    assert (tale.store.sources(), tale.store.polls('a'), tale.store.detail('a', 'u')) == ([], [], None)
    assert tale.ids() == ['id1']


def test_rows_of_feeds_yml(tale):
    row = Source(
        name='甲', url='https://a.example/', every=timedelta(minutes=1), key=Key(path=('x',)), speaks_for=('h',)
    )
    with tale.store.writing() as w:
        w.save_row(replace(row, url='old'))
        w.save_row(replace(row, options=object()))
        w.set_meta('authority', 'x')
    assert list(tale.store.each_row()) == [row]


def test_meta(tale):
    with tale.store.writing() as w:
        w.set_meta('k', 'v')
        w.set_meta('k', 'w')
        assert w.meta('k') == 'w'
    assert (tale.store.meta('k'), tale.store.meta('?')) == ('w', None)


@pytest.mark.parametrize('table', ['sources', 'carriers', 'entries', 'categories', 'tombstones', 'blocked', 'dirty'])
def test_counts_of_nothing(store, table):
    assert store.counts()[table] == 0
