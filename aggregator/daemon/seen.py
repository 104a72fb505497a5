"""What pages and programs ask the store, by one or two indexed questions each. They ask with a stranger's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.daemon.assembly import Assembly
from aggregator.emit import views_of
from aggregator.model import Source, SourceNow, SourceState, SourceView, StoredEntry
from aggregator.render import ROUNDS
from aggregator.store.sources import POLLS_KEPT

LISTED = 40  # sources on a page
DAY = timedelta(days=1)
_ORDER = ('failing', 'gone', 'degraded', 'new', 'ok', 'retired')  # who needs a person first

Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of all sources, those in trouble first; `states` counts all of them."""

    sources: list[SourceNow]
    states: Mapping[str, int]
    number: int
    pages: int


class Seen:
    """The house as it is seen from outside, as long as its settings hold. Everything may be called from any thread."""

    def __init__(self, house: Assembly, now: Callable[[], datetime]) -> None:
        self.settings = house.settings
        self.store = house.store
        self.now = now
        self.rows = {source.name: source for source in house.settings.sources}

    def listed(self, asked: Asked) -> Listed:
        known = self.store.states()
        states = {name: known.get(name, 'new') for name in self.rows}
        names = sorted(states, key=lambda name: (_rank(states[name]), self.rows[name].order, name))
        pages = max(1, -(-len(names) // LISTED))
        number = page_in(asked, pages)
        counted = Counter(states.values())
        by_rank = {word: counted[word] for word in sorted(counted, key=_rank)}
        return Listed(self._now_of(names[(number - 1) * LISTED : number * LISTED], ROUNDS), by_rank, number, pages)

    def source(self, name: str) -> tuple[Source, SourceNow] | None:
        """Its row and how it is, also of one that has left feeds.yml; None where there never was such a one."""
        if name not in self.rows and (not name or self.store.source(name) is None):
            return None
        [one] = self._now_of([name], POLLS_KEPT)
        row = self.rows.get(name) or Source(name=name, kind=one.view.kind)
        return row, replace(one, answer=self.store.last_answer(name))

    def entry(self, entry_id: str) -> tuple[StoredEntry | None, bool]:
        """The entry, also by an id that a join folded into it; without one, whether it was removed."""
        entry = self.store.entry(entry_id) if entry_id else None
        return entry, entry is None and bool(entry_id) and self.store.tombstone(entry_id) is not None

    def views(self, entries: Iterable[StoredEntry]) -> dict[str, SourceView]:
        """Of the sources that speak for these."""
        names = sorted({entry.source for entry in entries})
        return self._views_of(names, self.store.sources_named(names).values())

    def _now_of(self, names: list[str], rounds: int) -> list[SourceNow]:
        states = self.store.sources_named(names)
        views = self._views_of(names, states.values())
        polls = self.store.polls_of(names, rounds)
        day = self.store.by_source(self.now() - DAY)
        return [
            SourceNow(
                view=views[name],
                state=states.get(name, SourceState(name=name)),
                polls=polls[name],
                day=day.get(name, 0),
            )
            for name in names
        ]

    def _views_of(self, names: Iterable[str], states: Iterable[SourceState]) -> dict[str, SourceView]:
        return views_of([self.rows[name] for name in names if name in self.rows], states)


def page_in(asked: Asked, most: int) -> int:
    """The page that is asked for; the first where that is no number, the last where it is beyond."""
    text = asked.get('page', '')
    return min(most, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 10 else 1  # noqa: PLR2004


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)
