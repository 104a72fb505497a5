"""What a round of a source would store: the round is made and recorded, in a transaction of which nothing is kept.

So what is told is what the very same code would do; only what the daemon has not taken up yet is not known here: where
the rules of feeds.yml have changed, entries that are there already stand as the old ones made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.daemon.assembly import now_utc
from aggregator.daemon.looking import asked_by_a_person
from aggregator.model import Entry, Policy, PollReport, Settings, Source, SourceState, StoredEntry, Trace
from aggregator.parse import detail_request
from aggregator.poll import (
    Changed,
    Gathered,
    Tools,
    Visited,
    conclude_in,
    gather,
    never_empty,
    with_details,
    with_retired,
)
from aggregator.rules.authority import authority_of
from aggregator.store import Store
from aggregator.store.opening import FILE, is_there


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """An item of the document: what would become of it, what it says, and the entry that it would be part of."""

    trace: Trace
    said: Entry
    entry: StoredEntry | None  # None: it would make none
    text_at: str = ''  # where a round would ask for its text


def rehearse(settings: Settings, source: Source, *, texts: bool = False) -> tuple[PollReport, tuple[Rehearsed, ...]]:
    """The report of the round and its items, in document order. The whole document is asked for and read.

    With `texts` those of new entries are asked for as well, one request each. Raises DataError where the database
    cannot be used; where there is none, all is new.
    """
    now = now_utc()
    with asked_by_a_person(settings) as (wire, parser), _opened(settings) as store:
        policy = _policy(settings, source, store, now)
        tools = Tools(store=store, transport=wire, parser=parser, policy=policy, polling=settings.polling)
        found = _gathered(source, tools, now, texts=texts)
        return _recorded(source, found, tools, now)


def _recorded(source: Source, found: Gathered, tools: Tools, now: datetime) -> tuple[PollReport, tuple[Rehearsed, ...]]:
    pages = found.pages if isinstance(found, Changed) else ()
    said = {(i.url, i.index): i.entry for page in pages for i in page.items or () if i is not None}
    with tools.store.rehearsing() as writer:
        report = conclude_in(writer, Visited(source, found, now), tools)
        entries = {t.entry: writer.entry(t.entry) for t in report.traces if t.entry}
    return report, tuple(_told(t, said[t.url, t.index], entries.get(t.entry), source) for t in report.traces)


def _told(trace: Trace, said: Entry, entry: StoredEntry | None, source: Source) -> Rehearsed:
    waits = trace.outcome in ('new', 'revised', 'merged') and not said.content
    return Rehearsed(trace, said, entry, detail_request(said, source) if waits else '')


def _gathered(source: Source, tools: Tools, now: datetime, *, texts: bool) -> Gathered:
    state = tools.store.source(source.name) or SourceState(name=source.name)
    asked = replace(state, validators={}, digests={})  # a 304 would show nothing
    found = never_empty(gather(source, asked, tools.transport, tools.parser, now, reread=True), state)
    if texts and isinstance(found, Changed):
        return with_details(source, found, _Means(tools))
    return found


def _policy(settings: Settings, source: Source, store: Store, now: datetime) -> Policy:
    """As the next start would have it, and with the source, which may be an address that is no source yet."""
    site = settings.site
    authority = authority_of(site.authority, store.meta('authority') or '', site.url, now)
    policy = with_retired(store, settings.policy)
    return replace(policy, authority=authority, sources={**policy.sources, source.name: source})


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    """None is made and none brought up to date."""
    if not is_there(settings.data / FILE):
        yield Store.in_memory()
        return
    Store.open(settings.data, read_only=True).close()
    with Store.open(settings.data) as store:
        yield store


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts that were stored before, and those of this rehearsal, which are not."""

    store: Store
    brought: dict[str, str] = field(default_factory=dict)

    def known(self, source: str, digests: Iterable[str]) -> dict[str, int]:
        return self.store.known(source, digests)

    def detail(self, source: str, url: str) -> str | None:
        return self.brought.get(url) or self.store.detail(source, url)

    def save_detail(self, source: str, url: str, body: str) -> None:  # noqa: ARG002  # there is one source
        self.brought[url] = body


class _Means:
    """What asking for texts needs."""

    def __init__(self, tools: Tools) -> None:
        self.store = _Texts(tools.store)
        self.transport = tools.transport
        self.parser = tools.parser
