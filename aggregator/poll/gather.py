"""One visit to a source: its documents are fetched and read. Nothing is decided about entries and nothing is stored.

    requests | fetch | same body? | parse  =>  Changed | Same | Failed

A source may be several documents (the pages of a list, the posts of a folder). The first must come; a later one that
fails is a fault of the round, and the rest is kept.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from aggregator.fetch import FolderRead, Transport, read_folder
from aggregator.model import (
    Answer,
    Fault,
    FeedHead,
    Fetched,
    FetchFailed,
    FetchResult,
    Item,
    NotModified,
    ParsedFeed,
    Received,
    Request,
    Source,
    SourceState,
    Told,
    Validators,
)
from aggregator.rules.identity import digests_of, distinct, mark_feed_guids, saying_of
from aggregator.rules.moves import address_of, same_origin
from aggregator.rules.rhythm import stated_in

POST_BYTES = 2 * 1024 * 1024  # of one post


class Parser(Protocol):
    """Items whose marks are in `seen` may be left out of what was parsed."""

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = ...) -> ParsedFeed: ...


def _none_of(digests: Collection[str]) -> bool:
    return not digests


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a document listed last, and who knows whether all of these digests are carriers still."""

    told: tuple[Told, ...] = ()
    knows: Callable[[Collection[str]], bool] = _none_of


Recall = Callable[[int], Recalled]
"""What is remembered of a document of the source, by its number."""


@dataclass(frozen=True, slots=True)
class Page:
    """One document of a round. `number` stays the same while the document is the same: runs are counted by it."""

    number: int
    # None: it is as it was, what it listed it lists still. An item that is None is a carrier already, by its digest.
    items: tuple[Item | None, ...] | None
    digests: tuple[str, ...] = ()  # of what each item says, as the document said it: details come later
    told: tuple[Told, ...] = ()  # of each item, to be remembered; nothing where the document cannot be cut
    url: str = ''  # of the document


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a visit cost and what it must be remembered by, whatever came of it."""

    requests: int = 0
    conditional: bool = False
    status: int = 0
    bytes: int = 0
    elapsed_ms: int = 0
    validators: Mapping[str, Validators] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    first: FetchResult | None = None  # of the first document; None for a folder
    document: str = ''  # its configured URL where the source is one document; '' for several and for a folder
    answers: tuple[Answer, ...] = ()  # of all documents, and of details where the host asked us to slow down


@dataclass(frozen=True, slots=True)
class Changed:
    visit: Visit
    head: FeedHead
    pages: tuple[Page, ...]
    faults: tuple[Fault, ...]
    degraded: bool


@dataclass(frozen=True, slots=True)
class Same:
    visit: Visit
    not_modified: bool


@dataclass(frozen=True, slots=True)
class Failed:
    visit: Visit
    reason: str
    message: str
    hint: str = ''


Gathered = Changed | Same | Failed


def nothing_recalled(_page: int) -> Recalled:
    return Recalled()


def gather(
    source: Source,
    state: SourceState,
    transport: Transport,
    parser: Parser,
    now: datetime,
    *,
    reread: bool = False,
    recall: Recall = nothing_recalled,
) -> Gathered:
    """Visit the source. Of a document that changed, only items that `recall` does not know are read.

    With `reread` a body that is the same as last time is read all the same, and all of it (for `--trace`).
    """
    if source.kind == 'posts':
        return _gather_folder(source, state, parser, now, reread=reread)
    results = [(asking.url, transport.fetch(asking.request)) for asking in askings(source, state, now)]
    return gathered(source, state, results, parser, reread=reread, recall=recall)


def gathered(
    source: Source,
    state: SourceState,
    results: Sequence[tuple[str, FetchResult]],
    parser: Parser,
    *,
    reread: bool = False,
    recall: Recall = nothing_recalled,
) -> Gathered:
    """What the answers to `askings` mean, in their order."""
    visit = _visit(results, state)
    match results[0][1]:
        case FetchFailed() as failed:
            return Failed(visit, failed.reason, failed.message, failed.hint)
        case _ if not reread and all(_is_same(url, result, state) for url, result in results):
            return Same(visit, isinstance(results[0][1], NotModified))
        case NotModified() if all(isinstance(result, NotModified) for _, result in results):
            return Same(visit, not_modified=True)
    reading = _Reading(source, state, parser, nothing_recalled if reread else recall, reread=reread)
    return _read(reading, results, visit)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a round."""

    url: str  # as configured: what is remembered of the document is remembered by it
    request: Request


def askings(source: Source, state: SourceState, now: datetime) -> list[Asking]:
    """What a round asks for; nothing for a folder.

    Only a source that is one document is asked at the address that it has moved to.
    """
    urls = source.options.requests(source) if source.kind != 'posts' else ()
    alone = len(urls) == 1
    return [Asking(url, _request(source, url, address_of(url, state, now) if alone else url, state)) for url in urls]


def _request(source: Source, url: str, asked: str, state: SourceState) -> Request:
    """What was configured for the origin of the source stays there, wherever the document has moved."""
    at_home = asked == url or same_origin(url, asked)
    return Request(
        url=asked,
        source=source.name,
        validators=state.validators.get(url, Validators()),
        headers=source.headers if at_home else {},
        private=source.private and at_home,
    )


def _is_same(url: str, result: FetchResult, state: SourceState) -> bool:
    match result:
        case NotModified():
            return True
        case Fetched(_, received):
            return url in state.digests and state.digests[url] == _digest(received.body)
    return False


