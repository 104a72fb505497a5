"""How long a feed is: number, age, a share for each source."""

from __future__ import annotations

from datetime import timedelta

from made import NOON

from aggregator.model import Publishing, StoredEntry
from aggregator.rules.authority import authority_of
from aggregator.rules.selection import select, updated_at


def entry(n, source='a', days=0):
    at = NOON - timedelta(days=days, minutes=n)
    return StoredEntry(
        id=f'urn:{n}',
        identity='',
        rule='',
        title='',
        link='',
        publisher='',
        published_at=at,
        updated_at=at,
        source=source,
    )


def ids(found, **limits):
    return [int(e.id[4:]) for e in select(found, Publishing(**limits))]


def test_the_newest_whatever_order_they_are_given_in():
    assert ids([entry(3), entry(1), entry(2)], entries=2, source_share=1) == [1, 2]


def test_age_is_counted_from_the_newest_and_not_from_now():
    assert ids([entry(1), entry(2, days=9), entry(3, days=11)], max_age=timedelta(days=10)) == [1, 2]


def test_a_source_fills_its_share_while_others_have_entries():
    several = [*(entry(n) for n in range(1, 7)), entry(8, 'b'), entry(9, 'b')]
    assert ids(several, entries=4, source_share=0.5) == [1, 2, 8, 9]
    assert ids(several[:-1], entries=4, source_share=0.5) == [1, 2, 3, 8]


def test_a_feed_changes_when_its_entries_do():
    assert updated_at([entry(1), entry(2)], NOON) == NOON - timedelta(minutes=1)
    assert updated_at([], NOON) == NOON


def test_the_authority_is_stored_at_the_first_run_and_never_changed():
    assert authority_of('', '', 'https://News.example:8000/', NOON) == 'news.example,2022'
    assert authority_of('given.example,2020', '', 'https://news.example/', NOON) == 'given.example,2020'
    assert authority_of('given.example,2020', 'old.example,2019', 'https://news.example/', NOON) == 'old.example,2019'
    assert authority_of('', '', 'http://[::1]:8000/', NOON) == 'localhost,2022'
