"""Cadence: when to come again, from what a source says, how it fails and what we allow. Nothing here reads a clock.

our own wait (fixed, cron, rhythm; longer after failures)
  | not before what the publisher asks: Cache-Control, ttl or sy:, Retry-After; bounded by max_interval
  | stepped over the hours and days that the feed asks to skip
  =>  Next(at, why)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.model import Answer, FeedHead, FetchFailed, Polling, Source, SourceState
from aggregator.rules.cron import Cron, next_after, read_cron
from aggregator.rules.hosts import MAX_RETRY_AFTER, SLOW_DOWN, retry_after
from aggregator.rules.rhythm import interval_of
from aggregator.rules.skips import over_skipped
from aggregator.rules.waits import Wait, on_its_place, place_of, said, seconds_in

__all__ = ['MAX_RETRY_AFTER', 'Next', 'PollOutcome', 'first_poll_at', 'missing_for', 'next_poll', 'own_interval']

FIRST_WITHIN = timedelta(seconds=10)  # the first few new sources, so that a new user sees news
SOON = 20  # how many those are
ROW = 1000  # the others come in a row, this many in one interval
LONGEST_ROW = timedelta(hours=1)
TRANSIENT = timedelta(days=3)  # a 404 may be a mistake of today; after this it is a fact
TRANSIENT_CAP = timedelta(hours=6)  # until then it is looked at this often

_EARLY = 0.25  # of our own wait
_LEAST_ROW = timedelta(minutes=5)  # for a shorter wait a place is not worth the seconds
_SLACK = timedelta(seconds=30)  # a visit may take that long
_MAX_DOUBLINGS = 16
_MAX_WAIT = timedelta(days=366)  # whatever the configuration says
_LONGEST_VISIT = timedelta(hours=1)  # an answer later than this after `now` has a clock of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What a round means for the next one. `unreadable`: an answer came, and it is no feed."""

    answer: Answer | None = None
    failure: FetchFailed | None = None
    head: FeedHead | None = None  # None: no document came (304, failure), the head known before counts
    unreadable: bool = False
    rhythm: tuple[datetime, ...] | None = None  # None: nothing new came, the rhythm known before counts


@dataclass(frozen=True, slots=True)
class Next:
    """`at` None: never by itself again (410). `why` is a short sentence for the log line and the status page."""

    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class _At:
    """A Next that will come."""

    at: datetime
    why: str


def next_poll(state: SourceState, source: Source, outcome: PollOutcome, now: datetime, polling: Polling) -> Next:
    """When to ask again after a round that began `now`; `state` is that before the round (its failures count).

    Waits that the publisher asks for count from its answer. The result is never before one of them, and never after
    the longer of max_interval and our own wait, but for skipped hours.
    """
    answer = _answer(outcome)
    if answer is not None and answer.status == HTTPStatus.GONE and not state.address:
        return Next(None, '410 Gone: not asked again, the publisher has taken it away for good')
    failed = outcome.failure is not None or outcome.unreadable
    own = (
        _after_failure(state, source, outcome, now, polling) if failed else _usual(state, source, outcome, now, polling)
    )
    heard_at = _heard_at(answer, now)
    floor = max(_floors(state, outcome, polling), key=lambda f: f.wait.time, default=None)
    if floor is not None and heard_at + floor.wait.time > own.at:
        own = _from(heard_at, floor, source, polling)
    return Next(*over_skipped(own.at, own.why, outcome.head or state.head, source.name))


def first_poll_at(source: Source, now: datetime, polling: Polling, nth: int | None = None) -> datetime:
    """When to ask a source that was never asked: the first few within seconds, the others one after the other.

    `nth` is its number, from 0, among those that are new together; without it its place in feeds.yml counts.
    """
    row = min(own_interval(source, polling), LONGEST_ROW)
    number, place = source.order if nth is None else nth, place_of(source.name)
    if number < SOON:
        return now + min(FIRST_WITHIN, row) * place
    return now + row * ((number + place) / ROW if number < ROW else place)


def own_interval(source: Source, polling: Polling) -> timedelta:
    """About how long a source waits that asks for nothing."""
    return min(max(source.every, polling.min_interval), _MAX_WAIT)


# ------------------------------------------------ our own wait


def _usual(state: SourceState, source: Source, outcome: PollOutcome, now: datetime, polling: Polling) -> _At:
    cron = read_cron(source.cron) if source.cron else None
    if isinstance(cron, Cron):
        return _by_cron(cron, source, now + polling.min_interval, now)
    if source.adaptive:
        wait = _by_rhythm(state.rhythm if outcome.rhythm is None else outcome.rhythm, source, now, polling)
        return _At(now + wait.time, wait.why)
    return _placed(now, _fixed(source, polling), source, polling)


def _placed(now: datetime, wait: Wait, source: Source, polling: Polling) -> _At:
    """At its place in the row of all, as far as floor and ceiling let it: at least three quarters of our own wait."""
    at = now + wait.time
    placed = max(on_its_place(source.name, at, wait.time, wait.time * _EARLY), now + polling.min_interval)
    return _moved_on(at, placed, now + polling.max_interval, wait.why)


def _moved_on(at: datetime, placed: datetime, ceiling: datetime, why: str) -> _At:
    """Who has to wait longer for its place than the ceiling lets it has none."""
    if placed <= at:
        return _At(placed, why)
    return _At(min(placed, ceiling), f'{why}, back to its place') if at < ceiling else _At(at, why)


def _fixed(source: Source, polling: Polling) -> Wait:
    own = own_interval(source, polling)
    return Wait(own, f'{"every" if source.every >= polling.min_interval else "min_interval"} {said(own)}')


