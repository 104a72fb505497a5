"""A form sent to one address: how a hub is told that a topic has changed."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aggregator.fetch.by_requests import RequestsExchange
from aggregator.fetch.deadline import Deadline, Watchdog
from aggregator.fetch.failure import Failure
from aggregator.fetch.lookup import Lookup, Resolve, resolve_by_system
from aggregator.fetch.target import read_target
from aggregator.fetch.transport import blamed
from aggregator.fetch.trust import Trust
from aggregator.model import FetchLimits


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back: a status, or why there is none."""

    status: int = 0
    trouble: str = ''


class Poster:
    """One POST over a fresh connection, under the same rules as every request: addresses are checked when they are
    connected to, nothing outlasts `limits.total_s`. No redirect is followed and no body read. Any thread may call it.
    """

    def __init__(  # two settings, and the outside world by name
        self,
        limits: FetchLimits,
        user_agent: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._total_s = limits.total_s
        self._user_agent = user_agent
        self._watchdog = Watchdog(monotonic)
        self._exchange = RequestsExchange(limits, Lookup(resolve), Trust(tls).context)

    def post(self, url: str, form: Mapping[str, str], *, private: bool = False) -> Posted:
        """Never raises. `private`: it may stand in our own network."""
        deadline = self._watchdog.start(self._total_s)
        try:
            return Posted(status=self._sent(url, form, deadline, private=private))
        except Failure as failure:
            return Posted(trouble=str(blamed(failure, deadline)))
        finally:
            deadline.release()

    def close(self) -> None:
        self._watchdog.close()

    def _sent(self, url: str, form: Mapping[str, str], deadline: Deadline, *, private: bool) -> int:
        target = read_target(url)
        prepared = target.prepared({'User-Agent': self._user_agent, 'Connection': 'close'}, form)
        with self._exchange.send(target, prepared, private=private, deadline=deadline) as reply:
            return reply.status
