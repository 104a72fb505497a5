"""Looking before anything is done: one request to a source or an address, read as a round would, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.daemon.assembly import now_utc, reader_of, wire_of
from aggregator.errors import AggregatorError, UsageError
from aggregator.fetch import Transport
from aggregator.model import Entry, Fetched, Request, Settings, Source, SourceState
from aggregator.parse import KINDS, feeds_in, well_known
from aggregator.poll import Changed, Failed, Gathered, Parser, gather

_TRIED = 9  # addresses that are tried behind a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look at a source showed; `error` is '' where it could be read."""

    source: str
    url: str
    title: str = ''
    entries: int = 0
    newest: str = ''
    newest_at: datetime | None = None
    undated: int = 0
    bytes: int = 0
    faults: tuple[str, ...] = ()
    error: str = ''
    hint: str = ''

    def row(self) -> dict[str, Any]:
        return {
            'source': self.source,
            'url': self.url,
            'title': self.title,
            'entries': self.entries,
            'newest': self.newest,
            'newest_at': self.newest_at.isoformat() if self.newest_at else None,
            'undated': self.undated,
            'bytes': self.bytes,
            'faults': '; '.join(self.faults),
            'error': self.error,
            'hint': self.hint,
        }


def look_at(settings: Settings, target: str | None) -> Iterator[Looked]:
    """The named source, the address, or every source. Raises UsageError for a name that is not there."""
    with wire_of(settings, now_utc) as transport, reader_of(settings.parsing) as parser:
        for source in _targets(settings, target):
            yield _looked(source, gather(source, SourceState(name=source.name), transport, parser, now_utc()))


def discover(settings: Settings, url: str) -> Looked:
    """The feed at this address, or behind this page. Raises AggregatorError where there is none."""
    if not url.startswith(('http://', 'https://')):
        raise UsageError(f'{url!r} is no http address', 'Give the whole address, such as https://example.org/rss.xml.')
    with wire_of(settings, now_utc) as transport, reader_of(settings.parsing) as parser:
        first = _look(settings.stranger, url, transport, parser)
        if not first.error:
            return first
        for address in _behind(settings.stranger, url, transport)[:_TRIED]:
            looked = _look(settings.stranger, address, transport, parser)
            if not looked.error and looked.entries:
                return looked
    raise AggregatorError(f'there is no feed at {url} nor behind it: {first.error}', first.hint)


def _behind(stranger: Source, url: str, transport: Transport) -> list[str]:
    """Addresses where the page says its feeds are, then those where feeds usually are."""
    request = Request(url=url, accept='text/html,*/*;q=0.5', private=stranger.private, headers=stranger.headers)
    result = transport.fetch(request)
    named = [found.url for found in feeds_in(result.received)] if isinstance(result, Fetched) else []
    return list(dict.fromkeys([*named, *well_known(url)]))


def _targets(settings: Settings, target: str | None) -> list[Source]:
    if target is None:
        return list(settings.sources)
    named = [s for s in settings.sources if s.name == target]
    if named:
        return named
    if target.startswith(('http://', 'https://')):
        return [_at_address(settings.stranger, target)]
    raise UsageError(f'there is no source named {target!r}', '`aggregator sources` lists them; an address works too.')


def _at_address(stranger: Source, url: str) -> Source:
    return replace(stranger, name=url, url=url, options=KINDS['feed'].options())


def _look(stranger: Source, url: str, transport: Transport, parser: Parser) -> Looked:
    source = _at_address(stranger, url)
    return _looked(source, gather(source, SourceState(name=url), transport, parser, now_utc()))


def _looked(source: Source, gathered: Gathered) -> Looked:
    match gathered:
        case Failed(visit, _, message, hint):
            return Looked(source=source.name, url=source.url, bytes=visit.bytes, error=message, hint=hint)
        case Changed(visit, head, pages, faults):
            entries = [item.entry for page in pages for item in page.items or () if item is not None]
            newest = max(entries, key=_at, default=Entry())
            return Looked(
                source=source.name,
                url=source.url,
                title=head.title,
                entries=len(entries),
                newest=newest.title,
                newest_at=newest.published.at if newest.published else None,
                undated=sum(not (e.published or e.updated) for e in entries),
                bytes=visit.bytes,
                faults=tuple(f.message for f in faults),
            )
    return Looked(source=source.name, url=source.url)


def _at(entry: Entry) -> float:
    stated = entry.published or entry.updated
    return stated.at.timestamp() if stated and stated.at else 0.0
