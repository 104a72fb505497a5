"""One daemon for a data folder, and where it is. The kernel holds the lock: what a killed process left refuses nobody.

The file holds its pid, and the address that it answers at, once it does. It knows none of the rooms, so that whoever
asks every few seconds whether a daemon is well need not load them.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import DataError, DataInUse

FILE = 'daemon.lock'
_MOST = 4096  # bytes that are read of it
_SIGNED = re.compile(rb'(\d{1,9})\n?(?:(http://[!-~]+)\n)?')


@dataclass(frozen=True, slots=True)
class Running:
    """The daemon that holds a data folder. `url` is '' as long as it does not answer."""

    pid: int
    url: str = ''


@dataclass(frozen=True, slots=True)
class Held:
    """The lock, in the hands of its daemon."""

    folder: Path
    fd: int

    def sign(self, url: str = '') -> None:
        """Leave our pid there, for whoever is refused, and our address, for whoever asks. A full disk takes none."""
        try:
            os.ftruncate(self.fd, 0)
            os.pwrite(self.fd, f'{os.getpid()}\n{url}\n'.encode(), 0)
        except OSError as error:
            raise _unusable(self.folder, error) from error


@contextmanager
def only_daemon(folder: Path) -> Iterator[Held]:
    """Hold the data folder. Raises DataInUse with the pid of the daemon that has it, DataError where it is unusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _take(fd, folder)
        held = Held(folder, fd)
        held.sign()
        yield held
    finally:
        os.close(fd)


def running(folder: Path) -> Running | None:
    """The daemon that holds this data folder; None where there is none. Writes nothing."""
    try:
        fd = os.open(folder / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        signed = _signed(fd)
        if not signed.pid:
            return None
        os.kill(signed.pid, 0)  # of a dead one the lock is not even tried: a daemon that starts right now must get it
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # it is alive; or alive and another user's
        return signed
    except (OSError, OverflowError):
        return None
    finally:
        os.close(fd)
    return None


def _unusable(folder: Path, error: OSError) -> DataError:
    hint = 'Make room or make it writable, or name another folder with --data.'
    return DataError(f'the data folder {folder} cannot be used: {error.strerror}', hint)


def _take(fd: int, folder: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = _signed(fd).pid
        message = f'{folder} is in use by another aggregator daemon (pid {pid or "unknown"})'
        raise DataInUse(message, 'Stop it, or give this one another folder with --data.', pid) from error


def _signed(fd: int) -> Running:
    """What stands in the file; pid 0 where that is no number."""
    found = _SIGNED.match(os.pread(fd, _MOST, 0))
    return Running(int(found[1]), (found[2] or b'').decode('ascii', 'replace')) if found else Running(0)
