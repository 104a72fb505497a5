"""Rounds of a few sources that say little and often the same, and two ways to record them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from aggregator.model import CategoryRule, Entry, Item, Key, Match, Policy, Rule, Source, Stated
from aggregator.poll.gather import Page
from aggregator.poll.record import record
from aggregator.poll.settle import key_new, settle
from aggregator.rules.identity import digests_of
from aggregator.store import Store, Writer

NOON = datetime(2026, 4, 12, 4, tzinfo=UTC)
KEY = Key(param='infoCode')
OPEN = CategoryRule(origin='publisher')


def _source(name: str, order: int, **more: Any) -> Source:
    return Source(name=name, order=order, url=f'https://{name}.example/rss', key=KEY, **more)


SOURCES = (
    _source('a', 0, group='g', category=OPEN),
    _source('b', 1, group='g', category=CategoryRule(labels=('固定',))),
    _source('c', 2, category=OPEN),
)
POLICY = Policy(
    sources={s.name: s for s in SOURCES},
    authority='news.example.org,2026',
    rules=(Rule(when=Match('title', '丙'), drop=True), Rule(when=Match('text', '二'), add=('二',))),
    max_revisions=3,
)

LINKS = [
    '',
    'https://a.example/1',
    'https://a.example/2',
    'https://c.example/?infoCode=C1',
    'https://m.c.example/?infoCode=c2',
]
DATES = st.one_of(st.none(), st.integers(0, 3).map(lambda n: Stated(f'{n}', NOON + timedelta(minutes=n), 480)))
ENTRIES = st.builds(
    Entry,
    title=st.sampled_from(['甲', '乙', '丙', '\ud800']),
    link=st.sampled_from(LINKS),
    guid=st.sampled_from(['', 'g1', 'g2', 'https://a.example/1', 'https://a.example/rss']),
    published=DATES,
    content=st.sampled_from(['', '<p>一</p>', '<p>二 B</p>', 'x\udfff']),
    summary=st.sampled_from(['', '短']),
    publisher=st.sampled_from(['', '甲报']),
)  # fmt: skip
PAGES = st.lists(st.one_of(st.none(), st.lists(ENTRIES, max_size=4)), min_size=1, max_size=2)
ROUNDS = st.lists(st.tuples(st.sampled_from(SOURCES), PAGES), max_size=6)


def pages_of(said: list[list[Entry] | None]) -> list[Page]:
    """Pages as a visit gives them; None is one that is as it was."""
    pages = []
    for number, entries in enumerate(said):
        items = None if entries is None else tuple(Item(url='u', index=n, entry=e) for n, e in enumerate(entries))
        pages.append(Page(number, items, digests_of(entries or [])))
    return pages


def at(turn: int) -> datetime:
    return NOON + timedelta(hours=1, minutes=turn)


def as_rounds_do(writer: Writer, source: Source, turn: int, pages: list[Page], policy: Policy = POLICY) -> None:
    record(writer, source, turn, pages, policy, at(turn))


def step_by_step(writer: Writer, source: Source, turn: int, pages: list[Page]) -> None:
    """Nothing at hand: every carrier is written by itself, and all are read again before each decision."""
    known = writer.known(source.name, [d for page in pages for d in page.digests])
    new, listed = set(), {}
    for page in pages:
        seqs = writer.listed(source.name, turn - 1, page.number) if page.items is None else []
        for item, digest in zip(page.items or (), page.digests, strict=True):
            if digest not in known:
                known[digest] = writer.add_carrier(source.name, digest, item.url, item.entry, at(turn))
                new.add(known[digest])
            seqs.append(known[digest])
        listed[page.number] = seqs
    started = writer.list_round(source.name, turn, listed)
    key_new(writer, sorted(new), POLICY)
    outlived = writer.outlived(source.name, turn, [seq for seqs in listed.values() for seq in seqs])
    settle(writer, new | started | outlived, POLICY, at(turn))


def rows_of(store: Store) -> dict[str, list[Any]]:
    """Everything that is stored; of the index of words what it was told, not how FTS5 keeps it."""
    with store.writing() as writer:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        names = [n for (n,) in writer._db.execute(asked) if not n.startswith(('_', 'words_'))]
        return {name: sorted(writer._db.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}
