"""How things stand, in figures: sources by state, who is due, what waits to be published, pages of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

from aggregator.store.codec import from_us, to_us

# A source whose host asked us to wait is not due before; one that did well and has its time to come is resting.
SOURCES = """
WITH s AS (
    SELECT state, next_poll_at AS at, json_extract(memory, '$.last_success_at') AS success,
           coalesce(json_extract(memory, '$.failures'), 0) AS failures, NOT EXISTS (
        SELECT 1 FROM source_hosts w JOIN hosts h ON h.host = w.host WHERE w.source = name AND h.not_before > :now
    ) AS free
    FROM sources
)
SELECT state, count(*),
       count(*) FILTER (WHERE state <> 'retired' AND free AND at <= :now),
       count(*) FILTER (WHERE state <> 'retired' AND free AND at <= :late),
       min(at) FILTER (WHERE state <> 'retired' AND free AND at <= :now),
       count(*) FILTER (WHERE state <> 'retired' AND failures = 0 AND success IS NOT NULL AND at > :now),
       max(success)
FROM s GROUP BY state ORDER BY state
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Of one moment. `overdue` are those who were due before `now - late`; sizes in bytes, of the file alone."""

    states: Mapping[str, int] = field(default_factory=dict)  # sources by state
    due: int = 0
    overdue: int = 0
    due_since_at: datetime | None = None  # the longest due
    resting: int = 0  # did well at their last poll, and the next one is still to come
    last_success_at: datetime | None = None  # of any source
    unpublished: int = 0  # documents' categories that changed and were not rendered since
    database_bytes: int = 0
    free_bytes: int = 0  # of them, left by what was removed

    @property
    def active(self) -> int:
        """Sources that are polled."""
        return sum(n for state, n in self.states.items() if state != 'retired')


def standing(db: Database, now: datetime, late: timedelta) -> Standing:
    rows = db.execute(SOURCES, {'now': to_us(now), 'late': to_us(now - late)}).fetchall()
    since = min((row[4] for row in rows if row[4] is not None), default=None)
    success = max((row[6] for row in rows if row[6] is not None), default=None)
    database_bytes, free_bytes = sizes(db)
    return Standing(
        states={row[0]: row[1] for row in rows},
        due=sum(row[2] for row in rows),
        overdue=sum(row[3] for row in rows),
        due_since_at=None if since is None else from_us(since),
        resting=sum(row[5] for row in rows),
        last_success_at=None if success is None else datetime.fromisoformat(success),
        unpublished=db.execute('SELECT count(*) FROM dirty').fetchone()[0],
        database_bytes=database_bytes,
        free_bytes=free_bytes,
    )


def sizes(db: Database) -> tuple[int, int]:
    """Bytes of the file, and of them those that what was removed has left."""
    page, pages, free = (_pragma(db, name) for name in ('page_size', 'page_count', 'freelist_count'))
    return page * pages, page * free


def give_back(db: Database, pages: int) -> int:
    """Return at most so many empty pages at the end of the file to the disk; how many are left.

    Nothing happens in a file that was not made for it (sqlite.org/pragma.html#pragma_auto_vacuum).
    """
    if _pragma(db, 'auto_vacuum') != 2:  # noqa: PLR2004  # INCREMENTAL
        return 0
    for _ in range(min(pages, _pragma(db, 'freelist_count'))):
        db.execute('PRAGMA incremental_vacuum(1)')  # sqlite3 steps it once only, whatever number stands there
    return _pragma(db, 'freelist_count')


def _pragma(db: Database, name: str) -> int:
    found: int = db.execute(f'PRAGMA {name}').fetchone()[0]
    return found
