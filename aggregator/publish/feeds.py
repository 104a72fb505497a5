"""The documents of one category: its newest entries, those of them that are chosen, and what is said around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.emit import Cache, Held, KeptFragments
from aggregator.model import CategoryState, Feed, Settings
from aggregator.render import Edition, edition_of, formats_of
from aggregator.rules.selection import LOOK_AHEAD, places, updated_at
from aggregator.store import Store

EVERYTHING = ''  # the slug of the feed of everything


@dataclass(frozen=True, slots=True)
class Feeds:
    """What all of them need in one round of publishing."""

    store: Store
    settings: Settings
    cache: Cache
    began_at: datetime
    ttl: timedelta

    def edition(self, category: CategoryState | None, *, anew: bool) -> Edition:
        """The documents of a category, or of everything.

        Its entries are rendered where that was not done before, or with `anew`.
        """
        label, slug = (category.label, category.slug) if category else (None, EVERYTHING)
        with self.store.one_moment():
            newest = self.cache.newest(self.store, label, self.settings.publishing.entries * LOOK_AHEAD)
            chosen = self.chosen(newest)
            feed = self.feed(category, chosen, more=len(newest) > len(chosen))
            suffixes = [row.suffix for row in formats_of(slug)]
            kept = KeptFragments(self.store, self.cache, feed, chosen, suffixes, anew=anew)
        edition = edition_of(feed, kept)
        self.cache.stands(slug, newest, chosen)
        self.cache.save_much(self.store)
        self.cache.shrink()
        return edition

    def chosen(self, newest: Sequence[Held]) -> list[Held]:
        return [newest[at] for at in places([held.outline for held in newest], self.settings.publishing)]

    def feed(self, category: CategoryState | None, chosen: Sequence[Held], *, more: bool = False) -> Feed:
        site, entries = self.settings.site, [held.outline for held in chosen]
        return Feed(
            slug=category.slug if category else EVERYTHING,
            label=category.label if category else '',
            title=category.title if category else site.title,
            updated_at=updated_at(entries, self.began_at),
            entries=entries,
            sources=self.cache.views(self.store, {e.source for e in entries}),
            site=site,
            ttl=self.ttl,
            hubs=self.settings.publishing.hubs,
            more=more,
        )


def began_at(store: Store) -> datetime:
    """When this database began: the date of a feed that has no entries."""
    return datetime.fromisoformat(store.meta('created_at') or '2000-01-01T00:00:00+00:00').astimezone(UTC)
