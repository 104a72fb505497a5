"""When to look who is due: every second, also after a time in which the clock or the scheduler stood still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

TICK_S = 1.0
STALLED_S = 5.0  # without a tick: the scheduler waits for a time of day that a clock set back has moved away
WENT_BACK_S = 2.0  # what a clock may lose between two ticks and be called slow


class Ticks:
    """`look` is called at each, also by two threads at once, with the time of day and seconds that never go back."""

    def __init__(
        self,
        look: Callable[[datetime, float], None],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        on_clock_back: Callable[[], None],
    ) -> None:
        self._look = look
        self._now = now
        self._monotonic = monotonic
        self._on_clock_back = on_clock_back
        self._scheduler = BackgroundScheduler(timezone='UTC')
        # Never skipped for being late, never piled up, never two at once.
        self._job = self._scheduler.add_job(
            self.tick, 'interval', seconds=TICK_S, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        self._ticked: tuple[datetime, float] | None = None
        self.last_at: datetime | None = None

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def tick(self) -> None:
        """Look now. Any thread may call it."""
        now, now_s = self._now(), self._monotonic()
        if self._clock_went_back(now, now_s):
            self._on_clock_back()
        self.last_at = now
        self._look(now, now_s)

    def tick_if_stalled(self) -> None:
        """The scheduler sleeps until a time of day; set the clock back by an hour, and it would sleep for an hour."""
        if self._ticked and self._monotonic() - self._ticked[1] > STALLED_S:
            self._job.reschedule('interval', seconds=TICK_S)
            self.tick()

    def _clock_went_back(self, now: datetime, now_s: float) -> bool:
        before, self._ticked = self._ticked, (now, now_s)
        if before is None:
            return False
        return (now - before[0]).total_seconds() < (now_s - before[1]) - WENT_BACK_S
