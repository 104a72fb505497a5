"""Dates as sources write them. Our own reader: a library's guess is never trusted silently.

Each form is a pattern that must fit the whole string (after full-width digits and blanks are made plain), and a few
lines that make an instant of its parts. What fits none is kept as it is, without an instant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model import Stated
from aggregator.parse.dateforms import (
    AGO,
    AMERICAN,
    C_TIME,
    CLOCK,
    DAYS,
    DAYS_BACK,
    DOTTED,
    EPOCH,
    HALVES,
    MAIL,
    MONTHS,
    NO_YEAR,
    NOW,
    NUMERIC,
    OTHER_WEEKDAY,
    PACKED,
    PACKED_DAY,
    PART,
    SLASHED,
    UNITS,
    WEEKDAY,
    WEEKDAY_INSIDE,
    ZONES,
)
from aggregator.parse.rfcdates import standard_date
from aggregator.parse.texts import without_controls

MAX_LENGTH: Final = 100  # characters; no date is longer

_Parts = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class _Now:
    """Against what a date is read: the source's zone and the time of fetch in it."""

    zone: tzinfo
    local: datetime


@dataclass(frozen=True, slots=True)
class _Read:
    at: datetime
    relative: bool = False
    day_only: bool = False


def read_date(raw: str, zone: str, fetched_at: datetime) -> Stated | None:
    """The date that `raw` states, None only where it is empty. `at` is None where nothing can be made of it.

    `zone` is the IANA name of the source's zone, for dates without one and for `CST`. `fetched_at` is what 今天,
    3分钟前 and dates without a year are counted from. Knows RFC 3339, RFC 822 and 2822, W3CDTF, epoch seconds and
    milliseconds, and what Chinese pages write. Absurd and future dates come back as they were stated. Never raises.
    """
    return (standard_date(raw) or _any_form(raw, zone, fetched_at)) if raw else None


def _any_form(raw: str, zone: str, fetched_at: datetime) -> Stated | None:
    words = ' '.join(without_controls(raw[: 20 * MAX_LENGTH]).split())
    kept = words[:MAX_LENGTH]
    if not kept:
        return None
    if kept == words:
        local = _zone(zone)
        try:
            read = _read(_plain(kept), _Now(local, fetched_at.astimezone(local)))
            if read is not None:
                offset = read.at.utcoffset() or timedelta()
                at = read.at.astimezone(UTC)
                return Stated(kept, at, round(offset.total_seconds() / 60), read.relative, read.day_only)
        except (ValueError, OverflowError):
            pass  # 30 February, the year 0: a date that does not exist
    return Stated(kept)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # no such zone, or no name of one
        return UTC


def _plain(text: str) -> str:
    """Full-width characters made plain, and weekdays taken away: they add nothing and are often wrong."""
    if not text.isascii():
        text = ' '.join(unicodedata.normalize('NFKC', text).split())
        text = WEEKDAY_INSIDE.sub(' ', text).strip()
    text = text.strip('[]"\'')
    for prefix in (WEEKDAY, OTHER_WEEKDAY):
        if found := prefix.match(text):
            return text[found.end() :]
    return text


def _read(text: str, now: _Now) -> _Read | None:
    for pattern, make in _FORMS:
        if found := pattern.match(text):
            return make(found.groupdict(), now)
    return None


def _absolute(parts: _Parts, now: _Now) -> _Read | None:
    """A day, and a time where there is one, in the zone that is stated or the source's."""
    month = _month(parts.get('month') or '1')
    zone = _stated_zone(parts.get('zone'), now.zone)
    if not month or zone is None:
        return None
    day = datetime(_year(parts['year'] or ''), month, int(parts.get('day') or 1), tzinfo=zone)
    if parts.get('hour') is None:
        return _Read(day, day_only=True)
    return _Read(_at_time(day, parts))


def _day_first(parts: _Parts, now: _Now) -> _Read | None:
    """12/31/2022 as Americans write it; 31/12/2022 can only be the other way round."""
    if int(parts['month'] or 0) > 12:  # noqa: PLR2004  # months
        parts = parts | {'month': parts['day'], 'day': parts['month']}
    return _absolute(parts, now)


def _no_year(parts: _Parts, now: _Now) -> _Read | None:
    """The latest such day that is not in the future; 29 February looks back to a leap year."""
    for year in range(now.local.year, now.local.year - 9, -1):
        try:
            read = _absolute(parts | {'year': f'{year:04}'}, now)
        except ValueError:
            continue
        if read is None or read.at <= now.local:
            return read
    return None


