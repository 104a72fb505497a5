"""Which entries of a category stand in its feed: bounded by number, by age and by a share for each source."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from aggregator.model import Publishing, StoredEntry

LOOK_AHEAD = 3  # times the entries of a feed: how many of the newest are looked at


def select(entries: Sequence[StoredEntry], publishing: Publishing) -> tuple[StoredEntry, ...]:
    """The entries of one feed, newest first, from the newest of its category.

    Age is counted from the newest of them, not from now: equal state gives equal bytes (promise 1). One source may fill
    its share of a feed; beyond it, it only takes the places that nobody else wants.
    """
    if not entries:
        return ()
    ordered = sorted(entries, key=_newest_first)
    oldest_at = ordered[0].published_at - publishing.max_age
    young = [e for e in ordered if e.published_at >= oldest_at]
    share = max(1, math.ceil(publishing.entries * publishing.source_share))
    taken: Counter[str] = Counter()
    within: list[StoredEntry] = []
    beyond: list[StoredEntry] = []
    for entry in young:
        taken[entry.source] += 1
        (within if taken[entry.source] <= share else beyond).append(entry)
    free = max(0, publishing.entries - len(within))
    return tuple(sorted(within[: publishing.entries] + beyond[:free], key=_newest_first))


def updated_at(entries: Sequence[StoredEntry], otherwise: datetime) -> datetime:
    """When a feed last changed in a way that its entries tell (RFC 4287, 4.2.15)."""
    return max((e.updated_at for e in entries), default=otherwise)


def _newest_first(entry: StoredEntry) -> tuple[float, str]:
    return -entry.published_at.timestamp(), entry.id
