"""The daemon: ticks ask the store who is due, visits run in threads, one thread records, one publishes, one serves.

    tick -> due -> line -> visits (threads) -> record (one writer) -> publish (one renderer) -> served from memory

Other settings are a message to the writer, taken up between two rounds: what was under way then is recorded by the
rules that hold when it is recorded.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from aggregator.daemon.assembly import Assembly, reassembled
from aggregator.daemon.logs import Repeated
from aggregator.daemon.publishing import Publisher
from aggregator.daemon.roster import read_alike
from aggregator.daemon.sending import Doors, Sender
from aggregator.errors import AggregatorError
from aggregator.model import PollReport, Settings
from aggregator.poll import Visited, conclude, conclude_each
from aggregator.publish import Published

TOGETHER = 50  # rounds that are recorded in one transaction
GATHER_S = 0.1  # in which they come together
RETRY_S = 5.0  # after the store could not be written
UNRECORDED = 64  # visits that may wait for the writer; beyond that nobody is asked

_log = logging.getLogger('aggregator')


@dataclass(frozen=True, slots=True)
class _TakeUp:
    settings: Settings | None  # None: those that hold, because the clock has changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who is told what happens, from the daemon's threads."""

    on_report: Callable[[PollReport], None] = lambda _report: None
    on_published: Callable[[Published], None] = lambda _published: None
    on_reloaded: Callable[[Assembly], None] = lambda _house: None
    on_started: Callable[[timedelta], None] = lambda _late: None  # how late a round began


