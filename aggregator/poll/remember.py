"""What is remembered of a source after a round, and the state that a round goes on from. Nothing is stored here.

state | failed, same or taken in | has it moved? | its rhythm | next poll  =>  state
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from aggregator.model import (
    Answer,
    Fetched,
    FetchFailed,
    NotModified,
    Polling,
    Source,
    SourceState,
    Validators,
)
from aggregator.poll.gather import Changed, Failed, Gathered, Visit
from aggregator.rules.cadence import TRANSIENT, PollOutcome, missing_for, next_poll
from aggregator.rules.hosts import hosts_on
from aggregator.rules.moves import forgotten, missed, move_in_words, sighted
from aggregator.rules.rhythm import heard, stated_in

Changes = dict[str, Any]
"""Fields of a state and their new values: a copy of a state costs as much as all else that is thought about a 304."""

HELD = 'held'
GONE_HINT = (
    'It is not asked again by itself. `aggregator poll NAME` asks it once more, and it goes on if it answers; '
    'otherwise remove it from feeds.yml.'
)


def remembered(source: Source, state: SourceState | None) -> SourceState:
    """The state to go on from. Validators are forgotten only when the source is read in another way than before."""
    reading = _reading(source)
    if state is None:
        return SourceState(name=source.name, url=source.url, parsed_with=reading)
    if state.parsed_with == reading:
        return state
    fresh = replace(forgotten(state), url=source.url, parsed_with=reading, validators={}, digests={}, max_age=None)
    followed = _followed(source, state)
    if not followed:
        return fresh
    validators, digest = state.validators.get(followed, Validators()), state.digests.get(followed, '')
    return replace(
        fresh,
        validators={source.url: validators},
        digests={source.url: digest} if digest else {},
        max_age=state.max_age,
    )


def _reading(source: Source) -> str:
    """Digest of all that decides which entries a document gives; rules and categories are not among it."""
    parts = (source.kind, source.url, source.encoding, source.timezone, repr(source.options))
    return hashlib.sha256('\x1f'.join(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:16]


def _followed(source: Source, state: SourceState) -> str:
    """The old address, where nothing but the address was changed in feeds.yml, to the one that we told it moved to."""
    told = source.url in (state.address, state.moved_to)
    old = next(iter(state.validators), '') if told and len(state.validators) == 1 else ''
    return old if old and _reading(replace(source, url=old)) == state.parsed_with else ''


# ------------------------------------------------ after a round


def after_round(
    source: Source, state: SourceState, gathered: Gathered, now: datetime, polling: Polling, *, new: bool
) -> SourceState:
    """The state after a round that began `now`. `new`: it brought entries that this source had not shown before."""
    if isinstance(gathered, Failed) and gathered.reason == HELD:
        return replace(state, next_poll_at=now + polling.min_interval, why_next=gathered.message)
    learned = _learned(state, gathered, now, new=new)
    following = next_poll(state, source, _outcome(gathered, learned.get('rhythm', state.rhythm)), now, polling)
    learned |= {'last_poll_at': now, 'next_poll_at': following.at, 'why_next': following.why}
    after = replace(state, **learned)
    after = _failing(after, gathered, now) if isinstance(gathered, Failed) else _moved(source, after, gathered, now)
    return after if following.at else replace(after, state='gone', hint=GONE_HINT)


def _learned(state: SourceState, gathered: Gathered, now: datetime, *, new: bool) -> Changes:
    visit = gathered.visit
    learned: Changes = {'hosts': _hosts(state, visit)}
    if isinstance(gathered, Failed):
        return learned
    learned |= {'max_age': _max_age(state, visit), 'validators': visit.validators, 'digests': visit.digests}
    changes = _taken_in(state, gathered, now, new=new) if isinstance(gathered, Changed) else _as_well_as(state)
    return learned | changes | _well(now)


def _as_well_as(state: SourceState) -> Changes:
    """Nothing has changed: what was wrong with the document is wrong still."""
    if state.state == 'degraded':
        return {}
    return {'state': 'ok', 'error': '', 'hint': ''}


def _failing(state: SourceState, failed: Failed, now: datetime) -> SourceState:
    answer = failed.visit.first.answer if failed.visit.first else None
    after = replace(
        state,
        state='failing',
        failures=state.failures + 1,
        first_failure_at=state.first_failure_at or now,
        missing_since_at=_missing_since(state, answer, now),
        error=failed.message,
        hint=failed.hint,
    )
    unreadable = not isinstance(failed.visit.first, FetchFailed)
    after = missed(after, answer, now, unreadable=unreadable) if failed.visit.document else after
    if missing_for(after, now) >= TRANSIENT and answer is not None and answer.status == HTTPStatus.NOT_FOUND:
        days = missing_for(after, now).days
        return replace(after, hint=f'It has been so for {days} days, so it is asked less often now. {failed.hint}.')
    return after


def _missing_since(state: SourceState, answer: Answer | None, now: datetime) -> datetime | None:
    """A network that does not let us through says nothing about the document."""
    if answer is None:
        return state.missing_since_at
    return (state.missing_since_at or now) if answer.status == HTTPStatus.NOT_FOUND else None


def _hosts(state: SourceState, visit: Visit) -> tuple[str, ...]:
    seen = {host for answer in visit.answers for host in hosts_on(answer)}
    return tuple(sorted(seen)) if seen else state.hosts


def _outcome(gathered: Gathered, rhythm: tuple[datetime, ...]) -> PollOutcome:
    result = gathered.visit.first
    return PollOutcome(
        answer=result.answer if result else None,
        failure=result if isinstance(result, FetchFailed) else None,
        head=gathered.head if isinstance(gathered, Changed) else None,
        unreadable=isinstance(gathered, Failed) and not isinstance(result, FetchFailed),
        rhythm=rhythm,
    )


def _taken_in(state: SourceState, changed: Changed, now: datetime, *, new: bool) -> Changes:
    listed = sum(len(p.items) for p in changed.pages if p.items is not None)
    whole = all(p.items is not None for p in changed.pages)
    items = (item for page in changed.pages for item in page.items or () if item is not None)
    stated = [*stated_in(items), *(told.at for page in changed.pages for told in page.told if told.at)]
    error = '; '.join(f.message for f in changed.faults[:3]) if changed.degraded else ''
    return {
        'state': 'degraded' if changed.degraded else 'ok',
        'rounds': state.rounds + 1,
        'last_change_at': now,
        'head': changed.head,
        'rhythm': heard(state.rhythm, stated, now, new=new),
        'entries': listed if whole else max(listed, state.entries),
        'error': error,
        'hint': changed.faults[0].hint if error else '',
    }


def _well(now: datetime) -> Changes:
    return {'failures': 0, 'first_failure_at': None, 'missing_since_at': None, 'last_success_at': now}


def _moved(source: Source, state: SourceState, gathered: Gathered, now: datetime) -> SourceState:
    visit = gathered.visit
    answer = visit.first.answer if visit.first and visit.document else None
    after = sighted(state, visit.document, answer, now) if answer else state
    hint = after.hint or move_in_words(after, source.url)
    return after if hint == after.hint else replace(after, hint=hint)


def _max_age(state: SourceState, visit: Visit) -> timedelta | None:
    """A 304 that says nothing of it leaves it (RFC 9111, 4.3.4)."""
    match visit.first:
        case Fetched(answer):
            return answer.max_age
        case NotModified(answer) if answer.max_age is not None:
            return answer.max_age
        case _:
            return state.max_age
