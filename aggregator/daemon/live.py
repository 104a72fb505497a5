"""The pages that are made when somebody asks: from the store, by one or two indexed questions each, to bytes.

search | an entry | older entries | all sources | one source. They may read the clock; the documents in the folder do
not. What is asked for is a stranger's text: it is bounded, and what names nothing is a page that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from aggregator.daemon.api import Api
from aggregator.daemon.assembly import Assembly
from aggregator.daemon.installed import installation_of
from aggregator.daemon.seen import Asked, Seen, page_in
from aggregator.emit import as_kept, still
from aggregator.model import CategoryState, Feed, StoredEntry
from aggregator.publish import about, began_at, ttl_of
from aggregator.render import (
    FORMATS,
    archive_page,
    entry_page,
    not_found_page,
    search_page,
    source_page,
    sources_page,
    words_of,
)
from aggregator.rules.selection import updated_at
from aggregator.serve import LivePage, Made

QUERY = 100  # characters of a search
FOUND = 25  # entries on a page of a search
PAGES = 20  # of a search
OLDER = 40  # entries on a page of older ones
SHARED = 10  # entries that a source shares with others, on its page
_FEEDS = ('atom', 'rss', 'json')


class LivePages:
    """Of one house, as long as its settings hold. Everything may be called from any thread."""

    def __init__(self, house: Assembly, now: Callable[[], datetime]) -> None:
        self._seen = Seen(house, now)
        self._settings = house.settings
        self._site = house.settings.site
        self._store = house.store
        self._now = now

    def pages(self) -> dict[str, LivePage]:
        """By path."""
        ttl_s = int(ttl_of(self._settings).total_seconds())
        feeds = {
            f'/search.{suffix}': LivePage(partial(self.found, suffix), ('q',), max_age_s=ttl_s, noindex=True)
            for suffix in _FEEDS
        }
        return feeds | {
            '/search': LivePage(self.search, ('q', 'page'), noindex=True),
            '/entry': LivePage(self.entry, ('id',)),
            '/archive': LivePage(self.archive, ('category', 'before', 'after', 'id')),
            '/about': LivePage(self.about),
            '/sources': LivePage(self.sources, ('page',)),
            '/source': LivePage(self.source, ('name',)),
            **Api(self._seen).pages(),
        }

    # ------------------------------------------------ search

    def search(self, asked: Asked) -> Made:
        """A page of what is found, the newest first."""
        query, number = query_in(asked), page_in(asked, PAGES)
        if len(query) > QUERY:
            return Made(search_page(self._site, query[:QUERY], (), refused=True), status=400)
        found = self._store.search(query, number * FOUND + 1) if query else []
        shown = found[(number - 1) * FOUND : number * FOUND]
        more = len(found) > number * FOUND and number < PAGES
        return Made(search_page(self._site, query, shown, self._seen.views(shown), number=number, more=more))

    def found(self, suffix: str, asked: Asked) -> Made:
        """The same as a feed, as long as any feed: its id and its address are those of the question."""
        query = query_in(asked)
        if not query or len(query) > QUERY:
            return Made(search_page(self._site, query[:QUERY], (), refused=bool(query)), status=400)
        words, row = words_of(self._site.language), FORMATS[suffix]
        entries = self._store.search(query, self._settings.publishing.entries)
        feed = replace(
            self._feed(entries), title=f'{words.search}{words.colon}{query} – {self._site.title}', query=query
        )
        rendered = row.write(feed, row.fragment, as_kept(self._store, feed, suffix))
        return Made(rendered.body, row.media_type)

    # ------------------------------------------------ entries

    def entry(self, asked: Asked) -> Made:
        """One entry; 410 where it was removed. An id that a join folded into another leads to that one."""
        entry, removed = self._seen.entry(asked.get('id', ''))
        if entry is None:
            return self._nothing(gone=removed)
        body = entry_page(entry, self._seen.views([entry]).get(entry.source), self._site)
        return Made(body) if isinstance(body, bytes) else self._nothing()

    def archive(self, asked: Asked) -> Made:
        """Entries of a category, or of all, `before` or `after` one of them; the newest where none is named."""
        slug, category = asked.get('category', ''), None
        if slug:
            category = next((c for c in self._store.categories(with_newest=False) if c.slug == slug), None)
            if category is None:
                return self._nothing()
        entries, more = self._turned_to(category.label if category else None, asked)
        return Made(archive_page(replace(self._feed(entries, category), more=more)))

    def _turned_to(self, label: str | None, asked: Asked) -> tuple[list[StoredEntry], bool]:
        """The entries of that page, and whether there are older ones."""
        edge = _edge(asked)
        if edge is not None and 'after' in asked:
            newer = self._store.beside(edge, OLDER, label=label, older=False)
            if len(newer) == OLDER:
                return newer, True
            edge = None  # the newest page, and a full one
        if edge is not None:
            found = self._store.beside(edge, OLDER + 1, label=label)
        else:
            found = self._store.entries(label=label, limit=OLDER + 1)
        return found[:OLDER], len(found) > OLDER

    # ------------------------------------------------ sources

    def sources(self, asked: Asked) -> Made:
        """A page of all sources, those in trouble first."""
        found, installed = self._seen.listed(asked), installation_of(self._store)
        body = sources_page(
            self._site, found.sources, found.states, self._now(), installed, number=found.number, pages=found.pages
        )
        return Made(body)

    def source(self, asked: Asked) -> Made:
        """One source, also one that has left feeds.yml."""
        name = asked.get('name', '')
        found = self._seen.source(name)
        if found is None:
            return self._nothing()
        published, shared = self._store.published_by(name), self._store.shared_by(name, SHARED)
        return Made(source_page(self._site, *found, published, shared, self._now()))

    # ------------------------------------------------ this installation

    def about(self, _asked: Asked) -> Made:
        """Who we are, with what runs here now."""
        return Made(about(self._settings, installation_of(self._store), self._now()))

    # ------------------------------------------------ what all of them need

    def _feed(self, entries: list[StoredEntry], category: CategoryState | None = None) -> Feed:
        words = words_of(self._site.language)
        return Feed(
            slug=category.slug if category else '',
            label=category.label if category else '',
            title=(category.title or category.label) if category else words.all_entries,
            updated_at=updated_at(entries, began_at(self._store)),
            entries=entries,
            sources={name: still(view) for name, view in self._seen.views(entries).items()},
            site=self._site,
            ttl=ttl_of(self._settings),
        )

    def _nothing(self, *, gone: bool = False) -> Made:
        categories = [c for c in self._store.categories() if c.newest_at]
        return Made(not_found_page(self._site, [] if gone else categories, gone=gone), status=410 if gone else 404)


def query_in(asked: Asked) -> str:
    """What is searched for: printable, with one blank between words, so that one question has one address."""
    text = asked.get('q', '')
    return ' '.join(''.join(char if char.isprintable() else ' ' for char in text).split())


def _edge(asked: Asked) -> tuple[datetime, str] | None:
    try:
        at = datetime.fromisoformat(asked.get('before') or asked.get('after') or '')
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC), asked.get('id', '')
    except (ValueError, OverflowError):
        return None
