"""The composition root: settings become a house that works. Everything that is opened here is closed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.fetch import RequestsTransport, Transport, user_agent
from aggregator.model import Parsing, Policy, Settings
from aggregator.parse import InlineParser, WorkerParser, parse_document
from aggregator.poll import Parser, Polite, Tools, rebuild_if_changed, with_retired
from aggregator.rules.authority import authority_of
from aggregator.serve import PublicFolder
from aggregator.store import Store
from aggregator.version import VERSION

PUBLIC = 'public'


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """An open house: settings with the authority that is stored, and the rooms that a round works with."""

    settings: Settings
    store: Store
    folder: PublicFolder
    tools: Tools


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
) -> Iterator[Assembly]:
    """Open the store and what a round needs; entries are decided again where the rules have changed.

    `spacing` between requests to a host is that of the settings unless given. Raises DataError.
    """
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(settings.data))
        settings = with_authority(settings, store, now())
        policy = with_retired(store, settings.policy)
        wire: Transport = transport or stack.enter_context(wire_of(settings, now))
        reader: Parser = parser or stack.enter_context(reader_of(settings.parsing))
        polling = settings.polling
        polite = Polite(
            wire,
            concurrency=polling.host_concurrency,
            spacing=polling.host_spacing if spacing is None else spacing,
        )
        rebuild_if_changed(store, policy, now())
        folder = PublicFolder(settings.data / PUBLIC)
        tools = Tools(store=store, transport=polite, parser=reader, policy=policy, polling=polling)
        yield Assembly(settings=settings, store=store, folder=folder, tools=tools)


def with_authority(settings: Settings, store: Store, now: datetime) -> Settings:
    """The settings with the authority that ids are made with; the first run stores it for good."""
    authority = authority_of(settings.site.authority, store.meta('authority') or '', settings.site.url, now)
    if store.meta('authority') is None:
        with store.writing() as writer:
            writer.set_meta('authority', authority)
            writer.set_meta('created_at', now.isoformat())
    policy: Policy = replace(settings.policy, authority=authority)
    return replace(settings, policy=policy, site=replace(settings.site, authority=authority))


def wire_of(settings: Settings, now: Callable[[], datetime]) -> closing[RequestsTransport]:
    """The network, to be closed after use; it introduces us with a page that a publisher can look at."""
    contact = settings.polling.contact or f'{settings.site.url}about.html'
    return closing(RequestsTransport(settings.polling.fetch, user_agent(VERSION, contact), now=now))


def reader_of(parsing: Parsing) -> AbstractContextManager[Parser]:
    """The parser, to be closed after use: worker processes, as many as the settings say."""
    if parsing.workers == 0:
        return closing(InlineParser(parse_document, parsing.limits))
    return closing(WorkerParser(parse_document, parsing.limits, parsing.workers, parsing.documents_per_worker))
