"""Which transport: curl for rounds, where it can be had, and requests for all that is asked for once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from aggregator.fetch.transport import RequestsTransport, Transport
from aggregator.model import FetchLimits


class _Kind(Protocol):
    def __call__(self, limits: FetchLimits, user_agent: str, *, now: Callable[[], datetime]) -> Transport: ...


def _curl() -> _Kind:
    from aggregator.fetch.curl import CurlTransport  # noqa: PLC0415  # pycurl may be missing

    return CurlTransport


def transport_of(
    limits: FetchLimits,
    user_agent: str,
    *,
    now: Callable[[], datetime],
    rounds: bool,
    curl: Callable[[], _Kind] = _curl,
) -> Transport:
    """For `rounds` one that costs little for each of many requests; else, and without pycurl, the one by requests.

    Both keep the same rules. A pycurl that was built for an old curl lacks names that we need, and counts as missing.
    """
    kind: _Kind = RequestsTransport
    if rounds:
        try:
            kind = curl()
        except (ImportError, AttributeError):
            kind = RequestsTransport
    return kind(limits, user_agent, now=now)
