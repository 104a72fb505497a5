"""What can be exchanged while it is in use: whoever uses the old one keeps it to the end, then it is closed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Generic, Protocol, TypeVar

from aggregator.fetch import Then, Transport, beginner
from aggregator.model import FetchResult, NotModified, ParsedFeed, Received, Request, Source
from aggregator.poll import Parser


class Closing(Protocol):
    def close(self) -> None: ...


T = TypeVar('T', bound=Closing)


class Replaceable(Generic[T]):
    """Holds one thing that many threads use. It closes what it replaces, and the last one when it is closed."""

    def __init__(self, first: T) -> None:
        self._current = first
        self._users: Counter[int] = Counter()  # by id() of the thing, which a user keeps alive
        self._turn = threading.Lock()
        self._closed = False

    @contextmanager
    def used(self) -> Iterator[T]:
        mine = self._enter()
        try:
            yield mine
        finally:
            self._leave(mine)

    def replace(self, other: T) -> None:
        """From now on this one. After `close` it is closed at once."""
        with self._turn:
            old, self._current = self._current, other
            idle = not self._users[id(old)]
            closed = self._closed
        if idle and not closed:
            old.close()
        if closed:
            other.close()

    def close(self) -> None:
        """What is in use is closed too: at the end nobody is waited for."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
            current = self._current
        current.close()

    def _enter(self) -> T:
        with self._turn:
            mine = self._current
            self._users[id(mine)] += 1
        return mine

    def _leave(self, mine: T) -> None:
        with self._turn:
            self._users[id(mine)] -= 1
            last = not self._users[id(mine)]
            if last:
                del self._users[id(mine)]
            over = last and mine is not self._current and not self._closed
        if over:
            mine.close()


class Wire(Replaceable[Transport]):
    """A transport whose limits can change."""

    def fetch(self, request: Request) -> FetchResult:
        with self.used() as transport:
            return transport.fetch(request)

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        """It is in use until the fetch has ended, its slow part included."""
        mine = self._enter()

        def ended(what: NotModified | Callable[[], FetchResult]) -> None:
            if isinstance(what, NotModified):
                self._leave(mine)
                then(what)
            else:
                then(partial(self._to_its_end, mine, what))

        able = beginner(mine)
        begun = able is not None and able.begin(request, ended, patient=patient)
        if not begun:
            self._leave(mine)
        return begun

    def _to_its_end(self, mine: Transport, rest: Callable[[], FetchResult]) -> FetchResult:
        try:
            return rest()
        finally:
            self._leave(mine)


class ClosableParser(Parser, Protocol):
    def close(self) -> None: ...


class Reader(Replaceable[ClosableParser]):
    """A parser whose limits and workers can change."""

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = frozenset()) -> ParsedFeed:
        with self.used() as parser:
            return parser.parse(source, received, seen)
