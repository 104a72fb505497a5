"""What a round said goes into the store, in one transaction: carriers, their runs, the entries they make, the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Carrier, Fault, Item, Outcome, Policy, Source, Trace
from aggregator.poll.gather import Page
from aggregator.poll.settle import Settled, settle, take_up
from aggregator.store import Line, Writer, kept


@dataclass(frozen=True, slots=True)
class Recorded:
    counts: Mapping[str, int]  # by Outcome
    traces: tuple[Trace, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A place of a document and the carrier that stands there."""

    page: int
    url: str
    index: int
    seq: int


def record(
    writer: Writer, source: Source, round_no: int, pages: Sequence[Page], policy: Policy, now: datetime
) -> Recorded:
    """Take in the documents of one round. Returns what became of every item, in document order."""
    listed, new = _carriers(writer, source, pages, now)
    seqs = _seqs_by_page(writer, source, round_no, pages, listed)
    started = writer.list_round(source.name, round_no, seqs)
    _remember(writer, source, pages, seqs)
    lines = writer.lines({x.seq for x in listed} - new.keys())
    carried_by = {line.id for line in lines.values()}
    settled = Settled()
    touched = started | writer.outlived(source.name, round_no, (seq for page in seqs.values() for seq in page))
    if touched:
        at_hand = take_up(writer, _at_hand(writer, source, new, now), policy)
        settled = settle(writer, new.keys() | touched, policy, now, at_hand)
        lines = {s: line for s, line in lines.items() if s not in settled.seqs} | writer.lines(settled.seqs)
    traces = tuple(_traces(source.name, listed, new, lines, settled, carried_by))
    return Recorded(Counter(t.outcome for t in traces), traces, settled.faults)


def _carriers(
    writer: Writer, source: Source, pages: Sequence[Page], now: datetime
) -> tuple[list[Listed], dict[int, Item]]:
    """What the documents list, and the items that were never seen before, by the seq that they have now.

    An item that was left out as seen, and whose carrier has gone since, is not listed: the next round reads it again.
    """
    places = [
        (page, n, *both) for page in pages for n, both in enumerate(zip(page.items or (), page.digests, strict=True))
    ]
    known = writer.known(source.name, (digest for *_, digest in places))
    unseen: dict[str, Item] = {}
    for _, _, item, digest in places:
        if item is not None and digest not in known:
            unseen.setdefault(digest, item)
    if unseen:
        known |= writer.add_carriers(source.name, {d: (i.url, i.entry) for d, i in unseen.items()}, now)
    listed = [
        Listed(page.number, i.url if i else page.url, i.index if i else n, known[d])
        for page, n, i, d in places
        if d in known
    ]
    return listed, {known[d]: i for d, i in unseen.items()}


def _at_hand(writer: Writer, source: Source, new: Mapping[int, Item], now: datetime) -> list[Carrier]:
    runs = writer.runs(new)
    return [kept(seq, source.name, i.url, i.entry, now, runs.get(seq, ())) for seq, i in sorted(new.items())]


def _seqs_by_page(
    writer: Writer, source: Source, round_no: int, pages: Sequence[Page], listed: Sequence[Listed]
) -> dict[int, list[int]]:
    """Carriers by page. A page that is as it was goes on listing what it listed in the round before."""
    seqs: dict[int, list[int]] = {
        page.number: writer.listed(source.name, round_no - 1, page.number) if page.items is None else []
        for page in pages
    }
    for x in listed:
        seqs[x.page].append(x.seq)
    return seqs


def _remember(writer: Writer, source: Source, pages: Sequence[Page], seqs: Mapping[int, Sequence[int]]) -> None:
    """What each document told, for the next round; nothing where part of it is not there any more."""
    for page in pages:
        if page.items is not None and source.kind == 'feed':
            whole = len(seqs[page.number]) == len(page.told)
            writer.save_told(source.name, page.number, page.told if whole else ())


def _traces(
    source: str,
    listed: Sequence[Listed],
    new: Mapping[int, Item],
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
                url=x.url,
                index=x.index,
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
