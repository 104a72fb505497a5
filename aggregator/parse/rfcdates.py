"""Dates as the standards have them, at a fraction of the cost: RFC 822 with a year of four digits, as RSS asks, and
RFC 3339, as Atom does. Nearly every feed writes one of them; the reader in dates.py knows them too, and all others.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.model import Stated

_MONTH_NAMES: Final = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'
_MONTHS: Final = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
# No zone is farther than 15 hours; numbers without an offset's sign are left to the other reader.
_MAIL: Final = re.compile(
    r'(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4})'
    r' ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|([+-])(0[0-9]|1[0-5])([0-5][0-9]))'
)
_RFC_3339: Final = re.compile(
    r'[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-5]):[0-5][0-9])'
)


def standard_date(raw: str) -> Stated | None:
    """The date, exactly as `read_date` gives it; None for every other form and for what is no date, as 30 February."""
    try:
        if mail := _MAIL.fullmatch(raw):
            return _mail(raw, mail)
        return _rfc_3339(raw) if _RFC_3339.fullmatch(raw) else None
    except (ValueError, OverflowError):
        return None


def _mail(raw: str, parts: re.Match[str]) -> Stated:
    day, month, year, hour, minute, second, sign, hours, minutes = parts.groups()
    at = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if sign is None:
        return Stated(raw, at, 0)
    offset_min = int(hours) * 60 + int(minutes)
    offset_min = -offset_min if sign == '-' else offset_min
    return Stated(raw, at - timedelta(minutes=offset_min), offset_min)


def _rfc_3339(raw: str) -> Stated:
    stated = datetime.fromisoformat(raw)
    offset = stated.utcoffset() or timedelta()
    return Stated(raw, stated.astimezone(UTC), offset // timedelta(minutes=1))
