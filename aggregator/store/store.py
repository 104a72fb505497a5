"""The face of the store: open it, write in one transaction, read from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from aggregator.errors import DataError
from aggregator.model import CategoryState, LastAnswer, PollReport, Source, SourceState, StoredEntry, Told
from aggregator.store import answers, around, categories, fragments, reading, rounds, sources
from aggregator.store.answers import AnswerWriting
from aggregator.store.carriers import CarrierWriting, known
from aggregator.store.categories import CategoryWriting
from aggregator.store.entries import EntryWriting
from aggregator.store.figures import Figures
from aggregator.store.fragments import Bodies, FragmentWriting
from aggregator.store.opening import (
    FILE,
    WriteLock,
    connect,
    connect_memory,
    copy,
    is_there,
    migrate,
    open_for_writing,
    refuse_strangers,
    refuse_the_future,
    refuse_the_past,
)
from aggregator.store.purging import Purging
from aggregator.store.reading import Tombstone
from aggregator.store.removal import Removing
from aggregator.store.rounds import RoundWriting
from aggregator.store.sources import POLLS_KEPT, SourceWriting
from aggregator.store.standing import Standing, give_back, sizes, standing
from aggregator.store.surplus import surplus_entries
from aggregator.store.trouble import plainly, unusable
from aggregator.store.voiding import Voided, voided
from aggregator.store.words import search

IDLE = 4  # reading connections that are kept for the next ones; each holds some 2 MB of pages and two open files
COUNTED = ('sources', 'carriers', 'entries', 'categories', 'tombstones', 'blocked', 'dirty')


class Writer(
    CarrierWriting,
    RoundWriting,
    EntryWriting,
    CategoryWriting,
    SourceWriting,
    AnswerWriting,
    Removing,
    Purging,
    FragmentWriting,
):
    """What may be written within one transaction. Not to be used after it."""

    __slots__ = ()

    def give_back(self, pages: int) -> int:
        return give_back(self._db, pages)


class _Over(Exception):  # it ends a rehearsal and never leaves this file
    pass


class Store(Figures):
    """One SQLite file in the data folder. Any thread may read and write; writers take turns, readers never wait.

    Every method raises DataError (DatabaseDamaged, DataInUse) where the file lets it down.
    """

    def __init__(self, path: Path, writer: Database | None, lock: WriteLock | None, wait_s: float = 10.0) -> None:
        """For `open` and `in_memory`."""
        self._path = path
        self._writer = writer
        self._lock = lock
        self._wait_s = wait_s
        self._turn = threading.RLock()  # one writing thread at a time
        self._pool_turn = threading.Lock()
        self._idle: list[Database] = []
        self._readers: set[Database] = set()
        self._closed = False
        self._durable = False  # how the writing connection is set (opening.py)
        self._here = threading.local()

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, wait_s: float = 10.0) -> Store:
        """The database in `folder`, made or brought up to date where needed; `wait_s` is the patience with others.

        Raises DatabaseTooNew, DatabaseDamaged, DataInUse, DataError.
        """
        path = folder / FILE
        return cls._open_read_only(path, wait_s) if read_only else cls._open_writable(path, wait_s)

    @classmethod
    def in_memory(cls) -> Store:
        """For tests: the same SQL, nothing on disk. Readers see what a running transaction has written."""
        db = connect_memory()
        migrate(db)
        return cls(Path(':memory:'), db, None)

    @classmethod
    def _open_writable(cls, path: Path, wait_s: float) -> Store:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(path.parent, error) from error
        lock = WriteLock(path.parent, wait_s)
        with ExitStack() as undo:
            undo.callback(lock.close)
            with plainly(path), lock.held():
                db = open_for_writing(path, wait_s)
            undo.pop_all()
        return cls(path, db, lock, wait_s)

    @classmethod
    def _open_read_only(cls, path: Path, wait_s: float) -> Store:
        if not is_there(path):
            raise DataError(
                f'there is no database in {path.parent}', '`aggregator poll` or `aggregator run` makes one.'
            )
        store = cls(path, None, None, wait_s)
        try:
            with store._reading() as db:
                refuse_strangers(db, path)
                refuse_the_future(db, path)
                refuse_the_past(db, path)
        except BaseException:
            store.close()
            raise
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every connection. The last one to leave empties the WAL into the file, so the lock is held."""
        with self._turn, self._pool_turn:
            if self._closed:
                return
            self._closed = True
            for db in self._readers:
                db.close()
            if self._writer is not None:
                self._close_writer(self._writer)

    def _close_writer(self, writer: Database) -> None:
        if self._lock is None:
            writer.close()
            return
        with closing(self._lock), closing(writer), plainly(self._path), self._lock.held():
            writer.close()

    # ------------------------------------------------ writing

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Writer]:
        """One transaction: all of it is kept, or, where the block raises, nothing.

        `durable` flushes it to the disk before it counts as done: for what was promised to a person.
        """
        if self._writer is None:
            raise DataError(f'{self._path} was opened for reading only')
        with self._turn, ExitStack() as held:
            if self._lock is not None:
                held.enter_context(self._lock.held())
            held.enter_context(plainly(self._path))
            yield from self._transaction(self._writer, durable=durable)

    @contextmanager
    def rehearsing(self) -> Iterator[Writer]:
        """A transaction of which nothing is kept: what would be there if it were."""
        with suppress(_Over), self.writing() as writer:
            yield writer
            raise _Over

    def _transaction(self, db: Database, *, durable: bool) -> Iterator[Writer]:
        conn = db.conn  # sqlite-utils looks at the words of each of these first
        if durable is not self._durable:
            conn.execute(f'PRAGMA synchronous = {"FULL" if durable else "NORMAL"}')
            self._durable = durable
        conn.execute('BEGIN IMMEDIATE')
        try:
            yield Writer(db)
            conn.execute('COMMIT')
        except BaseException:
            db.rollback()
            raise

    # ------------------------------------------------ reading

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """What this thread asks within is answered as of one moment; what is written meanwhile is not seen."""
        with self._reading() as db:
            before, self._here.db = getattr(self._here, 'db', None), db
            try:
                yield
            finally:
                self._here.db = before

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        """A connection with a snapshot: whatever is asked within, the answers belong together."""
        if (db := getattr(self._here, 'db', None)) is not None:
            yield db
            return
        if self._lock is None and self._writer is not None:
            with self._turn:
                yield self._writer
            return
        with plainly(self._path):
            db = self._borrow()
            try:
                db.conn.execute('BEGIN')
                yield db
            finally:
                self._give_back(db)

    def _borrow(self) -> Database:
        with self._pool_turn:
            if self._idle:
                return self._idle.pop()
            db = connect(self._path, self._wait_s, read_only=True)
            self._readers.add(db)
            return db

    def _give_back(self, db: Database) -> None:
        with self._pool_turn:
            if self._closed:
                return
            db.conn.rollback()
            if len(self._idle) < IDLE:
                self._idle.append(db)
            else:
                self._readers.discard(db)
                db.close()

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

    def rows(self) -> dict[str, Source]:
        """Every source that ever stood in feeds.yml, as it stood there last, without the options of its kind."""
        with self._reading() as db:
            return rounds.rows(db)

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

    def give_back(self, pages: int) -> int:
        """Return at most so many empty pages of the file to the disk, in one short write; how many are left."""
        with self.writing() as w:
            return w.give_back(pages)

    def save_detail(self, source: str, url: str, body: str) -> None:
        """What was answered to this request; the newest thousand of a source are kept."""
        with self.writing() as w:
            w.save_detail(source, url, body)

    def clear_dirty(self, pairs: Iterable[tuple[str, int]]) -> None:
        """After publishing. A category that has been marked again since stays marked."""
        with self.writing() as w:
            w.clear_dirty(pairs)

    def backup(self, file: Path) -> None:
        """A consistent copy as one file, made while others write. Raises DataError where `file` is there already."""
        if is_there(file):
            raise DataError(f'{file} is there already', 'Name another file; a backup never overwrites.')
        try:
            with self._reading() as db, plainly(file):
                copy(db, file)
        except OSError as error:
            raise unusable(file.parent, error) from error


def _count(db: Database, what: str) -> int:
    found: int = db.execute(f'SELECT count(*) FROM {what}').fetchone()[0]  # noqa: S608  # constants
    return found
