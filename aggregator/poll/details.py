"""The text of a list's new entries: one request each, remembered, so that no entry is ever asked for twice.

An answer that does not come is asked for again in the next rounds; after a few of them the entry goes without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from aggregator.fetch import Transport
from aggregator.model import Answer, Entry, Fault, Fetched, FetchFailed, Item, Request, Source
from aggregator.parse import DetailOf, detail_request, written_addresses
from aggregator.poll.gather import Changed, Page, Parser
from aggregator.rules.moves import same_origin
from aggregator.store import dumps, loads

ATTEMPTS = 3
_TRIED = 'tried '  # what is remembered of a request that brought nothing, before the number of attempts


class Texts(Protocol):
    """What was asked for before; the store is one."""

    def known(self, source: str, digests: Iterable[str]) -> dict[str, int]: ...

    def detail(self, source: str, url: str) -> str | None: ...

    def save_detail(self, source: str, url: str, body: str) -> None: ...


class Means(Protocol):
    """What asking for details needs; Tools has it all."""

    @property
    def store(self) -> Texts: ...
    @property
    def transport(self) -> Transport: ...
    @property
    def parser(self) -> Parser: ...


def with_details(source: Source, changed: Changed, means: Means) -> Changed:
    """The round with the texts of its unseen entries; entries whose text is still to come are left for the next one."""
    wanted = {digest for page in changed.pages for digest, item in _read(page) if detail_request(item.entry, source)}
    if not wanted:
        return changed
    unseen = wanted - means.store.known(source.name, wanted).keys()
    trouble = _Trouble()
    pages = tuple(_page(source, page, unseen, means, trouble) for page in changed.pages)
    visit = replace(changed.visit, answers=(*changed.visit.answers, *trouble.slow))
    return replace(changed, visit=visit, pages=pages, faults=(*changed.faults, *trouble.faults))


@dataclass(slots=True)
class _Trouble:
    """What a round should tell of its details. `slow`: answers by which a host may want to be left alone."""

    faults: list[Fault] = field(default_factory=list)
    slow: list[Answer] = field(default_factory=list)


def _page(source: Source, page: Page, unseen: set[str], means: Means, trouble: _Trouble) -> Page:
    if page.items is None or unseen.isdisjoint(page.digests):
        return page
    kept: list[tuple[Item | None, str]] = []
    for item, digest in zip(page.items, page.digests, strict=True):
        if item is None:
            kept.append((item, digest))
            continue
        url = detail_request(item.entry, source) if digest in unseen else ''
        entry = _detailed(source, item.entry, url, means, trouble) if url else item.entry
        if entry is not None:
            kept.append((replace(item, entry=entry), digest))
    return replace(page, items=tuple(i for i, _ in kept), digests=tuple(d for _, d in kept))


def _read(page: Page) -> Iterator[tuple[str, Item]]:
    """The items that were read, each with its digest."""
    for digest, item in zip(page.digests, page.items or (), strict=True):
        if item is not None:
            yield digest, item


def _detailed(source: Source, entry: Entry, url: str, means: Means, trouble: _Trouble) -> Entry | None:
    """The entry with its text; None where the text is still to come."""
    remembered = means.store.detail(source.name, url) or ''
    if remembered and not remembered.startswith(_TRIED):
        return loads(Entry, remembered)
    result = means.transport.fetch(_request(source, url))
    if isinstance(result, Fetched):
        reader = replace(source, options=DetailOf(source.options, entry))
        parsed = means.parser.parse(reader, result.received)
        trouble.faults += parsed.faults
        if parsed.items:
            means.store.save_detail(source.name, url, dumps(parsed.items[0].entry))
            return parsed.items[0].entry
    elif isinstance(result, FetchFailed):
        if result.reason == 'held':  # it was not asked, so this counts for nothing
            return None
        trouble.slow += [result.answer] if result.answer else []
        trouble.faults.append(Fault('detail', f'the text at {url} did not come: {result.message}', result.hint))
    tried = 1 + int(remembered.removeprefix(_TRIED) or 0)
    means.store.save_detail(source.name, url, f'{_TRIED}{tried}')
    return None if tried < ATTEMPTS else entry


def _request(source: Source, url: str) -> Request:
    """An item chooses `url`. What was configured for the source goes to the origins that feeds.yml itself names."""
    if not any(same_origin(written, url) for written in written_addresses(source)):
        return Request(url=url, source=source.name)
    return Request(url=url, source=source.name, headers=source.headers, private=source.private)
