"""One request through requests, over a fresh connection: the head as values, the body in pieces under a bound."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from requests import PreparedRequest
from urllib3 import BaseHTTPResponse

from aggregator.fetch.connection import Route, RoutedAdapter
from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import no_http
from aggregator.fetch.headers import Headers
from aggregator.fetch.lookup import Lookup
from aggregator.fetch.target import Target
from aggregator.fetch.unpacking import BROKEN, announced_coding, read_body
from aggregator.model import FetchLimits


@dataclass(frozen=True, slots=True)
class RequestsReply:
    status: int
    headers: Headers
    raw: BaseHTTPResponse
    deadline: Deadline

    def body(self, limit: int) -> bytes:
        return read_body(self.raw, announced_coding(self.headers, limit), self.headers, limit, self.deadline)


@dataclass(frozen=True, slots=True)
class RequestsExchange:
    limits: FetchLimits
    lookup: Lookup
    tls: Callable[[], ssl.SSLContext]
    connection: str = 'close'

    def ask(
        self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline
    ) -> AbstractContextManager[RequestsReply]:
        return self.send(target, target.prepared(headers), private=private, deadline=deadline)

    @contextmanager
    def send(
        self, target: Target, prepared: PreparedRequest, *, private: bool, deadline: Deadline
    ) -> Iterator[RequestsReply]:
        """The connection is closed afterwards, whatever of the answer was not read."""
        adapter = RoutedAdapter(self._route(target, private, deadline), self.tls() if target.secure else None)
        try:
            with _blame_for_heads():
                raw: BaseHTTPResponse = adapter.send(prepared, stream=True, timeout=deadline.left_s()).raw
            try:
                yield RequestsReply(raw.status, tuple(raw.headers.iteritems()), raw, deadline)
            finally:
                raw.close()
        finally:
            adapter.close()

    def _route(self, target: Target, private: bool, deadline: Deadline) -> Route:
        addresses = self.lookup.allowed(target.host, target.port, private=private, deadline=deadline)
        limits = self.limits
        return Route(target.host, target.port, addresses, limits.connect_s, limits.header_bytes, deadline)


@contextmanager
def _blame_for_heads() -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise no_http() from error
