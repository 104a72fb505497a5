"""Entries as they stand in documents, kept so that each is rendered once: when it is new, revised, or shown otherwise.

    outline of a feed | what is kept | claim the rest | render it | keep it

A fragment lives as long as nothing that its entry is made of changes: triggers see to that (schema.py). Rendering takes
time, and an entry may change meanwhile. So a place is claimed before the entry is read, the triggers take claims away
too, and a body is only put where the claim still stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlite_utils import Database

from aggregator.model import StoredEntry
from aggregator.store.asking import Part, ask, numbers, tell
from aggregator.store.codec import from_us, storable
from aggregator.store.reading import in_order

OUTLINES = """
SELECT e.id, e.identity, e.rule, e.published_at, e.updated_at, coalesce(c.source, '')
FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq JOIN json_each(?) wanted ON wanted.value = e.n
ORDER BY wanted.key
"""
KEPT = """
SELECT e.id, f.format, f.made_with, f.body FROM entries e JOIN fragments f ON f.entry = e.n
WHERE f.body IS NOT NULL AND e.id IN ({})
"""
CLAIM = """
INSERT INTO fragments (entry, format, made_with) SELECT n, ?2, ?3 FROM entries WHERE id = ?1
ON CONFLICT (entry, format) DO UPDATE SET made_with = excluded.made_with, body = NULL
"""
KEEP = """
UPDATE fragments SET body = ?4
WHERE entry = (SELECT n FROM entries WHERE id = ?1) AND format = ?2 AND made_with = ?3 AND body IS NULL
"""
FORGET = """
DELETE FROM fragments WHERE entry IN (
    SELECT n FROM entries WHERE id = ?1 AND (?2 OR NOT EXISTS (SELECT 1 FROM entry_categories WHERE entry = n))
)
"""


class Place(NamedTuple):
    """Where a fragment belongs. `made_with` is a digest of all but the entry that it is made of."""

    id: str
    format: str
    made_with: str


class FragmentWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def claim_fragments(self, places: Iterable[Place]) -> None:
        """Before the entries are read from which these will be made. What is kept there is forgotten."""
        tell(self._db, CLAIM, ((storable(p.id), p.format, p.made_with) for p in places))

    def keep_fragments(self, made: Iterable[tuple[Place, bytes]]) -> None:
        """Those whose claims still stand."""
        tell(self._db, KEEP, ((storable(p.id), p.format, p.made_with, body) for p, body in made))

    def forget_fragments(self, ids: Iterable[str], *, of_a_category: bool) -> None:
        """Of entries that stand in a feed no longer. Those that left the feed of everything may stand in others."""
        tell(self._db, FORGET, ((storable(entry_id), of_a_category) for entry_id in ids))


def fragments(db: Database, ids: Iterable[str]) -> dict[Place, bytes]:
    """All that is kept of these entries."""
    return {Place(entry_id, name, made_with): body for entry_id, name, made_with, body in ask(db, KEPT, ids)}


def outlines(db: Database, label: str | None, limit: int) -> list[StoredEntry]:
    """The newest of a category, or of all (None), as far as a feed must know them to choose: ids, dates and sources."""
    ns = in_order(db, label, limit, 0, newest_first=True)
    rows = db.execute(OUTLINES, (numbers(ns),))
    return [
        StoredEntry(
            id=entry_id,
            identity=identity,
            rule=rule,
            title='',
            link='',
            publisher='',
            published_at=from_us(published_at),
            updated_at=from_us(updated_at),
            source=source,
        )
        for entry_id, identity, rule, published_at, updated_at, source in rows
    ]
