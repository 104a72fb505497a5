"""What never comes back: keys of entries that were taken down, or that retention removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from aggregator.store.asking import ask, tell
from aggregator.store.codec import storable, to_us

Why = Literal['retention', 'takedown']

# Rules change and give other keys to what was said: those of a carrier that was taken down count as blocked at once.
# Not so those of a stranger that merely carried it (2): they may name an entry of somebody else.
BLOCKED = """
SELECT key, reason FROM blocked WHERE key IN ({})
"""
OF_TAKEN_DOWN = """
SELECT DISTINCT k.key FROM keys k JOIN carriers c ON c.seq = k.carrier
WHERE c.taken_down = 1 AND k.key NOT IN (SELECT key FROM barren) AND k.key IN ({})
"""
RETIRED_KEYS = "SELECT key, source FROM blocked WHERE reason = 'retention' AND source <> '' AND key IN ({})"
REMOVED_IDS = "SELECT id, source FROM tombstones WHERE reason <> 'join' AND source <> '' AND id IN ({})"


def blocked(db: Database, keys: Iterable[str]) -> dict[str, str]:
    """Those of the keys that are blocked, with the reason."""
    asked = list(keys)
    found = dict(ask(db, BLOCKED, asked))
    return found | {key: 'takedown' for (key,) in ask(db, OF_TAKEN_DOWN, asked)}


def block(db: Database, keys: Iterable[str], reason: Why, at: datetime, source: str = '') -> None:
    """A takedown outranks retention; else the first reason stays. `source` spoke for the entry that had the keys."""
    tell(
        db,
        'INSERT INTO blocked (key, reason, at, source) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE'
        ' SET reason = excluded.reason, at = excluded.at, source = excluded.source'
        " WHERE reason = 'retention' AND excluded.reason = 'takedown'",
        ((storable(key), reason, to_us(at), source) for key in sorted(set(keys))),
    )


def removed(db: Database, keys: Iterable[str], ids: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Those of the keys that retention removed, and those of the output ids that were removed, by retention or by a
    person, each with the source that spoke then.
    """
    return dict(ask(db, RETIRED_KEYS, list(keys))), dict(ask(db, REMOVED_IDS, list(ids)))


def lift(db: Database, keys: Iterable[str], ids: Iterable[str]) -> None:
    """They may live again. A key that a person took down stays blocked."""
    tell(db, "DELETE FROM blocked WHERE key = ? AND reason = 'retention'", ((storable(key),) for key in sorted(keys)))
    tell(db, "DELETE FROM tombstones WHERE id = ? AND reason <> 'join'", ((storable(i),) for i in sorted(ids)))
