"""What is at hand spares reading, and decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from rounds_made import ENTRIES, LINKS, NOON, POLICY, ROUNDS, SOURCES, as_rounds_do, at, pages_of, rows_of, step_by_step

from aggregator.model import Entry, Run
from aggregator.poll.rebuild import rebuild
from aggregator.store import Store, kept


@settings(max_examples=25, deadline=None)
@given(ROUNDS)
def test_a_round_stores_what_deciding_step_by_step_stores(rounds):
    with Store.in_memory() as quick, Store.in_memory() as slow:
        turns: Counter[str] = Counter()
        for source, said in rounds:
            turns[source.name] += 1
            turn = turns[source.name]
            for store, way in ((quick, as_rounds_do), (slow, step_by_step)):
                with store.writing() as writer:
                    way(writer, source, turn, pages_of(said))
        assert rows_of(quick) == rows_of(slow)


@settings(max_examples=25, deadline=None)
@given(ROUNDS)
def test_deciding_all_again_changes_nothing(rounds):
    """But where something was not kept: what is gone tells no more that a name stood on several items."""
    policy = replace(POLICY, max_revisions=20)
    with Store.in_memory() as store:
        turns: Counter[str] = Counter()
        for source, said in rounds:
            turns[source.name] += 1
            with store.writing() as writer:
                as_rounds_do(writer, source, turns[source.name], pages_of(said), policy)
            store.clear_dirty(store.dirty())
        before = rows_of(store)
        with store.writing() as writer:
            rebuild(writer, policy, at(9))
        after = rows_of(store)
        assert after == before


def told(*rounds):
    """What is stored after these rounds of one source, each one document of these entries."""
    with Store.in_memory() as store:
        for turn, said in enumerate(rounds, 1):
            with store.writing() as writer:
                as_rounds_do(writer, SOURCES[2], turn, pages_of([said]))
        return {e.link: (e.title, set(e.labels)) for e in store.all_entries()}


def test_one_revision_too_many_joins_nothing():
    """It is not kept, so the next decision would take the entries apart again."""
    one, other = LINKS[1:3]
    said = [Entry(title=title, link=one) for title in ('甲', '乙', '丁')]
    before = told([Entry(title='戊', link=other, guid='g')], *([entry] for entry in said))
    after = told(
        [Entry(title='戊', link=other, guid='g')], *([e] for e in (*said, Entry(title='己', link=one, guid='g')))
    )
    assert (len(before), after) == (2, before)


def test_what_is_listed_no_longer_speaks_no_longer():
    """Though the document has nothing new: both said the same article, and only one is still there."""
    one, other = (Entry(title=title, link=LINKS[3], publisher=f'{title}报') for title in '甲乙')
    assert told([one, other]) == {LINKS[3]: ('甲', {'甲报新闻', '乙报新闻'})}
    assert told([one, other], [other]) == {LINKS[3]: ('乙', {'乙报新闻'})}


def test_one_that_flickers_speaks_again_however_often_it_did():
    one, other = (Entry(title=title, link=LINKS[3]) for title in '甲乙')
    rounds = *([one], [other]) * 25, [Entry(title='丁', link=LINKS[1])], [one]
    assert told(*rounds)[LINKS[3]] == ('甲', {'c新闻'})


@settings(max_examples=25, deadline=None)
@given(ENTRIES)
def test_a_carrier_at_hand_is_the_one_that_would_be_read(entry):
    with Store.in_memory() as store, store.writing() as writer:
        seq = writer.add_carrier('a', 'd', 'u\ud800', entry, NOON)
        writer.list_round('a', 1, {0: [seq]})
        (read,) = writer.carriers([seq])
    at_hand = kept(seq, 'a', 'u\ud800', entry, NOON, (Run(0, 1, 1),))
    assert (at_hand, repr(at_hand)) == (read, repr(read))
