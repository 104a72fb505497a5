"""Entries as they are published, put together from the tables in four statements however many there are."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from aggregator.model import CarrierView, Person, Stated, StoredEntry
from aggregator.store.asking import chunks, numbers
from aggregator.store.carriers import entry_of
from aggregator.store.codec import decode, from_json, from_us

LOADED = 200  # entries with their texts in memory at once while all are streamed

ENTRIES = """
SELECT e.n, e.id, e.identity, e.rule, e.title, e.link, e.publisher, e.authors, e.published_at, e.updated_at,
       e.offset_min, e.fingerprint, e.revision,
       coalesce(c.source, ''), coalesce(c.said, '{}'), coalesce(c.summary, ''), coalesce(c.content, '')
FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq
WHERE e.n IN (SELECT value FROM json_each(?))
"""
CARRIERS = """
SELECT a.entry, a.own, c.source, c.said FROM assigned a JOIN carriers c ON c.seq = a.carrier
WHERE a.entry IN (SELECT value FROM json_each(?)) ORDER BY a.entry, c.seq
"""
LABELS = """
SELECT x.entry, k.label, k.slug FROM entry_categories x JOIN categories k ON k.n = x.category
WHERE x.entry IN (SELECT value FROM json_each(?)) ORDER BY x.entry, k.label
"""
REPLACES = """
SELECT e.n, t.id FROM entries e JOIN tombstones t ON t.into_id = e.id
WHERE e.n IN (SELECT value FROM json_each(?)) AND t.reason = 'join' ORDER BY e.n, t.id
"""
# A person asks rarely: the links are looked through, an index of them would be paid for by every round.
BY_KEY = """
SELECT e.n FROM keys k JOIN assigned a ON a.carrier = k.carrier JOIN entries e ON e.n = a.entry
WHERE k.key IN (?1, 'url:' || ?2) AND e.dropped = 0
UNION ALL SELECT n FROM entries WHERE link = ?2 AND dropped = 0
UNION ALL SELECT e.n FROM carriers c JOIN assigned a ON a.carrier = c.seq JOIN entries e ON e.n = a.entry
WHERE ?2 IN (json_extract(c.said, '$.link'), json_extract(c.said, '$.guid')) AND e.dropped = 0
LIMIT 1
"""

# One row, in the order of the inner statement: each row more lets go of the interpreter, and takes it up again.
AS_ONE = 'SELECT json_group_array(n) FROM ({} LIMIT ? OFFSET ?)'


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What became of a published id: folded `into_id` by a join, or removed, where `into_id` is ''."""

    id: str
    into_id: str
    reason: str  # 'join', 'retention' or 'takedown'
    at: datetime


class _Around(NamedTuple):
    """What hangs on the entries of one load, by n."""

    carriers: dict[int, list[tuple[bool, str, dict[str, Any]]]]
    labels: dict[int, list[tuple[str, str]]]
    replaces: dict[int, list[str]]


def load_entries(db: Database, ns: Iterable[int]) -> dict[int, StoredEntry]:
    """Complete entries by n, dropped ones too; a dropped entry has no labels."""
    wanted = numbers(ns)
    around = _around(db, wanted)
    return {row[0]: _entry(row, around) for row in db.execute(ENTRIES, (wanted,))}


def in_feed(db: Database, label: str | None, limit: int, offset: int, *, newest_first: bool) -> list[StoredEntry]:
    """Of one category, or of all (None): published_at descending, then id ascending; or just the other way round."""
    ns = in_order(db, label, limit, offset, newest_first=newest_first)
    found = load_entries(db, ns)
    return [found[n] for n in ns]


def all_in_order(db: Database, *, dropped: bool) -> Iterator[StoredEntry]:
    """Newest first, a few in memory at a time. The caller holds a transaction, so that all are of one moment."""
    which = '' if dropped else 'WHERE dropped = 0'
    rows = db.execute(f'SELECT n FROM entries {which} ORDER BY published_at DESC, id')  # noqa: S608  # two constants
    ns = array('q', (n for (n,) in rows))
    for chunk in chunks(ns, LOADED):
        found = load_entries(db, chunk)
        yield from (found[n] for n in chunk)


def entry_by_id(db: Database, entry_id: str, *, dropped: bool) -> StoredEntry | None:
    """The entry that has this id, or into which a join folded it."""
    n = number_of(db, entry_id, dropped=dropped)
    return None if n is None else load_entries(db, [n])[n]


