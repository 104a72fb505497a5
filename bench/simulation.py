"""The daemon's sender, line, visits and store by a clock of our own, against real servers.

    tick -> send out -> what came back is recorded -> the clock goes on

While all who are under way wait for an answer the clock runs `speed` times as fast as ours, so an answer that takes
10 ms takes a second at a speed of 100; while nobody is under way it leaps to whatever comes next. It stands still while
anything is computed, in our processes or those that parse: a slow machine delays nothing that is looked at here.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from judge import Judge, Watched

from aggregator.daemon import Assembly, assembled
from aggregator.daemon.loop import UNRECORDED
from aggregator.daemon.sending import Doors, Sender
from aggregator.daemon.ticking import TICK_S
from aggregator.fetch import Transport, transport_of
from aggregator.model import PollReport, Settings
from aggregator.poll import Polite, Visited, conclude_each

START = datetime(2026, 11, 23, tzinfo=UTC)


class Clock:
    """Wall and monotonic time together, moved by one thread only. Others may wait for it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.sleepers = 0
        self._moved = threading.Condition()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        with self._moved:
            self.seconds += max(0.0, seconds)
            self._moved.notify_all()

    def sleep(self, seconds: float) -> None:
        with self._moved:
            until = self.seconds + seconds
            self.sleepers += 1
            self._moved.wait_for(lambda: self.seconds >= until)
            self.sleepers -= 1


@dataclass(frozen=True, slots=True)
class Alive:
    house: Assembly
    wire: Watched


class Run:
    """One life of the daemon, from a start to a stop."""

    def __init__(self, alive: Alive, clock: Clock, speed: float, on_report: Callable[[PollReport], None]) -> None:
        self._house, self._wire = alive.house, alive.wire
        self._clock, self._speed, self._on_report = clock, speed, on_report
        self._inbox: queue.SimpleQueue[Visited] = queue.SimpleQueue()
        self._next_tick_s = clock.seconds
        doors = Doors(
            now=clock.now,
            monotonic=clock.monotonic,
            bring=self._inbox.put,
            is_full=lambda: self._inbox.qsize() >= UNRECORDED,
            on_started=lambda _late: None,
            on_clock_back=lambda: None,
        )
        self._sender = Sender(self._house, doors)
        self._sender.take_up(self._house)  # as `start` does, without its threads: we are its thread

    def until(self, seconds: float) -> None:
        while self._clock.seconds < seconds:
            self._tick()
            wait_s = self._sender.send_out()
            self._pass(TICK_S if wait_s is None else wait_s)

    def stop(self) -> None:
        """Those under way come home, nobody else goes."""
        while self._sender.under_way:
            self._pass(TICK_S)
        self._record()
        self._sender.stop()

    def _tick(self) -> None:
        if self._clock.seconds >= self._next_tick_s:
            self._sender.tick()
            self._next_tick_s = self._clock.seconds + TICK_S

    def _pass(self, wait_s: float) -> None:
        """Until somebody can go or the next tick, whichever is first; who comes back is recorded at once."""
        step_s = max(0.001, min(wait_s, self._next_tick_s - self._clock.seconds, TICK_S))
        if not self._sender.under_way and self._inbox.empty():
            self._clock.pass_by(step_s)
            return
        began, visits = time.monotonic(), []
        moves = self._sender.under_way <= self._wire.on_wire + self._clock.sleepers
        with suppress(queue.Empty):
            visits.append(self._inbox.get(timeout=step_s / self._speed))
            step_s = min(step_s, (time.monotonic() - began) * self._speed)
        if moves:
            self._clock.pass_by(step_s)
        self._record(*visits)

    def _record(self, *visits: Visited) -> None:
        together = [*visits]
        with suppress(queue.Empty):
            while True:
                together.append(self._inbox.get_nowait())
        for report in conclude_each(together, self._house.tools) if together else ():
            self._on_report(report)
            self._sender.recorded(report.source, report)


@contextmanager
def alive(settings: Settings, clock: Clock, judge: Judge) -> Iterator[Alive]:
    """The house as `aggregator run` opens it, with the judge at the wire and its manners by this clock."""
    wire: Transport = transport_of(
        settings.polling.fetch, 'aggregator-bench/1 (a simulation)', now=clock.now, rounds=True
    )
    polling, watched = settings.polling, Watched(wire, judge)
    with closing(wire), assembled(settings, now=clock.now, transport=watched) as house:
        polite = Polite(
            watched,
            concurrency=polling.host_concurrency,
            spacing=polling.host_spacing,
            monotonic=clock.monotonic,
            sleep=clock.sleep,
        )
        parts = replace(house.parts, polite=polite)
        yield Alive(replace(house, parts=parts, tools=replace(house.tools, transport=polite)), watched)