class Daemon:
    """Polls and publishes until it is stopped."""

    def __init__(
        self,
        assembly: Assembly,
        now: Callable[[], datetime],
        listeners: Listeners,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._house = assembly
        self._now = now
        self._listeners = listeners
        self._inbox: queue.SimpleQueue[Visited | _TakeUp | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        doors = Doors(
            now=now,
            monotonic=monotonic,
            bring=self._inbox.put,
            is_full=lambda: self.unrecorded >= UNRECORDED,
            on_started=partial(self._tell, listeners.on_started),
            on_clock_back=self._clock_went_back,
        )
        self._sender = Sender(assembly, doors)
        self._recorder = threading.Thread(target=self._record_all, name='record', daemon=True)
        self._publisher = Publisher(lambda: self._house, now, partial(self._tell, listeners.on_published))
        self.last_record_at: datetime | None = None

    @property
    def house(self) -> Assembly:
        """What it works with now."""
        return self._house

    @property
    def last_tick_at(self) -> datetime | None:
        return self._sender.last_tick_at

    @property
    def last_publish_at(self) -> datetime | None:
        return self._publisher.last_at

    @property
    def waiting(self) -> int:
        """Sources that are due and were not asked yet."""
        return self._sender.waiting

    @property
    def under_way(self) -> int:
        """Visits that hold a thread."""
        return self._sender.under_way

    @property
    def unrecorded(self) -> int:
        """Visits that wait for the writer."""
        return self._inbox.qsize()

    def start(self) -> None:
        """Begin. Whatever a killed process left unpublished is published first."""
        self._publisher.start()
        self._recorder.start()
        self._sender.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """End: visits under way are let go, what they brought is recorded and published as far as time allows.

        False where the store or the folder still keeps a thread; what was recorded is safe all the same.
        """
        self._stopping.set()
        self._sender.stop()
        self._publisher.hurry()
        self._inbox.put(None)
        if self._recorder.is_alive():
            self._recorder.join(timeout_s / 2)
        published = self._publisher.stop(timeout_s / 2)
        return published and not self._recorder.is_alive()

    def reload(self, settings: Settings) -> None:
        """Take up these settings as soon as what was brought before is recorded."""
        self._inbox.put(_TakeUp(settings))

    def changed(self) -> None:
        """Something else has changed the store: publish it."""
        self._publisher.changed()

    def tick(self) -> None:
        """Look who is due. The daemon does so by itself every second."""
        self._sender.tick()

    def _clock_went_back(self) -> None:
        _log.warning('the clock went back to %s; waits count from now', self._now().isoformat(timespec='seconds'))
        self._inbox.put(_TakeUp(None))

    # ---------------------------------------------------------------- the writer

    def _record_all(self) -> None:
        over = False
        while not over:
            visits: deque[Visited] = deque()
            for message in self._messages():
                if isinstance(message, Visited):
                    visits.append(message)
                    continue
                self._record(visits)
                if message is None:
                    over = True
                    break
                self._until_written(partial(self._take_up, message.settings), 'the configuration is not taken up')
            self._record(visits)

    def _messages(self) -> list[Visited | _TakeUp | None]:
        """Wait for one, and a moment for others: rounds that are recorded together cost half."""
        messages = [self._inbox.get()]
        if isinstance(messages[0], Visited) and self.unrecorded < TOGETHER:
            self._stopping.wait(GATHER_S)
        with suppress(queue.Empty):
            while len(messages) < TOGETHER:
                messages.append(self._inbox.get_nowait())
        return messages

    def _record(self, visits: deque[Visited]) -> None:
        """All of them, in their order, and none is left in the queue."""
        while visits:
            if not self._until_written(partial(self._record_some, visits), f'{visits[0].source.name}: not recorded'):
                self._sender.recorded(visits.popleft().source.name, None)

    def _until_written(self, write: Callable[[], None], what: str) -> bool:
        """A store that cannot be written now is tried again: what was fetched is not asked for twice."""
        trouble = Repeated()
        while True:
            try:
                write()
            except AggregatorError as error:
                if line := trouble.line(f'{what} yet: {error.line}'):
                    _log.error('%s', line)
                if self._stopping.wait(RETRY_S):
                    return False
            except Exception:  # noqa: BLE001  # one bad round stays one bad round
                _log.exception('%s', what)
                return False
            else:
                return True

    def _record_some(self, visits: deque[Visited]) -> None:
        """The first of these, and those behind it that can go into the same transaction."""
        checked = [self._as_of_now(visited) for visited in visits]
        together = [visited for visited, outdated in takewhile(lambda one: not one[1], checked)]
        if together:
            for report in conclude_each(together, self._house.tools):
                self._recorded(visits.popleft(), report)
            self._publish_news()
        else:
            self._record_outdated(visits, checked[0][0])

    def _record_outdated(self, visits: deque[Visited], visited: Visited) -> None:
        house = self._house
        report = None
        if not _is_purged(visited.source.name, house.settings):
            report = conclude(visited, house.tools)
            self._take_up(None)
        self._recorded(visits.popleft(), report)
        self._publisher.changed()

    def _publish_news(self) -> None:
        """Where nothing is new, nothing is rendered; another process, such as `takedown`, may have left something."""
        try:
            due = bool(self._house.store.dirty())
        except AggregatorError:
            due = True
        if due:
            self._publisher.changed()

    def _recorded(self, visited: Visited, report: PollReport | None) -> None:
        self.last_record_at = self._now()
        if report is not None:
            self._tell(self._listeners.on_report, report)
        self._sender.recorded(visited.source.name, report)

    def _as_of_now(self, visited: Visited) -> tuple[Visited, bool]:
        """The visit under the name and the row that hold now, at no time that is still to come.

        True where the source has left feeds.yml or is read in another way since: its memory must be mended afterwards.
        """
        source, at = visited.source, min(visited.at, self._now())
        name = self._sender.called(source.name)
        current = self._house.settings.policy.sources.get(name)  # retired ones are not among these
        if current is not None and read_alike(current, source):
            return replace(visited, source=current, at=at), False
        return replace(visited, source=replace(source, name=name), at=at), True

    def _take_up(self, settings: Settings | None) -> None:
        """Runs on the writer's thread, so no round is being recorded."""
        house = reassembled(self._house, settings or self._house.settings)
        self._house = house
        self._sender.take_up(house)
        self._publisher.changed()
        if settings is not None:
            self._tell(self._listeners.on_reloaded, house)

    def _tell(self, listener: Callable[..., None], what: object) -> None:
        """A listener that fails, such as a terminal that is gone, is no reason to stop working."""
        try:
            listener(what)
        except Exception:  # noqa: BLE001  # as above
            _log.exception('a listener failed')


def _is_purged(name: str, settings: Settings) -> bool:
    return settings.retention.removed_source == 'purge' and name not in settings.policy.sources
