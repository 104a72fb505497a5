"""Curl's thread: it drives the calls of all other threads at once, and keeps their connections for the next ones."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any

import pycurl

from aggregator.fetch.curl_call import Call

_KEPT = 64  # connections that wait for another request
_Work = tuple[Call, 'Future[Call]']


class Loop:
    """The thread starts with the first call and is a daemon: it never holds up an exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[_Work] = deque()
        self._thread: threading.Thread | None = None
        self._bell: socket.socket | None = None
        self._asleep = False
        self._closed = False

    def start(self, call: Call) -> Future[Call]:
        """The future always ends: with the call, or with what went wrong in this thread."""
        future: Future[Call] = Future()
        with self._lock:
            self._queue.append((call, future))
            if self._thread is None:
                self._begin()
            self._ring()
        return future

    def close(self) -> None:
        """The thread ends as soon as no call is under way."""
        with self._lock:
            self._closed = True
            self._ring()

    def _begin(self) -> None:
        self._bell, heard = socket.socketpair()
        self._thread = threading.Thread(target=self._run, args=(self._bell, heard), name='fetch-curl', daemon=True)
        for end in (self._bell, heard):
            end.setblocking(False)
        self._thread.start()

    def _ring(self) -> None:
        """A thread that is awake looks into the queue before it goes to sleep."""
        if self._asleep and self._bell is not None:
            self._asleep = False
            self._bell.send(b'.')

    def _run(self, bell: socket.socket, heard: socket.socket) -> None:
        with bell, heard, contextlib.closing(_Calls(heard)) as calls:
            try:
                while not self._at_end(calls):
                    calls.turn()
            except Exception as error:  # noqa: BLE001  # carried to the threads that wait
                self._give_up(calls, error)

    def _at_end(self, calls: _Calls) -> bool:
        """Take up what waits in the queue; nothing to do and nothing to come is the end."""
        with self._lock:
            while self._queue:
                calls.add(*self._queue.popleft())
            if self._closed and not calls.running:
                self._thread = self._bell = None
                return True
            self._asleep = True
            return False

    def _give_up(self, calls: _Calls, error: Exception) -> None:
        with self._lock:
            self._thread = self._bell = None
            left, self._queue = self._queue, deque()
        for _, future in (*calls.running.values(), *left):
            future.set_exception(error)


class _Calls:
    """The calls under way. Curl says which sockets it waits for and when it wants to be asked next."""

    def __init__(self, heard: socket.socket) -> None:
        self.running: dict[pycurl.Curl, _Work] = {}
        self._heard = heard
        self._selector = selectors.DefaultSelector()
        self._selector.register(heard, selectors.EVENT_READ)
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)

    def add(self, call: Call, future: Future[Call]) -> None:
        try:
            self._multi.add_handle(call.easy)
        except pycurl.error as error:
            future.set_exception(error)
        else:
            self.running[call.easy] = call, future

    def turn(self) -> None:
        """Wait for whatever comes first, see to it, and hand back the calls that have ended."""
        self._ask_timers()
        for key, events in self._selector.select(self._wait_s()):
            if key.fileobj is self._heard:
                self._heard.recv(4096)
            else:
                self._multi.socket_action(key.fd, _TO_CURL[events])
        self._ask_timers()
        self._hand_back()

    def _ask_timers(self) -> None:
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def close(self) -> None:
        for easy in self.running:
            self._multi.remove_handle(easy)
        self._multi.close()
        self._selector.close()

    def _wait_s(self) -> float | None:
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def _hand_back(self) -> None:
        left = 1
        while left:
            left, well, ill = self._multi.info_read()
            for easy, code, words in (*((easy, pycurl.E_OK, '') for easy in well), *ill):
                self._multi.remove_handle(easy)
                call, future = self.running.pop(easy)
                call.code, call.words = code, words
                future.set_result(call)

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