def _by_rhythm(rhythm: tuple[datetime, ...], source: Source, now: datetime, polling: Polling) -> Wait:
    """Up to a tenth sooner by the source's place: those that sleep the longest would otherwise all wake together."""
    wanted = interval_of(rhythm, now)
    bounded = min(max(wanted, polling.min_interval), polling.max_interval)
    time = max(bounded * (1 - place_of(source.name) / 10), polling.min_interval)
    bound = f', bounded by max_interval {said(bounded)}' if wanted > bounded else ''
    return Wait(time, f'adaptive, {said(time)} for its rhythm of publishing{bound}')


def _by_cron(cron: Cron, source: Source, not_before: datetime, now: datetime) -> _At:
    """Within the minute that the line names, at the source's place in it."""
    within = timedelta(seconds=60) * place_of(source.name)
    minute = next_after(cron, not_before - within - timedelta(microseconds=1), source.timezone)
    at = max(minute + within, not_before) if minute else now + _MAX_WAIT
    return _At(at, f'cron {cron.text} ({source.timezone})')


# ------------------------------------------------ after failure (conformance C4)


def _after_failure(state: SourceState, source: Source, outcome: PollOutcome, now: datetime, polling: Polling) -> _At:
    """Twice as long each time up to a cap, for ever. Who says "slow down" and not how long is obeyed at once."""
    answer = _answer(outcome)
    usual = _usual(state, source, outcome, now, polling)
    if answer is not None and answer.retry_after is not None:
        return usual
    failures = max(0, state.failures) + 1
    slow_down = answer is not None and answer.status in SLOW_DOWN
    cron = read_cron(source.cron) if source.cron else None
    base = _step(source, usual, now, polling)
    cap, why = _cap(state, answer, now, polling)
    doublings = failures - 1 + slow_down
    wait = _back_off(source, base, cap, doublings)
    times = 'failure' if failures == 1 else 'failures in a row'
    why = why or f'{failures} {times}, back-off'
    if isinstance(cron, Cron):
        return _At(_by_cron(cron, source, now + wait, now).at, f'{why}, {usual.why}')
    return _At(now + wait, why)


def _step(source: Source, usual: _At, now: datetime, polling: Polling) -> timedelta:
    """What the back-off doubles."""
    if source.adaptive:
        return usual.at - now
    return own_interval(source, polling)


def _back_off(source: Source, base: timedelta, cap: timedelta, doublings: int) -> timedelta:
    """Sources that failed together come back up to a tenth apart."""
    times: int = 2 ** min(doublings, _MAX_DOUBLINGS)
    doubled = min(min(base, _MAX_WAIT) * times, cap)
    return max(base, doubled * (1 - place_of(source.name) / 10))


def _cap(state: SourceState, answer: Answer | None, now: datetime, polling: Polling) -> tuple[timedelta, str]:
    """The longest back-off and, for what is missing, the words."""
    if answer is None or answer.status != HTTPStatus.NOT_FOUND:
        return polling.max_interval, ''
    lasting = missing_for(state, now)
    if lasting < TRANSIENT:
        return min(TRANSIENT_CAP, polling.max_interval), ''
    cap = polling.max_interval
    return cap, f'404 for {lasting.days} days: looked for once in {said(cap)}'


def missing_for(state: SourceState, now: datetime) -> timedelta:
    """For how long the server has gone on saying 404."""
    return max(now - (state.missing_since_at or now), timedelta(0))


# ------------------------------------------------ what the publisher asks for (conformance C3)


@dataclass(frozen=True, slots=True)
class _Floor:
    """`steady`: the same each time, so it is the interval of this source, and it has a place in its row."""

    wait: Wait
    steady: bool = False


def _from(heard_at: datetime, floor: _Floor, source: Source, polling: Polling) -> _At:
    """Never before; a steady one a little after, so that what a round takes does not push it out of its place."""
    at, wait = heard_at + floor.wait.time, floor.wait
    if not floor.steady or wait.time < _LEAST_ROW:
        return _At(at, wait.why)
    period = wait.time + max(wait.time / 20, _SLACK)
    return _moved_on(at, on_its_place(source.name, at, period, timedelta(0)), heard_at + polling.max_interval, wait.why)


def _floors(state: SourceState, outcome: PollOutcome, polling: Polling) -> Iterator[_Floor]:
    """A hint of headers or feed is bounded by max_interval, a Retry-After by a day."""
    answer, head = _answer(outcome), outcome.head or state.head
    if answer is not None and answer.retry_after is not None:
        yield _Floor(Wait(*retry_after(answer.retry_after)))
    age = _max_age(state, answer)
    if age is not None:
        wait = _capped(age, f'Cache-Control: max-age={seconds_in(age)}', polling.max_interval)
        yield _Floor(wait, steady=age == state.max_age)
    if head.ttl is not None:
        yield _Floor(_capped(head.ttl, f'the feed asks for {said(head.ttl)} (ttl)', polling.max_interval), steady=True)


def _max_age(state: SourceState, answer: Answer | None) -> timedelta | None:
    """A 304 makes the stored answer fresh again, for as long as it said where the 304 itself says nothing."""
    if answer is None:
        return None
    silent = answer.max_age is None and answer.status == HTTPStatus.NOT_MODIFIED
    return state.max_age if silent else answer.max_age


def _capped(time: timedelta, why: str, cap: timedelta) -> Wait:
    return Wait(time, why) if time <= cap else Wait(cap, f'{why}, bounded by max_interval {said(cap)}')


def _answer(outcome: PollOutcome) -> Answer | None:
    return outcome.failure.answer if outcome.failure else outcome.answer


def _heard_at(answer: Answer | None, now: datetime) -> datetime:
    if answer is None or not now <= answer.fetched_at <= now + _LONGEST_VISIT:
        return now
    return answer.fetched_at
