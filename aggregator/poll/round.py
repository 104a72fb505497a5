"""One round of one source, from the visit to the record, and what is remembered of the source afterwards.

gather | details of new entries | record | next poll  =>  PollReport
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from aggregator.errors import AggregatorError
from aggregator.fetch import Transport, beginner
from aggregator.model import (
    Answer,
    Fault,
    FeedHead,
    FetchResult,
    NotModified,
    Policy,
    Polling,
    PollReport,
    Source,
    SourceState,
)
from aggregator.poll.answered import with_answer
from aggregator.poll.details import with_details
from aggregator.poll.gather import Changed, Failed, Gathered, Parser, Recalled, Same, Visit, askings, gather, gathered
from aggregator.poll.record import Recorded, record
from aggregator.poll.remember import after_round, remembered
from aggregator.poll.telling import in_few
from aggregator.rules.hosts import held, host_of, longest, slowed
from aggregator.rules.moves import move_in_words
from aggregator.store import SOURCES_SHOWN, Store, Writer

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


Then = Callable[[Visited | Callable[[], Visited]], None]
"""Told how a visit ends: what it brought, or how to go on, which takes time and belongs to a thread that may wait. It
is called from the network's own thread: it neither waits nor raises."""


def visit(source: Source, tools: Tools, now: datetime, *, reread: bool = False) -> Visited:
    """Ask the source, and for the texts of its new entries. Many may be under way at once; only texts are written.

    With `reread` a body that is the same as last time is read all the same (for `--trace`).
    """

    def brought() -> Gathered:
        state = remembered(source, tools.store.source(source.name))
        recall = partial(_recalled, tools.store, source.name)
        found = gather(source, state, tools.transport, tools.parser, now, reread=reread, recall=recall)
        return _completed(source, state, found, tools)

    return _visited(source, now, brought)


def begin(
    source: Source, before: SourceState | None, tools: Tools, now: datetime, then: Then, *, patient: bool = False
) -> bool:
    """As `visit`, without holding a thread until the answer is here; False where that cannot be, and nothing was asked.

    `before` is what the store knows of the source. Whoever is `patient` may have to wait for a name server.
    """
    state = remembered(source, before)
    asking = askings(source, state, now)
    able = beginner(tools.transport)
    if len(asking) != 1 or able is None:
        return False
    under_way = _UnderWay(source, state, tools, now, asking[0].url, then)
    return able.begin(asking[0].request, under_way.ended, patient=patient)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A visit that has asked."""

    source: Source
    state: SourceState
    tools: Tools
    at: datetime
    url: str
    then: Then

    def ended(self, what: NotModified | Callable[[], FetchResult]) -> None:
        self.then(self._brought(lambda: what) if isinstance(what, NotModified) else partial(self._brought, what))

    def _brought(self, slow: Callable[[], FetchResult]) -> Visited:
        return _visited(self.source, self.at, lambda: self._gathered(slow()))

    def _gathered(self, result: FetchResult) -> Gathered:
        source, tools = self.source, self.tools
        recall = partial(_recalled, tools.store, source.name)
        found = gathered(source, self.state, ((self.url, result),), tools.parser, recall=recall)
        return _completed(source, self.state, found, tools)


def conclude_each(visits: Sequence[Visited], tools: Tools) -> Iterator[PollReport]:
    """Record these in their order, in one transaction where all goes well: each whole, or not at all.

    Raises DataError where the store cannot be written; visits whose report was not given can be concluded again.
    """
    try:
        with tools.store.writing() as writer:
            reports = [conclude_in(writer, visited, tools) for visited in visits]
    except AggregatorError:
        raise
    except Exception:  # noqa: BLE001  # which of them it was is found one by one
        reports = []
    yield from reports or (conclude(visited, tools) for visited in visits)


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


def _visited(source: Source, at: datetime, brought: Callable[[], Gathered]) -> Visited:
    try:
        return Visited(source, brought(), at)
    except AggregatorError:
        raise
    except Exception as error:  # noqa: BLE001  # a fault of ours in one source must not end the others' rounds
        return Visited(source, _our_fault(source, error), at)


def _completed(source: Source, state: SourceState, found: Gathered, tools: Tools) -> Gathered:
    found = never_empty(found, state)
    return with_details(source, found, tools) if isinstance(found, Changed) else found


def _recalled(store: Store, source: str, page: int) -> Recalled:
    def knows(digests: Collection[str]) -> bool:
        return not digests or store.known(source, digests).keys() >= set(digests)

    return Recalled(store.told(source, page), knows)


def _our_fault(source: Source, error: Exception) -> Failed:
    _log.error('the round of %s failed inside', source.name, exc_info=error)
    message = f'the aggregator itself failed on this source ({type(error).__name__})'
    return Failed(
        Visit(), 'internal', message, 'The log has the details; please report them. What was published stays.'
    )


def conclude_in(writer: Writer, visited: Visited, tools: Tools) -> PollReport:
    """The same within a transaction of the caller's."""
    source, found, now = visited.source, visited.gathered, visited.at
    state = remembered(source, writer.source(source.name))
    recorded = None
    if isinstance(found, Changed):
        recorded = record(writer, source, state.rounds + 1, found.pages, tools.policy, now)
    new = recorded is not None and any(recorded.counts.get(word) for word in ('new', 'merged'))
    after = after_round(source, state, found, now, tools.polling, new=new)
    after = _not_before_its_hosts(writer, after, found.visit.answers, now, tools.polling)
    after, answer = with_answer(source, after, found.visit)
    report = _report(source, found, recorded, state, after, now)
    writer.save_source(after)
    if answer is not None:
        writer.save_answer(source.name, answer)
    _mark(writer, state, after)
    writer.add_poll(report)
    return report


