"""Names become addresses, each lookup on a thread of its own: a name server that hangs never holds up a fetch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue

from aggregator.fetch.addresses import is_public
from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure, address_refused, name_failed, timed_out

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses as text, the best first. Raises OSError or UnicodeError where there are none."""

_TRIED = 8  # addresses of one name that are connected to before we give up


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Lookup:
    """`threads` bounds the lookups that hang; a caller waits for a free one, never past its deadline."""

    def __init__(self, resolve: Resolve, threads: int = 64) -> None:
        self._resolve = resolve
        self._free = threading.BoundedSemaphore(threads)

    def allowed(self, host: str, port: int, *, private: bool, deadline: Deadline) -> tuple[str, ...]:
        """The addresses of a host that may be connected to; a Failure where there are none.

        Whoever connects uses these and asks no name server again, so that an answer that changes gains nothing.
        """
        found = self._addresses(host, port, deadline)
        allowed = [ip for ip in found if private or is_public(ip)]
        if not allowed:
            raise address_refused(host, found[0])
        return tuple(allowed[:_TRIED])

    def _addresses(self, host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
        if written := _as_address(host):
            return (written,)
        answer: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()
        self._start(host, port, answer, deadline)
        try:
            found = answer.get(timeout=deadline.left_s())
        except Empty:
            raise Failure(
                'timeout',
                f'The name server did not answer within {deadline.total_s:g} seconds',
                'Check the network and the name server of this machine; otherwise theirs is down',
            ) from None
        if isinstance(found, Exception):
            raise name_failed(host, found) from found
        addresses = tuple(ip for ip in found if is_address(ip))
        if not addresses:
            raise name_failed(host, OSError('no address'))
        return addresses

    def _start(self, host: str, port: int, answer: SimpleQueue[Sequence[str] | Exception], deadline: Deadline) -> None:
        if not self._free.acquire(timeout=deadline.left_s()):
            raise timed_out(deadline.total_s)
        try:
            threading.Thread(target=self._look_up, args=(host, port, answer), name='fetch-lookup', daemon=True).start()
        except RuntimeError:  # no more threads
            self._free.release()
            raise

    def _look_up(self, host: str, port: int, answer: SimpleQueue[Sequence[str] | Exception]) -> None:
        try:
            answer.put(self._resolve(host, port))
        except Exception as error:  # noqa: BLE001  # carried to the thread that asked, which reports it
            answer.put(error)
        finally:
            self._free.release()


def is_address(ip: str) -> bool:
    """Whether a host is written as an address, which no name server is asked for."""
    return bool(_as_address(ip))


@lru_cache(maxsize=1024)  # each round asks for the hosts of the last one
def _as_address(host: str) -> str:
    """In its usual spelling; '' for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ''
