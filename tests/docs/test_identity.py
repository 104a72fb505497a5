"""The tables of docs/identity.md are true: each row is decided by the rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from docs_made import DOCS, items, table_rows

from aggregator.model import Carrier, CategoryRule, Draft, Entry, Key, Policy, Run, Source, Stated
from aggregator.rules.derive import Closure, derive

PAGE = DOCS / 'identity.md'
DAY = datetime(2022, 4, 11, 16, tzinfo=UTC)  # midnight in Beijing
HOSTS = {'丙': ('bing.example', ''), '甲': ('jia.example', 'g'), '乙': ('yi.example', 'g')}
POLICY = Policy(
    sources={
        name: Source(
            name=name,
            order=order,
            url=f'https://{host}/rss.xml',
            group=group,
            key=Key(param='infoCode', prefix='NW'),
            category=CategoryRule(origin='publisher'),
        )
        for order, (name, (host, group)) in enumerate(HOSTS.items())
    },
    authority='news.example.org,2026',
)


def carrier(seq: int, name: str, fields: dict[str, str]) -> Carrier:
    known = {key: fields.pop(key) for key in ('link', 'guid', 'code') if key in fields}
    clock, number = fields.pop('at', ''), int(fields.pop('round', seq))
    hours, _, minutes = clock.partition(':')
    at = DAY + timedelta(hours=int(hours), minutes=int(minutes)) if clock else None
    entry = Entry(title=fields.pop('title', f'第{seq}条'), published=Stated(clock, at, 480) if at else None, **known)
    assert not fields
    run = Run(0, number, number)
    return Carrier(seq=seq, source=name, url='', entry=entry, first_seen_at=DAY + timedelta(days=1), runs=(run,))


def drafts(cell: str) -> list[Draft]:
    closure = Closure([carrier(n, *item) for n, item in enumerate(items(cell), 1)], POLICY)
    found = derive(closure, closure.barren(frozenset()))
    return sorted(found, key=lambda d: sorted((*d.own, *d.others)))


@pytest.mark.parametrize(('came', 'said', 'why'), table_rows(PAGE, 'Who is one') + table_rows(PAGE, 'Who speaks'))
def test_who_is_one_and_who_speaks(came, said, why):
    assert why
    wanted = [re.fullmatch(r'([\d+]+)(?: “(.*)”)?', part).groups() for part in said.split(', ')]
    found = drafts(came)
    assert ['+'.join(map(str, sorted((*d.own, *d.others)))) for d in found] == [who for who, _ in wanted]
    assert all(title in (None, d.title) for d, (_, title) in zip(found, wanted, strict=True))


@pytest.mark.parametrize(('came', 'wanted'), table_rows(PAGE, 'What id comes of it'))
def test_ids(came, wanted):
    assert [d.natural_id for d in drafts(came)] == [wanted.strip('`')]