def _visit(results: Sequence[tuple[str, FetchResult]], state: SourceState) -> Visit:
    """Both validators are replaced, or dropped, by every 200; a 304 and a failure leave them (conformance C1)."""
    answers = [a for _, result in results if (a := _answer(result))]
    bodies = {url: r.received.body for url, r in results if isinstance(r, Fetched)}
    fresh = {url: _validators(url, r.answer) for url, r in results if isinstance(r, Fetched)}
    return Visit(
        requests=sum(not _is_held(result) for _, result in results),
        conditional=any(state.validators.get(url, Validators()) != Validators() for url, _ in results),
        status=answers[0].status if answers else 0,
        bytes=sum(map(len, bodies.values())),
        elapsed_ms=sum(a.elapsed_ms for a in answers),
        validators={**state.validators, **fresh},
        digests={**state.digests, **{url: _digest(body) for url, body in bodies.items()}},
        first=results[0][1],
        document=results[0][0] if len(results) == 1 else '',
        answers=tuple(answers),
    )


def _validators(url: str, answer: Answer) -> Validators:
    """With the URL that gave them, where that is not the configured one: nobody else is sent them."""
    found = answer.validators
    if not (found.etag or found.last_modified):
        return Validators()
    return replace(found, url=found.url or (answer.url if answer.url != url else ''))


def _is_held(result: FetchResult) -> bool:
    return isinstance(result, FetchFailed) and result.reason == 'held'


def _answer(result: FetchResult) -> Answer | None:
    return result.answer


@dataclass(frozen=True, slots=True)
class _Reading:
    source: Source
    state: SourceState
    parser: Parser
    recall: Recall
    reread: bool

    def page(self, number: int, received: Received) -> tuple[ParsedFeed, Page]:
        """The document without what was seen of it; all of it where a carrier of that is gone."""
        recalled = self.recall(number)
        seen = {told.mark: told for told in recalled.told}
        parsed = self.parser.parse(self.source, received, frozenset(seen))
        page = _page(number, parsed, received.url, seen)
        left_out = {digest for item, digest in zip(page.items or (), page.digests, strict=True) if item is None}
        if recalled.knows(left_out):
            return parsed, page
        parsed = self.parser.parse(self.source, received)
        return parsed, _page(number, parsed, received.url)


def _read(reading: _Reading, results: Sequence[tuple[str, FetchResult]], visit: Visit) -> Gathered:
    state = reading.state
    pages: list[Page] = []
    faults: list[Fault] = []
    head, degraded = state.head, False
    for number, (url, result) in enumerate(results):
        match result:
            case Fetched(_, received) if reading.reread or not _is_same(url, result, state):
                parsed, page = reading.page(number, received)
                if parsed.failed and number == 0:
                    return _unreadable(parsed, visit)
                head = parsed.head if number == 0 else head
                degraded = degraded or parsed.degraded or parsed.failed
                faults += parsed.faults
                pages.append(Page(number, None) if parsed.failed else page)
            case FetchFailed(_, reason, message):
                faults.append(Fault(reason, f'page {number + 1}: {message}'))
                pages.append(Page(number, None))
            case _:
                pages.append(Page(number, None))
    return Changed(visit, head, tuple(pages), tuple(faults), degraded)


def _page(number: int, parsed: ParsedFeed, url: str, seen: Mapping[bytes, Told] = MappingProxyType({})) -> Page:
    items = mark_feed_guids(parsed.items, parsed.head)
    if not parsed.marks:
        return Page(number, items, digests_of([i.entry for i in items]), url=url)
    at = {item.index: item for item in items}
    told = tuple(_told(mark, at[n]) if n in at else seen[mark] for n, mark in enumerate(parsed.marks))
    digests = distinct([(t.plain, t.by_guid) for t in told])
    return Page(number, tuple(at.get(n) for n in range(len(told))), digests, told, url)


def _told(mark: bytes, item: Item) -> Told:
    return Told(mark, *saying_of(item.entry), next(iter(stated_in((item,))), None))


def _unreadable(parsed: ParsedFeed, visit: Visit) -> Failed:
    fault = parsed.faults[0] if parsed.faults else Fault('unreadable', 'the document could not be read')
    return Failed(visit, fault.rule, fault.message, fault.hint)


# ---------------------------------------------------------------- a folder of posts


def _gather_folder(source: Source, state: SourceState, parser: Parser, now: datetime, *, reread: bool) -> Gathered:
    folder = read_folder(Path(source.url), now=now, max_bytes=POST_BYTES)
    if isinstance(folder, FetchFailed):
        return Failed(Visit(), folder.reason, folder.message, folder.hint)
    visit = Visit(digests={source.url: _folder_digest(folder)}, bytes=sum(len(f.body) for f in folder.files))
    if not reread and state.digests == visit.digests:
        return Same(visit, not_modified=False)
    parsed = [(post, parser.parse(source, post)) for post in folder.files]
    pages = tuple(_page(zlib.crc32(post.url.encode()), p, post.url) for post, p in parsed)
    faults = (*folder.faults, *(f for _, p in parsed for f in p.faults))
    return Changed(visit, FeedHead(title=source.name), pages, faults, degraded=bool(faults))


def _folder_digest(folder: FolderRead) -> str:
    whole = hashlib.sha256()
    for post in folder.files:
        whole.update(f'{post.url}\x00{_digest(post.body)}\x00'.encode())
    return whole.hexdigest()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
