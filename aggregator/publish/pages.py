"""The documents about it all: the front page, the lists of categories and sources, what is the same for years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.emit import KeptFragments, views_of
from aggregator.fetch import user_agent
from aggregator.model import CategoryState, Document, Feed, Installation, Pulse, Settings, Site, SourceView, StoredEntry
from aggregator.publish.feeds import Feeds
from aggregator.publish.memory import Memory
from aggregator.render import (
    about_page,
    categories_opml,
    first_sources,
    front_row,
    index_page,
    needy_among,
    newest_rows,
    not_found_page,
    script_document,
    style_document,
    undated_sources_opml,
    zone_of,
)
from aggregator.rules.selection import updated_at
from aggregator.store import Store
from aggregator.version import VERSION

FRONT = 'index.html'
HTML = 'text/html; charset=utf-8'
OPML = 'text/x-opml; charset=utf-8'
FRONT_ROW = 'front'  # the format of an entry there
RECENT = 20  # entries on the front page
PULSE = 48  # hours on its chart


def pages_of(feeds: Feeds, memory: Memory, categories: Sequence[CategoryState], *, anew: bool) -> list[Document]:
    """Those that change with entries and sources."""
    store, site = feeds.store, feeds.settings.site
    filled = [c for c in categories if c.newest_at]
    held = feeds.chosen(feeds.cache.newest(store, None, RECENT))
    feed = _among(feeds.feed(None, held), feeds.settings)
    kept = KeptFragments(store, feeds.cache, feed, held, [FRONT_ROW], anew=anew)
    at = updated_at(feed.entries, feeds.began_at)
    rows = newest_rows(feed, kept.maker(FRONT_ROW, front_row), kept.ready(FRONT_ROW))
    feeds.cache.shrink()
    if memory.sources_opml is None:
        memory.sources_opml = undated_sources_opml(site, _views(store, feeds.settings))
    pulse = pulse_of(store, site, feed.entries)
    return [
        Document(FRONT, HTML, _front(store, memory, site, filled, rows, pulse)),
        Document('feeds.opml', OPML, categories_opml(site, filled, at)),
        Document('sources.opml', OPML, memory.sources_opml.at(at)),
    ]


def lasting_pages(settings: Settings) -> list[Document]:
    """Those that only other settings and other versions of this program change."""
    return [Document('about.html', HTML, about(settings)), style_document(), script_document()]


def about(settings: Settings, installed: Installation | None = None, now: datetime | None = None) -> bytes:
    """The page that says who we are; with what is `installed`, as of `now`, where it is made when asked for."""
    site, contact = settings.site, settings.polling.contact
    name = user_agent(VERSION, contact or f'{site.url}about.html')
    return about_page(site, VERSION, contact, name, settings.retention, installed=installed, now=now)


def not_found(store: Store, site: Site) -> bytes:
    """The page for an address that is none of ours: it names what there is."""
    return not_found_page(site, [c for c in store.categories() if c.newest_at])


def pulse_of(store: Store, site: Site, newest_first: Sequence[StoredEntry]) -> Pulse:
    """How much came in the last hours and on the last day, as of the newest entry: no clock is read."""
    if not newest_first:
        return Pulse()
    newest_at = newest_first[0].published_at
    until_at = newest_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    midnight = newest_at.astimezone(zone_of(site.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = store.by_hour(until_at - timedelta(hours=PULSE), PULSE)
    since_midnight, into_an_hour = divmod(until_at - midnight.astimezone(UTC), timedelta(hours=1))
    day = store.by_hour(midnight.astimezone(UTC), 24) if into_an_hour else hours[-since_midnight:][:24]
    return Pulse(newest_at=newest_at, until_at=until_at, hours=hours, day=sum(day), days=store.by_category(midnight))


def _among(feed: Feed, settings: Settings) -> Feed:
    """The front page names sources as they stand in feeds.yml, and those that left it by nothing but their name."""
    named = {s.name for s in settings.sources if s.name in feed.sources}
    return replace(feed, sources={name: view for name, view in feed.sources.items() if name in named})


def _views(store: Store, settings: Settings) -> list[SourceView]:
    views = views_of(settings.sources, store.each_source())
    return [views[s.name] for s in settings.sources]


def _front(
    store: Store, memory: Memory, site: Site, filled: Sequence[CategoryState], rows: Sequence[bytes], pulse: Pulse
) -> bytes:
    """Of the sources those that the page has room for are looked at, of the others only their states."""
    known = store.states()
    states = {name: known.get(name, 'new') for name in memory.by_name}
    first = first_sources(states, memory.by_name)
    views = {name: SourceView(name=name, url='', state=states[name]) for name in first}
    for name, state in store.sources_named(needy_among(first, states)).items():
        views[name] = replace(views[name], error=state.error, hint=state.hint)
    return index_page(site, filled, list(views.values()), rows, pulse, Counter(states.values()))
