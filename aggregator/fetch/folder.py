"""A folder of posts, read as if it had come over the wire: the `posts` kind's way in. Nothing outside it is read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.fetch.failure import shown
from aggregator.model import Fault, FetchFailed, Received

_HINT = 'Check `path` of this source; a relative one starts at the folder of feeds.yml'


@dataclass(frozen=True, slots=True)
class FolderRead:
    """The posts in order of their relative paths, and what had to be left out."""

    files: tuple[Received, ...]
    faults: tuple[Fault, ...] = ()


def read_folder(
    root: Path, *, suffixes: tuple[str, ...] = ('.md', '.markdown'), now: datetime, max_bytes: int
) -> FolderRead | FetchFailed:
    """All files below `root` with one of the suffixes (in any case), hidden ones and hidden folders left out.

    `Received.url` is the absolute path. Faults: `outside-root` (a link that leads out of the folder), `too-large` (more
    than `max_bytes`), `unreadable`. Linked folders are not entered; those that lie inside are read in their place.
    """
    root = root.absolute()
    try:
        home = root.resolve(strict=True)
        if not home.is_dir():
            return FetchFailed(str(root), 'file', f'{root} is no folder', _HINT)
        os.listdir(home)  # noqa: PTH208  # whether it may be read at all; os.walk would keep silent
    except FileNotFoundError:
        return FetchFailed(str(root), 'file', f'There is no folder {root}', _HINT)
    except (OSError, RuntimeError, ValueError) as error:
        return FetchFailed(str(root), 'file', f'The folder {root} cannot be read: {_why(error)}', _HINT)
    return _collected(root, home, suffixes, now, max_bytes)


def _collected(root: Path, home: Path, suffixes: tuple[str, ...], now: datetime, max_bytes: int) -> FolderRead:
    files: list[Received] = []
    faults: list[Fault] = []
    for path in _candidates(root, home, suffixes, faults):
        match _read(path, home, max_bytes):
            case bytes() as body:
                files.append(Received(str(path), body, now, 'text/markdown'))
            case fault:
                faults.append(fault)
    return FolderRead(tuple(files), tuple(faults))


def _candidates(root: Path, home: Path, suffixes: tuple[str, ...], faults: list[Fault]) -> list[Path]:
    """The posts, and the linked folders that lead outside: reading those is what finds the fault."""
    found: list[Path] = []
    for folder, folders, names in os.walk(
        root, onerror=lambda error: faults.append(_unreadable(error.filename, error))
    ):
        here = Path(folder)
        folders[:] = [name for name in folders if not name.startswith('.')]
        found += [here / name for name in folders if (here / name).is_symlink() and not _inside(here / name, home)]
        found += [here / name for name in names if not name.startswith('.') and name.lower().endswith(suffixes)]
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def _inside(path: Path, home: Path) -> bool:
    try:
        return path.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # a link to itself
        return True


def _read(path: Path, home: Path, max_bytes: int) -> bytes | Fault:
    if not str(path).isprintable():
        return Fault('unreadable', f'{shown(str(path))} has a name that is no text', 'Rename it')
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(home):
            return Fault('outside-root', f'{path} leads out of the folder and was left out', 'Copy the file into it')
        body = _bytes_of(real, max_bytes + 1)
    except (OSError, RuntimeError) as error:
        return _unreadable(path, error)
    if len(body) > max_bytes:
        return Fault('too-large', f'{path} is larger than {max_bytes} bytes and was left out')
    return body


def _bytes_of(real: Path, most: int) -> bytes:
    """A link that took the file's place since is not followed, and a pipe that nobody writes to is not waited for."""
    descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, 'rb') as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError('it is no regular file')
        return file.read(most)


def _unreadable(path: object, error: Exception) -> Fault:
    return Fault('unreadable', f'{shown(str(path))} cannot be read: {_why(error)}', 'Check its permissions')


def _why(error: Exception) -> str:
    return shown((isinstance(error, OSError) and error.strerror) or str(error))
