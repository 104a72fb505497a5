"""The entries of a feed as they stand in its documents: what was rendered before, and what is rendered now and kept.

    feed -> places -> kept? | claim | entries | render -> keep

A document is the same with what is kept as without it: a fragment depends on its entry, on the view of its source and
on the site. Of the entry the store knows whether it changed, of the rest a digest tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from aggregator.model import Fault, Feed, StoredEntry
from aggregator.render import Fragment, formats_of
from aggregator.render.formats import Keep
from aggregator.store import Place, Store
from aggregator.version import VERSION


class KeptFragments:
    """For one rendering of one feed, whose entries may be outlines: those that must be rendered are read here."""

    def __init__(self, store: Store, feed: Feed, *, anew: bool = False) -> None:
        """With `anew` nothing that was kept is used."""
        self._store = store
        self._slug = feed.slug
        self._made_with = {name: _made_with(feed, name) for name in {e.source for e in feed.entries}}
        self._bodies = {} if anew else store.fragments(e.id for e in feed.entries)
        wanted = [self._place(e, row.suffix) for row in formats_of(feed.slug) for e in feed.entries]
        self._entries = self._claimed([place for place in wanted if place not in self._bodies])
        self._made: list[tuple[Place, bytes]] = []

    def keep(self, suffix: str, fragment: Fragment) -> Fragment:
        """The fragment of a format that looks first at what is kept."""

        def kept(entry: StoredEntry, feed: Feed) -> bytes | Fault:
            place = self._place(entry, suffix)
            body = self._bodies.get(place)
            return self._rendered(place, feed, fragment) if body is None else body

        return kept

    def save(self, left: Iterable[str]) -> None:
        """Keep what was rendered, and forget the entries that have `left` the feed (their ids)."""
        if self._made:
            with self._store.writing() as writer:
                writer.keep_fragments(self._made)
                writer.forget_fragments(left, of_a_category=bool(self._slug))

    def _place(self, entry: StoredEntry, suffix: str) -> Place:
        """A page names the other categories of an entry, so each has articles of its own."""
        return Place(entry.id, f'html {self._slug}' if suffix == 'html' else suffix, self._made_with[entry.source])

    def _claimed(self, missing: list[Place]) -> dict[str, StoredEntry]:
        if not missing:
            return {}
        with self._store.writing() as writer:
            writer.claim_fragments(missing)
        return self._store.entries_by_ids({place.id for place in missing})

    def _rendered(self, place: Place, feed: Feed, fragment: Fragment) -> bytes | Fault:
        entry = self._entries.get(place.id)
        if entry is None:  # its category is marked again, and published once more
            return Fault('render', f'entry {place.id!r} went away while its feed was rendered')
        body = fragment(entry, feed)
        if isinstance(body, bytes):
            self._made.append((place, body))
        return body


def as_kept(store: Store, feed: Feed) -> Keep:
    """For a feed that is rendered for once: what is kept of its entries is used, nothing is written."""
    made_with = {name: _made_with(feed, name) for name in {e.source for e in feed.entries}}
    bodies = store.fragments(e.id for e in feed.entries)

    def keep(suffix: str, fragment: Fragment) -> Fragment:
        def kept(entry: StoredEntry, feed: Feed) -> bytes | Fault:
            body = bodies.get(Place(entry.id, suffix, made_with[entry.source]))
            return fragment(entry, feed) if body is None else body

        return kept

    return keep


def _made_with(feed: Feed, source: str) -> str:
    parts = (VERSION, feed.site, feed.sources.get(source))
    return hashlib.sha256(repr(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:16]
