"""What is at hand spares reading, and decides nothing."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from rounds_made import ENTRIES, NOON, ROUNDS, as_rounds_do, pages_of, rows_of, step_by_step

from aggregator.model import Run
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
@given(ENTRIES)
def test_a_carrier_at_hand_is_the_one_that_would_be_read(entry):
    with Store.in_memory() as store, store.writing() as writer:
        seq = writer.add_carrier('a', 'd', 'u\ud800', entry, NOON)
        writer.list_round('a', 1, {0: [seq]})
        (read,) = writer.carriers([seq])
    at_hand = kept(seq, 'a', 'u\ud800', entry, NOON, (Run(0, 1, 1),))
    assert (at_hand, repr(at_hand)) == (read, repr(read))
