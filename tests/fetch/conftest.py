"""A server that misbehaves on request, over real loopback sockets, and a transport with small limits."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue

import pytest

from aggregator.fetch import RequestsTransport, Transport
from aggregator.fetch.curl import CurlTransport
from aggregator.model import FetchLimits, FetchResult, NotModified, Request

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TLS_HELLO = b'\x16'
GIVES_UP_S = 20  # a script that nobody stops ends by itself, so that no test hangs for ever


class Visitor:
    """One connection: the head of its request, and ways to answer badly."""

    def __init__(self, sock: socket.socket, stopped: threading.Event) -> None:
        self._sock = sock
        self._stopped = stopped
        self.head = self._read_head()
        lines = self.head.decode('latin-1').split('\r\n')
        self.path = lines[0].split(' ')[1] if ' ' in lines[0] else ''
        self.headers = {name.lower(): value for name, _, value in (line.partition(': ') for line in lines[1:]) if name}

    def _read_head(self) -> bytes:
        head = b''
        while b'\r\n\r\n' not in head and not head.startswith(TLS_HELLO) and (piece := self._sock.recv(65536)):
            head += piece
        return head

    def read(self, size: int) -> bytes:
        """So much of the body."""
        body = self.head.partition(b'\r\n\r\n')[2]
        while len(body) < size and (piece := self._sock.recv(65536)):
            body += piece
        return body

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def answer(self, status: int = 200, body: bytes = b'', headers: dict[str, str] | None = None) -> None:
        told = {'Content-Length': str(len(body))} | (headers or {})
        lines = ''.join(f'{name}: {value}\r\n' for name, value in told.items())
        self.send(f'HTTP/1.1 {status} Whatever\r\n{lines}\r\n'.encode('latin-1') + body)

    def drip(self, data: bytes, every_s: float = 0.02) -> None:
        """For ever, until the other side goes."""
        ends_at = time.monotonic() + GIVES_UP_S
        while not self._stopped.wait(every_s) and time.monotonic() < ends_at:
            self.send(data)

    def wait(self) -> None:
        """Say nothing until the other side goes."""
        self._sock.settimeout(GIVES_UP_S)
        self._sock.recv(1)


Script = Callable[[Visitor], None]


@dataclass
class Server:
    script: Script
    tls: ssl.SSLContext | None = None
    visitors: list[Visitor] = field(default_factory=list)
    calls: int = 0  # connections, whether or not a request came

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self.url = f'{"https" if self.tls else "http"}://127.0.0.1:{self.port}/'
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.calls += 1
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.settimeout(GIVES_UP_S)
            if self.tls is None:
                self._meet(sock)
            else:
                with self.tls.wrap_socket(sock, server_side=True) as secure:
                    self._meet(secure)

    def _meet(self, sock: socket.socket) -> None:
        visitor = Visitor(sock, self._stopped)
        self.visitors.append(visitor)
        self.script(visitor)

    def close(self) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join(GIVES_UP_S)
        self._listener.close()


Serve = Callable[..., Server]
Fetch = Callable[..., FetchResult]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(script)` starts a server."""
    with contextlib.ExitStack() as stack:

        def start(script: Script, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(script, tls)
            stack.callback(server.close)
            return server

        yield start


class BegunTransport(CurlTransport):
    """Curl as a round uses it: what is slow of the fetch comes after, in the thread that waited."""

    def fetch(self, request: Request) -> FetchResult:
        ended: SimpleQueue[NotModified | Callable[[], FetchResult]] = SimpleQueue()
        if not self.begin(request, ended.put, patient=True):
            return super().fetch(request)
        what = ended.get()
        return what if isinstance(what, NotModified) else what()


@pytest.fixture(params=[RequestsTransport, CurlTransport, BegunTransport])
def kind(request: pytest.FixtureRequest) -> type[RequestsTransport | CurlTransport]:
    """Which transport: whatever holds for one holds for the other."""
    return request.param


@pytest.fixture
def make(kind: type[RequestsTransport | CurlTransport]) -> Iterator[Callable[..., Transport]]:
    """A transport with small limits, of which some may be given; `resolve` and `tls` too."""
    with contextlib.ExitStack() as stack:

        def build(
            resolve: Callable[[str, int], tuple[str, ...]] = lambda *_: (), tls: ssl.SSLContext | None = None, **limits
        ) -> Transport:
            told = {'total_s': 5.0, 'body_bytes': 100_000, **limits}
            transport = kind(FetchLimits(**told), 'test/1', now=lambda: NOW, resolve=resolve, tls=tls)
            stack.callback(transport.close)
            return transport

        yield build


@pytest.fixture
def fetch(make: Callable[..., Transport]) -> Fetch:
    """`fetch(url, …)` with private addresses allowed; the rest goes to Request or, as `limits`, to FetchLimits."""

    def run(url: str, *, limits: dict[str, float] | None = None, **told) -> FetchResult:
        return make(**(limits or {})).fetch(Request(url=url, **{'private': True, **told}))

    return run
