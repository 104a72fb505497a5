"""Good manners towards hosts: never more requests at once than allowed, never sooner after another than allowed.

All requests go through here, those of different sources of one host and those for details too.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator.fetch import Transport
from aggregator.model import FetchResult, Request


def host_of(url: str) -> str:
    """The host that a request burdens; '' for a folder."""
    try:
        return (urlsplit(url).hostname or '').lower()
    except ValueError:
        return ''


class Polite:
    """A transport that waits for its turn at each host. Any thread may call it."""

    def __init__(
        self,
        transport: Transport,
        *,
        concurrency: int,
        spacing: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._spacing_s = spacing.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._hosts: dict[str, _Host] = defaultdict(lambda: _Host(concurrency))
        self._turn = threading.Lock()

    def fetch(self, request: Request) -> FetchResult:
        host = self._host(request.url)
        with host.places:
            self._wait_for_turn(host)
            try:
                return self._transport.fetch(request)
            finally:
                with self._turn:
                    host.free_at = max(host.free_at, self._monotonic() + self._spacing_s)

    def close(self) -> None:
        self._transport.close()

    def _host(self, url: str) -> _Host:
        with self._turn:
            return self._hosts[host_of(url)]

    def _wait_for_turn(self, host: _Host) -> None:
        """Take the next free instant, so that two who wait do not start together."""
        with self._turn:
            start_at = max(host.free_at, self._monotonic())
            host.free_at = start_at + self._spacing_s
        wait_s = start_at - self._monotonic()
        if wait_s > 0:
            self._sleep(wait_s)


class _Host:
    def __init__(self, concurrency: int) -> None:
        self.places = threading.BoundedSemaphore(concurrency)
        self.free_at = 0.0
