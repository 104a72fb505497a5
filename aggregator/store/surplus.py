"""What retention may let go: entries too old or too many, except those that a source still lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from aggregator.store.asking import ask
from aggregator.store.codec import to_us

# A source whose last round listed one of its carriers still lists an entry, and would only bring it back. One that is
# retired lists nothing any more, and a stranger that merely carries it cannot bring it back.
LISTED = """
EXISTS (
    SELECT 1 FROM assigned a
    JOIN carriers c ON c.seq = a.carrier
    JOIN sources s ON s.name = c.source AND s.state <> 'retired'
    JOIN runs r ON r.carrier = c.seq AND r.last >= coalesce(json_extract(s.memory, '$.rounds'), 0)
    WHERE a.entry = e.n AND a.own = 1
)
"""
# An entry counts for the source whose text it shows.
SURPLUS = f"""
WITH ranked AS (
    SELECT e.n, e.id, e.published_at, row_number() OVER (
        PARTITION BY c.source ORDER BY e.published_at DESC, e.id
    ) AS place
    FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq
)
SELECT id FROM ranked e WHERE (published_at < ?1 OR place > ?2) AND NOT {LISTED}
ORDER BY published_at, id
"""  # noqa: S608  # constants
UNLISTED = f'SELECT e.id FROM entries e WHERE e.id IN ({{}}) AND NOT {LISTED}'  # noqa: S608  # constants


def surplus_entries(db: Database, *, older_than: datetime, per_source: int) -> list[str]:
    """Output ids, oldest first."""
    return [entry_id for (entry_id,) in db.execute(SURPLUS, (to_us(older_than), per_source))]


def unlisted(db: Database, ids: Iterable[str]) -> list[str]:
    """Those of the entries that no source lists now."""
    return [entry_id for (entry_id,) in ask(db, UNLISTED, ids)]
