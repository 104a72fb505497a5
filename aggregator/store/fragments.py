"""Entries as they stand in documents, kept so that each is rendered once: when it is new, revised, or shown otherwise.

    newest of a feed | their outlines | what is kept | render the rest | keep it

A fragment lives as long as nothing that its entry is made of changes (voiding.py). Rendering takes time, and an entry
may change meanwhile: what was rendered is kept only where nothing was told of its entry since before that was read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlite_utils import Database

from aggregator.model import StoredEntry
from aggregator.store.asking import Part, ask, numbers, tell
from aggregator.store.codec import from_us
from aggregator.store.voiding import forget_lines

OUTLINES = """
SELECT e.n, e.id, e.identity, e.rule, e.published_at, e.updated_at, coalesce(c.source, '')
FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq
WHERE e.n IN (SELECT value FROM json_each(?))
"""
KEPT = """
SELECT entry, format, made_with, body FROM fragments
WHERE body IS NOT NULL AND entry IN (SELECT value FROM json_each(?))
"""
KEPT_BY_ID = """
SELECT e.id, f.format, f.made_with, f.body FROM entries e JOIN fragments f ON f.entry = e.n
WHERE f.body IS NOT NULL AND e.id IN ({})
"""
KEEP = """
INSERT INTO fragments (entry, format, made_with, body) SELECT n, ?2, ?3, ?4 FROM entries WHERE n = ?1
ON CONFLICT (entry, format) DO UPDATE SET made_with = excluded.made_with, body = excluded.body
"""
CHANGED = 'SELECT DISTINCT entry FROM voided WHERE change > ? AND entry IS NOT NULL'
FORGET = """
DELETE FROM fragments WHERE entry = ?1 AND (?2 OR NOT EXISTS (SELECT 1 FROM entry_categories WHERE entry = ?1))
"""


class Place(NamedTuple):
    """Where a fragment belongs. `made_with` is a digest of all but the entry that it is made of."""

    entry: int  # its n
    format: str
    made_with: str


Bodies = Mapping[str, tuple[str, bytes]]
"""Of one entry: made_with and fragment, by format."""


class FragmentWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def keep_fragments(self, made: Iterable[tuple[Place, bytes]], since: int) -> None:
        """What was made of entries that were read at this change or later, where they are still as they were then."""
        changed = {n for (n,) in self._db.execute(CHANGED, (since,))}
        tell(self._db, KEEP, ((*place, body) for place, body in made if place.entry not in changed))
        forget_lines(self._db)

    def forget_fragments(self, ns: Iterable[int], *, of_a_category: bool) -> None:
        """Of entries that stand in a feed no longer. Those that left the feed of everything may stand in others."""
        tell(self._db, FORGET, ((n, of_a_category) for n in ns))


def fragments(db: Database, ns: Iterable[int]) -> dict[int, Bodies]:
    """All that is kept of these entries; one of which nothing is kept is not in the answer."""
    found: dict[int, dict[str, tuple[str, bytes]]] = defaultdict(dict)
    for n, name, made_with, body in db.execute(KEPT, (numbers(ns),)):
        found[n][name] = made_with, body
    return dict(found)


def fragments_by_id(db: Database, ids: Iterable[str]) -> dict[str, Bodies]:
    """The same by output id."""
    found: dict[str, dict[str, tuple[str, bytes]]] = defaultdict(dict)
    for entry_id, name, made_with, body in ask(db, KEPT_BY_ID, ids):
        found[entry_id][name] = made_with, body
    return dict(found)


def outlines(db: Database, ns: Iterable[int]) -> dict[int, StoredEntry]:
    """Of these entries as much as a feed must know to choose: ids, dates and sources."""
    return {
        n: StoredEntry(
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
        for n, entry_id, identity, rule, published_at, updated_at, source in db.execute(OUTLINES, (numbers(ns),))
    }
