"""The end of a fetch, kept from outside: one thread shuts the socket of any fetch whose time is over.

A socket's own timeout starts anew with every byte, so a server that drips one byte a second is never late. Shutting the
socket down ends whatever waits on it: a TLS handshake, a header, a chunk, a body.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
from collections.abc import Callable

from aggregator.fetch.failure import timed_out


class Deadline:
    """The time that one fetch has. Used by the fetching thread; `cut` is called by the watchdog."""

    def __init__(self, total_s: float, monotonic: Callable[[], float]) -> None:
        self.total_s = total_s
        self.ends_at = monotonic() + total_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._cut = False
        self._released = False

    @property
    def passed(self) -> bool:
        return self._cut or self._monotonic() >= self.ends_at

    @property
    def released(self) -> bool:
        return self._released

    def left_s(self) -> float:
        """Seconds left, more than 0; a Failure when there are none."""
        left_s = self.ends_at - self._monotonic()
        if self._cut or left_s <= 0:
            raise timed_out(self.total_s)
        return left_s

    def hold(self, sock: socket.socket) -> None:
        """Shut this connection when the time is over.

        A duplicate is kept: it names the same connection through every TLS layer, and its number cannot be given to
        another file while we hold it.
        """
        copy = sock.dup()
        with self._lock:
            before, self._held = self._held, copy
            if self._cut:
                _shut(copy)
        if before is not None:
            before.close()

    def cut(self) -> None:
        with self._lock:
            if self._released:
                return
            self._cut = True
            if self._held is not None:
                _shut(self._held)

    def release(self) -> None:
        with self._lock:
            self._released = True
            held, self._held = self._held, None
        if held is not None:
            held.close()


class Watchdog:
    """One thread for all deadlines. It starts with the first one and is a daemon: it never holds up an exit."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self, total_s: float) -> Deadline:
        """The caller owes the deadline a `release`."""
        deadline = Deadline(total_s, self._monotonic)
        with self._changed:
            heapq.heappush(self._heap, (deadline.ends_at, next(self._order), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name='fetch-deadlines', daemon=True)
                self._thread.start()
            elif self._heap[0][2] is deadline:
                self._changed.notify()
        return deadline

    def close(self) -> None:
        """The thread ends as soon as no fetch is under way."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        while (due := self._next_due()) is not None:
            due.cut()

    def _next_due(self) -> Deadline | None:
        with self._changed:
            while True:
                while self._heap and self._heap[0][2].released:
                    heapq.heappop(self._heap)
                if self._closed and all(deadline.released for _, _, deadline in self._heap):
                    self._thread = None
                    return None
                wait_s = self._heap[0][0] - self._monotonic() if self._heap else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(wait_s)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # not connected yet, or the other side was quicker
        sock.shutdown(socket.SHUT_RDWR)
