"""Who is sent out now: ticks ask the store who is due, the line says who may go, visits bring what they found.

What is due is a column of the store. A tick only looks, so a late tick, a restart or a suspended machine loses nothing:
whoever is due then is asked then, in the order and at the pace of the line.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from aggregator.daemon.assembly import Assembly
from aggregator.daemon.line import Bounds, Line
from aggregator.daemon.logs import Repeated
from aggregator.daemon.ticking import STALLED_S, Ticks
from aggregator.daemon.visiting import Visits
from aggregator.errors import AggregatorError
from aggregator.model import Polling, PollReport, Settings, Source, SourceState
from aggregator.poll import Visited, host_of
from aggregator.rules.cadence import own_interval
from aggregator.rules.skips import over_skipped

TOGETHER = 50  # sources that are looked up at once
GATHER_S = 0.005  # before looking who may go, so that those who come back together are met together
RETRY_S = 5.0  # after the store could not be read

_log = logging.getLogger('aggregator')


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the sender is given and whom it tells, from its threads."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    bring: Callable[[Visited], None]
    is_full: Callable[[], bool]  # so much waits to be recorded that nobody is asked for more
    on_started: Callable[[timedelta], None]  # how late a round began
    on_clock_back: Callable[[], None]


class Sender:
    """Asks every source when it is due: none twice at once, no host more often than it may be."""

    def __init__(self, house: Assembly, doors: Doors) -> None:
        self._doors = doors
        self._turn = threading.Lock()  # holds together all that follows
        self._house = house
        self._sources = _by_name(house.settings)
        self._line = Line(_bounds(house.settings.polling))
        self._new_names: dict[str, str] = {}
        self._visits = Visits(house.settings.polling.threads, self._came_back)
        self._ticks = Ticks(self._look, doors.now, doors.monotonic, doors.on_clock_back)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name='send', daemon=True)
        self._trouble = Repeated()

    @property
    def last_tick_at(self) -> datetime | None:
        return self._ticks.last_at

    @property
    def waiting(self) -> int:
        """Sources that are due and were not asked yet."""
        with self._turn:
            return len(self._line)

    @property
    def under_way(self) -> int:
        """Visits that hold a thread."""
        return self._line.under_way

    def start(self) -> None:
        self._expect()
        self._thread.start()
        self._ticks.start()

    def stop(self) -> None:
        """Nobody is sent any more, and nobody who is under way is waited for."""
        with self._turn:
            self._stopping.set()
            self._visits.stop()
        self._ticks.stop()
        self._wake.set()

    def take_up(self, house: Assembly) -> None:
        """From now on this house. Who is under way comes back under its new name."""
        polling = house.settings.polling
        with self._turn:
            if polling.threads != self._line.bounds.threads:
                self._visits.resize(polling.threads)
            self._line.bounds = _bounds(polling)
            for old, new in house.changes.renamed:
                self._line.rename(old, new)
                self._new_names = {was: new if name == old else name for was, name in self._new_names.items()}
                self._new_names[old] = new
            self._house, self._sources = house, _by_name(house.settings)
        self._expect()
        self._wake.set()

    def called(self, name: str) -> str:
        """The name now of a source that was visited under this one."""
        return self._new_names.get(name, name)

    def recorded(self, name: str, report: PollReport | None) -> None:
        """The store knows of this visit (or never will): its source may be due again."""
        with self._turn:
            name = self.called(name)
            self._line.release(name)
            if report is not None and name in self._sources:
                self._line.expect_next(name, self._seconds(name, report.at, report.next_poll_at))
        self._wake.set()

    # ---------------------------------------------------------------- who is due

    def tick(self) -> None:
        """Put in line who is due. Any thread may call it, and two at once."""
        self._ticks.tick()

    def _look(self, now: datetime, now_s: float) -> None:
        try:
            due = self._house.store.due(now, max(100, 2 * len(self._sources)))
        except AggregatorError as error:
            self._tell(error)
            return
        self._trouble.over()
        with self._turn:
            self._line.renew(self._with_hosts(due), now_s)
        self._wake.set()

    def _tell(self, error: AggregatorError) -> None:
        if line := self._trouble.line(f'who is due cannot be looked up: {error.line}'):
            _log.error('%s', line)

    def _with_hosts(self, names: Iterable[str]) -> Iterable[tuple[str, str]]:
        for name in names:
            source = self._sources.get(name)
            if source is not None:
                yield name, host_of(source.url) or name

    def _expect(self) -> None:
        """How often each source is asked, so that the line knows the pace, and how many they are."""
        self._house.store.expect(len(self._sources))
        states = self._house.store.each_source()
        polled = (s for s in states if s.last_poll_at and s.name in self._sources)
        waits = {s.name: self._seconds(s.name, s.last_poll_at, s.next_poll_at) for s in polled}
        with self._turn:
            self._line.expect(waits)

    def _seconds(self, name: str, last_at: datetime | None, next_at: datetime | None) -> float:
        """From one poll to the next, never more than the source's own interval: a back-off makes no pace."""
        own = own_interval(self._sources[name], self._house.settings.polling)
        return min(own, next_at - last_at if next_at and last_at else own).total_seconds()

    # ---------------------------------------------------------------- who may go

    def send_out(self) -> float | None:
        """Send whoever may go now; seconds until time alone lets the next one go, None where only an event can."""
        while not self._doors.is_full():
            with self._turn:
                if self._stopping.is_set():
                    return None
                now_s = self._doors.monotonic()
                names = list(islice(iter(partial(self._line.take, now_s), None), TOGETHER))
                wait_s = self._line.wait_s(now_s)
            if not names:
                return wait_s
            if not self._sent(names):
                return RETRY_S
        return None

    def _sent(self, names: Sequence[str]) -> bool:
        """What is known of them is read at once, then they go one by one."""
        try:
            states = self._house.store.sources_named(names)
        except AggregatorError as error:
            self._tell(error)
            for name in names:
                self._came_back(name, None, RETRY_S)
            return False
        return all(self._begun(name, states.get(name)) for name in names)

    def _begun(self, name: str, state: SourceState | None) -> bool:
        """False where nobody else can go now."""
        source = self._sources.get(name)
        house, now = self._house, self._doors.now()
        late = _late(state, now)
        if source is None or late is None:  # it was asked since it was put in line
            self._came_back(name, None, 0.0)
            return True
        if state is not None and self._put_off(state, now):
            return True
        self._doors.on_started(late)
        return self._visits.begin(source, state, house, now)

    def _put_off(self, state: SourceState, now: datetime) -> bool:
        """Who is late, after a stop or a suspend, is not asked within the hours either that the feed asks to skip."""
        at, why = over_skipped(now, state.why_next, state.head, state.name)
        if at <= now:
            return False
        rest_s = 0.0
        try:
            with self._house.store.writing() as writer:
                writer.save_source(replace(state, next_poll_at=at, why_next=why))
        except AggregatorError as error:
            _log.error('%s: not put off: %s', state.name, error.line)
            rest_s = RETRY_S
        self._came_back(state.name, None, rest_s)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            wait_s = self.send_out()
            self._wake.wait(STALLED_S if wait_s is None else min(max(wait_s, 0.01), STALLED_S))
            self._stopping.wait(GATHER_S)
            if not self._stopping.is_set():
                self._ticks.tick_if_stalled()

    def _came_back(self, name: str, brought: Visited | None, rest_s: float) -> None:
        with self._turn:
            now_s = self._doors.monotonic()
            self._line.returned(self.called(name), now_s)
            if brought is None:
                self._line.release(self.called(name), now_s + rest_s)
        if brought is not None:
            self._doors.bring(brought)
        self._wake.set()


def _by_name(settings: Settings) -> dict[str, Source]:
    return {s.name: s for s in settings.sources}


def _bounds(polling: Polling) -> Bounds:
    spacing_s = polling.host_spacing.total_seconds()
    return Bounds(threads=polling.threads, concurrency=polling.host_concurrency, spacing_s=spacing_s)


def _late(state: SourceState | None, now: datetime) -> timedelta | None:
    """How long this source is due; None where it is not."""
    if state is None:
        return timedelta(0)
    if state.state == 'retired' or (state.next_poll_at is None and state.state != 'new'):
        return None
    late = now - (state.next_poll_at or now)
    return late if late >= timedelta(0) else None
