"""From the store to the public folder: what changed is rendered again, and written where its bytes are others.

    dirty categories -> entries -> selection -> Feed -> documents -> folder, then the pages that list it all

A category is dirty from the transaction that changed it until its documents are written, so a process that is killed in
between leaves work, never a stale document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aggregator.emit import KeptFragments
from aggregator.fetch import user_agent
from aggregator.model import (
    CategoryState,
    Document,
    Fault,
    Feed,
    Installation,
    Pulse,
    Settings,
    Site,
    Source,
    SourceState,
    SourceView,
    StoredEntry,
)
from aggregator.render import (
    FORMATS,
    Edition,
    about_page,
    categories_opml,
    edition_of,
    index_page,
    not_found_page,
    paths_of,
    script_document,
    sources_opml,
    style_document,
    zone_of,
)
from aggregator.rules.selection import LOOK_AHEAD, select, updated_at
from aggregator.serve import PublicFolder
from aggregator.store import SOURCES_SHOWN, Store
from aggregator.version import VERSION

HTML = 'text/html; charset=utf-8'
OPML = 'text/x-opml; charset=utf-8'
EVERYTHING = ''  # the slug of the feed of everything
RECENT = 20  # entries on the first page
PULSE = 48  # hours on its chart
FRONT = 'index.html'  # where it is not, the folder is not what was published
MADE_WITH = 'made_with'  # the key in `meta`


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the paths whose bytes changed, and the entries that a document had to leave out."""

    written: tuple[str, ...] = ()
    unchanged: int = 0
    faults: tuple[Fault, ...] = field(default=())


