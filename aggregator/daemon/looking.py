"""Looking before anything is done: one request to a source or an address, read as a round would, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.daemon.assembly import now_utc, reader_of, wire_of
from aggregator.daemon.naming import no_source
from aggregator.errors import AggregatorError, UsageError
from aggregator.fetch import Transport
from aggregator.model import Entry, Fetched, Request, Settings, Source, SourceState
from aggregator.parse import KINDS, encoding_of, feeds_in, well_known
from aggregator.poll import Changed, Failed, Gathered, Parser, Polite, gather
from aggregator.rules.moves import same_origin

_TRIED = 9  # addresses that are tried behind a page
_FEW = 3  # dates that are shown
_AT_ONCE = 16  # looks under way; of one host as many as `polling.host_concurrency` allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look at a source showed; `error` is '' where it could be read."""

    source: str
    url: str
    title: str = ''
    entries: int = 0
    newest: str = ''
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    undated: int = 0
    unread: tuple[str, ...] = ()  # dates of which nothing could be made, as they stand
    encoding: str = ''  # by which the document was read; '' for a folder
    a_day: float | None = None  # entries, by the dates that the document states; None where they tell nothing
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
            'oldest_at': self.oldest_at.isoformat() if self.oldest_at else None,
            'undated': self.undated,
            'unread': list(self.unread),
            'encoding': self.encoding,
            'a_day': self.a_day,
            'bytes': self.bytes,
            'faults': '; '.join(self.faults),
            'error': self.error,
            'hint': self.hint,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The feed at an address or behind a page, and what else the page says its feeds are."""

    feed: Looked
    others: tuple[str, ...] = ()


def targets(settings: Settings, target: str | None) -> list[Source]:
    """The named source, the address, or every source. Raises UsageError for a name that is not there."""
    if target is None:
        return list(settings.sources)
    named = [s for s in settings.sources if s.name == target]
    if named:
        return named
    if target.startswith(('http://', 'https://')):
        return [at_address(settings, target)]
    raise no_source(
        target, (s.name for s in settings.sources), '`aggregator sources` lists them; an address works too.'
    )


def at_address(settings: Settings, url: str, name: str = '') -> Source:
    """A feed that is no source yet, asked as one that says nothing but its address would be."""
    return replace(settings.stranger, name=name or url, url=url, options=KINDS['feed'].options())


def _behind(settings: Settings, page: str, url: str) -> Source:
    """A feed that a page names. The page chose `url`: elsewhere it is neither private nor sent any headers of ours."""
    source = at_address(settings, url)
    return source if same_origin(page, url) else replace(source, private=False, headers={})


def look_at(settings: Settings, sources: Sequence[Source]) -> Iterator[Looked]:
    """One look at each, several hosts at a time, told in the order given."""
    with (
        asked_by_a_person(settings) as (transport, parser),
        ThreadPoolExecutor(min(_AT_ONCE, len(sources)) or 1, 'look') as pool,
    ):
        try:
            yield from pool.map(lambda source: _look(source, transport, parser), sources)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def discover(settings: Settings, url: str) -> Found:
    """The feed at this address, or behind this page. Raises AggregatorError where there is none."""
    if not url.startswith(('http://', 'https://')):
        raise UsageError(f'{url!r} is no http address', 'Give the whole address, such as https://example.org/rss.xml.')
    with wire_of(settings, now_utc) as transport, reader_of(settings.parsing) as parser:
        first = _look(at_address(settings, url), transport, parser)
        if not first.error:
            return Found(first)
        named = _named(settings.stranger, url, transport)
        for address in list(dict.fromkeys([*named, *well_known(url)]))[:_TRIED]:
            looked = _look(_behind(settings, url, address), transport, parser)
            if not looked.error and looked.entries:
                return Found(looked, tuple(other for other in named if other != address))
    raise AggregatorError(f'there is no feed at {url} nor behind it: {first.error}', first.hint)


@contextmanager
def asked_by_a_person(settings: Settings) -> Iterator[tuple[Transport, Parser]]:
    """Nobody is asked by more at once than allowed, and there is no other waiting."""
    with wire_of(settings, now_utc) as wire, reader_of(settings.parsing) as parser:
        concurrency = settings.polling.host_concurrency
        yield Polite(wire, concurrency=concurrency, spacing=timedelta(0), holds=False), parser


def _named(stranger: Source, url: str, transport: Transport) -> list[str]:
    """The addresses where the page says its feeds are."""
    request = Request(url=url, accept='text/html,*/*;q=0.5', private=stranger.private, headers=stranger.headers)
    result = transport.fetch(request)
    return [found.url for found in feeds_in(result.received)] if isinstance(result, Fetched) else []


def _look(source: Source, transport: Transport, parser: Parser) -> Looked:
    return _looked(source, gather(source, SourceState(name=source.name), transport, parser, now_utc()))


def _looked(source: Source, gathered: Gathered) -> Looked:
    match gathered:
        case Failed(visit, _, message, hint):
            return Looked(source=source.name, url=source.url, bytes=visit.bytes, error=message, hint=hint)
        case Changed(visit, head, pages, faults):
            entries = [item.entry for page in pages for item in page.items or () if item is not None]
            newest = max(entries, key=_at, default=Entry())
            stated = sorted(at for e in entries if (at := _at(e)))
            return Looked(
                source=source.name,
                url=source.url,
                title=head.title,
                entries=len(entries),
                newest=newest.title,
                newest_at=_instant(stated[-1:]),
                oldest_at=_instant(stated[:1]),
                undated=sum(not (e.published or e.updated) for e in entries),
                unread=_unread(entries),
                encoding=encoding_of(visit.first.received, source) if isinstance(visit.first, Fetched) else '',
                a_day=_a_day(stated),
                bytes=visit.bytes,
                faults=tuple(f.message for f in faults),
            )
    return Looked(source=source.name, url=source.url)


def _at(entry: Entry) -> float:
    stated = entry.published or entry.updated
    return stated.at.timestamp() if stated and stated.at else 0.0


def _instant(stated: Sequence[float]) -> datetime | None:
    return datetime.fromtimestamp(stated[0], UTC) if stated else None


def _unread(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Some of the dates that are no dates to us."""
    stated = (date for e in entries for date in (e.published, e.updated) if date and not date.at)
    return tuple(dict.fromkeys(date.raw for date in stated))[:_FEW]


def _a_day(stated: Sequence[float]) -> float | None:
    """Entries a day between the oldest and the newest of these (seconds since 1970)."""
    if len(stated) < 2 or (span_s := max(stated) - min(stated)) <= 0:  # noqa: PLR2004  # two ends
        return None
    return round((len(stated) - 1) / (span_s / 86_400), 2)
