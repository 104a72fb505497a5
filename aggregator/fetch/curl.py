"""The transport of rounds: requests of many threads go through curl in one, and a 304 costs next to nothing."""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

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
from aggregator.fetch.lookup import Lookup, Resolve, is_address, resolve_by_system
from aggregator.fetch.target import Target
from aggregator.fetch.transport import Then, concluded
from aggregator.fetch.trust import Trust
from aggregator.fetch.unpacking import unpacked
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
        except Failure:  # `fetch` finds it too, and says it
            return False
        self._loop.start(asked.call, partial(self._ended, path, asked, then))
        return True

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
class Asked:
    """A question and the handle that carries it to these addresses, one after the other as long as nobody answers."""

    target: Target
    lines: list[bytes]
    addresses: tuple[str, ...]
    deadline: Deadline
    call: Call

    @property
    def reply(self) -> CurlReply:
        return CurlReply(self.call.status, self.call.headers, self.call, self.deadline)


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
        asked = self.asked(target, headers, private=private, deadline=deadline)
        assert asked is not None  # it had the time to look up the name
        with self.answered(asked, sent=False) as reply:
            yield reply

    def asked(
        self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline, now: bool = False
    ) -> Asked | None:
        """Made ready, not sent. None where it should be `now` and a name server would have to be asked."""
        if now and not is_address(target.host):
            return None
        lines = target.lines(headers)
        addresses = self.lookup.allowed(target.host, target.port, private=private, deadline=deadline)
        return Asked(target, lines, addresses, deadline, self.idle.pop() if self.idle else Call(self.trust.path))

    @contextmanager
    def answered(self, asked: Asked, *, sent: bool) -> Iterator[CurlReply]:
        """`sent`: the call to the first address has been made."""
        call = asked.call
        for ip in asked.addresses:
            if not sent:
                self._run(asked, ip)
            sent = False
            if call.stale:  # RFC 9112, 9.3.1: a GET may be sent again
                self._run(asked, ip, fresh=True)
            if call.headed or call.connected or call.strayed_to:
                break
        try:
            if not call.headed:
                raise _why(call, asked.target, asked.deadline)
            yield asked.reply
        finally:
            self.done(asked)

    def done(self, asked: Asked) -> None:
        """The handle is free for another question."""
        asked.call.end()
        self.idle.append(asked.call)

    def dial(self, asked: Asked, ip: str, *, fresh: bool = False) -> None:
        """Tell the handle where to go; it has not gone yet."""
        total_s, limits, target = asked.deadline.left_s(), self.limits, asked.target
        errand = Errand(
            root=target.root,
            path=target.path,
            lines=asked.lines,
            ip=ip,
            connect_s=min(limits.connect_s, total_s),
            total_s=total_s,
            header_bytes=limits.header_bytes,
            body_bytes=limits.body_bytes,
            fresh=fresh,
        )
        asked.call.begin(errand)

    def _run(self, asked: Asked, ip: str, *, fresh: bool = False) -> None:
        self.dial(asked, ip, fresh=fresh)
        self.loop.run(asked.call)


class Prepaid:
    """An exchange whose first question was asked already."""

    def __init__(self, exchange: CurlExchange, asked: Asked) -> None:
        self._exchange = exchange
        self._asked: Asked | None = asked

    @property
    def limits(self) -> FetchLimits:
        return self._exchange.limits

    @property
    def connection(self) -> str:
        return self._exchange.connection

    def ask(
        self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline
    ) -> AbstractContextManager[CurlReply]:
        asked, self._asked = self._asked, None
        if asked is not None:
            return self._exchange.answered(asked, sent=True)
        return self._exchange.ask(target, headers, private=private, deadline=deadline)


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
