"""Short ways to make the values that the tests of deciding are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model import Carrier, CategoryRule, Entry, Key, Policy, Run, Source, Stated

NOON = datetime(2022, 4, 12, 4, tzinfo=UTC)
CODES = Key(param='infoCode', path=(r'/a/(\d{18})\.html',), prefix='NW')
C1, C2 = 'NW202204122339013090', 'NW202204122339013091'


def stated(minutes: int) -> Stated:
    at = NOON + timedelta(minutes=minutes)
    return Stated(at.isoformat(), at, 480)


def carrier(seq, source='a', *, title='标题', at=None, run=None, seen=0, page=0, **entry) -> Carrier:
    """A carrier; `at` its date in minutes after noon, `run` the rounds in which it was listed (default: its own seq)."""
    date = None if at is None else stated(at)
    return Carrier(
        seq=seq,
        source=source,
        url='https://feed.example/rss',
        entry=Entry(title=title, published=date, **entry),
        first_seen_at=NOON + timedelta(hours=1, minutes=seen),
        runs=(Run(page, *(run or (seq, seq))),),
    )


def source(name, order=0, **more) -> Source:
    more.setdefault('url', f'https://{name}.example/rss')
    return Source(name=name, order=order, **{'category': CategoryRule(origin='publisher'), **more})


def policy(*sources, **more) -> Policy:
    sources = sources or (source('a', key=CODES),)
    return Policy(sources={s.name: s for s in sources}, authority='news.example.org,2026', **more)


def together(*names, **more) -> tuple[Source, ...]:
    """Sources of one group, in this order of feeds.yml."""
    return tuple(source(name, order, group='g', key=CODES, **more) for order, name in enumerate(names))