def _epoch(parts: _Parts, now: _Now) -> _Read | None:
    digits = parts['seconds'] or ''
    scale = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 16: 10**6, 19: 10**9}[len(digits)]
    count = int(digits)
    if parts['sign']:
        count = -count
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=count // scale, microseconds=count % scale * 10**6 // scale
    )
    return _Read(at.astimezone(now.zone))


def _ago(parts: _Parts, now: _Now) -> _Read | None:
    unit = UNITS.get((parts['unit'] or '').lower())
    if unit is None:
        return None
    count = parts['count'] or ''
    span = unit / 2 if count == '半' else unit * (int(count) if count.isdigit() else 1)
    return _Read(now.local - span, relative=True)


def _just_now(_: _Parts, now: _Now) -> _Read | None:
    return _Read(now.local, relative=True)


def _days_back(parts: _Parts, now: _Now) -> _Read | None:
    zone = _stated_zone(parts.get('zone'), now.zone)
    if zone is None:
        return None
    midnight = now.local.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    day = midnight - timedelta(days=DAYS_BACK[(parts['word'] or '').lower()])
    if parts.get('hour') is None:
        return _Read(day, relative=True, day_only=True)
    return _Read(_at_time(day, parts), relative=True)


def _clock(parts: _Parts, now: _Now) -> _Read | None:
    """A bare time of day: today's, or yesterday's where today's is still to come."""
    at = _at_time(now.local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0), parts)
    return _Read(at if at <= now.local else at - timedelta(days=1), relative=True)


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[_Parts, _Now], _Read | None]], ...]] = (
    (NUMERIC, _absolute),
    (MAIL, _absolute),
    (EPOCH, _epoch),
    (PACKED, _absolute),
    (PACKED_DAY, _absolute),
    (NO_YEAR, _no_year),
    (DAYS, _days_back),
    (AGO, _ago),
    (NOW, _just_now),
    (AMERICAN, _absolute),
    (C_TIME, _absolute),
    (SLASHED, _day_first),
    (DOTTED, _absolute),
    (PART, _absolute),
    (CLOCK, _clock),
)


def _year(digits: str) -> int:
    """Two digits as RFC 2822, 4.3, reads them."""
    year = int(digits)
    return year if len(digits) != 2 else year + (2000 if year < 50 else 1900)  # noqa: PLR2004  # RFC 2822, 4.3


def _month(word: str) -> int:
    return int(word) if word.isdigit() else MONTHS.get(word.lower(), 0)


def _at_time(day: datetime, parts: _Parts) -> datetime:
    """That time of the day. Second 60 and hour 24 run into the next minute and day (RFC 3339, 5.7; ISO 8601)."""
    hour, minute, second = (int(parts.get(name) or 0) for name in ('hour', 'minute', 'second'))
    half = HALVES.get((parts.get('half') or parts.get('after') or '').lower())
    if half is not None and hour <= 12:  # noqa: PLR2004  # a clock's half
        hour = _of_half(hour, half)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):  # noqa: PLR2004  # a day
        raise ValueError(hour, minute, second)
    microsecond = int(f'{parts.get("fraction") or "":0<6}'[:6])
    # Wall time: added to the day without its zone, so that a day of 23 hours does not shift it.
    wall = day.replace(tzinfo=None) + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)
    return wall.replace(tzinfo=day.tzinfo)


def _of_half(hour: int, half: int) -> int:
    """12 at the head of a half: 凌晨12点 is 0, 中午12点 is 12."""
    return hour % 12 + half


def _stated_zone(word: str | None, source: tzinfo) -> tzinfo | None:
    """The zone that a date names. The source's for none, for CST, and for the letters that RFC 822 had wrong."""
    if not word:
        return source
    name = word.strip().lower()
    if name.isalpha():
        if name in ZONES:
            return timezone(timedelta(minutes=ZONES[name]))
        return source if name == 'cst' or (len(name) == 1 and name != 'j') else None
    digits = re.sub(r'\D', '', name)
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))  # noqa: PLR2004  # +08
    if ':' in name and len(digits) in {3, 4}:
        hours, minutes = (int(part) for part in re.findall(r'\d+', name)[:2])
    if len(digits) > 4:  # noqa: PLR2004  # +08:05:43
        hours, minutes = int(digits[:2]), int(digits[2:4])
    if hours > 15 or minutes > 59:  # noqa: PLR2004  # no zone is farther
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if '-' in name or '−' in name else offset)
