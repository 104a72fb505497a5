"""What a publisher remembers from one round to the next, bounded: entries of feeds that change, and their sources.

    voided since the last round -> forget | newest of a feed -> remembered? | outlines, fragments

It is never asked whether something is still so: the store tells what is not (store/voiding.py), whoever changed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import filterfalse

from aggregator.emit.unsaved import Unsaved
from aggregator.emit.views import made_with, outline_of, still, view_of
from aggregator.model import Settings, Source, SourceState, SourceView, StoredEntry
from aggregator.store import Place, Store, Writer

LIMIT = 8 * 1024 * 1024  # bytes
FEW = 16  # entries that are read with their texts at once: they are new
_WHOLE = 256  # of them that are in memory with their texts
_OUTLINE = 700  # bytes of one without, roughly
_FEEDS = 64  # of which is remembered what stood in them
_VIEWS = 2000  # sources, half a kilobyte each


@dataclass(slots=True)
class Held:
    """An entry of a feed: what it is chosen by, and its fragments by format."""

    n: int
    outline: StoredEntry
    whole: StoredEntry | None = None  # until the round ends, where it was read
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: frozenset[str] | None = frozenset()  # the formats of which the store was asked; None: it has none
    used: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    view: SourceView | None
    made_with: str


class Cache:
    """Of one store. Not for several threads at once. `refresh` begins a round."""

    def __init__(self, limit_bytes: int = LIMIT) -> None:
        self._limit = limit_bytes
        self._settings: Settings | None = None
        self._rows: dict[str, Source] = {}
        self._unknown = ''
        self._unsaved = Unsaved()
        self._forget_all()
        self._round = 0
        self.change: int | None = None  # of the store; what is remembered is not older

    def refresh(self, store: Store, settings: Settings) -> bool:
        """Forget what has changed; whether that was something of a source. Other settings change all."""
        voided = store.voided(self.change)
        everything = voided.everything or settings is not self._settings
        if everything:
            self._forget_all()
            self._unsaved.forget_all()
            self._settings, self._rows = settings, {s.name: s for s in settings.sources}
            self._unknown = made_with(settings.site, None)
        for n in voided.entries:
            self._forget(n)
            self._unsaved.forget(n)
        for name in voided.sources:
            self._views.pop(name, None)
            for n in [n for n, held in self._held.items() if held.outline.source == name]:
                self._forget(n)
        self.change = voided.change
        self._round += 1
        self._put_away()
        return everything or bool(voided.sources)

    def newest(self, store: Store, label: str | None, limit: int) -> list[Held]:
        """The newest entries of a category, or of all, in their order."""
        ns = store.newest(label=label, limit=limit)
        missing = list(filterfalse(self._held.__contains__, ns))
        if 0 < len(missing) <= FEW and len(missing) < len(ns):
            self._take_in(store.numbered(missing))
        elif missing:
            outlines = store.outlines(missing)
            self._held |= {n: Held(n, outline) for n, outline in outlines.items()}
            self._size += _OUTLINE * len(outlines)
        found = [held for n in ns if (held := self._held.get(n)) is not None]  # one may have gone in between
        for held in found:
            held.used = self._round
        return found

    def views(self, store: Store, names: Collection[str]) -> dict[str, SourceView]:
        """Sources as entries show them; without those of which nobody knows anything."""
        if len(self._views) > _VIEWS:
            self._views.clear()
        missing = [name for name in names if name not in self._views]
        if missing:
            self._look_up(store, missing)
        return {name: view for name in names if (view := self._views[name].view) is not None}

    def made_with(self, name: str | None) -> str:
        """Digest of what fragments of a source's entries are made of, after `views` of it; None: an unknown one's."""
        return self._unknown if name is None else self._views[name].made_with

    def made(self, held: Held, format_: str, made_with: str, body: bytes) -> None:
        """A fragment that the store is to have as well."""
        self.keep(held, format_, body)
        self._unsaved.keep(Place(held.n, format_, made_with), body)

    def saving(self, store: Store) -> AbstractContextManager[Writer]:
        """A transaction that begins with what was made and what left its feed since the last one."""
        return self._unsaved.saving(store, self.change or 0)

    def save_much(self, store: Store) -> None:
        """The same before the round ends, where it would be much to hold."""
        if self._unsaved.much:
            with self.saving(store):
                pass

    def keep(self, held: Held, format_: str, body: bytes) -> None:
        self._size += len(body) - len(held.bodies.get(format_, b''))
        held.bodies[format_] = body

    def forget_bodies(self, held: Held, formats: Iterable[str]) -> None:
        for name in formats:
            self._size -= len(held.bodies.pop(name, b''))

    def stands(self, slug: str, newest: Sequence[Held], chosen: Sequence[Held]) -> None:
        """Fragments are kept of what is `chosen`, not of what stood there before (unknown: of the other `newest`)."""
        now = [held.n for held in chosen]
        before = self._stood.pop(slug, None)
        while len(self._stood) >= _FEEDS:
            del self._stood[next(iter(self._stood))]
        self._stood[slug] = now
        stay = set(now)
        left = (n for n in before or (held.n for held in newest) if n not in stay)
        self._unsaved.leave(left, of_a_category=bool(slug))

    def shrink(self) -> None:
        """What was used least lately goes, until a quarter is free again."""
        if self._size <= self._limit:
            return
        for held in sorted(self._held.values(), key=lambda held: held.used):
            if self._size <= self._limit * 3 // 4:
                break
            self._forget(held.n)

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return self._size

    def _take_in(self, entries: Mapping[int, StoredEntry]) -> None:
        """So few among others that are remembered are new: nothing is kept of them, and they will be rendered."""
        if len(self._whole) > _WHOLE:
            self._put_away()
        for n, entry in entries.items():
            self._held[n] = held = Held(n, outline_of(entry), whole=entry, asked=None)
            self._whole.append(held)
            self._size += _OUTLINE

    def _put_away(self) -> None:
        for held in self._whole:
            held.whole = None
        self._whole.clear()

    def _look_up(self, store: Store, names: Iterable[str]) -> None:
        assert self._settings is not None
        states = store.sources_named(names)
        for name in names:
            state = states.get(name) or (SourceState(name=name) if name in self._rows else None)
            view = None if state is None else still(view_of(self._rows, state))
            self._views[name] = _Named(view, made_with(self._settings.site, view))

    def _forget(self, n: int) -> None:
        held = self._held.pop(n, None)
        if held is not None:
            self._size -= _OUTLINE + sum(map(len, held.bodies.values()))

    def _forget_all(self) -> None:
        self._whole: list[Held] = []
        self._held: dict[int, Held] = {}
        self._views: dict[str, _Named] = {}
        self._stood: dict[str, list[int]] = {}  # slug -> the n of the entries that stood in its feed
        self._size = 0
