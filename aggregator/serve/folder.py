"""The public folder: documents become whole files, with their compressed forms beside them. No HTTP here."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import DataError
from aggregator.model import Document
from aggregator.serve.packing import FORMS, packed

_TEMPORARY = '.tmp-'
_LOCK = 'publish.lock'  # beside the folder
_PATH = re.compile(r'[a-z0-9_-][a-z0-9._-]*(?:/[a-z0-9_-][a-z0-9._-]*)*')
_MOST_PATH, _MOST_SEGMENT = 1000, 200  # characters; a file name may have 255 bytes, and a temporary one is longer
_SERIAL = itertools.count()  # temporary names differ inside one process; the pid tells processes apart


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What became of the documents: the paths whose bytes changed, and how many were as they stood already."""

    written: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one version of a file from the next without reading it."""

    modified_ns: int
    size: int
    inode: int


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a document as it lies in the folder. `forms` are its compressed bytes by content coding."""

    body: bytes
    forms: dict[str, bytes]
    stamp: Stamp

    @property
    def modified_s(self) -> int:
        """Seconds since 1970, whole."""
        return self.stamp.modified_ns // 1_000_000_000


def now_utc() -> datetime:
    return datetime.now(UTC)


class PublicFolder:
    """The folder that readers are served from.

    A file appears by rename, so nobody ever reads half of one. Its compressed forms appear before it and carry its
    modification time; a reader takes a form only where the two times are equal, so a form never stands for other
    bytes than the document it belongs to. Times are whole seconds and grow with every change of a path: unchanged
    bytes keep theirs, and changed bytes never share one (RFC 9110, 8.8.2).

    Nothing is flushed to the disk (no fsync). A killed process loses nothing by that, and what a power cut took can be
    made again from the store: the next start looks for documents that are missing or empty, and `write` compares with
    the bytes that are there, whatever they are. Waiting for the disk three times a document would only make every round
    slower.

    One process writes at a time (`alone`); any number may read.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = now_utc) -> None:
        self.root = root
        self._now = now

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Publish alone: others wait, also those of other processes.

        To be held from reading the store until all is written; else what was read first could be written last, and
        bring back what somebody took down meanwhile. The kernel frees it when its holder dies.
        """
        with _trouble(self.root):
            self.root.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.root.parent / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def write(self, documents: Iterable[Document]) -> WriteReport:
        """Put the documents whose bytes changed in place.

        Raises ValueError for a path that is not a plain one below the root, and DataError where the folder cannot be
        written; then the old file stays, and the documents before it are in place.
        """
        written, unchanged = [], 0
        for document in documents:
            target = self._target(document.path)
            with _trouble(target):
                if self._put(target, document.body):
                    written.append(document.path)
                else:
                    unchanged += 1
        return WriteReport(tuple(written), unchanged)

    def remove(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Take documents away, such as those of a renamed slug; gives the paths that were there."""
        removed = []
        for path in paths:
            target = self._target(path)
            with _trouble(target):
                if _unlink(target):
                    removed.append(path)
                for suffix in FORMS.values():
                    _unlink(target + suffix)
        return tuple(removed)

    def read(self, path: str) -> Stored | None:
        """The document at this path with the forms that belong to it, or None. Any text may be asked for."""
        if not is_path(path):
            return None
        target = f'{self.root}/{path}'
        with _trouble(target):
            found = _read(target)
            if found is None:
                return None
            body, stamp = found
            return Stored(body, dict(_forms_of(target, stamp)), stamp)

    def stamp(self, path: str) -> Stamp | None:
        """One look at the file system: which version of this document lies there."""
        if not is_path(path):
            return None
        target = self.root / path
        with _trouble(target):
            try:
                return _stamp(target.stat())
            except (FileNotFoundError, NotADirectoryError):
                return None

    def has_bytes(self, path: str) -> bool:
        """Whether a document lies there that is not empty."""
        found = self.stamp(path)
        return found is not None and found.size > 0

    def sweep(self) -> int:
        """Remove what a killed process left behind and make missing forms again; gives how many files that were.

        Call it at start, by the process that holds the data folder.
        """
        with _trouble(self.root):
            files = [Path(folder) / name for folder, _, names in os.walk(self.root) for name in names]
            left_over = [file for file in files if file.name.startswith(_TEMPORARY)]
            forms = [file for file in files if file.suffix in FORMS.values() and file not in left_over]
            for file in left_over:
                _unlink(file)
            return len(left_over) + sum(_mend(form) for form in forms)

    def _target(self, path: str) -> str:
        """A text, here and below: a Path costs more than what is done with it, three times a document."""
        if not is_path(path):
            raise ValueError(f'not a path of the public folder: {path!r}')
        return f'{self.root}/{path}'

    def _put(self, target: str, body: bytes) -> bool:
        """True where the bytes changed. The document comes last: whoever sees it finds its forms in place."""
        try:
            old = os.stat(target)  # noqa: PTH116  # for speed, here and below
        except FileNotFoundError:
            old = None
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        if old is not None and old.st_size == len(body) and Path(target).read_bytes() == body:
            return False
        modified_s = int(self._now().timestamp())
        if old is not None:
            modified_s = max(modified_s, old.st_mtime_ns // 1_000_000_000 + 1)
        _put_forms(target, body, modified_s * 1_000_000_000)
        _place(target, body, modified_s * 1_000_000_000)
        return True


def is_path(text: str) -> bool:
    """Whether this text can be a document's path: lower-case letters, digits and `-._/`, no way up, no form's name."""
    return (
        len(text) <= _MOST_PATH
        and _PATH.fullmatch(text) is not None
        and max(map(len, text.split('/'))) <= _MOST_SEGMENT
        and not text.endswith(tuple(FORMS.values()))
    )


def trouble_of(error: OSError, file: Path | str) -> DataError:
    """What went wrong with this file, in a sentence, and what helps."""
    target = Path(file)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DataError(
                f'the disk is full: {target} was not written', 'Free some space; the old file still stands.'
            )
        case errno.EROFS:
            return DataError(f'{target.parent} is on a read-only file system', 'Mount it for writing, or use --data.')
        case errno.EACCES | errno.EPERM:
            return DataError(f'no permission for {target}', 'Mend the owner of the folder, or use --data.')
    return DataError(f'{target}: {error.strerror or error}', 'Check the folder and its disk, or use --data.')


@contextlib.contextmanager
def _trouble(target: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise trouble_of(error, target) from error


def _put_forms(target: str, body: bytes, modified_ns: int) -> None:
    """A form that is not made here, such as a person's own, belongs to bytes that are no more."""
    forms = packed(body)
    for coding, suffix in FORMS.items():
        if coding in forms:
            _place(target + suffix, forms[coding], modified_ns)
        else:
            _unlink(target + suffix)


def _place(target: str, data: bytes, modified_ns: int) -> None:
    temporary = f'{target.rpartition("/")[0]}/{_TEMPORARY}{os.getpid()}-{next(_SERIAL)}'
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(fd, left) :]
            os.utime(fd, ns=(modified_ns, modified_ns))
        finally:
            os.close(fd)
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _mend(form: Path) -> bool:
    """Take away a form whose document is gone; make it again where the two are of different times, or it is empty."""
    document = form.with_name(form.name.removesuffix(form.suffix))
    found = _read(document)
    if found is None:
        return _unlink(form)
    body, stamp = found
    made = form.stat() if form.exists() else None
    if made is not None and made.st_size and made.st_mtime_ns == stamp.modified_ns:
        return False
    _put_forms(str(document), body, stamp.modified_ns)
    return True


def _forms_of(target: str, stamp: Stamp) -> Iterator[tuple[str, bytes]]:
    for coding, suffix in FORMS.items():
        found = _read(target + suffix)
        if found is not None and found[1].modified_ns == stamp.modified_ns:
            yield coding, found[0]


def _read(file: Path | str) -> tuple[bytes, Stamp] | None:
    try:
        with open(file, 'rb') as opened:  # noqa: PTH123
            return opened.read(), _stamp(os.fstat(opened.fileno()))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ino)


def _unlink(file: Path | str) -> bool:
    try:
        os.unlink(file)  # noqa: PTH108
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
