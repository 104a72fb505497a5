"""What came on the newest entry's day, in whatever zone the site is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from river_made import item, rss

from aggregator.publish.pages import pulse_of

SITE = 'site: {title: 聚合, authority: "news.example,2026"}\n'
SOURCES = 'sources:\n  - {name: 甲报, url: "https://jia.example/rss", category: 甲报新闻}\n'


@pytest.mark.parametrize('zone', ['UTC', 'Asia/Shanghai', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York'])
def test_a_day_is_counted_from_its_midnight(river, zone):
    river.write(SITE + SOURCES)
    river.net.pages = {'https://jia.example/rss': rss(*(item(n, at=-40 * n) for n in range(1, 60)))}
    river.poll('甲报')
    with river.open() as house:
        entries = house.store.entries(limit=99)
        pulse = pulse_of(house.store, replace(house.settings.site, timezone=zone), entries)
    there = entries[0].published_at.astimezone(ZoneInfo(zone))
    midnight = datetime(there.year, there.month, there.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert len({e.published_at for e in entries}) == 59
    assert pulse.day == sum(midnight <= e.published_at < midnight + timedelta(days=1) for e in entries)
