"""The face of the store: open it, write in one transaction, read from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from aggregator.errors import DataError
from aggregator.store.answers import AnswerWriting
from aggregator.store.carriers import CarrierWriting
from aggregator.store.categories import CategoryWriting
from aggregator.store.entries import EntryWriting
from aggregator.store.fragments import FragmentWriting
from aggregator.store.memories import MEMORIES
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
from aggregator.store.questions import Questions
from aggregator.store.removal import Removing
from aggregator.store.rounds import RoundWriting
from aggregator.store.sources import SourceWriting
from aggregator.store.standing import give_back
from aggregator.store.trouble import plainly, unusable

IDLE = 4  # reading connections that are kept for the next ones; each holds a megabyte and two open files


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


class Store(Questions):
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

    def expect(self, sources: int) -> None:
        """So many are asked in turn, by a process that goes on for years: what is held of their states follows that."""
        MEMORIES.expect(sources)

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