def never_empty(gathered: Gathered, state: SourceState) -> Gathered:
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


def _not_before_its_hosts(
    writer: Writer, state: SourceState, answers: Sequence[Answer], now: datetime, polling: Polling
) -> SourceState:
    """Keep what hosts asked for just now, for all who lead there, and what they asked for before, for this source."""
    known = writer.hosts({*state.hosts, host_of(state.url), *(host_of(a.final_url) for a in answers)})
    for answer in answers:
        hold = slowed(answer, known.get(host_of(answer.final_url)), polling)
        if hold is not None:
            known[hold.host] = hold
            writer.save_host(hold)
            for other in writer.sources_of(hold.host):
                writer.save_source(held(other, hold))
    lasting = longest((known[host] for host in known if host in state.hosts), now)
    return held(state, lasting) if lasting else state


def _report(
    source: Source,
    gathered: Gathered,
    recorded: Recorded | None,
    before: SourceState,
    after: SourceState,
    now: datetime,
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
        faults=in_few((*_faults(gathered), *told.faults, *_move(source, before, after))),
        error=gathered.message if isinstance(gathered, Failed) else '',
        next_poll_at=after.next_poll_at,
        why_next=after.why_next,
        traces=told.traces,
    )


def _faults(gathered: Gathered) -> tuple[Fault, ...]:
    return gathered.faults if isinstance(gathered, Changed) else ()


def _mark(writer: Writer, before: SourceState, after: SourceState) -> None:
    """What documents tell of a source; how often and when it was asked stands on pages that are made when asked for."""
    if _names(before.head) != _names(after.head):
        writer.mark_source(after.name, documents=before.rounds > 0)  # else nothing of it stands in any
    elif _standing(before) != _standing(after):
        writer.mark_dirty([SOURCES_SHOWN])  # its name stands as it stood


def _names(head: FeedHead) -> tuple[str, ...]:
    """What stands in every document that holds an entry of the source (SourceView)."""
    return (head.title, head.link, head.id, head.icon, head.rights)


def _standing(state: SourceState) -> tuple[str, ...]:
    return (state.state, state.error, state.hint)


def _move(source: Source, before: SourceState, after: SourceState) -> tuple[Fault, ...]:
    """Told once, in the round in which it is believed."""
    if not after.address or after.address == before.address:
        return ()
    return (Fault('moved', move_in_words(after, source.url), 'feeds.yml is yours: it is not changed.'),)


def _word(gathered: Gathered) -> Literal['changed', 'same', 'not-modified', 'failed']:
    match gathered:
        case Changed():
            return 'changed'
        case Failed():
            return 'failed'
        case Same(_, not_modified):
            return 'not-modified' if not_modified else 'same'
