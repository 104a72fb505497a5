"""Rounds that a person asks for: all of the named sources now, each host one request after the other.

Visits of different hosts go on at once; they are recorded in the order of feeds.yml, so that the same documents give
the same ids whatever the network did (promise 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from aggregator.errors import UsageError
from aggregator.model import PollReport, Settings, Source
from aggregator.poll import Tools, Visited, conclude, host_of, visit


def chosen(settings: Settings, names: Sequence[str]) -> tuple[Source, ...]:
    """The sources of these names, in the order of feeds.yml; all where none is named. Raises UsageError."""
    known = {s.name for s in settings.sources}
    strange = [n for n in names if n not in known]
    if strange:
        raise UsageError(f'there is no source named {strange[0]!r}', '`aggregator sources` lists them.')
    return tuple(s for s in settings.sources if not names or s.name in names)


def poll_now(
    sources: Sequence[Source], tools: Tools, now: Callable[[], datetime], *, reread: bool = False
) -> Iterator[PollReport]:
    """One round of each, recorded in the order given. Raises DataError where the store cannot be written."""
    visits: dict[str, Future[Visited]] = {s.name: Future() for s in sources}
    with ThreadPoolExecutor(tools.polling.threads, 'poll') as pool:
        try:
            for group in _by_host(sources, tools.polling.host_concurrency):
                pool.submit(_visit_each, group, visits, tools, now, reread)
            for source in sources:
                yield conclude(visits[source.name].result(), tools)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _by_host(sources: Sequence[Source], concurrency: int) -> list[list[Source]]:
    """Queues of sources: as many for a host as it may be asked at once; a folder is its own host."""
    hosts: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[host_of(source.url) or source.name].append(source)
    return [queue[n::concurrency] for queue in hosts.values() for n in range(min(concurrency, len(queue)))]


def _visit_each(
    sources: Sequence[Source],
    visits: dict[str, Future[Visited]],
    tools: Tools,
    now: Callable[[], datetime],
    reread: bool,
) -> None:
    for source in sources:
        future = visits[source.name]
        try:
            future.set_result(visit(source, tools, now(), reread=reread))
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            future.set_exception(error)