def number_of(db: Database, entry_id: str, *, dropped: bool) -> int | None:
    row = db.execute(
        'SELECT n FROM entries WHERE dropped <= ?2 AND'
        " (id = ?1 OR id = (SELECT into_id FROM tombstones WHERE id = ?1 AND reason = 'join'))",
        (entry_id, int(dropped)),
    ).fetchone()
    return row[0] if row else None


def entry_by_key(db: Database, wanted: str) -> StoredEntry | None:
    """The entry that a person means by a code (in any case) or a link: its own, or that of a carrier."""
    row = db.execute(BY_KEY, (f'code:{wanted.upper()}', wanted)).fetchone()
    return load_entries(db, [row[0]])[row[0]] if row else None


def tombstone(db: Database, entry_id: str) -> Tombstone | None:
    row = db.execute('SELECT id, into_id, reason, at FROM tombstones WHERE id = ?', (entry_id,)).fetchone()
    return Tombstone(row[0], row[1], row[2], from_us(row[3])) if row else None


def in_order(db: Database, label: str | None, limit: int, offset: int, *, newest_first: bool) -> Sequence[int]:
    way = 'published_at DESC, id' if newest_first else 'published_at, id DESC'
    start: tuple[str, ...] = ()
    if label is None:
        sql = f'SELECT n FROM entries WHERE dropped = 0 ORDER BY {way}'  # noqa: S608  # constants
    else:
        category = 'SELECT n FROM categories WHERE label = ?'
        sql = f'SELECT entry AS n FROM entry_categories WHERE category = ({category}) ORDER BY {way}'  # noqa: S608  # too
        start = (label,)
    found: list[int] = from_json(db.execute(AS_ONE.format(sql), (*start, limit, offset)).fetchone()[0])
    return found


def _around(db: Database, wanted: str) -> _Around:
    around = _Around(defaultdict(list), defaultdict(list), defaultdict(list))
    for n, own, source, said in db.execute(CARRIERS, (wanted,)):
        around.carriers[n].append((bool(own), source, from_json(said)))
    for n, label, slug in db.execute(LABELS, (wanted,)):
        around.labels[n].append((label, slug))
    for n, replaced in db.execute(REPLACES, (wanted,)):
        around.replaces[n].append(replaced)
    return around


def _entry(row: tuple[Any, ...], around: _Around) -> StoredEntry:
    n, entry_id, identity, rule, title, link, publisher, authors, published_at, updated_at, *rest = row
    offset_min, fingerprint, revision, source, said, summary, content = rest
    text = entry_of(said, summary, content)
    labels = around.labels.get(n, ())
    return StoredEntry(
        id=entry_id,
        identity=identity,
        rule=rule,
        title=title,
        link=link,
        publisher=publisher,
        authors=tuple(decode(Person, one) for one in from_json(authors)),
        published_at=from_us(published_at),
        updated_at=from_us(updated_at),
        offset_min=offset_min,
        summary=text.summary,
        content=text.content,
        labels=tuple(label for label, _ in labels),
        slugs=tuple(slug for _, slug in labels),
        enclosures=text.enclosures,
        image=text.image,
        language=text.language,
        rights=text.rights,
        guid=text.guid,
        source=source,
        origin=text.origin,
        carriers=_views(around.carriers.get(n, ())),
        replaces=tuple(around.replaces.get(n, ())),
        fingerprint=fingerprint,
        revision=revision,
    )


def _views(carriers: Iterable[tuple[bool, str, dict[str, Any]]]) -> tuple[CarrierView, ...]:
    """One for each source, link and guid, whatever the number of versions. In an order that arrival does not change."""
    views: dict[tuple[bool, str, str, str], datetime | None] = {}
    for own, source, said in carriers:
        key = (not own, source, said.get('link', ''), said.get('guid', ''))
        views[key] = _earliest(views.get(key), decode(Stated, said.get('published') or {'raw': ''}).at)
    return tuple(
        CarrierView(source=source, url=link, guid=guid, published_at=at, own=not other)
        for (other, source, link, guid), at in sorted(views.items(), key=lambda item: item[0])
    )


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    stated = [at for at in (one, other) if at is not None]
    return min(stated, default=None)
