"""What a round said goes into the store, in one transaction: carriers, their runs, the entries they make, the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Fault, Item, Outcome, Policy, Source, Trace
from aggregator.poll.gather import Page
from aggregator.poll.settle import Settled, key_new, settle
from aggregator.store import Line, Writer


@dataclass(frozen=True, slots=True)
class Recorded:
    counts: Mapping[str, int]  # by Outcome
    traces: tuple[Trace, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An item of the round and the carrier that it is."""

    item: Item
    seq: int


def record(
    writer: Writer, source: Source, round_no: int, pages: Sequence[Page], policy: Policy, now: datetime
) -> Recorded:
    """Take in the documents of one round. Returns what became of every item, in document order."""
    listed, new = _carriers(writer, source, pages, now)
    started = writer.list_round(source.name, round_no, _seqs_by_page(writer, source, round_no, pages, listed))
    key_new(writer, sorted(new), policy)
    carried_by = {line.id for line in writer.lines([x.seq for x in listed if x.seq not in new]).values()}
    settled = settle(writer, new | started, policy, now)
    lines = writer.lines([x.seq for x in listed])
    traces = tuple(_traces(source.name, listed, new, lines, settled, carried_by))
    return Recorded(Counter(t.outcome for t in traces), traces, settled.faults)


def _carriers(writer: Writer, source: Source, pages: Sequence[Page], now: datetime) -> tuple[list[Listed], set[int]]:
    known = writer.known(source.name, [d for page in pages for d in page.digests])
    listed: list[Listed] = []
    new: set[int] = set()
    for page in pages:
        for item, digest in zip(page.items or (), page.digests, strict=True):
            if digest not in known:
                known[digest] = writer.add_carrier(source.name, digest, item.url, item.entry, now)
                new.add(known[digest])
            listed.append(Listed(item, known[digest]))
    return listed, new


def _seqs_by_page(
    writer: Writer, source: Source, round_no: int, pages: Sequence[Page], listed: Sequence[Listed]
) -> dict[int, list[int]]:
    """Carriers by page. A page that is as it was goes on listing what it listed in the round before."""
    mine = iter(listed)
    return {
        page.number: writer.listed(source.name, round_no - 1, page.number)
        if page.items is None
        else [next(mine).seq for _ in page.items]
        for page in pages
    }


def _traces(
    source: str,
    listed: Sequence[Listed],
    new: set[int],
    lines: Mapping[int, Line],
    settled: Settled,
    carried_by: set[str],
) -> list[Trace]:
    first_of: set[str] = set()
    traces = []
    for x in listed:
        line = lines.get(x.seq)
        outcome: Outcome = 'dropped' if line is None or line.dropped else 'unchanged'
        if outcome != 'dropped' and line is not None and x.seq in new:
            outcome = _outcome(line.id, settled, first_of, carried_by)
        entry, identity, rule = (line.id, line.identity, line.rule) if line else ('', '', '')
        traces.append(
            Trace(
                source=source,
                url=x.item.url,
                index=x.item.index,
                outcome=outcome,
                entry=entry,
                identity=identity,
                rule=rule,
            )
        )
    return traces


def _outcome(entry: str, settled: Settled, first_of: set[str], carried_by: set[str]) -> Outcome:
    """What a new carrier did to its entry: made it, changed its words, joined it, or said nothing new of it."""
    change = (settled.changes or {}).get(entry, 'same')
    if change == 'new' and entry not in first_of:
        first_of.add(entry)
        return 'new'
    if change == 'revised':
        return 'revised'
    return 'unchanged' if entry in carried_by and change == 'same' else 'merged'
