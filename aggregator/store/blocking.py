"""What never comes back: keys of entries that were taken down, or that retention removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Literal

from sqlite_utils import Database

from aggregator.store.asking import ask, tell
from aggregator.store.codec import storable, to_us

Why = Literal['retention', 'takedown']

BLOCKED = """
SELECT key, source, reason FROM blocked WHERE key IN ({})
"""
# Rules change and give other keys to what was said: those of a carrier that was taken down count as blocked at once.
# Not so those of a stranger that merely carried it (2): they may name an entry of somebody else.
OF_TAKEN_DOWN = """
SELECT DISTINCT k.key, c.source, 'takedown' FROM keys k JOIN carriers c ON c.seq = k.carrier
WHERE c.taken_down = 1 AND k.key NOT IN (SELECT key FROM barren) AND k.key IN ({})
"""
BLOCK = """
INSERT INTO blocked (key, source, reason, at) VALUES (?, ?, ?, ?)
ON CONFLICT (key, source) DO UPDATE SET reason = excluded.reason, at = excluded.at
WHERE reason = 'retention' AND excluded.reason = 'takedown'
"""


def blocked(db: Database, keys: Iterable[str]) -> Mapping[str, Mapping[str, Why]]:
    """Those of the keys that are blocked: each with the sources that spoke then ('' is not known), and why it went."""
    asked = list(keys)
    found: dict[str, dict[str, Why]] = defaultdict(dict)
    for sql in (BLOCKED, OF_TAKEN_DOWN):
        for key, source, reason in ask(db, sql, asked):
            found[key][source] = reason
    return found


def block(db: Database, keys: Iterable[str], reason: Why, at: datetime, sources: Iterable[str] = ('',)) -> None:
    """The `sources` spoke for the entry that had the keys; '' is not known. Only a takedown replaces a reason."""
    tell(db, BLOCK, ((storable(key), source, reason, to_us(at)) for key, source in product(sorted(set(keys)), sources)))


def rename_blocked(db: Database, old: str, new: str) -> None:
    rows = db.execute('SELECT key, ?2, reason, at FROM blocked WHERE source = ?1', (old, new)).fetchall()
    tell(db, BLOCK, rows)
    db.execute('DELETE FROM blocked WHERE source = ?', (old,))
