"""One question to curl and its answer: to the address that was checked, and to the next one where nobody answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

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
from aggregator.fetch.lookup import Lookup, is_address
from aggregator.fetch.target import Target
from aggregator.fetch.trust import Trust
from aggregator.fetch.unpacking import unpacked
from aggregator.model import FetchLimits


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
