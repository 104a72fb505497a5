"""Curl's thread: it drives the calls of all other threads at once, and keeps their connections for the next ones."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pycurl

from aggregator.fetch.curl_call import Call

_KEPT = 64  # connections that wait for another request
Ended = Callable[[Exception | None], None]
"""Told in curl's thread that a call has ended, or that the thread has. It neither waits nor raises."""
_Running = dict[pycurl.Curl, tuple[Call, Ended]]


class Loop:
    """The thread starts with the first call and is a daemon: it never holds up an exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[tuple[Call, Ended]] = deque()
        self._running: _Running = {}  # touched by curl's thread alone
        self._bell: socket.socket | None = None  # there is a thread
        self._asleep = False
        self._closed = False

    def run(self, call: Call) -> None:
        """Wait until it has ended. Raises what went wrong in curl's thread, which is none of the server's doing."""
        ended: SimpleQueue[Exception | None] = SimpleQueue()  # a Future costs a tenth of a 304 more
        self.start(call, ended.put)
        if (error := ended.get()) is not None:
            raise error

    def start(self, call: Call, ended: Ended) -> None:
        """Nobody waits. Curl's own thread may call it as well, from `ended` of another call."""
        with self._lock:
            if self._bell is None:
                self._bell = self._begin()
            self._queue.append((call, ended))
            self._ring()

    def close(self) -> None:
        """The thread ends as soon as no call is under way."""
        with self._lock:
            self._closed = True
            self._ring()

    def _begin(self) -> socket.socket:
        bell, heard = socket.socketpair()
        try:
            heard.setblocking(False)
            threading.Thread(target=self._work, args=(bell, heard), name='fetch-curl', daemon=True).start()
        except BaseException:
            bell.close()
            heard.close()
            raise
        return bell

    def _ring(self) -> None:
        """A thread that is awake looks into the queue before it goes to sleep."""
        if self._asleep and self._bell is not None:
            self._asleep = False
            self._bell.send(b'.')

    # ------------------------------------------------ in curl's thread

    def _work(self, bell: socket.socket, heard: socket.socket) -> None:
        with bell, heard:
            try:
                with contextlib.closing(_Calls(heard, self._running)) as calls:
                    while not self._at_end(calls):
                        calls.turn()
            except Exception as error:  # noqa: BLE001  # carried to the threads that wait
                self._give_up(error)

    def _at_end(self, calls: _Calls) -> bool:
        """Take up what waits in the queue; nothing under way and nothing to come is the end."""
        with self._lock:
            while self._queue:
                calls.add(*self._queue.popleft())
            self._asleep = not self._closed or bool(self._running)
            if not self._asleep:
                self._bell = None
            return not self._asleep

    def _give_up(self, error: Exception) -> None:
        with self._lock:
            self._bell, self._asleep = None, False
            left = [*self._running.values(), *self._queue]
            self._running.clear()
            self._queue.clear()
        for _, ended in left:
            ended(error)


class _Calls:
    """The calls under way. Curl says which sockets it waits for and when it wants to be asked next."""

    def __init__(self, heard: socket.socket, running: _Running) -> None:
        self._running = running
        self._heard = heard
        self._selector = selectors.DefaultSelector()
        self._selector.register(heard, selectors.EVENT_READ)
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)

    def add(self, call: Call, ended: Ended) -> None:
        self._running[call.easy] = call, ended
        self._multi.add_handle(call.easy)

    def turn(self) -> None:
        """See to whatever comes first, and hand back the calls that have ended."""
        if self._ask_timers() and self._hand_back():
            return
        for key, events in self._selector.select(self._wait_s()):
            if key.fileobj is self._heard:
                self._heard.recv(4096)
            else:
                self._multi.socket_action(key.fd, _TO_CURL[events])
        self._ask_timers()
        self._hand_back()

    def close(self) -> None:
        for easy in self._running:
            with contextlib.suppress(pycurl.error):  # it was never added
                self._multi.remove_handle(easy)
        self._multi.close()
        self._selector.close()

    def _ask_timers(self) -> bool:
        if self._due is None or time.monotonic() < self._due:
            return False
        self._due = None
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return True

    def _wait_s(self) -> float | None:
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def _hand_back(self) -> bool:
        """Whether any has ended."""
        left, before = 1, len(self._running)
        while left:
            left, well, ill = self._multi.info_read()
            for easy, code, words in (*((easy, pycurl.E_OK, '') for easy in well), *ill):
                self._multi.remove_handle(easy)
                call, ended = self._running.pop(easy)
                call.code, call.words = code, words
                ended(None)
        return len(self._running) < before

    def _on_socket(self, what: int, fd: int, _multi: Any, _data: Any) -> None:
        """A connection that rests is not watched; whether it still lives is asked when it is used again."""
        if what == pycurl.POLL_REMOVE:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(fd)
        elif fd in self._selector.get_map():
            self._selector.modify(fd, _FROM_CURL[what])
        else:
            self._selector.register(fd, _FROM_CURL[what])

    def _on_timer(self, after_ms: int) -> None:
        self._due = None if after_ms < 0 else time.monotonic() + after_ms / 1000


_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_FROM_CURL = {pycurl.POLL_IN: _READ, pycurl.POLL_OUT: _WRITE, pycurl.POLL_INOUT: _READ | _WRITE}
_TO_CURL = {
    _READ: pycurl.CSELECT_IN,
    _WRITE: pycurl.CSELECT_OUT,
    _READ | _WRITE: pycurl.CSELECT_IN | pycurl.CSELECT_OUT,
}
