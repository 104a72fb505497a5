"""One connection, guarded: uvicorn has no bound on a request's head, nor on how slowly a client asks or reads."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_END = b'\r\n\r\n'


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection and of their number. A person on a bad line still gets a page in `answer_s`."""

    head_bytes: int = 32 * 1024
    idle_s: float = 15.0  # for a whole request to come, and between two
    answer_s: float = 60.0  # for an answer to be taken
    connections: int = 4096


class GuardedConfig(Config):
    """uvicorn's, with our limits beside it: each connection is made from it."""

    limits: Limits = Limits()


class GuardedConnection(HttpToolsProtocol):
    """Answers 431 to an endless head (RFC 6585, 5). A sweep asks `overdue` now and then: requests pay for no timer."""

    def __init__(self, config: GuardedConfig, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self._limits = config.limits
        self._head_bytes = 0  # of an unfinished head
        self._begun = 0  # requests whose head is complete
        self._seen: tuple[int, bool] | None = None  # the state at the last sweep that found a new one
        self._seen_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        begun = self._begun
        if (
            len(data) > self._limits.head_bytes
            and data.find(HEAD_END, 0, self._limits.head_bytes) < 0
            and self._asking()
        ):
            self._refuse()
            return
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._begun == begun and self._asking() else 0
        if self._head_bytes > self._limits.head_bytes and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        self._begun += 1
        super().on_headers_complete()
        if self._has_body():
            # Whoever sends a body to a server of documents gets the answer and no further turn.
            self.cycle.keep_alive = False

    def overdue(self, now: float) -> bool:
        """Whether this connection has shown no progress for too long, in the loop's seconds.

        Progress is a further request whose head is complete, or an answer that has been taken.
        """
        unread = self.transport.get_write_buffer_size() > 0
        if self._seen != (self._begun, unread):
            self._seen, self._seen_at = (self._begun, unread), now
        return now - self._seen_at > (self._limits.answer_s if unread else self._limits.idle_s)

    def cut(self) -> None:
        """End it: politely between two requests, else by a reset.

        A plain close would leave megabytes with the kernel for a client that never reads.
        """
        if self._is_at_rest():
            self.transport.close()
            return
        with contextlib.suppress(OSError):  # the client was quicker
            opened = self.transport.get_extra_info('socket')
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.transport.abort()

    def _is_at_rest(self) -> bool:
        """Whether all that was asked has been answered and taken, and nothing more has come."""
        unread = self.transport.get_write_buffer_size() > 0
        return self._begun > 0 and not (self._head_bytes or unread or self._answering())

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's type leaves out the time before the first request
        return cycle is not None and not cycle.response_complete

    def _asking(self) -> bool:
        """Whether the bytes that come belong to a head, not to a body."""
        return not (self._answering() and self.cycle.more_body)

    def _has_body(self) -> bool:
        return any(
            name == b'transfer-encoding' or (name == b'content-length' and value.strip() != b'0')
            for name, value in self.headers
        )

    def _refuse(self) -> None:
        text = b'The head of the request is too long.\n'
        head = b'HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n'
        self.transport.write(head + b'content-length: %d\r\nconnection: close\r\n\r\n' % len(text) + text)
        self.transport.close()
