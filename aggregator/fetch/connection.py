"""Connections that go where they are told and read heads of bounded length; the adapter that sends through them."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure, connect_failed, head_too_large, tls_failed


@dataclass(frozen=True, slots=True)
class Route:
    """Where one request goes: addresses that were checked, in the order in which they are tried."""

    host: str
    port: int
    addresses: tuple[str, ...]
    connect_s: float
    header_bytes: int
    deadline: Deadline

    def connect(self) -> socket.socket:
        error = OSError('no address')
        for ip in self.addresses:
            try:
                return self._connect_to(ip)
            except OSError as failed:
                error = failed
        raise connect_failed(self.host, self.port, error) from error

    def _connect_to(self, ip: str) -> socket.socket:
        sock = socket.socket(socket.AF_INET6 if ':' in ip else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(min(self.connect_s, self.deadline.left_s()))
            sock.connect((ip, self.port))
            self.deadline.hold(sock)
            sock.settimeout(self.deadline.left_s())
        except BaseException:
            sock.close()
            raise
        return sock


class RoutedAdapter(HTTPAdapter):
    """One request over one route. Certificates are checked by the context that the pool was given."""

    def __init__(self, route: Route, tls: ssl.SSLContext | None) -> None:
        super().__init__(max_retries=0)
        pool: HTTPConnectionPool = (
            _Pool(route.host, route.port, route=route)
            if tls is None
            else _SecurePool(route.host, route.port, route=route, ssl_context=tls)
        )
        self._pool = pool

    def init_poolmanager(self, *_: object, **__: object) -> None:
        """None is needed: the one pool is given."""

    def get_connection_with_tls_context(self, *_: object, **__: object) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: object) -> None:
        """The parent would read the bundle of certificates again, for 44 ms."""

    def build_response(self, req: PreparedRequest, resp: BaseHTTPResponse) -> Response:
        """As the parent does, without reading cookies."""
        response = Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        self._pool.close()


class _Routed(HTTPConnection):
    def __init__(self, *args: Any, route: Route, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._route = route
        self.response_class = functools.partial(_Head, limit=route.header_bytes)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        return self._route.connect()


class _SecureRouted(_Routed, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:  # ssl.SSLError is an OSError; urllib3 has its own CertificateError
            raise tls_failed(self._route.host, error) from error


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Routed


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureRouted


class _Head(http.client.HTTPResponse):
    """An answer whose status lines and headers, all interim answers included, fit into `limit` bytes."""

    def __init__(self, sock: socket.socket, *, limit: int, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self._limit = limit

    def begin(self) -> None:
        whole = self.fp
        self.fp = cast('Any', _Bounded(whole, self._limit))
        super().begin()
        self.fp = whole
        # urllib3 would log each malformed header with a traceback; what could be read is enough.
        self.msg.defects.clear()
        self.msg.set_payload('')

    def _read_status(self) -> tuple[str, int, str]:
        """The first status that is not interim (RFC 9110, 15.2); http.client alone skips 100 and no other."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not _INTERIM <= status < _FINAL or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            while self.fp.readline(_LINE) not in (b'\r\n', b'\n'):
                pass


_INTERIM, _FINAL = 100, 200
_LINE = 65537


class _Bounded:
    """A reader of lines that says so when there were too many bytes, or when the sender stopped in the middle."""

    def __init__(self, whole: Any, limit: int) -> None:
        self._whole = whole
        self._left = limit

    def readline(self, size: int) -> bytes:
        line: bytes = self._whole.readline(min(size, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise head_too_large()
        if not line:
            raise Failure('protocol', 'The server hung up before its answer began; the problem is on their side')
        return line

    def flush(self) -> None:
        """HTTPResponse.close asks for it."""

    def close(self) -> None:
        self._whole.close()
