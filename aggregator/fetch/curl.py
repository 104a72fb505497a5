"""The transport of rounds: requests of many threads go through curl in one, and a 304 costs next to nothing."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aggregator.fetch.curl_exchange import Asked, CurlExchange, Prepaid
from aggregator.fetch.curl_loop import Loop
from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure
from aggregator.fetch.lookup import Lookup, Resolve, resolve_by_system
from aggregator.fetch.transport import Then, concluded
from aggregator.fetch.trust import Trust
from aggregator.fetch.visit import Path, Visits
from aggregator.model import Fetched, FetchLimits, FetchResult, NotModified, Request


class CurlTransport:
    """As RequestsTransport, and connections are used again for the same host, address and port.

    A connection deadline covers the TLS handshake here. Needs pycurl.
    """

    def __init__(
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
        self._monotonic = monotonic
        self._loop = Loop()
        self._trust = Trust(tls)
        self._exchange = CurlExchange(limits, Lookup(resolve), self._loop, self._trust)
        self._visits = Visits(self._exchange, user_agent, now, monotonic)

    def fetch(self, request: Request) -> FetchResult:
        """Follow redirects without reading their bodies. It ends near `limits.total_s`, whatever a server does."""
        deadline = Deadline(self._limits.total_s, self._monotonic)
        return concluded(lambda: self._visits.visit(request, deadline), request.url, deadline)

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        """Ask without waiting for the answer; see `Begins`."""
        deadline = Deadline(self._limits.total_s, self._monotonic)
        try:
            path = self._visits.path(request, deadline)
            headers = self._visits.headers(path)
            asked = self._exchange.asked(
                path.here, headers, private=request.private, deadline=deadline, now=not patient
            )
            if asked is None:
                return False
            self._exchange.dial(asked, asked.addresses[0])
        except Failure as failure:
            then(partial(self._failed, failure, request.url, deadline))
            return True
        self._loop.start(asked.call, partial(self._ended, path, asked, then))
        return True

    def _failed(self, failure: Failure, url: str, deadline: Deadline) -> FetchResult:
        def visit() -> Fetched | NotModified:
            raise failure

        return concluded(visit, url, deadline)

    def _ended(self, path: Path, asked: Asked, then: Then, error: Exception | None) -> None:
        """In curl's thread: only what is quick, and no exception."""
        then(self._not_modified(path, asked, error) or partial(self._rest, path, asked, error))

    def _not_modified(self, path: Path, asked: Asked, error: Exception | None) -> NotModified | None:
        if error is not None or not asked.call.whole_without_body:
            return None
        try:
            found = self._visits.not_modified(path, asked.reply)
        except Exception:  # noqa: BLE001  # `_rest` meets it again, where it becomes a FetchFailed
            return None
        if found is not None:
            self._exchange.done(asked)
        return found

    def _rest(self, path: Path, asked: Asked, error: Exception | None) -> FetchResult:
        def visit() -> Fetched | NotModified:
            if error is not None:
                raise error
            return self._visits.follow(path, Prepaid(self._exchange, asked))

        return concluded(visit, path.request.url, path.deadline)

    def close(self) -> None:
        """Requests under way end as they would have."""
        self._loop.close()
