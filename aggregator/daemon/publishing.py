"""The thread that publishes: changes that come together go out together; what could not be written is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from aggregator.daemon.assembly import Assembly
from aggregator.daemon.logs import Repeated
from aggregator.errors import AggregatorError
from aggregator.publish import Memory, Published, publish

SETTLE_S = 0.5  # changes that come together are published together
REST = 9.0  # times what publishing took of the processor, so that no more than a tenth of it goes there
LONGEST_REST_S = 10.0  # news wait no longer, however costly
RETRY_S = 5.0  # after the store or the folder could not be written

_log = logging.getLogger('aggregator')


class Publisher:
    """Publishes after every `changed`. `house` gives what is in force now, `on_published` is told from its thread.

    `spent_s` tells how much of the processor its thread has had.
    """

    def __init__(
        self,
        house: Callable[[], Assembly],
        now: Callable[[], datetime],
        on_published: Callable[[Published], None],
        *,
        spent_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._house = house
        self._now = now
        self._on_published = on_published
        self._spent_s = spent_s
        self._memory = Memory()
        self._stale, self._hurry, self._ending = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name='publish', daemon=True)
        self._trouble = Repeated()
        self.last_at: datetime | None = None

    def start(self) -> None:
        """Whatever a killed process left unpublished is published first."""
        self._stale.set()
        self._thread.start()

    def changed(self) -> None:
        self._stale.set()

    def hurry(self) -> None:
        """The end is near: nothing is waited for any more."""
        self._hurry.set()

    def stop(self, timeout_s: float) -> bool:
        """Publish once more and end, as far as time allows; whether it did."""
        self._ending.set()
        self._hurry.set()
        self._stale.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        last, wait_s = False, SETTLE_S
        while not last:
            self._stale.wait()
            self._hurry.wait(wait_s)
            last = self._ending.is_set()
            self._stale.clear()
            before_s = self._spent_s()
            done = self._published()
            wait_s = settle_s(self._spent_s() - before_s)
            if not done:
                self._hurry.wait(RETRY_S)
                self._stale.set()

    def _published(self) -> bool:
        house = self._house()
        try:
            published = publish(house.store, house.settings, house.folder, memory=self._memory)
            self.last_at = self._now()
            self._trouble.over()
            self._on_published(published)
        except AggregatorError as error:
            if line := self._trouble.line(f'not published: {error.line}'):
                _log.error('%s', line)
            return False
        except Exception:  # noqa: BLE001  # the next change tries again
            _log.exception('not published')
        return True


def settle_s(took_s: float) -> float:
    """How long changes come together before the next time, after one that took so much of the processor."""
    return min(max(SETTLE_S, REST * took_s), LONGEST_REST_S)
