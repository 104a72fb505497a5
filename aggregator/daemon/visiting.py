"""Visits on their way: begun without a thread as long as nothing makes them wait, else to their end in one of a pool.

Each comes back, whatever becomes of it: with what it brought, or with nothing and a rest for its source.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from aggregator.daemon.assembly import Assembly
from aggregator.errors import AggregatorError
from aggregator.model import Source, SourceState
from aggregator.poll import Visited, begin, visit

NO_THREAD_S = 5.0  # of rest, where the machine has no more threads
REST_S = 300.0  # of a source whose visit failed in our own house: it was perhaps asked, and must not be again at once

CameBack = Callable[[str, Visited | None, float], None]
"""The source, what its visit brought, and seconds of rest where that is nothing."""

_log = logging.getLogger('aggregator')


class Visits:
    """So many threads at once. `came_back` is told from those, and from the network's own."""

    def __init__(self, threads: int, came_back: CameBack) -> None:
        self._came_back = came_back
        self._pool = ThreadPoolExecutor(threads, 'poll')
        self._over = False

    def resize(self, threads: int) -> None:
        """Who is on the way goes on."""
        self._pool.shutdown(wait=False)  # it holds nobody who has not begun
        self._pool = ThreadPoolExecutor(threads, 'poll')

    def stop(self) -> None:
        """Nobody who is on the way is waited for."""
        self._over = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, source: Source, state: SourceState | None, house: Assembly, now: datetime) -> bool:
        """Whether it is on its way; where not, it has come back."""
        try:
            begun = begin(source, state, house.tools, now, partial(self._goes_on, source.name))
        except Exception:  # noqa: BLE001  # `visit` meets it again, and makes it a fault of this source
            begun = False
        return begun or self._in_pool(source.name, partial(self._visit, source, state, house, now))

    def _goes_on(self, name: str, what: Visited | Callable[[], Visited]) -> None:
        """In the network's thread."""
        if isinstance(what, Visited):
            self._came_back(name, what, 0.0)
        else:
            self._in_pool(name, what)

    def _in_pool(self, name: str, slow: Callable[[], Visited | None]) -> bool:
        try:
            self._pool.submit(self._to_its_end, name, slow)
        except RuntimeError as error:  # the machine has no more threads, or this is the end
            if not self._over:
                _log.error('%s: not visited: %s', name, error)
            self._came_back(name, None, NO_THREAD_S)
            return False
        return True

    def _visit(self, source: Source, state: SourceState | None, house: Assembly, now: datetime) -> Visited | None:
        """None where it goes on by itself, now that the name server has answered."""
        if begin(source, state, house.tools, now, partial(self._goes_on, source.name), patient=True):
            return None
        return visit(source, house.tools, now)

    def _to_its_end(self, name: str, slow: Callable[[], Visited | None]) -> None:
        brought: Visited | None = None
        try:
            brought = slow()
            if brought is None:
                return
        except AggregatorError as error:
            _log.error('%s: %s', name, error.line)
        except Exception:  # noqa: BLE001  # one bad source stays one bad source
            _log.exception('%s: the visit failed inside', name)
        self._came_back(name, brought, REST_S)
