"""Hours of asking, written like a line of cron: five fields, in the time zone of the source.

    minute hour day-of-month month day-of-week          */5 9-15 * * 1-5

Lists, ranges, steps, three-letter English names; Sunday is 0 and 7. Where both kinds of day are narrowed, either is
enough, as crontab(5) has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

LONGEST = 200  # characters
_MINUTE = timedelta(minutes=1)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LOOKED_AT = 24  # firings
_HORIZON = timedelta(days=9 * 366)  # 29 February comes at least every eight years
_MONTHS = ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec')
_DAYS = ('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat')


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()  # from `low` on


_FIELDS = (
    _Field('minute', 0, 59),
    _Field('hour', 0, 23),
    _Field('day of the month', 1, 31),
    _Field('month', 1, 12, _MONTHS),
    _Field('day of the week', 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """What `read_cron` made of a text. `weekdays` count from Sunday 0."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool  # both kinds of day are narrowed: one of them is enough

    def on(self, local: datetime) -> bool:
        """Whether it asks at all on this day."""
        day, weekday = local.day in self.days, local.isoweekday() % 7 in self.weekdays
        return local.month in self.months and ((day or weekday) if self.either_day else (day and weekday))


@dataclass(frozen=True, slots=True)
class CronFault:
    """Why a text is no such line, in words for a person."""

    message: str


class _Wrong(Exception):  # carries a CronFault, and never leaves this file
    pass


@lru_cache(maxsize=4096)
def read_cron(text: str) -> Cron | CronFault:
    """Read the five fields. A line that never comes true (31 February) is a fault too."""
    words = text[: LONGEST + 1].lower().split()
    if len(text) > LONGEST or len(words) != len(_FIELDS):
        return CronFault('five fields are needed: minute hour day month weekday, such as */5 9-15 * * 1-5')
    try:
        minutes, hours, days, months, weekdays = map(_numbers, words, _FIELDS)
    except _Wrong as wrong:
        return CronFault(str(wrong))
    either = not words[2].startswith('*') and not words[4].startswith('*')
    cron = Cron(text, minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)
    if next_after(cron, _SOME_DAY, 'UTC') is None:
        return CronFault('there is no such day in any year')
    return cron


def _numbers(word: str, field: _Field) -> frozenset[int]:
    return frozenset(number for part in word.split(',') for number in _part(part, field))


def _part(part: str, field: _Field) -> range:
    """`*`, `3`, `1-5`, each with a step: `*/5`, `1-5/2`, `3/10` (from 3 on)."""
    span, slash, step = part.partition('/')
    first, dash, last = span.partition('-')
    if span == '*':
        low, high = field.low, field.high
    else:
        low = _number(first, field)
        high = _number(last, field) if dash else field.high if slash else low
    if low > high:
        raise _Wrong(f'{part} runs backwards in the {field.name}')
    by = int(step) if step.isascii() and step.isdigit() else 0
    if slash and not by:
        raise _Wrong(f'{part} has no step above 0 in the {field.name}')
    return range(low, high + 1, by or 1)


def _number(word: str, field: _Field) -> int:
    if word in field.names:
        return field.low + field.names.index(word)
    if not (word.isascii() and word.isdigit() and field.low <= int(word) <= field.high):
        raise _Wrong(f'{word or "nothing"} is no {field.name} ({field.low}-{field.high})')
    return int(word)


def next_after(cron: Cron, at: datetime, zone: str) -> datetime | None:
    """The first minute after `at` that the line names, in UTC; None where none comes in nine years.

    An hour that the clock skips in spring is passed over; one that comes twice in autumn counts twice.
    """
    tz = ZoneInfo(zone)
    here = at.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while here <= at + _HORIZON:
        local = here.astimezone(tz)
        if not cron.on(local):
            here = max(here + _MINUTE, _next_midnight(local, tz))
        elif local.hour not in cron.hours:
            here += _MINUTE * (60 - local.minute)
        elif local.minute not in cron.minutes:
            here += _MINUTE
        else:
            return here
    return None


@lru_cache(maxsize=4096)
def usual_gap(text: str, zone: str) -> timedelta:
    """The shortest time between two of the next firings: about how often it asks while it asks. An hour for no line."""
    cron = read_cron(text)
    if isinstance(cron, CronFault):
        return timedelta(hours=1)
    at: datetime | None = _SOME_DAY
    firings = [at for _ in range(_LOOKED_AT) if at and (at := next_after(cron, at, zone))]
    return min((later - earlier for earlier, later in pairwise(firings)), default=timedelta(hours=1))


def _next_midnight(local: datetime, tz: ZoneInfo) -> datetime:
    """Of a month in which nothing is asked the days are passed one by one: a step costs microseconds."""
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), tz).astimezone(UTC)
    return midnight.replace(second=0, microsecond=0)
