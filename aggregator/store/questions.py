"""What is asked of the store, each within one snapshot. How each is answered stands in the files of their subjects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from aggregator.model import CategoryState, LastAnswer, PollReport, Source, SourceState, StoredEntry, Told
from aggregator.store import answers, around, categories, fragments, reading, rounds, sources
from aggregator.store.carriers import known
from aggregator.store.figures import Figures
from aggregator.store.fragments import Bodies
from aggregator.store.reading import Tombstone
from aggregator.store.sources import POLLS_KEPT
from aggregator.store.standing import Standing, sizes, standing
from aggregator.store.surplus import surplus_entries
from aggregator.store.voiding import Voided, voided
from aggregator.store.words import search

COUNTED = ('sources', 'carriers', 'entries', 'categories', 'tombstones', 'blocked', 'dirty')


class Questions(Figures):
    """Part of Store. Any thread may ask; who writes is not waited for."""

    def sources(self) -> list[SourceState]:
        """By name."""
        return list(self.each_source())

    def each_source(self) -> Iterator[SourceState]:
        """The same one by one, for whoever keeps little of each: a state takes some 4 KB."""
        with self._reading() as db:
            yield from sources.sources(db)

    def source(self, name: str) -> SourceState | None:
        with self._reading() as db:
            return sources.source(db, name)

    def sources_named(self, names: Iterable[str]) -> dict[str, SourceState]:
        """By name; without those that are not known yet."""
        with self._reading() as db:
            return sources.sources_named(db, names)

    def due(self, now: datetime, limit: int) -> list[str]:
        """Names of the sources to visit, the longest due first. One that was never visited is due at once."""
        with self._reading() as db:
            return sources.due(db, now, limit)

    def each_row(self) -> Iterator[Source]:
        """Every source that ever stood in feeds.yml, as it stood there last, without the options of its kind."""
        with self._reading() as db:
            yield from rounds.rows(db)

    def polls(self, source: str, limit: int = POLLS_KEPT) -> list[PollReport]:
        """The recent rounds of a source, newest first, without traces."""
        with self._reading() as db:
            return sources.polls(db, source, limit)

    def last_answer(self, source: str) -> LastAnswer | None:
        """What the server of a source answered last, or an earlier answer that told the same."""
        with self._reading() as db:
            return answers.last_answer(db, source)

    def detail(self, source: str, url: str) -> str | None:
        with self._reading() as db:
            return sources.detail(db, source, url)

    def told(self, source: str, page: int) -> tuple[Told, ...]:
        """What this document of the source listed last, as far as it is remembered item by item."""
        with self._reading() as db:
            return sources.told(db, source, page)

    def meta(self, key: str) -> str | None:
        with self._reading() as db:
            return sources.meta(db, key)

    def entries(
        self, *, label: str | None = None, limit: int = 100, offset: int = 0, newest_first: bool = True
    ) -> list[StoredEntry]:
        """Of one category or of all, by published_at descending, then id. Dropped entries are in none."""
        with self._reading() as db:
            return reading.in_feed(db, label, limit, offset, newest_first=newest_first)

    def newest(self, *, label: str | None, limit: int) -> Sequence[int]:
        """As `entries`, newest first, but their numbers alone."""
        with self._reading() as db:
            return reading.in_order(db, label, limit, 0, newest_first=True)

    def outlines(self, ns: Iterable[int]) -> dict[int, StoredEntry]:
        """Of these entries as much as a feed chooses by: id, dates and source."""
        with self._reading() as db:
            return fragments.outlines(db, ns)

    def numbered(self, ns: Iterable[int]) -> dict[int, StoredEntry]:
        """Complete entries, as far as they are there; one that is in no feed has no labels."""
        with self._reading() as db:
            return reading.load_entries(db, ns)

    def fragments(self, ns: Iterable[int]) -> dict[int, Bodies]:
        """These entries as they stand in documents, by format, as far as that was kept."""
        with self._reading() as db:
            return fragments.fragments(db, ns)

    def fragments_by_id(self, ids: Iterable[str]) -> dict[str, Bodies]:
        """The same by output id."""
        with self._reading() as db:
            return fragments.fragments_by_id(db, ids)

    def voided(self, since: int | None) -> Voided:
        """Of which entries and sources something shown has changed since that change; None: nothing is remembered."""
        with self._reading() as db:
            return voided(db, since)

    def all_entries(self, *, dropped: bool = False) -> Iterator[StoredEntry]:
        """Every entry, newest first, as of one moment, a few in memory at a time; `dropped`: also those in no feed."""
        with self._reading() as db:
            yield from reading.all_in_order(db, dropped=dropped)

    def entry(self, entry_id: str, *, dropped: bool = False) -> StoredEntry | None:
        """The entry that has this id, or into which a join folded it."""
        with self._reading() as db:
            return reading.entry_by_id(db, entry_id, dropped=dropped)

    def entry_by_key(self, wanted: str) -> StoredEntry | None:
        """The entry that a person means by a code, in any case, or by a link."""
        with self._reading() as db:
            return reading.entry_by_key(db, wanted)

    def search(self, words: str, limit: int) -> list[StoredEntry]:
        """Entries that hold all these words (with blanks between), newest first. Any part of a Chinese run is one."""
        with self._reading() as db:
            return search(db, words, limit)

    def surplus_entries(self, *, older_than: datetime, per_source: int) -> list[str]:
        """Output ids of the entries that retention lets go, oldest first; none that a source still lists."""
        with self._reading() as db:
            return surplus_entries(db, older_than=older_than, per_source=per_source)

    def around(self, entry_id: str) -> around.Around | None:
        """All that is said about an entry, dropped or not, and what it shares keys with; for `explain`."""
        with self._reading() as db:
            return around.around(db, entry_id)

    def barren(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the scoped keys that name nothing."""
        with self._reading() as db:
            return around.barren_among(db, keys)

    def published_between(self, after: datetime, until: datetime) -> dict[str, int]:
        """Entries published in that time, by the sources that carry them."""
        with self._reading() as db:
            return around.published_between(db, after, until)

    def known(self, source: str, digests: Iterable[str]) -> dict[str, int]:
        """The seqs of those digests that this source has shown before."""
        with self._reading() as db:
            return known(db, source, digests)

    def tombstone(self, entry_id: str) -> Tombstone | None:
        with self._reading() as db:
            return reading.tombstone(db, entry_id)

    def categories(self, *, with_newest: bool = True) -> list[CategoryState]:
        """By label; each with its newest entry, or quicker without."""
        with self._reading() as db:
            return categories.category_states(db, with_newest=with_newest)

    def slug_target(self, old: str) -> str | None:
        """The slug now of the category that once had this one."""
        with self._reading() as db:
            return categories.slug_target(db, old)

    def counts(self) -> dict[str, int]:
        """Rows by table; `entries` without the dropped ones."""
        with self._reading() as db:
            found = {table: _count(db, table) for table in COUNTED}
            return found | {'entries': _count(db, 'entries WHERE dropped = 0')}

    def dirty(self) -> list[tuple[str, int]]:
        """Slugs of the categories to render again, with a mark for `clear_dirty`.

        '' is the feed of everything, SOURCES_SHOWN what the pages tell of sources.
        """
        with self._reading() as db:
            return categories.dirty(db)

    def standing(self, now: datetime, *, late: timedelta) -> Standing:
        """How things stand; a source counts as overdue where it has been due for longer than `late`."""
        with self._reading() as db:
            return standing(db, now, late)

    def sizes(self) -> tuple[int, int]:
        """Bytes of the file, and of them those that are free."""
        with self._reading() as db:
            return sizes(db)


def _count(db: Database, what: str) -> int:
    found: int = db.execute(f'SELECT count(*) FROM {what}').fetchone()[0]  # noqa: S608  # constants
    return found
