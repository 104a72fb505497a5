"""A source leaves, or goes on under another name: all that bears its name in the tables follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from aggregator.model import Source, SourceState
from aggregator.store.asking import Part, numbers, tell
from aggregator.store.blocking import rename_blocked
from aggregator.store.categories import mark_entries
from aggregator.store.codec import to_us
from aggregator.store.rounds import ROW, RoundWriting, rows
from aggregator.store.sources import SourceWriting, meta, sources
from aggregator.store.tombstones import lay_tombstones

PURGED = 'purged '  # the keys in `meta` that say when the entries of a source were taken away

TOUCHED = """
SELECT DISTINCT a.entry, EXISTS (
    SELECT 1 FROM assigned b JOIN carriers d ON d.seq = b.carrier WHERE b.entry = a.entry AND d.source <> ?1
)
FROM assigned a JOIN carriers c ON c.seq = a.carrier WHERE c.source = ?1 ORDER BY a.entry
"""


class Purging(Part):
    """Part of Writer."""

    __slots__ = ()

    def each_source(self) -> Iterator[SourceState]:
        """By name, as within this transaction. To be gone through before anything is written."""
        return sources(self._db)

    def each_row(self) -> Iterator[Source]:
        """Every source that ever stood in feeds.yml; as above."""
        return rows(self._db)

    def rename_source(self, old: str, new: str) -> None:
        """Its memory, rounds, details, row and carriers go on under the new name.

        Keys and entries may hold the old one still: the caller decides them again. Raises ValueError where the new name
        has said something already.
        """
        db = self._db
        if db.execute('SELECT 1 FROM carriers WHERE source = ? LIMIT 1', (new,)).fetchone():
            raise ValueError(f'{new!r} has carriers of its own')
        state, row = SourceWriting(db).source(old), next((row for row in rows(db) if row.name == old), None)
        for table in ('carriers', 'categories', 'tombstone_speakers'):
            db.execute(f'UPDATE OR REPLACE {table} SET source = ? WHERE source = ?', (new, old))  # noqa: S608  # ours
        rename_blocked(db, old, new)
        db.execute(
            "UPDATE polls SET source = ?1, report = json_set(report, '$.source', ?1) WHERE source = ?2", (new, old)
        )
        db.execute('UPDATE OR REPLACE details SET source = ? WHERE source = ?', (new, old))
        db.execute('UPDATE OR REPLACE marks SET source = ? WHERE source = ?', (new, old))
        db.execute('UPDATE OR REPLACE answers SET source = ? WHERE source = ?', (new, old))
        db.execute('DELETE FROM sources WHERE name = ?', (old,))
        db.execute('DELETE FROM meta WHERE key = ?', (ROW + old,))
        if state is not None:
            SourceWriting(db).save_source(replace(state, name=new))
        if row is not None:
            RoundWriting(db).save_row(replace(row, name=new))

    def purge_source(self, name: str, at: datetime) -> int:
        """Takes away all that this source said; how many entries that only it carried went.

        They leave tombstones; their keys are not blocked, so whoever else tells the same later is heard. Entries that
        others carry too stay, for the caller to decide again. What was taken down stays known.
        """
        db = self._db
        touched = db.execute(TOUCHED, (name,)).fetchall()
        alone = numbers(n for n, others in touched if not others)
        mark_entries(db, numbers(n for n, _ in touched))
        at_us = _own_instant(db, to_us(at))
        lay_tombstones(db, alone, 'retention', at_us)
        db.execute('DELETE FROM entries WHERE n IN (SELECT value FROM json_each(?))', (alone,))
        db.execute('DELETE FROM carriers WHERE source = ? AND taken_down = 0', (name,))
        SourceWriting(db).forget_source(name)
        SourceWriting(db).set_meta(PURGED + name, str(at_us))
        if not db.execute('SELECT 1 FROM carriers WHERE source = ? LIMIT 1', (name,)).fetchone():
            db.execute('DELETE FROM meta WHERE key = ?', (ROW + name,))
        return sum(not others for _, others in touched)

    def welcome_back(self, name: str) -> None:
        """A source that was purged stands in feeds.yml again: what it tells may live again under its old ids."""
        at_us = meta(self._db, PURGED + name)
        if at_us is not None:
            tell(self._db, "DELETE FROM tombstones WHERE reason = 'retention' AND at = ?", [(int(at_us),)])
            tell(self._db, 'DELETE FROM meta WHERE key = ?', [(PURGED + name,)])


def _own_instant(db: Database, at_us: int) -> int:
    """An instant that no other tombstone has, so that those of one purge can be found again."""
    while db.execute('SELECT 1 FROM tombstones WHERE at = ?', (at_us,)).fetchone():
        at_us += 1
    return at_us
