"""SQLite's errors as sentences that a person can act upon. What only a programmer can mend passes through as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import DatabaseDamaged, DatabaseTooNew, DataError, DataInUse

RESTORE = (
    'Stop the daemon, move the file (and those ending in -wal and -shm) away, and put a file made by '
    '`aggregator backup` in its place. Without one an empty database will do: the sources are read again.'
)


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turns sqlite3 errors about `path` into DataError, DatabaseDamaged or DataInUse."""
    try:
        yield
    except sqlite3.Error as error:
        told = explained(error, path)
        if told is None:
            raise
        raise told from error


def explained(error: sqlite3.Error, path: Path) -> DataError | None:
    code = getattr(error, 'sqlite_errorcode', 0) & 0xFF  # the low byte is the primary code (sqlite.org/rescode.html)
    match code:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return DatabaseDamaged(f'{path} is damaged or no database: {error}', RESTORE)
        case sqlite3.SQLITE_FULL:
            return DataError(f'the disk that holds {path} is full', 'Make room; nothing recorded was lost.')
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return DataInUse(f'{path} is being written by another process', 'Wait for it to finish and try again.')
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return DataError(f'{path} cannot be opened or written: {error}', writable_hint(path))
        case sqlite3.SQLITE_IOERR:
            return DataError(f'the disk that holds {path} fails: {error}', 'Look at the disk and the system log.')
        case _:
            return None


def unusable(folder: Path, error: OSError) -> DataError:
    return DataError(f'the data folder {folder} cannot be used: {error.strerror or error}', writable_hint(folder))


def too_new(path: Path, unknown: list[str]) -> DatabaseTooNew:
    return DatabaseTooNew(
        f'{path} was written by a later version of this program (it knows {", ".join(unknown)})',
        'Install that version again, or name another folder with --data.',
    )


def writable_hint(path: Path) -> str:
    return f'The user that runs this must be able to read and write {path} and its folder; --data names another one.'
