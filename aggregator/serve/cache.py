"""The finished answers in memory: bytes with all their header fields, so that a request only chooses one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import formatdate
from hashlib import blake2b

from aggregator.errors import DataError
from aggregator.serve.folder import PublicFolder, Stamp, Stored
from aggregator.serve.headers import Headers, on_the_wire
from aggregator.serve.packing import LEAST, brotlied

LEAST_MAX_AGE_S = 60
_LOOK_AFTER_S = 1.0  # at most one look at the file system a path and second
_OVERHEAD = 4096  # bytes of an entry besides its bodies, roughly
_UNMADE = b''  # in place of a form that nobody has asked for
_TAG_SUFFIX = {'identity': '', 'gzip': '-gz', 'br': '-br'}


@dataclass(frozen=True, slots=True)
class Finished:
    """One form of a document, ready to be sent. `modified_s` is the true time, the field may be earlier.

    `ok` and `unmodified` are the fields of a 200 and of a 304; their `…_wire` are the same, as they are sent.

    One that nobody has asked for yet is not `made`: its body is empty, and it can only be said to be unmodified.
    """

    etag: bytes
    modified_s: int
    body: bytes
    ok: Headers
    unmodified: Headers
    ok_wire: bytes = b''
    unmodified_wire: bytes = b''
    made: bool = True


@dataclass(slots=True)
class _Entry:
    stamp: Stamp
    size: int
    plain: dict[str, tuple[bytes, bytes]]  # coding -> tag, bytes
    looked_at: float
    forms: dict[str, Finished]


class Cache:
    """Finished answers by path, bounded in bytes; the path that was not asked for longest goes first.

    `fields` gives the constant header fields of a path. `max_age_s` gives the seconds to its next expected change;
    it is asked once a second, so it must be quick. `clock` counts seconds and never goes back. A publisher in this
    process calls `invalidate`; one in another process is noticed within a second. Safe from any thread.
    """

    def __init__(  # made by make_app alone
        self,
        folder: PublicFolder,
        *,
        fields: Callable[[str], Headers],
        max_age_s: Callable[[str], int],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        limit_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        self._folder = folder
        self._fields = fields
        self._max_age_s = max_age_s
        self._clock = clock
        self._now = now
        self._limit = limit_bytes
        self._held = 0
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._packing = threading.Lock()  # one at a time, and none in the way of the others

    def find(self, path: str) -> dict[str, Finished] | None:
        """The forms of this document by content coding, `identity` always among them, or None.

        Raises DataError where the folder cannot be read and nothing is remembered.
        """
        forms = self.held(path)
        if forms is not None:
            return forms
        with self._lock:
            return self._look(path)

    def held(self, path: str) -> dict[str, Finished] | None:
        """`find` as far as that takes no look at the file system; None where it does."""
        entry = self._entries.get(path)
        return entry.forms if entry is not None and self._clock() - entry.looked_at < _LOOK_AFTER_S else None

    def pack(self, path: str) -> dict[str, Finished] | None:
        """`find` with every form made; takes milliseconds where one is not. Who comes second finds it made."""
        with self._packing:
            forms, entry = self.find(path), self._entries.get(path)
            if entry is not None and not all(form.made for form in entry.forms.values()):
                form = brotlied(entry.plain['identity'][1])
                with self._lock:
                    self._add(path, entry, 'br', form)
                forms = entry.forms
        return forms and {coding: form for coding, form in forms.items() if form.made}

    def invalidate(self, paths: Iterable[str]) -> None:
        """Forget these documents; the next request reads them. Waits for a reading that is under way."""
        with self._lock:
            for path in paths:
                self._forget(path)

    @property
    def held_bytes(self) -> int:
        return self._held

    def _look(self, path: str) -> dict[str, Finished] | None:
        entry = self._entries.get(path)
        try:
            if entry is not None and self._folder.stamp(path) == entry.stamp:
                self._entries.move_to_end(path)
                self._finish(path, entry)
                return entry.forms
            stored = self._folder.read(path)
        except DataError:
            if entry is None:
                raise
            entry.looked_at = self._clock()  # an unreadable disk is no reason to stop answering
            return entry.forms
        self._forget(path)
        return None if stored is None else self._keep(path, stored)

    def _keep(self, path: str, stored: Stored) -> dict[str, Finished]:
        size = len(stored.body) + sum(map(len, stored.forms.values())) + _OVERHEAD
        fits = size <= self._limit
        later = {'br': _UNMADE} if fits and len(stored.body) >= LEAST else {}
        entry = _Entry(stored.stamp, size, tagged(stored.body, later | stored.forms), 0.0, {})
        self._finish(path, entry)
        if not fits:
            return entry.forms
        self._entries[path] = entry
        self._held += entry.size
        self._make_room()
        return entry.forms

    def _add(self, path: str, entry: _Entry, coding: str, form: bytes) -> None:
        entry.plain[coding] = entry.plain[coding][0], form
        entry.size += len(form)
        self._finish(path, entry)
        if self._entries.get(path) is entry:
            self._held += len(form)
            self._make_room()

    def _make_room(self) -> None:
        while self._held > self._limit:
            self._forget(next(iter(self._entries)))

    def _finish(self, path: str, entry: _Entry) -> None:
        """Age and time move while the bytes stand still."""
        modified_s = entry.stamp.modified_ns // 1_000_000_000
        # RFC 9110, 8.8.2.1: never later than the answer itself.
        stated_s = min(modified_s, int(self._now().timestamp()))
        max_age_s = max(LEAST_MAX_AGE_S, self._max_age_s(path))
        age: Headers = [
            (b'cache-control', b'public, max-age=%d' % max_age_s),
            (b'vary', b'Accept-Encoding'),
            (b'last-modified', formatdate(stated_s, usegmt=True).encode('ascii')),
        ]
        entry.forms = finished(entry.plain, self._fields(path), age, modified_s)
        entry.looked_at = self._clock()

    def _forget(self, path: str) -> None:
        entry = self._entries.pop(path, None)
        if entry is not None:
            self._held -= entry.size


def tagged(body: bytes, forms: Mapping[str, bytes]) -> dict[str, tuple[bytes, bytes]]:
    """The tag and the bytes of each form by content coding, `identity` among them: another tag for each."""
    tag = blake2b(body, digest_size=12).hexdigest()
    bodies = {'identity': body, **forms}
    return {coding: (f'"{tag}{_TAG_SUFFIX[coding]}"'.encode(), form) for coding, form in bodies.items()}


def finished(
    plain: Mapping[str, tuple[bytes, bytes]], fields: Headers, age: Headers, modified_s: int
) -> dict[str, Finished]:
    """The answers with these forms. `fields` are of the document, `age` is what a 304 repeats."""
    return {
        coding: _finished(coding, fields, age, Finished(etag, modified_s, body, [], []))
        for coding, (etag, body) in plain.items()
    }


def _finished(coding: str, fields: Headers, age: Headers, bare: Finished) -> Finished:
    """A 304 repeats what could change a stored answer, and nothing about the bytes it does not bring (15.4.5)."""
    unmodified = [(b'etag', bare.etag), *age]
    ok = [*fields, (b'content-length', b'%d' % len(bare.body)), *unmodified]
    if coding != 'identity':
        ok.append((b'content-encoding', coding.encode('ascii')))
    return replace(
        bare,
        ok=ok,
        unmodified=unmodified,
        ok_wire=on_the_wire(ok),
        unmodified_wire=on_the_wire(unmodified),
        made=coding == 'identity' or bool(bare.body),
    )
