"""Which entries of a category stand in its feed: bounded by number, by age and by a share for each source."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model import Publishing, StoredEntry

LOOK_AHEAD = 3  # times the entries of a feed: how many of the newest are looked at


def select(entries: Sequence[StoredEntry], publishing: Publishing) -> tuple[StoredEntry, ...]:
    """The entries of one feed, newest first, from the newest of its category."""
    ordered = sorted(entries, key=_newest_first)
    return tuple(ordered[at] for at in places(ordered, publishing))


def places(newest_first: Sequence[StoredEntry], publishing: Publishing) -> list[int]:
    """Where the entries of one feed stand among the newest of its category.

    Age is counted from the newest of them, not from now: equal state gives equal bytes (promise 1). One source may fill
    its share of a feed; beyond it, it only takes the places that nobody else wants.
    """
    wanted = publishing.entries
    share = max(1, math.ceil(wanted * publishing.source_share))
    sources = [entry.source for entry in newest_first[: _young(newest_first, publishing.max_age)]]
    if len(set(sources)) <= 1 or max(Counter(sources[:wanted]).values()) <= share:  # nobody has to make room
        return list(range(min(wanted, len(sources))))
    taken: dict[str, int] = {}
    within: list[int] = []
    beyond: list[int] = []
    for at, source in enumerate(sources):
        taken[source] = number = taken.get(source, 0) + 1
        (within if number <= share else beyond).append(at)
        if len(within) == wanted:
            break
    return sorted(within + beyond[: wanted - len(within)])


def _young(newest_first: Sequence[StoredEntry], max_age: timedelta) -> int:
    """How many are no older than that."""
    if not newest_first:
        return 0
    oldest_at = newest_first[0].published_at - max_age
    if newest_first[-1].published_at >= oldest_at:
        return len(newest_first)
    return next(at for at, entry in enumerate(newest_first) if entry.published_at < oldest_at)


def updated_at(entries: Sequence[StoredEntry], otherwise: datetime) -> datetime:
    """When a feed last changed in a way that its entries tell (RFC 4287, 4.2.15)."""
    return max((e.updated_at for e in entries), default=otherwise)


def _newest_first(entry: StoredEntry) -> tuple[float, str]:
    return -entry.published_at.timestamp(), entry.id
