"""The seam between a visit and the wire: one request and its answer. Redirects are the visit's business."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from aggregator.fetch.deadline import Deadline
from aggregator.fetch.headers import Headers
from aggregator.fetch.target import Target
from aggregator.model import FetchLimits


class Reply(Protocol):
    """An answer whose head was read. The body is asked for inside the exchange, or never."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Headers: ...

    def body(self, limit: int) -> bytes:
        """All of it, content coding undone; a Failure as soon as `limit` bytes are exceeded."""
        ...


class Exchange(Protocol):
    """What all requests share; both transports are one of these and a visit."""

    @property
    def limits(self) -> FetchLimits: ...

    @property
    def connection(self) -> str:
        """What the Connection header says (RFC 9112, 9.3): `close`, or `keep-alive` where it is used again."""
        ...

    def ask(
        self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline
    ) -> AbstractContextManager[Reply]:
        """Send one GET to an address that may be asked. A Failure where no whole head comes back."""
        ...
