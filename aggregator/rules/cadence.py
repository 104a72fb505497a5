"""Cadence: when to come again, from what a source says, how it fails and what we allow. Nothing here reads a clock.

A round that went well waits for the longest of: our own interval, Cache-Control, ttl or sy:. Then it steps over the
hours and days that the feed asks to skip. A round that failed waits longer each time, or as long as Retry-After says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from aggregator.model import Answer, FeedHead, FetchFailed, Polling, Source, SourceState

MAX_RETRY_AFTER = timedelta(hours=24)
FIRST_WITHIN = timedelta(seconds=60)  # a new source is asked within this
FIRST_WITHIN_SOON = timedelta(seconds=10)  # one near the top of feeds.yml, so that a new user sees news
SOON = 20  # sources near the top

_MAX_DOUBLINGS = 16
_MAX_WAIT = timedelta(days=366)  # whatever the configuration says
_SLOW_DOWN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What a round means for the next one. `unreadable`: an answer came, and it is no feed."""

    answer: Answer | None = None
    failure: FetchFailed | None = None
    head: FeedHead | None = None  # None: no document came (304, failure), the head known before counts
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """`at` None: never by itself again (410). `why` is a few words for the log line and the status page."""

    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, order=True)
class _Wait:
    time: timedelta
    why: str


def next_poll(state: SourceState, source: Source, outcome: PollOutcome, now: datetime, polling: Polling) -> Next:
    """When to ask again after a round that ended `now`; `state` is that before the round (its failures count)."""
    if _status(outcome) == HTTPStatus.GONE:
        return Next(None, '410 Gone: the publisher has taken it away for good')
    failed = outcome.failure is not None or outcome.unreadable
    after = _after_failure if failed else _after_success
    wait = after(state, source, outcome, polling)
    return _over_skipped(now + min(wait.time, _MAX_WAIT), wait.why, outcome.head or state.head)


def first_poll_at(source: Source, now: datetime, polling: Polling) -> datetime:
    """When to ask a source that was never asked: soon, not all at once, and always at the same place in the row."""
    within = FIRST_WITHIN_SOON if source.order < SOON else FIRST_WITHIN
    return now + min(within, _own_interval(source, polling).time) * _place_of(source)


# ------------------------------------------------ after success (conformance C3)


def _after_success(state: SourceState, source: Source, outcome: PollOutcome, polling: Polling) -> _Wait:
    head = outcome.head or state.head
    hints = [_own_interval(source, polling)]
    if outcome.answer is not None and outcome.answer.max_age is not None:
        max_age = outcome.answer.max_age
        hints.append(_capped(max_age, f'Cache-Control: max-age={_seconds(max_age)}', polling.max_interval))
    if outcome.answer is not None and outcome.answer.retry_after is not None:
        hints.append(_retry_after(outcome.answer.retry_after))
    if head.ttl is not None:
        hints.append(_capped(head.ttl, f'the feed asks for {_said(head.ttl)} (ttl)', polling.max_interval))
    return max(hints, key=lambda hint: hint.time)


def _own_interval(source: Source, polling: Polling) -> _Wait:
    if source.every < polling.min_interval:
        return _Wait(polling.min_interval, f'min_interval {_said(polling.min_interval)}')
    return _Wait(source.every, f'every {_said(source.every)}')


def _capped(time: timedelta, why: str, cap: timedelta) -> _Wait:
    return _Wait(time, why) if time <= cap else _Wait(cap, f'{why}, bounded by max_interval {_said(cap)}')


# ------------------------------------------------ after failure (conformance C4)


def _after_failure(state: SourceState, source: Source, outcome: PollOutcome, polling: Polling) -> _Wait:
    """Retry-After where the server gave one (RFC 9110, 10.2.3), never less than our own interval; else back-off."""
    own = _own_interval(source, polling)
    answer = outcome.failure.answer if outcome.failure else outcome.answer
    if answer is not None and answer.retry_after is not None:
        return max(_retry_after(answer.retry_after), own, key=lambda wait: wait.time)
    failures = max(0, state.failures) + 1
    doublings = failures - 1 + (_status(outcome) in _SLOW_DOWN)  # who says "slow down" is obeyed at once
    return _back_off(source, own.time, polling.max_interval, failures, doublings)


def _retry_after(time: timedelta) -> _Wait:
    why = f'Retry-After {_seconds(time)} s'
    return _Wait(time, why) if time <= MAX_RETRY_AFTER else _Wait(MAX_RETRY_AFTER, f'{why}, bounded by 24h')


def _back_off(source: Source, base: timedelta, cap: timedelta, failures: int, doublings: int) -> _Wait:
    """Twice as long each time up to the cap. Sources that failed together come back up to a tenth apart."""
    doubled = min(min(base, _MAX_WAIT) * 2 ** min(doublings, _MAX_DOUBLINGS), cap)
    spread = doubled * (1 - _place_of(source) / 10)
    times = 'failure' if failures == 1 else 'failures in a row'
    return _Wait(max(base, spread), f'{failures} {times}, back-off')


def _status(outcome: PollOutcome) -> int:
    answer = outcome.failure.answer if outcome.failure else outcome.answer
    return answer.status if answer else 0


# ------------------------------------------------ what the feed asks to skip


def _over_skipped(at: datetime, why: str, head: FeedHead) -> Next:
    """The first instant from `at` on that is in no skipped hour or day (RSS 2.0, UTC); who skips all is not heeded."""
    hours, days = head.skip_hours, head.skip_days
    if not set(range(24)) - hours or not set(range(7)) - days or not (hours or days):
        return Next(at, why)
    while at.weekday() in days or at.hour in hours:
        step, word = (_next_day(at), 'skipDays') if at.weekday() in days else (_next_hour(at), 'skipHours')
        at, why = step, f'{word} of the feed'
    return Next(at, why)


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _next_day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


# ------------------------------------------------ words and places


def _place_of(source: Source) -> float:
    """A number in [0, 1) that only the name decides: spread without dice, the same after every restart."""
    return int.from_bytes(sha256(source.name.encode('utf-8', 'surrogatepass')).digest()[:6]) / 2**48


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())


def _said(time: timedelta) -> str:
    """15m, 1h30m, 45s, 2d."""
    rest = _seconds(time)
    words = []
    for size, unit in ((86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')):
        count, rest = divmod(rest, size)
        if count:
            words.append(f'{count}{unit}')
    return ''.join(words) or '0s'
