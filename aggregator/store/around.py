"""What a person asks who wants to know why: all that is said about one entry, and how much each source brings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from aggregator.model import Carrier
from aggregator.store.carriers import CarrierWriting
from aggregator.store.codec import to_us
from aggregator.store.reading import number_of

PUBLISHED = """
SELECT c.source, count(DISTINCT e.n) FROM entries e
JOIN assigned a ON a.entry = e.n JOIN carriers c ON c.seq = a.carrier
WHERE e.dropped = 0 AND e.published_at > ?1 AND e.published_at <= ?2 GROUP BY c.source
"""


@dataclass(frozen=True, slots=True)
class Around:
    """An entry's carriers among all from which it was decided."""

    mine: frozenset[int]  # seqs of the carriers that are this entry
    carriers: tuple[Carrier, ...]  # these, and what a shared key leads to
    dropped: bool  # by a rule: in no feed


def around(db: Database, entry_id: str) -> Around | None:
    """Of an output id, or of one that a join folded into it; None where there is no such entry."""
    n = number_of(db, entry_id, dropped=True)
    if n is None:
        return None
    mine = frozenset(seq for (seq,) in db.execute('SELECT carrier FROM assigned WHERE entry = ?', (n,)))
    (dropped,) = db.execute('SELECT dropped FROM entries WHERE n = ?', (n,)).fetchone()
    return Around(mine, CarrierWriting(db).closure(mine), bool(dropped))


def barren_among(db: Database, keys: Iterable[str]) -> frozenset[str]:
    """Those of the scoped keys that name nothing."""
    return CarrierWriting(db).barren_of(keys)


def published_between(db: Database, after: datetime, until: datetime) -> dict[str, int]:
    """How many entries of that time each source carries; walks those entries and no others."""
    return dict(db.execute(PUBLISHED, (to_us(after), to_us(until))).fetchall())
