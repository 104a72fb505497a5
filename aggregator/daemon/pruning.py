"""Retention, applied: entries that are too old or too many leave, except those that a source still lists."""

from __future__ import annotations

from datetime import datetime

from aggregator.daemon.assembly import Assembly

BATCH = 500  # entries in one transaction, so that rounds are not held up


def prune_now(house: Assembly, now: datetime) -> int:
    """Remove what retention lets go; how many entries that were. They leave tombstones and do not come back."""
    retention = house.settings.retention
    doomed = house.store.surplus_entries(older_than=now - retention.max_age, per_source=retention.per_source)
    for start in range(0, len(doomed), BATCH):
        with house.store.writing() as writer:
            writer.retire(doomed[start : start + BATCH], now)
    return len(doomed)
