"""The composition root: settings become a house that works. Everything that is opened here is closed here.

Whatever depends on the settings is one frozen value, so a reload puts another one in its place in a single step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.daemon.replaceable import Reader, Wire
from aggregator.daemon.roster import Changes, take_up
from aggregator.fetch import Transport, transport_of, user_agent
from aggregator.model import Parsing, Policy, Settings
from aggregator.parse import InlineParser, WorkerParser, parse_document
from aggregator.poll import Parser, Polite, Progress, Tools
from aggregator.publish import mark_lost
from aggregator.rules.authority import authority_of
from aggregator.serve import PublicFolder
from aggregator.store import Store
from aggregator.version import VERSION

PUBLIC = 'public'
_NOT_USED = (
    'site.authority %s is not used: ids are made with %s since the first run, and readers know entries by them'
    ' (an empty data folder takes another)'
)

_log = logging.getLogger('aggregator')


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """An open house: settings with the authority that is stored, and the rooms that a round works with.

    A reload makes another one of the same store and folder; whoever has begun with the old one ends with it.
    """

    settings: Settings
    store: Store
    folder: PublicFolder
    tools: Tools
    changes: Changes = Changes()  # what this one found to do when it took the place of the one before
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stays open from one assembly to the next; None: it was given from outside and is not ours to exchange."""

    polite: Polite
    spacing: timedelta | None  # between requests to a host; None: that of the settings
    wire: Wire | None
    reader: Reader | None
    now: Callable[[], datetime]


def now_utc() -> datetime:
    return datetime.now(UTC)


@contextmanager
def assembled(
    settings: Settings,
    *,
    spacing: timedelta | None = None,
    now: Callable[[], datetime] = now_utc,
    transport: Transport | None = None,
    parser: Parser | None = None,
    progress: Progress | None = None,
) -> Iterator[Assembly]:
    """Open the store and what a round needs; entries are decided again where the rules have changed.

    `progress` is told how far that is. `spacing` between requests to a host is that of the settings unless given.
    Raises DataError.
    """
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(settings.data))
        wire = None if transport else stack.enter_context(closing(Wire(_wire(settings, now))))
        reader = None if parser else stack.enter_context(closing(Reader(_reader(settings.parsing))))
        network, parsing = wire or transport, reader or parser
        assert network is not None and parsing is not None  # noqa: PT018  # by the lines above
        polite = Polite(
            network,
            concurrency=settings.polling.host_concurrency,
            spacing=settings.polling.host_spacing if spacing is None else spacing,
            holds=spacing is None,  # a person asks anyway
        )
        parts = Parts(polite=polite, spacing=spacing, wire=wire, reader=reader, now=now)
        tools = Tools(
            store=store,
            transport=polite,
            parser=parsing,
            policy=settings.policy,
            polling=settings.polling,
        )
        folder = PublicFolder(settings.data / PUBLIC)
        mark_lost(store, folder)
        house = Assembly(settings=settings, store=store, folder=folder, tools=tools, parts=parts)
        yield _taken_up(house, settings, progress)


def reassembled(house: Assembly, settings: Settings) -> Assembly:
    """The house by other settings: store, folder and open connections stay, limits and workers are exchanged.

    Where it raises DataError nothing has changed, and it can be called again.
    """
    renewed = _taken_up(house, replace(settings, data=house.settings.data))
    old, new, parts = house.settings, renewed.settings, house.parts
    spacing = new.polling.host_spacing if parts.spacing is None else parts.spacing
    parts.polite.allow(concurrency=new.polling.host_concurrency, spacing=spacing)
    if parts.wire and (old.polling.fetch, introduction(old)) != (new.polling.fetch, introduction(new)):
        parts.wire.replace(_wire(new, parts.now))
    if parts.reader and old.parsing != new.parsing:
        parts.reader.replace(_reader(new.parsing))
    return renewed


def _taken_up(house: Assembly, settings: Settings, progress: Progress | None = None) -> Assembly:
    now = house.parts.now()
    settings = with_authority(settings, house.store, now)
    policy, changes = take_up(house.store, settings, now, progress)
    tools = replace(house.tools, policy=policy, polling=settings.polling)
    return replace(house, settings=settings, tools=tools, changes=changes)


def with_authority(settings: Settings, store: Store, now: datetime) -> Settings:
    """The settings with the authority that ids are made with; the first run stores it for good."""
    authority = authority_of(settings.site.authority, store.meta('authority') or '', settings.site.url, now)
    if store.meta('authority') is None:
        with store.writing() as writer:
            writer.set_meta('authority', authority)
            writer.set_meta('created_at', now.isoformat())
    if settings.site.authority not in ('', authority):
        _log.warning(_NOT_USED, settings.site.authority, authority)
    policy: Policy = replace(settings.policy, authority=authority)
    return replace(settings, policy=policy, site=replace(settings.site, authority=authority))


def wire_of(settings: Settings, now: Callable[[], datetime]) -> closing[Transport]:
    """The network for a few single requests, to be closed after use."""
    return closing(_wire(settings, now, rounds=False))


def reader_of(parsing: Parsing) -> AbstractContextManager[Parser]:
    """The parser, to be closed after use: worker processes, as many as the settings say."""
    return closing(_reader(parsing))


def _wire(settings: Settings, now: Callable[[], datetime], *, rounds: bool = True) -> Transport:
    return transport_of(settings.polling.fetch, introduction(settings), now=now, rounds=rounds)


def introduction(settings: Settings) -> str:
    """Our User-Agent, with a page that a publisher can look at."""
    return user_agent(VERSION, settings.polling.contact or f'{settings.site.url}about.html')


def _reader(parsing: Parsing) -> InlineParser | WorkerParser:
    if parsing.workers == 0:
        return InlineParser(parse_document, parsing.limits)
    return WorkerParser(parse_document, parsing.limits, parsing.workers, parsing.documents_per_worker)
