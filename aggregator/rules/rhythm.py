"""Rhythm: when a source published, from what it states and from what we saw, and how often to ask it therefore.

Twice or more for each thing it publishes; when it falls silent, ever more seldom. A source that has just begun to
publish faster is believed after a few rounds, one that floods a moment counts as having published once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model import Item, Stated

START = timedelta(minutes=30)  # until something is known
SHORTEST = timedelta(minutes=5)  # a source's dates are its own claim: they never make us ask more often than this
KEPT = 6  # instants, five gaps: enough for a median, few enough to notice a change
_PER_GAP = 0.4  # of the usual gap: an hourly source is asked every 24 minutes
_PER_SILENCE = 0.6  # of what the silence is longer than the usual gap
_OLDEST = timedelta(days=3660)


def stated_in(items: Iterable[Item]) -> list[datetime]:
    """The instants at which a document says that it published. A mere day tells nothing about hours."""
    said = (_instant(item.entry.published) or _instant(item.entry.updated) for item in items)
    return [at for at in said if at is not None]


def _instant(stated: Stated | None) -> datetime | None:
    return None if stated is None or stated.day_only else stated.at


def heard(known: Sequence[datetime], stated: Iterable[datetime], now: datetime, *, new: bool) -> tuple[datetime, ...]:
    """The last instants of publishing, oldest first. `new`: entries came that were not there before.

    Dates that lie ahead or far back say nothing. News without a later date than those known was published when we
    saw it, as far as we can tell.
    """
    believed = [at for at in stated if now - _OLDEST < at <= now]
    newest = max(known, default=None)
    if new and (not believed or (newest is not None and max(believed) <= newest)):
        believed.append(now)
    return _apart({*known, *believed})


def _apart(instants: Iterable[datetime]) -> tuple[datetime, ...]:
    """The newest few that lie apart: what comes within minutes is one act of publishing."""
    kept: list[datetime] = []
    for at in sorted(instants, reverse=True):
        if not kept or kept[-1] - at >= SHORTEST:
            kept.append(at)
        if len(kept) == KEPT:
            break
    return tuple(reversed(kept))


def interval_of(rhythm: Sequence[datetime], now: datetime) -> timedelta:
    """How long to wait, not yet bounded above. `rhythm` is what `heard` gave, oldest first."""
    if not rhythm:
        return START
    gaps = [later - earlier for earlier, later in pairwise(rhythm)]
    gap = sorted(gaps)[len(gaps) // 2] if gaps else START / _PER_GAP
    silence = now - rhythm[-1]
    return max(gap * _PER_GAP, (silence - gap) * _PER_SILENCE, SHORTEST)
