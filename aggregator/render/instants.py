"""How an instant is written: RFC 3339 for Atom and JSON Feed, RFC 822 for RSS and OPML, local time for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def rfc3339(at: datetime) -> str:
    """'2022-04-11T21:57:24Z': whole seconds, capital T and Z (RFC 4287, 3.3)."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + 'Z'


def rfc822(at: datetime) -> str:
    """'Mon, 11 Apr 2022 21:57:24 +0000': English names in any locale, four-digit year, numeric zone."""
    return format_datetime(at.astimezone(UTC))


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def local(at: datetime, zone: tzinfo) -> datetime:
    """The instant in that zone; unchanged at the two ends of the calendar, where the zone leads out of it."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def stated(at: datetime, offset_min: int | None, zone: tzinfo) -> datetime:
    """The instant in the zone in which it was stated, where that is known; else in `zone`."""
    known = offset_min is not None and abs(offset_min) < 24 * 60
    return local(at, timezone(timedelta(minutes=offset_min or 0)) if known else zone)
