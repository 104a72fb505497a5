"""Retention: when to look for what may go, and how old is too old. What a source still lists is for the store to know.

A clock that is wrong by years must not empty the house. So nothing is removed at a time that comes as a surprise: after
a gap the time is only noted, and a day later, when the clock still agrees with itself, the removal goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from aggregator.model import Retention

EVERY = timedelta(days=1)
SURPRISE = timedelta(days=7)  # since the last look; beyond it the machine slept, or the clock has jumped

Due = Literal['wait', 'note', 'prune']


def due(last_looked_at: datetime | None, now: datetime) -> Due:
    """'note': remember `now` and remove nothing. 'prune': remove, then remember `now`."""
    if last_looked_at is None or not timedelta(0) <= now - last_looked_at <= SURPRISE:
        return 'note'
    return 'prune' if now - last_looked_at >= EVERY else 'wait'


def oldest_kept_at(retention: Retention, now: datetime) -> datetime:
    """Entries published before this are too old."""
    try:
        return now - retention.max_age
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
