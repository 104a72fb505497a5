"""The seam to the network, and the transport that goes through requests."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

from aggregator.fetch.by_requests import RequestsExchange
from aggregator.fetch.deadline import Deadline, Watchdog
from aggregator.fetch.failure import Failure, timed_out
from aggregator.fetch.lookup import Lookup, Resolve, resolve_by_system
from aggregator.fetch.trust import Trust
from aggregator.fetch.visit import Visits
from aggregator.model import Fetched, FetchFailed, FetchLimits, FetchResult, NotModified, Request

_CUT_LOOKS_LIKE = ('dns', 'connect', 'tls', 'protocol')  # what a connection that we cut ourselves seems to be


class Transport(Protocol):
    """What a round needs of the network. Thread-safe; no exception leaves `fetch`."""

    def fetch(self, request: Request) -> FetchResult: ...

    def close(self) -> None: ...


Then = Callable[[NotModified | Callable[[], FetchResult]], None]
"""Told how a fetch ends: that nothing has changed, or how to go on, which may take time and belongs to a thread that
may wait. It is called in the transport's own thread, or at once in that of the caller: it neither waits nor raises."""


class Begins(Protocol):
    """A transport that can also ask without holding a thread until the answer is here."""

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        """False where nothing was begun, and `fetch` is the way: it would have to wait first, for a name server or a
        turn. Whoever is `patient` lets it wait.
        """
        ...


def beginner(transport: Transport) -> Begins | None:
    """The transport, where it is one that begins. Asked for every round; a protocol checked at run time takes 30 µs."""
    return cast('Begins', transport) if hasattr(transport, 'begin') else None


class RequestsTransport:
    """A fresh connection for each request; no cookies, no Referer, no proxies, no .netrc, no retries.

    `resolve` is the only thing that is asked for addresses, and the address that was checked is the one connected to.
    `tls` replaces the trusted certificates, which are those of requests and those of the system.
    """

    def __init__(  # two settings, and the outside world by name
        self,
        limits: FetchLimits,
        user_agent: str,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._watchdog = Watchdog(monotonic)
        exchange = RequestsExchange(limits, Lookup(resolve), Trust(tls).context)
        self._visits = Visits(exchange, user_agent, now, monotonic)

    def fetch(self, request: Request) -> FetchResult:
        """Follow redirects without reading their bodies. It ends near `limits.total_s`, whatever a server does."""
        deadline = self._watchdog.start(self._limits.total_s)
        try:
            return concluded(lambda: self._visits.visit(request, deadline), request.url, deadline)
        finally:
            deadline.release()

    def close(self) -> None:
        """Requests under way end as they would have."""
        self._watchdog.close()


def concluded(visit: Callable[[], Fetched | NotModified], url: str, deadline: Deadline) -> FetchResult:
    """The visit, its failure as a value."""
    try:
        return visit()
    except Failure as failure:
        return blamed(failure, deadline).of(url)
    except Exception as error:  # noqa: BLE001  # a mistake of ours stays this source's trouble, and is seen there
        return FetchFailed(url, 'protocol', f'The fetch failed in an unforeseen way: {error!r:.200}')


def blamed(failure: Failure, deadline: Deadline) -> Failure:
    """What went wrong, or that the time was over: then we cut the connection ourselves."""
    return timed_out(deadline.total_s) if deadline.passed and failure.reason in _CUT_LOOKS_LIKE else failure
