"""The daemon: ticks ask the store who is due, visits run in threads, one thread records, one publishes, one serves.

    tick -> due -> visits (threads) -> record (one writer) -> publish (one renderer) -> served from memory

What is due is a column of the store. A tick only looks, so a late tick, a restart or a suspended machine loses nothing:
whoever is due then is asked then, one source of a host at a time.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from aggregator.daemon.assembly import Assembly
from aggregator.errors import AggregatorError
from aggregator.model import PollReport, Source, SourceState
from aggregator.poll import Visited, conclude, host_of, visit
from aggregator.publish import Published, publish
from aggregator.rules.cadence import first_poll_at

TICK_S = 1.0
DUE_AT_ONCE = 500  # looked at in one tick
SETTLE_S = 0.5  # changes that come together are published together
RETRY_S = 5.0  # after the store or the folder could not be written

_log = logging.getLogger('aggregator')


class Daemon:
    """Polls and publishes until it is stopped. `on_report` and `on_published` are called from its threads."""

    def __init__(
        self,
        assembly: Assembly,
        now: Callable[[], datetime],
        on_report: Callable[[PollReport], None],
        on_published: Callable[[Published], None],
    ) -> None:
        self._assembly = assembly
        self._now = now
        self._on_report = on_report
        self._on_published = on_published
        self._sources = {s.name: s for s in assembly.settings.sources}
        self._visited: queue.SimpleQueue[Visited | None] = queue.SimpleQueue()
        self._under_way: set[str] = set()
        self._busy_hosts: Counter[str] = Counter()
        self._turn = threading.Lock()
        self._stale = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(assembly.settings.polling.threads, 'poll')
        self._threads = [
            threading.Thread(target=self._record_all, name='record', daemon=True),
            threading.Thread(target=self._publish_all, name='publish', daemon=True),
        ]
        self._scheduler = BackgroundScheduler(timezone='UTC')

    def start(self) -> None:
        """Begin. Whatever a killed process left unpublished is published first."""
        self._remember_new_sources()
        self._stale.set()
        for thread in self._threads:
            thread.start()
        # Never skipped for being late, never piled up, never two at once.
        self._scheduler.add_job(
            self.tick, 'interval', seconds=TICK_S, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        self._scheduler.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End: visits under way are let go, what they brought is recorded and published as far as time allows."""
        self._stopping.set()
        self._scheduler.shutdown(wait=False)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._visited.put(None)
        self._stale.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s / len(self._threads))

    def tick(self) -> None:
        """Send out who is due, at most as many of a host as it may be asked at once."""
        limit = self._assembly.settings.polling.host_concurrency
        for name in self._assembly.store.due(self._now(), DUE_AT_ONCE):
            source = self._sources.get(name)
            if source is not None and self._claim(source, limit):
                self._pool.submit(self._visit, source)

    # ---------------------------------------------------------------- visits

    def _claim(self, source: Source, limit: int) -> bool:
        host = host_of(source.url) or source.name
        with self._turn:
            if self._stopping.is_set() or source.name in self._under_way or self._busy_hosts[host] >= limit:
                return False
            self._under_way.add(source.name)
            self._busy_hosts[host] += 1
            return True

    def _visit(self, source: Source) -> None:
        try:
            self._visited.put(visit(source, self._assembly.tools, self._now()))
        except AggregatorError as error:
            _log.error('%s: %s %s', source.name, error, error.hint)
            self._release(source.name)
        finally:
            with self._turn:
                self._busy_hosts[host_of(source.url) or source.name] -= 1

    def _release(self, name: str) -> None:
        with self._turn:
            self._under_way.discard(name)

    # ---------------------------------------------------------------- recording

    def _record_all(self) -> None:
        while (visited := self._visited.get()) is not None:
            self._record(visited)

    def _record(self, visited: Visited) -> None:
        """A store that cannot be written now is tried again: what was fetched is not asked for twice."""
        while True:
            try:
                report = conclude(visited, self._assembly.tools)
            except AggregatorError as error:
                _log.error('%s: not recorded yet: %s %s', visited.source.name, error, error.hint)
                if self._stopping.wait(RETRY_S):
                    return
                continue
            self._release(visited.source.name)
            self._on_report(report)
            self._stale.set()
            return

    def _remember_new_sources(self) -> None:
        """Sources that were never seen get their first turn; spread, so that a start is no burst."""
        store, polling = self._assembly.store, self._assembly.settings.polling
        known = {s.name for s in store.sources()}
        with store.writing() as writer:
            for source in self._sources.values():
                if source.name not in known:
                    at = first_poll_at(source, self._now(), polling)
                    writer.save_source(SourceState(name=source.name, url=source.url, next_poll_at=at))

    # ---------------------------------------------------------------- publishing

    def _publish_all(self) -> None:
        while not self._stopping.is_set():
            self._stale.wait()
            self._stopping.wait(SETTLE_S)
            self._stale.clear()
            self._publish()

    def _publish(self) -> None:
        assembly = self._assembly
        try:
            self._on_published(publish(assembly.store, assembly.settings, assembly.folder))
        except AggregatorError as error:
            _log.error('not published: %s %s', error, error.hint)
            self._stopping.wait(RETRY_S)
            self._stale.set()
        except Exception:
            _log.exception('not published')
            self._stopping.wait(RETRY_S)
