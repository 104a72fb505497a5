"""One daemon for a data folder. The kernel holds the lock, so one left by a killed process refuses nobody."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.errors import DataError, DataInUse

FILE = 'daemon.lock'


@contextmanager
def only_daemon(folder: Path) -> Iterator[None]:
    """Hold the data folder. Raises DataInUse with the pid of the daemon that has it, DataError where it is unusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _take(fd, folder)
        _sign(fd, folder)
        yield
    finally:
        os.close(fd)


def _sign(fd: int, folder: Path) -> None:
    """Leave our pid there, for whoever is refused. A full disk takes none."""
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f'{os.getpid()}\n'.encode(), 0)
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> DataError:
    hint = 'Make room or make it writable, or name another folder with --data.'
    return DataError(f'the data folder {folder} cannot be used: {error.strerror}', hint)


def _take(fd: int, folder: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = 0
        with suppress(ValueError):
            pid = int(os.pread(fd, 32, 0))
        message = f'{folder} is in use by another aggregator daemon (pid {pid or "unknown"})'
        raise DataInUse(message, 'Stop it, or give this one another folder with --data.', pid) from error
