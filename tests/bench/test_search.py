"""The benchmark of searching: the same entries at every run, and two indexes that find the same of them."""

from __future__ import annotations

import pytest
from search import Bare, Vocabulary, apart, at, bytes_of, entries, pairs, phrases

WORDS = Vocabulary(3, 400)


@pytest.fixture
def said():
    return [f'{entry.title} {entry.summary[3:-4]}' for entry in entries(WORDS, 300, shuffled=False)]


def test_the_entries_are_the_same_at_every_run(said):
    assert said == [
        f'{entry.title} {entry.summary[3:-4]}' for entry in entries(Vocabulary(3, 400), 300, shuffled=False)
    ]
    assert {len(word) for word in WORDS.words} == {1, 2, 3, 4}


def test_dates_follow_the_order_or_do_not():
    for shuffled in (False, True):
        dates = [entry.published.at for entry in entries(WORDS, 300, shuffled=shuffled)]
        early = sum(one < other for one, other in zip(dates[:200], dates[100:], strict=True))
        assert (early < 150) == shuffled


def test_both_indexes_find_what_is_there(said, tmp_path):
    indexes = [(apart, Bare(tmp_path / 'one.db', apart)), (pairs, Bare(tmp_path / 'two.db', pairs))]
    for _, index in indexes:
        index.add(1, said)
    for length in (2, 3, 4):
        for word in WORDS.queries(length, common=True)[:5]:
            there = sum(word in text for text in said)
            assert [index.matches(phrases(cut, word)) for cut, index in indexes] == [there, there]
    for _, index in indexes:
        index.db.close()
        assert bytes_of(index.file) > 4096


def test_a_percentile_is_one_of_the_times():
    assert [at([float(n) for n in range(1, 101)], percent) for percent in (50, 95)] == [51.0, 96.0]
