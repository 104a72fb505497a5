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
BLOCKED = """
SELECT key, reason FROM blocked WHERE key IN ({})
"""
OF_TAKEN_DOWN = """
SELECT DISTINCT k.key FROM keys k JOIN carriers c ON c.seq = k.carrier
WHERE c.taken_down = 1 AND k.key NOT IN (SELECT key FROM barren) AND k.key IN ({})
"""


def blocked(db: Database, keys: Iterable[str]) -> dict[str, str]:
    """Those of the keys that are blocked, with the reason."""
    asked = list(keys)
    found = dict(ask(db, BLOCKED, asked))
    return found | {key: 'takedown' for (key,) in ask(db, OF_TAKEN_DOWN, asked)}


def block(db: Database, keys: Iterable[str], reason: Why, at: datetime) -> None:
    """A takedown outranks retention; else the first reason stays."""
    tell(
        db,
        'INSERT INTO blocked (key, reason, at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE'
        " SET reason = excluded.reason, at = excluded.at WHERE reason = 'retention' AND excluded.reason = 'takedown'",
        ((storable(key), reason, to_us(at)) for key in sorted(set(keys))),
    )
