"""Retention, applied: entries that are too old or too many leave, except those that a source still lists.

Everything is done in small steps, each a short transaction of its own, so that rounds are never held up for long; what
a killed process did not get to is found again by the next look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.daemon.assembly import Assembly
from aggregator.rules.retention import due, oldest_kept_at

BATCH = 50  # entries in one transaction
PAGES = 100  # of the file, given back to the disk in one transaction
LOOKED_AT = 'pruned_at'  # the key in `meta`


def prune_now(house: Assembly, now: datetime, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Remove what retention lets go; how many entries that were. They leave tombstones and do not come back.

    `stop` is asked between the steps. Raises DataError where the store cannot be written; then the rest stays for the
    next time.
    """
    retention, store = house.settings.retention, house.store
    doomed = store.surplus_entries(older_than=oldest_kept_at(retention, now), per_source=retention.per_source)
    removed = 0
    for start in range(0, len(doomed), BATCH):
        if stop():
            break
        with store.writing() as writer:
            removed += writer.retire_unlisted(doomed[start : start + BATCH], now)
    while removed and not stop() and store.give_back(PAGES):
        pass
    return removed


def prune_if_due(house: Assembly, now: datetime, *, stop: Callable[[], bool] = lambda: False) -> int:
    """The same once a day; the time of the last look is kept in the store. Calls in between cost one small query.

    May take minutes after retention was shortened, so it is not for the thread that sends out.
    """
    match due(_looked_at(house), now):
        case 'wait':
            return 0
        case 'prune':
            removed = prune_now(house, now, stop=stop)
        case 'note':
            removed = 0
    if not stop():
        with house.store.writing() as writer:
            writer.set_meta(LOOKED_AT, now.isoformat())
    return removed


def _looked_at(house: Assembly) -> datetime | None:
    """None also for what no version of this program wrote."""
    try:
        at = datetime.fromisoformat(house.store.meta(LOOKED_AT) or '')
    except ValueError:
        return None
    return at if at.tzinfo else None
