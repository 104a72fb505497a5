from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import PollReport, SourceState

HOUR = timedelta(hours=1)


@pytest.fixture
def told(tale):
    """Seven entries, an hour apart, the newest at noon; every second one also in 乙新闻, the last one in no feed."""
    for n in range(8):
        labels = ('甲新闻', '乙新闻') if n % 2 else ('甲新闻',)
        seq = tale.hear(source='a' if n < 6 else 'b')
        others = (tale.hear(source='c'),) if n in (1, 7) else ()
        tale.tell(
            f'id{n}',
            seq,
            others=others,
            labels=labels,
            published_at=tale.NOON - n * HOUR,
            dropped=n == 7,
            title=f't{n}',
        )
    return tale


def test_by_hour(told):
    since = told.NOON.replace(minute=0, second=0, microsecond=0) - 3 * HOUR
    assert told.store.by_hour(since, 4) == (1, 1, 1, 1)
    assert told.store.by_hour(since - 10 * HOUR, 8) == (0, 0, 0, 0, 0, 0, 0, 1)
    assert told.store.by_hour(since, 0) == ()


def test_by_category_and_by_source(told):
    assert told.store.by_category(told.NOON - 3 * HOUR) == {'jia': 4, 'yi': 2}
    assert told.store.by_category(told.NOON + HOUR) == {}
    assert told.store.by_source(told.NOON - 7 * HOUR) == {'a': 6, 'b': 1}


def test_neighbours_of_an_entry(told):
    edge = (told.NOON - 3 * HOUR, 'id3')
    ids = lambda **how: [e.id for e in told.store.beside(edge, 2, **how)]  # noqa: E731
    assert ids() == ['id4', 'id5']
    assert ids(older=False) == ['id1', 'id2']
    assert ids(label='乙新闻') == ['id5']
    assert ids(label='乙新闻', older=False) == ['id1']
    assert ids(label='无') == []


def test_neighbours_of_equal_date_are_told_apart_by_id(tale):
    for name in 'cabd':
        tale.tell(name, tale.hear())
    order = [e.id for e in tale.store.entries(limit=9)]
    for label in (None, '甲新闻'):
        seen, edge = [], (tale.NOON + HOUR, '')
        while found := tale.store.beside(edge, 1, label=label):
            seen.append(found[0].id)
            edge = found[0].published_at, found[0].id
        assert seen == order
        back = [e.id for e in tale.store.beside(edge, 2, label=label, older=False)]
        assert back == order[1:3]


def test_what_a_source_published_and_shares(told):
    assert sorted(told.store.published_by('a')) == [told.NOON - n * HOUR for n in reversed(range(6))]
    assert told.store.published_by('nobody') == []
    assert [e.id for e in told.store.shared_by('a', 9)] == ['id1']
    assert [e.id for e in told.store.shared_by('c', 9)] == ['id1'], 'one that is in no feed is not told of'
    assert told.store.shared_by('b', 9) == []


def test_states_and_rounds(tale):
    with tale.store.writing() as w:
        for name, state in (('a', 'ok'), ('b', 'failing')):
            w.save_source(SourceState(name=name, state=state))
            for n in range(3):
                w.add_poll(PollReport(source=name, url='', at=tale.NOON + n * HOUR, outcome='same'))
    assert tale.store.states() == {'a': 'ok', 'b': 'failing'}
    polls = tale.store.polls_of(['a', 'nobody'], 2)
    assert [poll.at for poll in polls['a']] == [tale.NOON + 2 * HOUR, tale.NOON + HOUR]
    assert polls['nobody'] == []


def test_every_question_goes_along_an_index(tale):
    """A scan of all carriers or of all places in categories would be felt at a million of them."""
    from aggregator.store import figures

    questions = [
        (figures.BY_HOUR, (0, 1)),
        (figures.BY_CATEGORY, (0,)),
        (figures.BY_SOURCE, (0,)),
        (figures.PUBLISHED, ('a', 9)),
        (figures.SHARED, ('a', 9, 'a', 9)),
    ]
    with tale.store._reading() as db:
        for sql, values in questions:
            plan = [row[3] for row in db.execute(f'EXPLAIN QUERY PLAN {sql}', values)]
            scanned = [step for step in plan if step.startswith('SCAN') and 'INDEX' not in step]
            assert [step for step in scanned if step not in ('SCAN k', 'SCAN c')] == [], plan
