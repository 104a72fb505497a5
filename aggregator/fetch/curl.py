"""The transport of rounds: requests of many threads go through curl in one, and a 304 costs next to nothing."""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import pycurl

from aggregator.fetch.curl_call import Call, Errand, os_error
from aggregator.fetch.curl_loop import Loop
from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import (
    Failure,
    address_refused,
    broken_off,
    certificate_refused,
    connect_failed,
    handshake_late,
    head_too_large,
    no_http,
    timed_out,
    tls_failed,
)
from aggregator.fetch.headers import Headers
from aggregator.fetch.lookup import Lookup, Resolve, resolve_by_system
from aggregator.fetch.target import Target
from aggregator.fetch.transport import concluded
from aggregator.fetch.trust import Trust
from aggregator.fetch.unpacking import unpacked
from aggregator.fetch.visit import Visits
from aggregator.model import FetchLimits, FetchResult, Request


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
        exchange = CurlExchange(limits, Lookup(resolve), self._loop, self._trust)
        self._visits = Visits(exchange, user_agent, now, monotonic)

    def fetch(self, request: Request) -> FetchResult:
        """Follow redirects without reading their bodies. It ends near `limits.total_s`, whatever a server does."""
        return concluded(self._visits, request, Deadline(self._limits.total_s, self._monotonic))

    def close(self) -> None:
        """Requests under way end as they would have."""
        self._loop.close()


@dataclass(frozen=True, slots=True)
class CurlReply:
    """All that came is here already; what of it is a body, and whether it is whole, is judged when it is asked for."""

    status: int
    headers: Headers
    call: Call
    deadline: Deadline

    def body(self, limit: int) -> bytes:
        call = self.call
        if call.trouble is not None:
            raise call.trouble
        if call.code == pycurl.E_OPERATION_TIMEDOUT:
            raise timed_out(self.deadline.total_s)
        if call.code != pycurl.E_OK:
            raise broken_off()
        return unpacked(b''.join(call.pieces), call.coding, self.headers, limit, self.deadline)


@dataclass(frozen=True, slots=True)
class CurlExchange:
    limits: FetchLimits
    lookup: Lookup
    loop: Loop
    trust: Trust
    connection: str = 'keep-alive'
    idle: deque[Call] = field(default_factory=deque)  # calls that have ended: a new handle costs more than a request

    @contextmanager
    def ask(
        self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline
    ) -> Iterator[CurlReply]:
        """Addresses are tried one after the other, as long as nobody takes the call."""
        lines = target.lines(headers)
        addresses = self.lookup.allowed(target.host, target.port, private=private, deadline=deadline)
        call = self.idle.pop() if self.idle else Call(self.trust.path)
        for ip in addresses:
            self._run(call, self._errand(target, lines, ip, deadline))
            if call.stale:  # RFC 9112, 9.3.1: a GET may be sent again
                self._run(call, replace(self._errand(target, lines, ip, deadline), fresh=True))
            if call.headed or call.connected or call.strayed_to:
                break
        try:
            if not call.headed:
                raise _why(call, target, deadline)
            yield CurlReply(call.status, call.headers, call, deadline)
        finally:
            call.end()
            self.idle.append(call)

    def _run(self, call: Call, errand: Errand) -> None:
        call.begin(errand)
        self.loop.run(call)

    def _errand(self, target: Target, lines: list[bytes], ip: str, deadline: Deadline) -> Errand:
        total_s, limits = deadline.left_s(), self.limits
        return Errand(
            root=target.root,
            path=target.path,
            lines=lines,
            ip=ip,
            connect_s=min(limits.connect_s, total_s),
            total_s=total_s,
            header_bytes=limits.header_bytes,
            body_bytes=limits.body_bytes,
        )


def _why(call: Call, target: Target, deadline: Deadline) -> Failure:  # noqa: PLR0911  # a table: one line a reason
    """What kept us from a whole head."""
    if call.strayed_to:
        return address_refused(target.host, call.strayed_to)
    if call.trouble is not None:
        return call.trouble
    if not call.connected:
        return connect_failed(target.host, target.port, os_error(call.errno))
    shaking = target.secure and not call.secured
    match call.code:
        case pycurl.E_OPERATION_TIMEDOUT if shaking and not deadline.passed:
            return handshake_late(target.host)
        case pycurl.E_OPERATION_TIMEDOUT:
            return timed_out(deadline.total_s)
        case pycurl.E_PEER_FAILED_VERIFICATION:
            return certificate_refused(target.host, call.words.rpartition(': ')[2])
        case _ if shaking:
            return tls_failed(target.host)
        case 63 | 100:
            return head_too_large()
        case _:
            return no_http()
