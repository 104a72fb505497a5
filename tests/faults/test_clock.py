"""The clock jumps: what was recorded stays, nothing comes twice, and nothing is asked twice for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from river_made import item, rss

SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
JIA = 'https://jia.example/rss'
ONE = f'sources: [{{name: 甲报, url: "{JIA}", category: 甲报新闻}}]\n'
YEARS = timedelta(days=3650)


@pytest.mark.parametrize('jumps', [(YEARS, -YEARS), (timedelta(hours=-1), timedelta(hours=1))])
def test_dated_entries_are_what_they_are_whatever_the_clock_says(river, another, jumps):
    rounds = [rss(item(1), item(2, at=5)), rss(item(2, '第2条 改', at=30), item(3, at=9)), rss(item(3, at=9))]
    other = another()
    for one in (river, other):
        one.write(SITE + ONE)
    for place, steps in ((river, (timedelta(0), *jumps)), (other, (timedelta(minutes=15),) * 3)):
        for body, step in zip(rounds, steps, strict=True):
            place.net.pages[JIA] = body
            place.now += step
            assert place.poll()[0].outcome == 'changed'
    assert river.public() == other.public()
    assert river.entries() == other.entries()


def test_an_undated_entry_keeps_the_time_it_was_first_seen(river):
    river.write(SITE + ONE)
    river.net.pages[JIA] = rss(item(1, at=None))
    river.poll()
    first = river.entries()
    for jump in (YEARS, -2 * YEARS, YEARS):
        river.now += jump
        river.net.pages[JIA] = rss(item(1, at=None), item(2))
        river.poll()
    assert [e for e in river.entries() if e.link.endswith('/1.html')] == first


def test_a_clock_that_was_years_slow_loses_nothing_and_tells_nothing_twice(river):
    """Dates that lie ahead are not believed (design, 4.6), so only what does not hang on them is compared."""
    river.write(SITE + ONE)
    right = river.now
    for now in (right - YEARS, right - YEARS + timedelta(hours=1), right):
        river.now = now
        river.net.pages[JIA] = rss(item(1), item(2))
        river.poll()
    assert sorted(e.id for e in river.entries()) == [f'https://jia.example/{n}.html' for n in (1, 2)]