def publish(
    store: Store,
    settings: Settings,
    folder: PublicFolder,
    *,
    everything: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Published:
    """Write the documents of all dirty categories, then the pages about them; nothing where nothing is marked.

    With `everything` those of all there are, and no entry as it was rendered before.
    """
    with folder.alone():
        return _publish(store, settings, folder, progress, everything=everything)


def _publish(
    store: Store,
    settings: Settings,
    folder: PublicFolder,
    progress: Callable[[int, int], None],
    *,
    everything: bool,
) -> Published:
    dirty = dict(store.dirty())
    made_with = _made_with(settings)
    anew = everything
    everything = everything or store.meta(MADE_WITH) != made_with or folder.stamp(FRONT) is None
    if not dirty and not everything:
        return Published()
    categories = {c.slug: c for c in store.categories()}
    shown = {EVERYTHING, *(slug for slug, c in categories.items() if c.newest_at or c.published)}
    slugs = sorted(shown if everything else shown & dirty.keys())
    view = _View.of(store, settings, categories)
    written: list[str] = []
    unchanged = 0
    faults: list[Fault] = []
    for done, slug in enumerate(slugs, 1):
        edition = view.edition(slug, anew=anew)
        report = folder.write(edition.documents)
        written += report.written
        unchanged += report.unchanged
        faults += edition.faults
        progress(done, len(slugs))
    pages = folder.write(view.pages())
    written += folder.remove(_left_behind(dirty, categories))
    store.clear_dirty(dirty.items())
    fresh = [slug for slug in slugs if slug and not categories[slug].published]
    if fresh or store.meta(MADE_WITH) != made_with:
        with store.writing() as writer:
            writer.mark_published(fresh)
            writer.set_meta(MADE_WITH, made_with)
    return Published((*written, *pages.written), unchanged + pages.unchanged, tuple(dict.fromkeys(faults)))


def mark_lost(store: Store, folder: PublicFolder) -> None:
    """Mark feeds of which the folder has lost a document, or the bytes of one, so that they are written again.

    A power cut leaves empty files, and folders are cleared, or left behind when the database moves.
    """
    slugs = [EVERYTHING, *(c.slug for c in store.categories() if c.published)]
    if lost := [slug for slug in slugs if not all(map(folder.has_bytes, paths_of(slug)))]:
        with store.writing() as writer:
            writer.mark_dirty(lost)


def _left_behind(dirty: Iterable[str], categories: Mapping[str, CategoryState]) -> list[str]:
    """Documents of a slug that its category has no longer: once they are gone, the address leads to the new one."""
    former = [slug for slug in dirty if slug not in ('', SOURCES_SHOWN, *categories)]
    return [f'category/{slug}.{suffix}' for slug in sorted(former) for suffix in FORMATS]


def _made_with(settings: Settings) -> str:
    """Digest of all but the entries that documents are made of; when it changes, all of them are made again."""
    shown = [(s.name, s.url, s.content, s.kind, s.every) for s in settings.sources]
    named = settings.policy.categories  # slugs and titles stand in documents of other categories too
    parts = (VERSION, settings.site, settings.publishing, settings.polling.contact, settings.retention, shown, named)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def ttl_of(settings: Settings) -> timedelta:
    """How long a reader may wait before it asks again: our shortest interval (RSS 2.0 ttl, Cache-Control)."""
    shortest = min((s.every for s in settings.sources), default=settings.serving.min_max_age)
    return max(shortest, settings.serving.min_max_age)


def views_of(sources: Iterable[Source], states: Iterable[SourceState]) -> dict[str, SourceView]:
    """Sources as readers see them, those that are gone from feeds.yml but still have entries included."""
    named = {s.name: s for s in sources}
    polled = {s.name: _view(named.get(s.name) or Source(name=s.name, url=s.url), s) for s in states}
    known = {name: polled.get(name) or _view(source, SourceState(name=name)) for name, source in named.items()}
    return known | polled


def pulse_of(store: Store, site: Site, newest_first: Sequence[StoredEntry]) -> Pulse:
    """How much came in the last hours and on the last day, as of the newest entry: no clock is read."""
    if not newest_first:
        return Pulse()
    newest_at = newest_first[0].published_at
    until_at = newest_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    midnight = newest_at.astimezone(zone_of(site.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Pulse(
        newest_at=newest_at,
        until_at=until_at,
        hours=store.by_hour(until_at - timedelta(hours=PULSE), PULSE),
        day=sum(store.by_hour(midnight.astimezone(UTC), 24)),
        days=store.by_category(midnight),
    )


def not_found(store: Store, site: Site) -> bytes:
    """The page for an address that is none of ours: it names what there is."""
    return not_found_page(site, [c for c in store.categories() if c.newest_at])


def _view(source: Source, state: SourceState) -> SourceView:
    head = state.head
    url = source.url if urlsplit(source.url).scheme in ('http', 'https') else ''
    return SourceView(
        name=source.name,
        url=url,
        link=head.link,
        title=head.title or source.name,
        id=head.id,
        icon=head.icon,
        rights=head.rights,
        content=source.content,
        kind=source.kind,
        state=state.state,
        error=state.error,
        hint=state.hint,
        entries=state.entries,
        last_poll_at=state.last_poll_at,
    )


def still(view: SourceView) -> SourceView:
    """Without what changes at every poll: no entry shows it."""
    return replace(view, state='', error='', hint='', entries=0, last_poll_at=None)


@dataclass(frozen=True, slots=True)
class _View:
    """One look at the store, from which all documents of a round of publishing are made."""

    store: Store
    settings: Settings
    categories: Mapping[str, CategoryState]
    sources: Mapping[str, SourceView]
    began_at: datetime

    @classmethod
    def of(cls, store: Store, settings: Settings, categories: Mapping[str, CategoryState]) -> _View:
        sources = views_of(settings.sources, store.each_source())
        return cls(store, settings, categories, sources, began_at(store))

    def edition(self, slug: str, *, anew: bool) -> Edition:
        """The documents of a category. Its entries are rendered where that was not done before, or with `anew`."""
        category = self.categories.get(slug)
        label = category.label if category else None
        newest = self.store.outlines(label=label, limit=self.settings.publishing.entries * LOOK_AHEAD)
        feed = self._feed(category, newest, select(newest, self.settings.publishing))
        kept = KeptFragments(self.store, feed, anew=anew)
        edition = edition_of(feed, kept.keep)
        kept.save(left={e.id for e in newest} - {e.id for e in feed.entries})
        return edition

    def _feed(
        self, category: CategoryState | None, newest: Sequence[StoredEntry], chosen: Sequence[StoredEntry]
    ) -> Feed:
        site = self.settings.site
        return Feed(
            slug=category.slug if category else EVERYTHING,
            label=category.label if category else '',
            title=category.title if category else site.title,
            updated_at=updated_at(chosen, self.began_at),
            entries=chosen,
            sources={name: still(view) for name in {e.source for e in chosen} if (view := self.sources.get(name))},
            site=site,
            ttl=ttl_of(self.settings),
            hubs=self.settings.publishing.hubs,
            more=len(newest) > len(chosen),
        )

    def pages(self) -> list[Document]:
        settings, site = self.settings, self.settings.site
        filled = [c for c in self.categories.values() if c.newest_at]
        recent = select(self.store.entries(label=None, limit=RECENT), self.settings.publishing)
        at = updated_at(recent, self.began_at)
        sources = [self.sources[s.name] for s in self.settings.sources]
        pulse = pulse_of(self.store, site, recent)
        return [
            Document(FRONT, HTML, index_page(site, filled, sources, recent, pulse)),
            Document('about.html', HTML, about(settings)),
            Document('feeds.opml', OPML, categories_opml(site, filled, at)),
            Document('sources.opml', OPML, sources_opml(site, sources, at)),
            style_document(),
            script_document(),
        ]


def about(settings: Settings, installed: Installation | None = None, now: datetime | None = None) -> bytes:
    """The page that says who we are; with what is `installed`, as of `now`, where it is made when asked for."""
    site, contact = settings.site, settings.polling.contact
    name = user_agent(VERSION, contact or f'{site.url}about.html')
    return about_page(site, VERSION, contact, name, settings.retention, installed=installed, now=now)


def began_at(store: Store) -> datetime:
    """When this database began: the date of a feed that has no entries."""
    return datetime.fromisoformat(store.meta('created_at') or '2000-01-01T00:00:00+00:00').astimezone(UTC)
