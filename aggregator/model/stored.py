"""What the store keeps: carriers as they were said, entries as they were decided, and the memory of each source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.said import Enclosure, Entry, Fault, FeedHead, Origin, Person
from aggregator.model.wire import Validators


@dataclass(frozen=True, slots=True)
class Run:
    """Rounds of its source, counted from 1, through which one document went on listing a carrier."""

    page: int  # which document of the round, from 0
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One thing that one source said about one entry, kept as it was said. `seq` is the order of arrival."""

    seq: int
    source: str
    url: str  # of the document that carried it first
    entry: Entry
    first_seen_at: datetime
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What an item of a document said, as it is remembered while the document lists it: enough not to read it again.

    Items with equal marks say the same. `plain` and `by_guid` are digests of what was said, without and with the guid.
    """

    mark: bytes
    plain: str
    by_guid: str
    at: datetime | None = None  # when it was published, as far as the rhythm of the source is told by it


RuleName = Literal['code', 'url', 'guid', 'digest']


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What rules/ makes of the carriers that are one entry. The words come from `own`; the text from carrier `text`."""

    identity: str  # 'code:NW202204122339013090', 'url:…', 'guid:…', 'said:…'
    rule: RuleName
    natural_id: str  # the output id that the identity makes
    keys: tuple[str, ...]  # every key that names this entry, sorted
    rank: int = 0  # of the source that speaks: its place in feeds.yml
    own: tuple[int, ...]  # seqs of the carriers of the group that speaks, in order of arrival
    others: tuple[int, ...]  # seqs of carriers of other groups
    frozen: tuple[int, ...] = ()  # seqs that came after their source had used up its revisions: not kept
    text: int  # seq of the carrier whose summary and content are shown
    title: str
    link: str
    publisher: str
    authors: tuple[Person, ...]
    published_at: datetime
    updated_at: datetime
    offset_min: int | None  # zone in which `published` was stated
    dated: bool  # False: published_at is the time it was first seen
    labels: tuple[str, ...]  # sorted
    slugs: Mapping[str, str]  # label -> slug that an entry asked for
    fingerprint: str
    dropped: bool = False  # by a rule: in no feed
    faults: tuple[Fault, ...] = ()  # such as one URL with two codes


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft with the output id that it has for ever, and the ids that a join folded into it."""

    draft: Draft
    id: str
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierView:
    """A carrier as others see it: attribution in feeds and pages, `entries --json`."""

    source: str
    url: str  # link as the carrier gave it
    guid: str  # as sent
    published_at: datetime | None = None
    own: bool = True  # of the group that speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as it is published. `id` is frozen; `labels` and `slugs` go side by side."""

    id: str
    identity: str
    rule: str
    title: str
    link: str
    publisher: str
    authors: tuple[Person, ...] = ()
    published_at: datetime
    updated_at: datetime
    offset_min: int | None = None
    summary: str = ''
    content: str = ''
    labels: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ''
    language: str = ''
    rights: str = ''
    guid: str = ''  # of the carrier that speaks, as sent
    source: str = ''  # name of the source that speaks
    origin: Origin | None = None
    carriers: tuple[CarrierView, ...] = ()
    replaces: tuple[str, ...] = ()
    fingerprint: str = ''
    revision: int = 0


StateWord = Literal['new', 'ok', 'degraded', 'failing', 'gone', 'retired']


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between rounds; cadence turns it and a result into the next one."""

    name: str
    url: str = ''
    parsed_with: str = ''  # digest of the options that decide how it is read; a change forgets the validators
    rounds: int = 0  # rounds that took documents in: no 304, no equal body, no failure
    validators: Mapping[str, Validators] = field(default_factory=dict)  # by URL of the document
    digests: Mapping[str, str] = field(default_factory=dict)  # of the last body, by URL
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0  # in a row
    first_failure_at: datetime | None = None
    state: StateWord = 'new'
    error: str = ''  # the last one in plain words, '' when fine
    hint: str = ''
    head: FeedHead = FeedHead()
    why_next: str = ''  # why next_poll_at is what it is
    moved_to: str = ''  # where permanent redirects lead
    moved_since_at: datetime | None = None
    moved_polls: int = 0  # rounds in a row that saw it
    address: str = ''  # asked instead of `url`, because the move was believed
    address_checked_at: datetime | None = None  # when `url` itself was last asked and agreed
    missing_since_at: datetime | None = None  # of a 404 that goes on
    max_age: timedelta | None = None  # of the last document: a 304 that says nothing leaves it (RFC 9111, 4.3.4)
    rhythm: tuple[datetime, ...] = ()  # last instants of publishing, oldest first
    hosts: tuple[str, ...] = ()  # that its last visit burdened, across redirects
    entries: int = 0
    answered: str = ''  # digest of what the LastAnswer of this source tells


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A field of an answer as it was received, cut where it is long."""

    name: str
    value: str = ''
    withheld: bool = False  # the value may be a secret, and was not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAnswer:
    """What a server answered, for a person to read. Later answers that say nothing else take no place of their own."""

    url: str  # that gave it, after redirects
    status: int
    at: datetime
    fields: tuple[HeaderField, ...] = ()
    left_out: int = 0  # further fields


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """A host that asked us to slow down: none of its sources is asked before."""

    host: str
    not_before: datetime
    why: str
    failures: int = 0  # times that it asked in a row


Outcome = Literal['new', 'revised', 'merged', 'unchanged', 'dropped']


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A line of `--trace`: what became of one item."""

    source: str
    url: str
    index: int
    outcome: Outcome
    entry: str  # output id
    identity: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """One round of one source, for the log line, the metrics and the page."""

    source: str
    url: str
    at: datetime
    outcome: Literal['changed', 'same', 'not-modified', 'failed']
    status: int = 0
    bytes: int = 0
    elapsed_ms: int = 0
    requests: int = 1
    conditional: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)  # by Outcome
    faults: tuple[Fault, ...] = ()
    error: str = ''
    next_poll_at: datetime | None = None
    why_next: str = ''
    traces: tuple[Trace, ...] = ()
