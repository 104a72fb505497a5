"""One GET by curl: an easy handle that goes nowhere but where it is told, and bounded ears for what comes back."""

from __future__ import annotations

import contextlib
import http
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pycurl

from aggregator.fetch.failure import Failure, head_too_large, too_large
from aggregator.fetch.headers import Headers, first
from aggregator.fetch.unpacking import announced_coding

_MOST_LINES = 100  # of one head, as http.client has it
_IDLE_S = 30  # how long a connection waits for another request to its host
_CA_CACHE_TIMEOUT = 321  # CURLOPT_CA_CACHE_TIMEOUT, which pycurl has no name for
_INTERIM, _FINAL = 100, 200


@dataclass(frozen=True, slots=True)
class Errand:
    """What curl is sent for. `ip` was checked, and nothing else is connected to."""

    root: str  # scheme://host:port/
    path: str
    lines: Sequence[bytes]
    ip: str
    connect_s: float
    total_s: float
    header_bytes: int
    body_bytes: int
    fresh: bool = False  # over no connection that rests


class Call:
    """Used for one errand at a time: by the thread that asks, then by curl's, then by the one that asked.

    What is known when it has ended: `code` is curl's own (0: all is well); `trouble` is a reason of ours to stop; with
    `headed` the final head was read as a whole, and `stopped` means that nobody wanted what followed.
    """

    def __init__(self, trusted: Callable[[], str]) -> None:
        self.easy = pycurl.Curl()
        self._trusted = trusted
        self._secure = False
        for option, value in _FIXED:
            self.easy.setopt(option, value)
        self.easy.setopt(pycurl.HEADERFUNCTION, self._on_line)
        self.easy.setopt(pycurl.WRITEFUNCTION, self._on_body)
        self.easy.setopt(pycurl.OPENSOCKETFUNCTION, self._on_connect)

    def begin(self, errand: Errand) -> None:
        self.errand = errand
        self.code = pycurl.E_OK
        self.words = ''
        self.trouble: Failure | None = None
        self.strayed_to = ''
        self._dialled = False
        self.headed = self.stopped = False
        self.status = 0
        self.coding = ''
        self.headers: Headers = ()
        self.pieces: list[bytes] = []
        self._lines: list[bytes] = []
        self._head_left, self._body_left = errand.header_bytes, errand.body_bytes
        self._tell(errand)

    def end(self) -> None:
        """Hold nothing until the next errand."""
        self.headers, self.pieces, self._lines = (), [], []

    def _tell(self, errand: Errand) -> None:
        """Name and port of the URL are for the request and the certificate; the connection goes to the address."""
        setopt, ip = self.easy.setopt, errand.ip
        if errand.root.startswith('https:') and not self._secure:
            self._trust()
        setopt(pycurl.URL, errand.root)
        setopt(pycurl.REQUEST_TARGET, errand.path)
        setopt(pycurl.CONNECT_TO, [f'::[{ip}]:' if ':' in ip else f'::{ip}:'])
        setopt(pycurl.HTTPHEADER, errand.lines)
        setopt(pycurl.FRESH_CONNECT, errand.fresh)
        setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(errand.connect_s * 1000)))
        setopt(pycurl.TIMEOUT_MS, max(1, int(errand.total_s * 1000)))

    def _trust(self) -> None:
        """Only a file without a folder beside it is read once for all connections: a new one takes 1 ms, not 44."""
        self.easy.setopt(pycurl.CAINFO, self._trusted())
        self.easy.unsetopt(pycurl.CAPATH)
        with contextlib.suppress(pycurl.error):  # an older curl reads it again every day
            self.easy.setopt(_CA_CACHE_TIMEOUT, -1)
        self._secure = True

    @property
    def connected(self) -> bool:
        """Somebody took the call, now or earlier."""
        return not self._dialled or bool(self.easy.getinfo(pycurl.CONNECT_TIME))

    @property
    def stale(self) -> bool:
        """All connections that rested had died without a word, and curl has given up looking for a living one."""
        return not (self._dialled or self.status or self.errand.fresh) and self.code in _DEAD

    @property
    def whole_without_body(self) -> bool:
        """The server said, without any trouble, that nothing has changed."""
        return self.headed and self.status == http.HTTPStatus.NOT_MODIFIED and self.trouble is None

    @property
    def secured(self) -> bool:
        return bool(self.easy.getinfo(pycurl.APPCONNECT_TIME))

    @property
    def errno(self) -> int:
        return int(self.easy.getinfo(pycurl.OS_ERRNO))

    # ------------------------------------------------ in curl's thread: no exception may leave these

    def _on_connect(self, _purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> socket.socket | int:
        """The last word on where we go, whatever curl made of URL and CONNECT_TO."""
        family, kind, protocol, where = address
        self._dialled = True
        if not _same(where[0], self.errand.ip):
            self.strayed_to = where[0]
            return int(pycurl.SOCKET_BAD)
        try:
            return _Lent(family, kind, protocol)
        except OSError:
            return int(pycurl.SOCKET_BAD)

    def _on_line(self, line: bytes) -> int | None:
        """A status line, a header, the blank line that ends a head; behind a body, trailers, which count only."""
        self._head_left -= len(line)
        if self._head_left < 0:
            return self._stop(head_too_large())
        if self.headed:
            return None
        if line in _BLANK:
            return self._on_head() if self.status else None
        if not self.status:
            self.status = _status(line)
        elif len(self._lines) == _MOST_LINES:
            return self._stop(Failure('protocol', 'The server sends too many headers; the problem is on their side'))
        else:
            self._lines.append(line)
        return None

    def _on_head(self) -> int | None:
        """An interim answer (RFC 9110, 15.2) is forgotten. Only of a 200 we want the body."""
        if _INTERIM <= self.status < _FINAL and self.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            self.status = 0
            self._lines.clear()
            return None
        self.headed = True
        self.headers = tuple(_read(line) for line in self._lines)
        if self.status != http.HTTPStatus.OK:
            self.stopped = True
            return None if self._nothing_follows() else _REFUSE
        try:
            self.coding = announced_coding(self.headers, self.errand.body_bytes)
        except Failure as failure:
            return self._stop(failure)
        return None

    def _nothing_follows(self) -> bool:
        """Then the connection is as good as new."""
        return self.status == http.HTTPStatus.NOT_MODIFIED or first(self.headers, 'content-length') == '0'

    def _on_body(self, piece: bytes) -> int | None:
        self._body_left -= len(piece)
        if self.stopped or self._body_left < 0:
            return self._stop(too_large(self.errand.body_bytes))
        self.pieces.append(piece)
        return None

    def _stop(self, trouble: Failure) -> int:
        self.trouble = trouble
        return _REFUSE


class _Lent(socket.socket):
    """Curl takes a copy, and then nobody needs this one."""

    def __del__(self) -> None:
        self.close()


_REFUSE = 0  # fewer bytes taken than were given: curl ends the transfer
_DEAD = (pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING)
_BLANK = (b'\r\n', b'\n', b'')
_FIXED: tuple[tuple[int, int | str], ...] = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.FOLLOWLOCATION, 0),
    (pycurl.PROXY, ''),  # the environment is not asked
    (pycurl.NOPROXY, '*'),
    (pycurl.NETRC, pycurl.NETRC_IGNORED),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
    (pycurl.HTTP09_ALLOWED, 0),
    (pycurl.HTTP_CONTENT_DECODING, 0),  # ours is bounded
    (pycurl.PATH_AS_IS, 1),
    (pycurl.SSL_VERIFYPEER, 1),
    (pycurl.SSL_VERIFYHOST, 2),
    (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
    (pycurl.DNS_CACHE_TIMEOUT, 0),  # addresses are given
    (pycurl.MAXAGE_CONN, _IDLE_S),
)


def _same(one: str, other: str) -> bool:
    """Two spellings of an address; curl writes no zone."""
    if one == other:
        return True
    family = socket.AF_INET6 if ':' in other else socket.AF_INET
    with contextlib.suppress(OSError):
        return socket.inet_pton(family, one) == socket.inet_pton(family, other.partition('%')[0])
    return False


def _status(line: bytes) -> int:
    """Curl has looked at the version (RFC 9112, 4); 0 for a line that is none."""
    code = line[9:12]
    return int(code) if line.startswith(b'HTTP/') and code.isdigit() else 0


def _read(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode('latin-1').partition(':')
    return name.strip(), value.strip()


def os_error(number: int) -> OSError:
    return TimeoutError() if not number else OSError(number, os.strerror(number))
