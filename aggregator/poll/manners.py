"""Good manners towards hosts: never more requests at once than allowed, never sooner after another than allowed.

All requests go through here, those of different sources of one host and those for details too. A request burdens the
host that it names and those that it is sent on to. Where it is sent on is known from the second time: the first time
the other side is spaced afterwards, and may for once be asked by two at the same time.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

from aggregator.fetch import Then, Transport, beginner
from aggregator.model import Answer, FetchFailed, FetchResult, NotModified, Polling, Request
from aggregator.rules.hosts import host_of, hosts_on, slowed
from aggregator.rules.waits import said

WAYS_KEPT = 20_000  # URLs that lead to another host


class Polite:
    """A transport that waits for its turn at each host. Any thread may call it.

    With `holds` a host that named a Retry-After is not asked before: its requests are answered here, as `held`. A
    person who asks goes without.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        concurrency: int,
        spacing: timedelta,
        holds: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._spacing_s = spacing.total_seconds()
        self._holds = holds
        self._monotonic = monotonic
        self._sleep = sleep
        self._concurrency = concurrency
        self._hosts: dict[str, _Host] = defaultdict(lambda: _Host(self._concurrency))
        self._ways: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._turn = threading.Lock()

    def fetch(self, request: Request) -> FetchResult:
        hosts = self._way(request.url)
        with self._places(hosts):
            refusal = self._refusal(request, hosts) or self._waited(request, hosts)
            if refusal is not None:
                return refusal
            answer: Answer | None = None
            try:
                result = self._transport.fetch(request)
                answer = result.answer
                return result
            finally:
                self._remember(request.url, hosts, answer)

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        """As `fetch` without waiting: only where every host that this leads to is free now. Its places are held until
        the fetch has ended, its slow part included.
        """
        hosts = self._way(request.url)
        able = beginner(self._transport)
        if able is None or (places := self._taken_now(hosts)) is None:
            return False
        fetch = _Begun(partial(self._remember, request.url, hosts), places, then)
        begun = able.begin(request, fetch.ended, patient=patient)
        if not begun:
            fetch.give_back()
        return begun

    def allow(self, *, concurrency: int, spacing: timedelta) -> None:
        """Other bounds from now on. Who is being asked stays known, and no host is asked sooner for it."""
        with self._turn:
            self._spacing_s = spacing.total_seconds()
            if concurrency != self._concurrency:
                self._concurrency = concurrency
                for host in self._hosts.values():  # who holds an old place gives it back where it was taken
                    host.places = threading.BoundedSemaphore(concurrency)

    def close(self) -> None:
        self._transport.close()

    # ------------------------------------------------ before

    def _way(self, url: str) -> list[_Host]:
        """All hosts that this URL led to last time, in one order for everybody, so that nobody waits in a circle."""
        with self._turn:
            return [self._hosts[name] for name in sorted({host_of(url), *self._ways.get(url, ())})]

    @contextmanager
    def _places(self, hosts: Sequence[_Host]) -> Iterator[None]:
        with ExitStack() as held:
            for host in hosts:
                held.enter_context(host.places)
            yield

    def _refusal(self, request: Request, hosts: Sequence[_Host]) -> FetchFailed | None:
        with self._turn:
            left_s = max(host.held_until for host in hosts) - self._monotonic()
            why = max(hosts, key=lambda host: host.held_until).why
        if not self._holds or left_s <= 0:
            return None
        rest = said(timedelta(seconds=int(left_s) + 1))
        return FetchFailed(request.url, 'held', f'Not asked for another {rest}: {why}', 'Nothing is wrong; it waits')

    def _waited(self, request: Request, hosts: Sequence[_Host]) -> FetchFailed | None:
        """Take the next free instant, so that two who wait do not start together; look again after the wait."""
        with self._turn:
            start_at = max(self._monotonic(), *(host.free_at for host in hosts))
            for host in hosts:
                host.free_at = start_at + self._spacing_s
        wait_s = start_at - self._monotonic()
        if wait_s <= 0:
            return None
        self._sleep(wait_s)
        return self._refusal(request, hosts)

    def _taken_now(self, hosts: Sequence[_Host]) -> list[threading.BoundedSemaphore] | None:
        """A place at each of them; None, and nothing taken, where one of them is busy, rests or is held."""
        places: list[threading.BoundedSemaphore] = []
        for host in hosts:
            if not host.places.acquire(blocking=False):
                break
            places.append(host.places)
        if len(places) == len(hosts) and self._starts_now(hosts):
            return places
        for place in places:
            place.release()
        return None

    def _starts_now(self, hosts: Sequence[_Host]) -> bool:
        with self._turn:
            now_s = self._monotonic()
            if any(host.free_at > now_s or (self._holds and host.held_until > now_s) for host in hosts):
                return False
            for host in hosts:
                host.free_at = now_s + self._spacing_s
        return True

    # ------------------------------------------------ after

    def _remember(self, url: str, hosts: Sequence[_Host], answer: Answer | None) -> None:
        """Whom this burdened is left alone for the spacing, and for as long as it asked."""
        way = hosts_on(answer) if answer else ()
        with self._turn:
            now_s = self._monotonic()
            for host in {*hosts, *(self._hosts[name] for name in way)}:
                host.free_at = max(host.free_at, now_s + self._spacing_s)
            if answer is not None:
                self._learn(url, way)
                self._hold(answer, now_s)

    def _learn(self, url: str, way: Sequence[str]) -> None:
        self._ways.pop(url, None)
        if len(way) > 1:
            self._ways[url] = tuple(way)
        if len(self._ways) > WAYS_KEPT:
            self._ways.popitem(last=False)

    def _hold(self, answer: Answer, now_s: float) -> None:
        """Only for a time that the server named; what we make of silence is kept in the store, for all processes."""
        hold = slowed(answer, None, Polling()) if answer.retry_after is not None else None
        if hold is not None:
            host = self._hosts[hold.host]
            until = now_s + (hold.not_before - answer.fetched_at).total_seconds()
            if until > host.held_until:
                host.held_until, host.why = until, hold.why


class _Begun:
    """A fetch under way that holds places until its end."""

    __slots__ = ('_places', '_remember', '_then')

    def __init__(
        self, remember: Callable[[Answer | None], None], places: Sequence[threading.BoundedSemaphore], then: Then
    ) -> None:
        self._remember = remember
        self._places = places
        self._then = then

    def ended(self, what: NotModified | Callable[[], FetchResult]) -> None:
        if isinstance(what, NotModified):
            self._over(what.answer)
            self._then(what)
        else:
            self._then(partial(self._rest, what))

    def give_back(self) -> None:
        for place in self._places:
            place.release()

    def _rest(self, slow: Callable[[], FetchResult]) -> FetchResult:
        answer: Answer | None = None
        try:
            result = slow()
            answer = result.answer
            return result
        finally:
            self._over(answer)

    def _over(self, answer: Answer | None) -> None:
        try:
            self._remember(answer)
        finally:
            self.give_back()


class _Host:
    def __init__(self, concurrency: int) -> None:
        self.places = threading.BoundedSemaphore(concurrency)
        self.free_at = 0.0
        self.held_until = 0.0
        self.why = ''


__all__ = ['Polite', 'host_of']
