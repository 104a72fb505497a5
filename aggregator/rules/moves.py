"""Moves: when a permanent redirect is believed, and when it is not any more (RFC 9110, 15.4.2 and 15.4.9).

Every redirect is followed each time. One that is permanent (301, 308) is remembered once it has led to the same place,
and to a document that can be read, for days; the place is then asked directly. Whatever contradicts it ends that: a
target of its own, an answer without a redirect, a place that has gone. The configured address is asked again monthly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from aggregator.model import Answer, Hop, SourceState

BELIEVED_AFTER = timedelta(days=3)
SIGHTINGS = 3
CHECKED_EVERY = timedelta(days=30)
GIVEN_UP_AFTER = timedelta(days=3)  # of failures at the new place

_PERMANENT = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_LONGEST = 2048


def permanent_target(hops: Sequence[Hop]) -> str:
    """Where the permanent redirects at the start of the way lead; '' where the first step is none."""
    target = ''
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    return target


def address_of(url: str, state: SourceState, now: datetime) -> str:
    """The address to ask for the document of the configured `url`."""
    checked_at = state.address_checked_at
    overdue = checked_at is None or not timedelta(0) <= now - checked_at < CHECKED_EVERY
    return url if overdue else state.address or url


def sighted(state: SourceState, url: str, answer: Answer, now: datetime) -> SourceState:
    """The state after an answer that was read well. `url` is the configured one; what was asked is in the answer."""
    target = permanent_target(answer.hops)
    if not target:
        return state if state.address and answer.url == state.address else forgotten(state)
    if not _may_stand_for(url, target):
        return forgotten(state)
    if target != state.moved_to:
        there = state if answer.url == state.address else forgotten(state)
        return replace(there, moved_to=target, moved_since_at=now, moved_polls=1)
    seen = replace(state, moved_polls=state.moved_polls + 1)
    since_at = state.moved_since_at or now
    if target == state.address or (seen.moved_polls >= SIGHTINGS and now - since_at >= BELIEVED_AFTER):
        return replace(seen, address=target, address_checked_at=now)
    return seen


def missed(state: SourceState, answer: Answer | None, now: datetime, *, unreadable: bool) -> SourceState:
    """The state after a round that failed: no sighting, but perhaps a contradiction."""
    target = permanent_target(answer.hops) if answer else ''
    if target and target != state.moved_to:
        return forgotten(state)
    at_new_place = answer is None or answer.url == state.address
    failing_long = now - (state.first_failure_at or now) >= GIVEN_UP_AFTER
    vanished = unreadable or (answer is not None and answer.status in _NOT_THERE)
    return forgotten(state) if state.address and at_new_place and (vanished or failing_long) else state


def forgotten(state: SourceState) -> SourceState:
    """The configured address counts again, and nothing else."""
    if not (state.address or state.moved_to):  # nearly always, and a copy costs as much as all else that is thought
        return state
    return replace(state, address='', address_checked_at=None, moved_to='', moved_since_at=None, moved_polls=0)


def move_in_words(state: SourceState, url: str) -> str:
    """For the hint of a source that is well; '' where it has not moved."""
    if state.address:
        return f'{url} has moved for good; {state.address} is asked instead. Put the new address into feeds.yml.'
    if state.moved_to and state.moved_since_at:
        since = state.moved_since_at.date().isoformat()
        return f'The server says since {since} that the feed has moved for good, to {state.moved_to}.'
    return ''


def _may_stand_for(url: str, target: str) -> bool:
    """Never from https to http, nor for an address with a password: following it each time loses less."""
    try:
        old, new = urlsplit(url), urlsplit(target)
    except ValueError:
        return False
    guarded = old.scheme.lower() == 'https' and new.scheme.lower() != 'https'
    return not guarded and '@' not in old.netloc and len(target) <= _LONGEST


def same_origin(url: str, other: str) -> bool:
    """RFC 6454, 4, for URLs that were read before: a default port and its absence are not told apart from others."""
    one, two = urlsplit(url), urlsplit(other)
    return (one.scheme.lower(), one.netloc.lower()) == (two.scheme.lower(), two.netloc.lower())
