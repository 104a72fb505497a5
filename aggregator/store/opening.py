"""The way to the file: connections, pragmas, the lock between processes, and migrations with a copy made first."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from aggregator.errors import DataError, DataInUse
from aggregator.store.schema import APPLICATION_ID, MIGRATIONS
from aggregator.store.trouble import too_new, unusable

FILE = 'aggregator.db'
STATEMENTS = 512  # that rounds of every size write with, each prepared once
FEW_STATEMENTS = 128
STEP_S = 0.005
READER_KIB = 500  # of pages that a reading connection keeps: they are of no use after the next write


class WriteLock:
    """`write.lock` in the data folder, held while a transaction writes.

    SQLite keeps writers apart by itself, but up to 3.51.2 it can lose pages of the WAL when one connection resets it
    while another writes; with this lock there is only ever one. The kernel frees it when its holder dies, so a lock
    left by a killed process refuses nobody.
    """

    def __init__(self, folder: Path, wait_s: float) -> None:
        self._path = folder / 'write.lock'
        self._wait_s = wait_s
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise unusable(folder, error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        self._take()
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)  # said aloud: a forked child may hold the same descriptor

    def close(self) -> None:
        os.close(self._fd)

    def _take(self) -> None:
        give_up_at = time.monotonic() + self._wait_s
        while not self._try():
            if time.monotonic() >= give_up_at:
                raise DataInUse(
                    f'{self._path.parent} is being written by another process', 'Wait for it to finish and try again.'
                )
            time.sleep(STEP_S)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise unusable(self._path.parent, error) from error
        return True


def is_there(path: Path) -> bool:
    """Raises DataError where the folder does not let us look."""
    try:
        return path.exists()
    except OSError as error:
        raise unusable(path.parent, error) from error


def connect(path: Path, wait_s: float, *, read_only: bool = False) -> Database:
    """A connection that may wander between threads, one at a time. Transactions are begun by hand."""
    uri = f'{path.absolute().as_uri()}?mode={"ro" if read_only else "rwc"}'
    conn = sqlite3.connect(
        uri,
        uri=True,
        timeout=wait_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=FEW_STATEMENTS if read_only else STATEMENTS,
    )
    return dressed(conn, *([f'cache_size = -{READER_KIB}'] if read_only else []))


def connect_memory() -> Database:
    return dressed(sqlite3.connect(':memory:', isolation_level=None, check_same_thread=False))


def dressed(conn: sqlite3.Connection, *further: str) -> Database:
    """Foreign keys are off in SQLite unless asked for, on each connection; `further` pragmas are said too.

    No plugin of sqlite-utils gets a say.
    """
    try:
        for pragma in ('foreign_keys = ON', 'temp_store = MEMORY', *further):
            conn.execute(f'PRAGMA {pragma}')
    except sqlite3.Error:
        conn.close()
        raise
    return Database(conn, recursive_triggers=False, execute_plugins=False)


def open_for_writing(path: Path, wait_s: float) -> Database:
    """The writing connection, migrated; the caller holds the write lock."""
    db = connect(path, wait_s)
    try:
        refuse_strangers(db, path)
        become_compact(db)
        become_wal(db)
        migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def become_compact(db: Database) -> None:
    """Pages can be given back. Said to a new file, before anything is written; another would be written for nothing."""
    (pages,) = db.execute('PRAGMA page_count').fetchone()
    if not pages:
        db.execute('PRAGMA auto_vacuum = INCREMENTAL')


def become_wal(db: Database) -> None:
    """WAL: readers never wait for the writer.

    NORMAL, not FULL: against `kill -9` both keep every committed round. After a power cut NORMAL may have lost the
    last rounds whole, their validators and marks with them, and so they are simply polled again, under the same ids;
    it spares a flush of the disk for every round. What must outlive a power cut asks for it: `writing(durable=True)`.
    """
    db.execute('PRAGMA journal_mode = WAL')
    db.execute('PRAGMA synchronous = NORMAL')
    db.execute('PRAGMA journal_size_limit = 67108864')  # a rebuild makes a big WAL; it need not stay so


def refuse_strangers(db: Database, path: Path) -> None:
    """The file must be empty, or ours by its header (sqlite.org/pragma.html#pragma_application_id)."""
    (mark,) = db.execute('PRAGMA application_id').fetchone()
    (tables,) = db.execute('SELECT count(*) FROM sqlite_master').fetchone()
    if tables and mark != APPLICATION_ID:
        raise DataError(f'{path} is the database of another program', 'Name another folder with --data.')


def migrate(db: Database, path: Path | None = None, migrations: Migrations = MIGRATIONS) -> None:
    """Applies what is missing. A database that holds something is copied beside itself before."""
    refuse_the_future(db, path, migrations)
    pending = migrations.pending(db)
    if pending and migrations.applied(db) and path is not None:
        copy(db, path.with_name(f'{path.name}.before-{pending[0].name}'))
    if pending:
        db.execute(f'PRAGMA application_id = {APPLICATION_ID}')
        migrations.apply(db)


def refuse_the_future(db: Database, path: Path | None, migrations: Migrations = MIGRATIONS) -> None:
    """Raises DatabaseTooNew where migrations were applied that this version does not know."""
    known = {one.name for one in migrations._migrations}  # noqa: SLF001  # it has no public list of all its steps
    unknown = [one.name for one in migrations.applied(db) if one.name not in known]
    if unknown:
        raise too_new(path or Path(FILE), unknown)


def refuse_the_past(db: Database, path: Path, migrations: Migrations = MIGRATIONS) -> None:
    """A reader cannot migrate."""
    if migrations.pending(db):
        raise DataError(
            f'{path} was written by an earlier version of this program',
            'Any command that writes, such as `aggregator publish`, brings it up to date.',
        )


def copy(db: Database, file: Path) -> None:
    """A consistent copy as one file, by SQLite's online backup; it appears whole or not at all."""
    part = file.with_name(f'.{file.name}.part')
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as target:
            db.conn.backup(target)
            target.execute('PRAGMA journal_mode = DELETE')  # a backup is one file and opens from a read-only disk
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
