"""Sources that go on list their newest thirty entries, and what is measured is a store that took in all of them."""

from __future__ import annotations

import store


def test_one_new_of_thirty(tmp_path):
    talkers = store.Talkers(tmp_path)
    first, second = talkers.round(store.ROUND), talkers.round(1)
    talkers.ours.take_in(first)
    talkers.ours.take_in(second)
    assert [len(one.said) for one in second] == [store.ROUND] * store.TALKERS
    assert second[0].said[:-1] == first[0].said[1:]
    assert talkers.ours.store.counts()['entries'] == store.TALKERS * (store.ROUND + 1)
    talkers.ours.store.close()


def test_what_is_known_costs_something(tmp_path):
    assert all(us > 0 for us in store.by_source(tmp_path, store.ROUND, 1))
