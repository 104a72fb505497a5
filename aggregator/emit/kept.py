"""The entries of a feed as they stand in its documents: what was rendered before, and what is rendered now and kept.

    feed -> remembered? | kept in the store? | entries | render -> keep

A document is the same with what is kept as without it: a fragment depends on its entry, on the view of its source and
on the site. Of the entry the store knows whether it changed, of the rest a digest tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from aggregator.emit.cache import Cache, Held
from aggregator.emit.views import made_with
from aggregator.model import Fault, Feed, StoredEntry
from aggregator.render import Fragment, Ready
from aggregator.store import Store

TOGETHER = 16  # entries that are read in one go where nobody knows how many a page will hold
_NONE = ('', b'')


class KeptFragments:
    """For one rendering of one feed, whose entries are outlines: those that must be rendered are read here."""

    def __init__(  # what a rendering is made of
        self,
        store: Store,
        cache: Cache,
        feed: Feed,
        held: Sequence[Held],
        suffixes: Iterable[str],
        *,
        anew: bool = False,
    ) -> None:
        """`held` are the feed's entries, in its order; `suffixes` the formats it has. With `anew` nothing that was kept
        is used.
        """
        self._store = store
        self._cache = cache
        self._slug = feed.slug
        self._known = feed.sources.keys()
        self._held = held
        self._by_id: dict[str, Held] = {}
        self._read: dict[int, StoredEntry | None] = {}
        formats = frozenset(map(self._format, suffixes))
        if anew:
            for one in held:
                cache.forget_bodies(one, formats)
        else:
            self._ask_store(formats)

    def ready(self, suffix: str) -> Ready:
        """The fragments of a format that need not be made."""
        name = self._format(suffix)
        return [one.bodies.get(name) for one in self._held]

    def maker(self, suffix: str, fragment: Fragment) -> Fragment:
        """The fragment of a format, kept once it is made."""
        name = self._format(suffix)

        def made(outline: StoredEntry, feed: Feed) -> bytes | Fault:
            one = self._held_as(outline)
            entry = self._entry(one, name)
            if entry is None:  # its category is marked again, and published once more
                return Fault('render', f'entry {outline.id!r} went away while its feed was rendered')
            body = fragment(entry, feed)
            if isinstance(body, bytes):
                self._cache.made(one, name, self._made_with(one), body)
            return body

        return made

    def _format(self, suffix: str) -> str:
        """A page names the other categories of an entry, so each has articles of its own."""
        return f'html {self._slug}' if suffix == 'html' else suffix

    def _ask_store(self, formats: frozenset[str]) -> None:
        missing = {one.n: one for one in self._held if one.asked is not None and not formats <= one.asked}
        if not missing:
            return
        for n, bodies in self._store.fragments(missing).items():
            digest = self._made_with(missing[n])
            for name in formats & bodies.keys():
                told, body = bodies[name]
                if told == digest:
                    self._cache.keep(missing[n], name, body)
        for one in missing.values():
            one.asked = formats | (one.asked or formats)

    def _made_with(self, one: Held) -> str:
        source = one.outline.source
        return self._cache.made_with(source if source in self._known else None)

    def _held_as(self, outline: StoredEntry) -> Held:
        if not self._by_id:
            self._by_id = {one.outline.id: one for one in self._held}
        return self._by_id[outline.id]

    def _entry(self, one: Held, name: str) -> StoredEntry | None:
        """Read with others that this format may need next."""
        if one.whole is not None:
            return one.whole
        if one.n not in self._read:
            wanted = (other.n for other in self._held if name not in other.bodies and other.n not in self._read)
            ns = [one.n, *(n for n in islice(wanted, TOGETHER) if n != one.n)]
            found = self._store.numbered(ns)
            self._read |= {n: found.get(n) for n in ns}
        return self._read[one.n]


def as_kept(store: Store, feed: Feed, suffix: str) -> Ready:
    """For a feed that is rendered for once: what is kept of its entries in this format; nothing is written."""
    digests = {name: made_with(feed.site, feed.sources.get(name)) for name in {e.source for e in feed.entries}}
    kept = store.fragments_by_id(e.id for e in feed.entries)
    found = (kept.get(e.id, {}).get(suffix, _NONE) for e in feed.entries)
    return [body if told == digests[e.source] else None for e, (told, body) in zip(feed.entries, found, strict=True)]
