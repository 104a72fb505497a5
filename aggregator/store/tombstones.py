"""What became of published ids: tombstones, and which sources had spoken for the entries that are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from aggregator.store.asking import ask, tell
from aggregator.store.codec import storable

# The entries of these `n`, and what was folded into them.
SPOKE = """
SELECT DISTINCT e.id, c.source FROM entries e
JOIN assigned a ON a.entry = e.n AND a.own = 1 JOIN carriers c ON c.seq = a.carrier
WHERE e.n IN (SELECT value FROM json_each(?1))
UNION SELECT t.id, c.source FROM entries e JOIN tombstones t ON t.into_id = e.id
JOIN assigned a ON a.entry = e.n AND a.own = 1 JOIN carriers c ON c.seq = a.carrier
WHERE e.n IN (SELECT value FROM json_each(?1)) AND t.id NOT IN (SELECT id FROM tombstone_speakers)
"""
LAID = """
INSERT INTO tombstones (id, into_id, reason, at)
SELECT id, '', ?2, ?3 FROM entries WHERE n IN (SELECT value FROM json_each(?1))
UNION SELECT t.id, '', ?2, ?3 FROM tombstones t JOIN entries e ON e.id = t.into_id
WHERE e.n IN (SELECT value FROM json_each(?1))
ON CONFLICT (id) DO UPDATE SET into_id = excluded.into_id, reason = excluded.reason, at = excluded.at
"""
REMOVED = """
SELECT s.id, s.source FROM tombstone_speakers s JOIN tombstones t ON t.id = s.id
WHERE t.reason <> 'join' AND t.id IN ({})
"""
FOLDED = """
SELECT s.id, s.source FROM tombstone_speakers s JOIN tombstones t ON t.id = s.id
WHERE t.reason = 'join' AND t.id IN ({})
"""


def lay_tombstones(db: Database, ns: str, reason: str, at_us: int) -> None:
    """For the entries of these `n` (a JSON list), before they go, and for the ids that led to them.

    Whose an id was before a join is remembered, whoever spoke for the entry later.
    """
    spoke = db.execute(SPOKE, (ns,)).fetchall()
    db.execute(LAID, (ns, reason, at_us))
    add_speakers(db, spoke)


def add_speakers(db: Database, rows: Iterable[tuple[str, str]]) -> None:
    """`rows` are ids of tombstones, each with a source that spoke for the entry."""
    tell(db, 'INSERT OR IGNORE INTO tombstone_speakers (id, source) VALUES (?, ?)', rows)


def removed_ids(db: Database, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Those of the ids that were removed, by retention or by a person, with the sources that spoke then.

    One of which that is not known is not in the answer.
    """
    return in_sets(ask(db, REMOVED, ids))


def folded_ids(db: Database, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Those of the ids that were folded into an entry, with the sources that spoke until then; as above."""
    return in_sets(ask(db, FOLDED, ids))


def lift_ids(db: Database, ids: Iterable[str]) -> None:
    tell(db, "DELETE FROM tombstones WHERE id = ? AND reason <> 'join'", ((storable(i),) for i in sorted(ids)))


def in_sets(rows: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, source in rows:
        found[name].add(source)
    return {name: frozenset(sources) for name, sources in found.items()}
