"""What is done now and then beside the rounds: a look at whether all goes on, tidying, and retention once a day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from aggregator.daemon.assembly import Assembly
from aggregator.daemon.logs import Repeated
from aggregator.daemon.pruning import prune_if_due
from aggregator.errors import AggregatorError

EVERY_S = 30.0

_log = logging.getLogger('aggregator')


class Upkeep:
    """A thread of its own, because removing much takes long. `on_pruned` is told how many entries went."""

    def __init__(
        self,
        house: Callable[[], Assembly],
        now: Callable[[], datetime],
        look: Callable[[], object],
        on_pruned: Callable[[int], None],
        *,
        tidy: Callable[[], object] = lambda: None,
        every_s: float = EVERY_S,
    ) -> None:
        self._house = house
        self._now = now
        self._look = look
        self._on_pruned = on_pruned
        self._tidy = tidy
        self._every_s = every_s
        self._trouble = Repeated()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='upkeep', daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End after the step that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def once(self) -> None:
        """Never raises: what could not be done is logged and done the next time."""
        try:
            self._tidy()
            self._look()
            removed = prune_if_due(self._house(), self._now(), stop=self._stopping.is_set)
            if removed:
                self._on_pruned(removed)
            self._trouble.over()
        except AggregatorError as error:
            if line := self._trouble.line(f'retention waits: {error.line}'):
                _log.error('%s', line)
        except Exception:  # noqa: BLE001  # the rounds go on
            _log.exception('retention waits')

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self.once()
