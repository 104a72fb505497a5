"""What never comes back: keys of entries that were taken down, or that retention removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Literal

from sqlite_utils import Database

from aggregator.store.asking import ask, tell
from aggregator.store.codec import storable, to_us
from aggregator.store.tombstones import in_sets

Why = Literal['retention', 'takedown']

# Rules change and give other keys to what was said: those of a carrier that was taken down count as blocked at once.
# Not so those of a stranger that merely carried it (2): they may name an entry of somebody else.
BLOCKED = """
SELECT key, max(reason) FROM blocked WHERE key IN ({}) GROUP BY key
"""
OF_TAKEN_DOWN = """
SELECT DISTINCT k.key FROM keys k JOIN carriers c ON c.seq = k.carrier
WHERE c.taken_down = 1 AND k.key NOT IN (SELECT key FROM barren) AND k.key IN ({})
"""
RETIRED_KEYS = """
SELECT key, source FROM blocked WHERE key IN ({}) AND key NOT IN (
    SELECT key FROM blocked other WHERE other.key = blocked.key AND (other.reason = 'takedown' OR other.source = '')
)
"""
BLOCK = """
INSERT INTO blocked (key, source, reason, at) VALUES (?, ?, ?, ?)
ON CONFLICT (key, source) DO UPDATE SET reason = excluded.reason, at = excluded.at
WHERE reason = 'retention' AND excluded.reason = 'takedown'
"""


def blocked(db: Database, keys: Iterable[str]) -> dict[str, str]:
    """Those of the keys that are blocked, with the reason; a takedown outranks retention."""
    asked = list(keys)
    found = dict(ask(db, BLOCKED, asked))
    return found | {key: 'takedown' for (key,) in ask(db, OF_TAKEN_DOWN, asked)}


def block(db: Database, keys: Iterable[str], reason: Why, at: datetime, sources: Iterable[str] = ('',)) -> None:
    """The `sources` spoke for the entry that had the keys; '' is not known. Only a takedown replaces a reason."""
    tell(db, BLOCK, ((storable(key), source, reason, to_us(at)) for key, source in product(sorted(set(keys)), sources)))


def retired_keys(db: Database, keys: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Those of the keys that retention removed and nobody took down, with all sources that spoke then, where known."""
    return in_sets(ask(db, RETIRED_KEYS, list(keys)))


def lift_keys(db: Database, keys: Iterable[str]) -> None:
    """They may live again. A key that a person took down stays blocked."""
    tell(db, "DELETE FROM blocked WHERE key = ? AND reason = 'retention'", ((storable(key),) for key in sorted(keys)))


def rename_blocked(db: Database, old: str, new: str) -> None:
    rows = db.execute('SELECT key, ?2, reason, at FROM blocked WHERE source = ?1', (old, new)).fetchall()
    tell(db, BLOCK, rows)
    db.execute('DELETE FROM blocked WHERE source = ?', (old,))
