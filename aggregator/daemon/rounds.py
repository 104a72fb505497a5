"""Rounds that a person asks for: all of the named sources now, each host one request after the other.

Visits of different hosts go on at once; they are recorded in the order of feeds.yml, so that the same documents give
the same ids whatever the network did (promise 1).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue

from aggregator.daemon.naming import no_source
from aggregator.errors import AggregatorError
from aggregator.model import PollReport, Settings, Source, SourceState
from aggregator.poll import Tools, Visited, begin, conclude_each, host_of, visit

TOGETHER = 50  # rounds that are recorded in one transaction
PATIENCE_S = 0.2  # for more of them to come


def chosen(settings: Settings, names: Sequence[str]) -> tuple[Source, ...]:
    """The sources of these names, in the order of feeds.yml; all where none is named. Raises UsageError."""
    known = {s.name for s in settings.sources}
    strange = [n for n in names if n not in known]
    if strange:
        raise no_source(strange[0], known)
    return tuple(s for s in settings.sources if not names or s.name in names)


def poll_now(
    sources: Sequence[Source], tools: Tools, now: Callable[[], datetime], *, reread: bool = False
) -> Iterator[PollReport]:
    """One round of each, recorded in the order given. Raises DataError where the store cannot be written."""
    with ThreadPoolExecutor(tools.polling.threads, 'poll') as pool:
        visits = _Visits(sources, tools, now, pool, reread=reread)
        try:
            visits.start()
            for together in visits.in_order():
                yield from conclude_each(together, tools)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Visits:
    """A queue of sources for each host, or as many as it may be asked at once; a folder is its own host.

    A queue goes on in whatever thread its last visit ended: the network's own, as long as nothing has changed, else one
    of the pool.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        tools: Tools,
        now: Callable[[], datetime],
        pool: ThreadPoolExecutor,
        *,
        reread: bool,
    ) -> None:
        self._sources = sources
        self._tools = tools
        self._now = now
        self._pool = pool
        self._reread = reread
        self._queues = deque(_Queue(queue, tools) for queue in _by_host(sources, tools.polling.host_concurrency))
        self._brought: SimpleQueue[tuple[str, Visited | BaseException]] = SimpleQueue()

    def start(self) -> None:
        for _ in range(self._tools.polling.threads):
            self._go_on(_Queue((), self._tools))

    def in_order(self) -> Iterator[list[Visited]]:
        """What the visits brought, in the order of the sources, some at a time. Raises what a visit raised."""
        here: dict[str, Visited] = {}
        left = deque(source.name for source in self._sources)
        while left:
            self._wait_for(left[0], min(TOGETHER, len(left)), here)
            ready: list[Visited] = []
            while left and left[0] in here and len(ready) < TOGETHER:
                ready.append(here.pop(left.popleft()))
            yield ready

    def _wait_for(self, name: str, enough: int, here: dict[str, Visited]) -> None:
        """Until this one is here, and then for others as long as they come soon."""
        with suppress(Empty):
            while name not in here or len(here) < enough:
                other, brought = self._brought.get(timeout=PATIENCE_S if name in here else None)
                if isinstance(brought, BaseException):
                    raise brought
                here[other] = brought

    # ------------------------------------------------ in the network's thread and those of the pool

    def _go_on(self, queue: _Queue) -> None:
        """Visit the next of its sources; behind the last one the next queue begins."""
        try:
            while (following := queue.take()) is None:
                queue = self._queues.popleft()
        except IndexError:  # that was the last queue
            return
        except AggregatorError as error:
            self._brought.put(('', error))
            return
        source, state = following
        if self._reread or not begin(source, state, self._tools, self._now(), partial(self._ended, source, queue)):
            self._in_pool(source, queue, partial(self._visit, source))

    def _ended(self, source: Source, queue: _Queue, what: Visited | Callable[[], Visited]) -> None:
        if isinstance(what, Visited):
            self._brought.put((source.name, what))
            self._go_on(queue)
        else:
            self._in_pool(source, queue, what)

    def _in_pool(self, source: Source, queue: _Queue, slow: Callable[[], Visited]) -> None:
        with suppress(RuntimeError):  # nobody waits for it any more
            self._pool.submit(self._to_its_end, source, queue, slow)

    def _to_its_end(self, source: Source, queue: _Queue, slow: Callable[[], Visited]) -> None:
        try:
            brought: Visited | BaseException = slow()
        except BaseException as error:  # noqa: BLE001  # raised again where the result is waited for
            brought = error
        self._brought.put((source.name, brought))
        self._go_on(queue)

    def _visit(self, source: Source) -> Visited:
        return visit(source, self._tools, self._now(), reread=self._reread)


class _Queue:
    """Sources to be visited one after the other, each with what the store knows of it."""

    def __init__(self, sources: Iterable[Source], tools: Tools) -> None:
        self._sources = deque(sources)
        self._store = tools.store
        self._states: dict[str, SourceState] = {}
        self._read = 0  # of the first sources, so many states were read

    def take(self) -> tuple[Source, SourceState | None] | None:
        if not self._sources:
            return None
        if not self._read:
            self._read = min(TOGETHER, len(self._sources))
            self._states = self._store.sources_named(source.name for source in islice(self._sources, self._read))
        self._read -= 1
        source = self._sources.popleft()
        return source, self._states.get(source.name)


def _by_host(sources: Sequence[Source], concurrency: int) -> list[list[Source]]:
    """Queues of sources: as many for a host as it may be asked at once; a folder is its own host."""
    hosts: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[host_of(source.url) or source.name].append(source)
    return [queue[n::concurrency] for queue in hosts.values() for n in range(min(concurrency, len(queue)))]
