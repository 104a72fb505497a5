"""One round of one source, from the visit to the record, and what is remembered of the source afterwards.

gather | details of new entries | record | next poll  =>  PollReport
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.errors import AggregatorError
from aggregator.fetch import Transport
from aggregator.model import (
    FetchFailed,
    Policy,
    Polling,
    PollReport,
    Source,
    SourceState,
    StateWord,
)
from aggregator.poll.details import with_details
from aggregator.poll.gather import Changed, Failed, Gathered, Parser, Same, Visit, gather
from aggregator.poll.record import Recorded, record
from aggregator.rules.cadence import PollOutcome, next_poll
from aggregator.store import Store, Writer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a round works with; each can be another one in a test."""

    store: Store
    transport: Transport
    parser: Parser
    policy: Policy
    polling: Polling


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that was made and not yet recorded."""

    source: Source
    gathered: Gathered
    at: datetime


def visit(source: Source, tools: Tools, now: datetime, *, reread: bool = False) -> Visited:
    """Ask the source, and for the texts of its new entries. Many may be under way at once; only texts are written.

    With `reread` a body that is the same as last time is read all the same (for `--trace`).
    """
    try:
        return Visited(source, _gathered(source, tools, now, reread=reread), now)
    except AggregatorError:
        raise
    except Exception as error:  # noqa: BLE001  # a fault of ours in one source must not end the others' rounds
        return Visited(source, _our_fault(source, error), now)


def conclude(visited: Visited, tools: Tools) -> PollReport:
    """Record what the visit brought, in one transaction: all of the round is kept, or nothing.

    Raises DataError where the store cannot be written; the visit can then be concluded again.
    """
    try:
        with tools.store.writing() as writer:
            return conclude_in(writer, visited, tools)
    except AggregatorError:
        raise
    except Exception as error:  # noqa: BLE001  # as above
        failed = replace(visited, gathered=_our_fault(visited.source, error))
    with tools.store.writing() as writer:
        return conclude_in(writer, failed, tools)


def _gathered(source: Source, tools: Tools, now: datetime, *, reread: bool) -> Gathered:
    state = remembered(source, tools.store.source(source.name))
    gathered = _never_empty(gather(source, state, tools.transport, tools.parser, now, reread=reread), state)
    if isinstance(gathered, Changed):
        return with_details(source, gathered, tools)
    return gathered


def _our_fault(source: Source, error: Exception) -> Failed:
    _log.error('the round of %s failed inside', source.name, exc_info=error)
    message = f'the aggregator itself failed on this source ({type(error).__name__})'
    return Failed(
        Visit(), 'internal', message, 'The log has the details; please report them. What was published stays.'
    )


def conclude_in(writer: Writer, visited: Visited, tools: Tools) -> PollReport:
    """The same within a transaction of the caller's."""
    source, gathered, now = visited.source, visited.gathered, visited.at
    state = remembered(source, writer.source(source.name))
    recorded = None
    if isinstance(gathered, Changed):
        recorded = record(writer, source, state.rounds + 1, gathered.pages, tools.policy, now)
    after = _after(source, state, gathered, now, tools.polling)
    report = _report(source, gathered, recorded, after, now)
    writer.save_source(after)
    writer.add_poll(report)
    return report


def remembered(source: Source, state: SourceState | None) -> SourceState:
    """The state to go on from. Validators are forgotten only when the source is read in another way than before."""
    reading = _reading(source)
    if state is None:
        return SourceState(name=source.name, url=source.url, parsed_with=reading)
    if state.parsed_with == reading:
        return state
    return replace(state, url=source.url, parsed_with=reading, validators={}, digests={})


def _reading(source: Source) -> str:
    """Digest of all that decides which entries a document gives; rules and categories are not among it."""
    parts = (source.kind, source.url, source.encoding, source.timezone, repr(source.options))
    return hashlib.sha256('\x1f'.join(parts).encode()).hexdigest()[:16]


def _never_empty(gathered: Gathered, state: SourceState) -> Gathered:
    """A document without entries where there were some is trouble at the source, not the end of its news."""
    if (
        not isinstance(gathered, Changed)
        or not state.entries
        or any(p.items or p.items is None for p in gathered.pages)
    ):
        return gathered
    return Failed(
        gathered.visit,
        'empty',
        f'the document holds no entries; it held {state.entries} before',
        'What was published stays. Look at the address in a browser: the feed may have moved.',
    )


# ---------------------------------------------------------------- what is remembered


def _after(source: Source, state: SourceState, gathered: Gathered, now: datetime, polling: Polling) -> SourceState:
    match gathered:
        case Failed(visit, _, message, hint):
            after = replace(
                state,
                state='failing',
                failures=state.failures + 1,
                first_failure_at=state.first_failure_at or now,
                error=message,
                hint=hint,
            )
        case Same(visit):
            well: StateWord = 'degraded' if state.state == 'degraded' else 'ok'
            after = _well(replace(state, validators=visit.validators, digests=visit.digests, state=well), now)
        case Changed(visit):
            after = _taken_in(state, gathered, now)
    following = next_poll(state, source, _outcome(gathered), now, polling)
    return replace(
        after,
        last_poll_at=now,
        next_poll_at=following.at,
        why_next=following.why,
        state=after.state if following.at else 'gone',
    )


def _outcome(gathered: Gathered) -> PollOutcome:
    result = gathered.visit.first
    return PollOutcome(
        answer=result.answer if result else None,
        failure=result if isinstance(result, FetchFailed) else None,
        head=gathered.head if isinstance(gathered, Changed) else None,
        unreadable=isinstance(gathered, Failed) and not isinstance(result, FetchFailed),
    )


def _taken_in(state: SourceState, changed: Changed, now: datetime) -> SourceState:
    listed = sum(len(p.items) for p in changed.pages if p.items is not None)
    whole = all(p.items is not None for p in changed.pages)
    after = replace(
        state,
        state='degraded' if changed.degraded else 'ok',
        rounds=state.rounds + 1,
        validators=changed.visit.validators,
        digests=changed.visit.digests,
        last_change_at=now,
        head=changed.head,
        entries=listed if whole else max(listed, state.entries),
    )
    error = '; '.join(f.message for f in changed.faults[:3]) if changed.degraded else ''
    return replace(_well(after, now), error=error, hint=changed.faults[0].hint if error else '')


def _well(state: SourceState, now: datetime) -> SourceState:
    calm = replace(state, failures=0, first_failure_at=None, last_success_at=now)
    return calm if state.state == 'degraded' else replace(calm, error='', hint='')


def _report(
    source: Source, gathered: Gathered, recorded: Recorded | None, after: SourceState, now: datetime
) -> PollReport:
    visit, told = gathered.visit, recorded or Recorded({}, (), ())
    return PollReport(
        source=source.name,
        url=source.url,
        at=now,
        outcome=_word(gathered),
        status=visit.status,
        bytes=visit.bytes,
        elapsed_ms=visit.elapsed_ms,
        requests=visit.requests,
        conditional=visit.conditional,
        counts=told.counts,
        faults=(*gathered.faults, *told.faults) if isinstance(gathered, Changed) else (),
        error=after.error if isinstance(gathered, Failed) else '',
        next_poll_at=after.next_poll_at,
        why_next=after.why_next,
        traces=told.traces,
    )


def _word(gathered: Gathered) -> Literal['changed', 'same', 'not-modified', 'failed']:
    match gathered:
        case Changed():
            return 'changed'
        case Failed():
            return 'failed'
        case Same(_, not_modified):
            return 'not-modified' if not_modified else 'same'
