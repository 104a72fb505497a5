"""What was remembered of entries and sources is void: told once, in order, so that whoever remembers them can ask.

A publisher keeps fragments, dates and names in memory between two rounds. Nobody knows who remembers what, so every
change leaves a line, by a trigger where a row changes; the last few thousand lines are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlite_utils import Database

from aggregator.store.asking import tell

LINES = 4096  # that are kept; whoever has missed more starts anew

SINCE = 'SELECT change, entry, source FROM voided WHERE change >= ? ORDER BY change LIMIT ?'
FORGET = 'DELETE FROM voided WHERE change < (SELECT max(change) FROM voided) - ?'


@dataclass(frozen=True, slots=True)
class Voided:
    """What has changed up to `change`."""

    change: int
    entries: frozenset[int] = field(default=frozenset())
    sources: frozenset[str] = field(default=frozenset())
    everything: bool = False  # nobody knows any more what it was, or it was all sources


def voided(db: Database, since: int | None) -> Voided:
    """What has changed after that; all of it where somebody begins (None), or comes too late."""
    rows = db.conn.execute(SINCE, (since, LINES + 2)).fetchall() if since is not None else []
    if not rows or len(rows) > LINES + 1 or rows[0][0] != since:
        return Voided(newest(db), everything=True)
    return Voided(
        change=rows[-1][0],
        entries=frozenset(entry for _, entry, _ in rows[1:] if entry is not None),
        sources=frozenset(source for _, entry, source in rows[1:] if entry is None),
        everything=any(source == '' for _, _, source in rows[1:]),
    )


def newest(db: Database) -> int:
    change: int = db.conn.execute('SELECT max(change) FROM voided').fetchone()[0]
    return change


def void_entries(db: Database, ns: Iterable[int]) -> None:
    """For whoever adds rows to what an entry is made of: a trigger there would be paid for by every new entry."""
    tell(db, 'INSERT INTO voided (entry) VALUES (?)', ((n,) for n in ns))


def void_source(db: Database, source: str) -> None:
    """Of this source, or of all ('')."""
    db.conn.execute('INSERT INTO voided (source) VALUES (?)', (source,))


def forget_lines(db: Database) -> None:
    db.conn.execute(FORGET, (LINES,))
