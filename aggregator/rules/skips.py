"""Hours and days that a feed asks to skip (RSS 2.0, skipHours and skipDays; UTC)."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model import FeedHead
from aggregator.rules.waits import place_of

_APART = timedelta(minutes=15)  # within which all come back who waited for the same hour


def over_skipped(at: datetime, why: str, head: FeedHead, name: str) -> tuple[datetime, str]:
    """The first instant from `at` on that is in no skipped hour or day, and why; who skips all is not heeded.

    After a skip the source of this name comes at its place in the first minutes.
    """
    hours, days = head.skip_hours, head.skip_days
    if not set(range(24)) - hours or not set(range(7)) - days or not (hours or days):
        return at, why
    wanted = at
    while at.weekday() in days or at.hour in hours:
        step, word = (_next_day(at), 'skipDays') if at.weekday() in days else (_next_hour(at), 'skipHours')
        at, why = step, f'{word} of the feed'
    return (at if at == wanted else at + _APART * place_of(name)), why


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _next_day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
