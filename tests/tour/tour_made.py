"""The story of docs/tour.md: a site with a feed behind its page, and what a person types. It is recorded and replayed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from origin_made import Origin

TITLES = ('城市地铁四号线开通', '晚报：本周天气转凉', '图书馆周末延长开放')


@dataclass(frozen=True)
class Step:
    """What is typed in the second terminal, under the name of its block; and what the first one says to it at last."""

    name: str
    typed: tuple[str, ...]
    daemon: str = ''


def steps(base: str) -> tuple[Step, ...]:
    add = f'aggregator add {base}/ --private --category 城市晚报新闻 --yes'
    return (
        Step('add', (add, 'aggregator check'), '城市晚报  status=200'),
        Step('break', ("sed -i 's/category: 城市/catgory: 城市/' feeds.yml", 'aggregator check'), 'stays in use'),
        Step(
            'mend', ("sed -i 's/catgory: 城市/category: 城市/' feeds.yml", 'aggregator check'), 'is the one that runs'
        ),
        Step('look', ('aggregator search 地铁', 'aggregator search 地铁 --json')),
    )


def site(origin: Origin) -> None:
    link = '<link rel="alternate" type="application/rss+xml" title="城市晚报" href="/rss.xml">'
    page = f'<!doctype html><html><head><title>城市晚报</title>{link}</head><body>今日要闻</body></html>'
    origin.serve('/', page, media_type='text/html; charset=utf-8')
    items = (
        {
            'title': title,
            'link': f'{origin.base}/a/{day}.html',
            'guid': f'{origin.base}/a/{day}.html',
            'description': f'<p>{title}。</p>',
            'pubDate': f'{day} Nov 2026 08:00:00 +0800',
        }
        for day, title in zip((24, 23, 22), TITLES, strict=True)
    )
    origin.rss('/rss.xml', *items, title='城市晚报')


def timeless(text: str) -> str:
    """Without what differs from run to run: ports."""
    return re.sub(r'(?<=127\.0\.0\.1:)\d+', 'PORT', text)
