"""Hosts: a server that asks us to slow down (429, 503) is obeyed by every source of its host (RFC 9110, 10.2.3).

an answer, what was known of the host  =>  HostState: not before when, and why
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from aggregator.model import Answer, HostState, Polling, SourceState
from aggregator.rules.skips import over_skipped
from aggregator.rules.urls import CACHED_URL
from aggregator.rules.waits import place_of, said, seconds_in

MAX_RETRY_AFTER = timedelta(hours=24)
FIRST_HOLD = timedelta(seconds=10)  # where the server names no time; perhaps it is only one feed that is in trouble
LONGEST_HOLD = timedelta(hours=1)  # one request then finds out how the host is
A_SECOND = timedelta(seconds=1)
SLOW_DOWN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# As nearly all are written: no user, no port that is none, nothing to make lower or to leave out.
_PLAIN = re.compile(r'https?://([a-z0-9.-]+)(?::[0-9]+)?/')
_APART = timedelta(minutes=5)  # within which the sources of a host come back after a hold
_STILL = 2 * _APART  # who slows us down again within this of the end of a hold goes on like that
_MAX_DOUBLINGS = 16


def host_of(url: str) -> str:
    """The host that a request burdens; '' for a folder."""
    if (plain := _PLAIN.match(url)) is not None:
        return plain[1]
    return _host_of(url) if len(url) <= CACHED_URL else _host_of.__wrapped__(url)


@lru_cache(maxsize=1024)  # a round asks ten times about the one or two addresses that it has
def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or '').lower()
    except ValueError:
        return ''


def hosts_on(answer: Answer) -> tuple[str, ...]:
    """Every host that a visit burdened: the one asked and those that it was sent on to."""
    urls = (answer.url, *(hop.url for hop in answer.hops), answer.final_url)
    return tuple(dict.fromkeys(host for url in urls if (host := host_of(url))))


def slowed(answer: Answer, before: HostState | None, polling: Polling) -> HostState | None:
    """What the host that gave this answer is held to; None where it asks for nothing. `before` is of that host.

    A hold never gets shorter. Without a Retry-After it doubles as long as the host goes on like that.
    """
    if answer.status not in SLOW_DOWN:
        return None
    host, now = host_of(answer.final_url), answer.fetched_at
    times = before.failures + 1 if before and now - before.not_before <= _STILL else 1
    if answer.retry_after is not None:
        wait, why = retry_after(answer.retry_after)
    else:
        wait = _hold(times, polling)
        why = f'{said(wait)} of rest after a {answer.status}'
    hold = HostState(host=host, not_before=now + wait, why=f'{host} asked for it: {why}', failures=times)
    if before is not None and before.not_before > hold.not_before:
        return replace(before, failures=times)
    return hold


def retry_after(time: timedelta) -> tuple[timedelta, str]:
    """The wait that a Retry-After means, bounded, and its words. A date in a header has lost the part of a second."""
    why = f'Retry-After {seconds_in(time)} s'
    if time > MAX_RETRY_AFTER:
        return MAX_RETRY_AFTER, f'{why}, bounded by 24h'
    return (time + A_SECOND if time else time), why


def _hold(times: int, polling: Polling) -> timedelta:
    doubled: int = 2 ** min(times - 1, _MAX_DOUBLINGS)
    return min(min(FIRST_HOLD, polling.min_interval) * doubled, LONGEST_HOLD)


def held(state: SourceState, hold: HostState) -> SourceState:
    """The state of a source whose way leads to this host: not asked before, and not all of them at once after."""
    if state.next_poll_at is None or state.next_poll_at >= hold.not_before:
        return state
    place = place_of(f'{state.name} {hold.not_before.isoformat()}')  # in another order each time: nobody is always last
    at, why = over_skipped(hold.not_before + _APART * place, hold.why, state.head, state.name)
    return replace(state, next_poll_at=at, why_next=why)


def longest(holds: Iterable[HostState], now: datetime) -> HostState | None:
    """The one that holds longest from `now` on."""
    return max((h for h in holds if h.not_before > now), key=lambda h: h.not_before, default=None)
