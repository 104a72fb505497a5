"""How long to wait and why, in words; and the place that a source has among all others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_PUSH = timedelta(hours=2)  # by which a round comes later, to get back to its place


@dataclass(frozen=True, slots=True, order=True)
class Wait:
    """`why` is a few words for the log line and the status page."""

    time: timedelta
    why: str


def place_of(name: str) -> float:
    """A number in [0, 1) that only the name decides: spread without dice, the same after every restart."""
    return int.from_bytes(sha256(name.encode('utf-8', 'surrogatepass')).digest()[:6]) / 2**48


def on_its_place(name: str, at: datetime, period: timedelta, early: timedelta) -> datetime:
    """`at` moved to where this source stands in the row of all: back by up to `early`, or on to the next time round.

    The row is as long as the period and everyone stands still in it, so a burst (a start, a long sleep) dissolves in
    the next round, and the seconds that a round takes do not add up. Nobody is moved on by more than two hours.
    """
    behind = (at - EPOCH - period * place_of(name)) % period
    return at - behind if behind <= early else at + min(period - behind, LONGEST_PUSH)


def seconds_in(time: timedelta) -> int:
    return int(time.total_seconds())


def said(time: timedelta) -> str:
    """15m, 1h30m, 45s, 2d."""
    rest = seconds_in(time)
    words = []
    for size, unit in ((86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')):
        count, rest = divmod(rest, size)
        if count:
            words.append(f'{count}{unit}')
    return ''.join(words) or '0s'
