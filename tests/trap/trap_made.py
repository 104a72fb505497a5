"""A trap that counts who connects, a server that leads there, and a watch over every socket that this process opens."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Self

from trap_spellings import NAMES

from aggregator.fetch import RequestsTransport, Transport
from aggregator.fetch.curl import CurlTransport
from aggregator.model import FetchLimits, FetchResult, NotModified, Request

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
FEED = (
    '<rss version="2.0"><channel><title>密</title>'
    '<item><title>内网</title><link>https://a.example/1</link></item></channel></rss>'
)
_OURS = b'GET /marker '


@dataclass(frozen=True)
class Reply:
    body: bytes | str = ''
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()

    def as_bytes(self) -> bytes:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        told = ''.join(f'{name}: {value}\r\n' for name, value in self.headers)
        head = f'HTTP/1.1 {self.status} Whatever\r\n{told}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        return head.encode() + body


class Listener:
    """Answers one request a connection, on every address of this machine, of both families where both are there."""

    def __init__(self) -> None:
        both = socket.has_dualstack_ipv6()
        family, where = (socket.AF_INET6, '::') if both else (socket.AF_INET, '0.0.0.0')
        self._socket = socket.create_server((where, 0), family=family, dualstack_ipv6=both, backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._socket.close()

    def came(self) -> None:
        """Somebody has connected, whether or not a request follows."""

    def answer(self, head: bytes) -> Reply:
        raise NotImplementedError

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                self.came()
                with sock, contextlib.suppress(OSError):
                    sock.settimeout(20)
                    sock.sendall(self.answer(_head(sock)).as_bytes())


class Trap(Listener):
    """Gives a feed to whoever comes."""

    def __init__(self) -> None:
        self._came = 0
        super().__init__()

    def came(self) -> None:
        self._came += 1

    def answer(self, head: bytes) -> Reply:
        if head.startswith(_OURS):
            self._came -= 1
        return Reply(FEED, headers=[('Content-Type', 'application/rss+xml')])

    def trapped(self) -> int:
        """Connections since the last time. Ours comes after all that were made before: they were accepted by then."""
        with socket.create_connection(('127.0.0.1', self.port), 20) as ours:
            ours.sendall(_OURS + b'HTTP/1.1\r\n\r\n')
            while ours.recv(65536):
                pass
        came, self._came = self._came, 0
        return came


class Home(Listener):
    """A source's own server, which says what it wants; `private: true` allows it."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        super().__init__()
        self.url = f'http://127.0.0.1:{self.port}'

    def answer(self, head: bytes) -> Reply:
        path = head.split(b' ')[1].decode() if b' ' in head else ''
        self.asked.append(path)
        self.heads.append(head.decode('latin-1'))
        return self.replies.get(path, Reply(status=404))

    def redirect(self, location: str, status: int = 302) -> str:
        """The address that leads there. A Location is bytes: what is no ISO 8859-1 goes out as UTF-8."""
        path = f'/{len(self.replies)}'
        self.replies[path] = Reply(status=status, headers=[('Location', location)])
        return self.url + path


def _head(sock: socket.socket) -> bytes:
    head = b''
    while b'\r\n\r\n' not in head and (piece := sock.recv(65536)):
        head += piece
        if head.startswith(b'\x16'):  # a TLS handshake
            break
    return head


# ------------------------------------------------ every socket of this process

_WATCHED: list[str] | None = None


def _hear(event: str, args: tuple[object, ...]) -> None:
    if _WATCHED is None or event not in ('socket.__new__', 'socket.connect'):
        return
    families = (socket.AF_INET, socket.AF_INET6)
    if threading.current_thread() is not threading.main_thread() and event == 'socket.__new__' and args[1] in families:
        _WATCHED.append('opened in another thread')  # curl's, or one that looks a name up
    elif event == 'socket.__new__' and args[1] in families:
        _WATCHED.append('opened')
    elif event == 'socket.connect':
        _WATCHED.append(f'connect {args[1]}')


@contextlib.contextmanager
def sockets() -> Iterator[list[str]]:
    """What is opened and connected meanwhile; curl's sockets too, which are made by us when it wants to connect."""
    global _WATCHED  # noqa: PLW0603  # an audit hook can never be taken away
    if not _HOOKED:
        sys.addaudithook(_hear)
        _HOOKED.append(True)
    seen: list[str] = []
    _WATCHED = seen
    try:
        yield seen
    finally:
        _WATCHED = None


_HOOKED: list[bool] = []


# ------------------------------------------------ transports


def resolve(host: str, port: int, names: Mapping[str, Sequence[str]] = NAMES) -> Sequence[str]:
    """As glibc reads numbers, in every notation it knows, and a few names; nobody is asked."""
    if found := names.get(host.rstrip('.').lower()):
        return found
    numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return tuple(str(sockaddr[0]) for *_, sockaddr in numeric)


class Begun(CurlTransport):
    """Curl as a round uses it: nobody waits for the head."""

    def fetch(self, request: Request) -> FetchResult:
        ended: SimpleQueue[NotModified | Callable[[], FetchResult]] = SimpleQueue()
        if not self.begin(request, ended.put, patient=True):
            return super().fetch(request)
        what = ended.get()
        return what if isinstance(what, NotModified) else what()


KINDS = (RequestsTransport, CurlTransport, Begun)


@contextlib.contextmanager
def transport(kind: type[Transport], resolver: Callable[[str, int], Sequence[str]] = resolve) -> Iterator[Transport]:
    made = kind(FetchLimits(total_s=20, connect_s=5), 'test/1', now=lambda: NOW, resolve=resolver)  # type: ignore[call-arg]
    try:
        yield made
    finally:
        made.close()
