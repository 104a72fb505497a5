"""One request and its answer, no redirects: the head as values, the body in pieces under a bound."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from requests import RequestException
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util.request import ACCEPT_ENCODING

from aggregator.fetch.connection import Route, RoutedAdapter
from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure, timed_out
from aggregator.fetch.headers import Headers, codings_of, first
from aggregator.fetch.lookup import Lookup
from aggregator.fetch.target import Target
from aggregator.model import FetchLimits

CODINGS = tuple(name.strip() for name in ACCEPT_ENCODING.split(','))  # what urllib3 can undo as it is installed
_ALIASES = {'x-gzip': 'gzip'}
_PIECE = 64 * 1024
_BROKEN = (RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose head was read. The body is read only by who asks for it, and only inside the exchange."""

    status: int
    headers: Headers
    raw: BaseHTTPResponse
    deadline: Deadline

    def body(self, limit: int) -> bytes:
        """All of it, content coding undone; a Failure as soon as `limit` bytes are exceeded."""
        coding = self._coding()
        length = first(self.headers, 'content-length')
        if not coding and length.isascii() and length.isdigit() and int(length[:20]) > limit:
            raise _too_large(limit)
        self.raw.headers['Content-Encoding'] = coding  # urllib3 would look the list of names over again
        pieces, size = [], 0
        for piece in self._pieces():
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            pieces.append(piece)
        if self.deadline.passed:  # a socket that was shut looks like the end of a body
            raise timed_out(self.deadline.total_s)
        if not self._framed and not _unpacked_to_its_end(self.raw):
            raise _broken_off()
        return b''.join(pieces)

    @property
    def _framed(self) -> bool:
        """Whether the end was announced, and so was seen (RFC 9112, 6.3); some servers leave packing unfinished."""
        return bool(first(self.headers, 'content-length') or first(self.headers, 'transfer-encoding'))

    def _coding(self) -> str:
        """The one coding, '' for none. A chain of them multiplies what a small answer can unpack to."""
        codings = codings_of(self.headers)
        if len(codings) > 1 or any(_ALIASES.get(name, name) not in CODINGS for name in codings):
            raise Failure(
                'protocol', 'The server packs its answer in a way we did not offer; the problem is on their side'
            )
        return codings[0] if codings else ''

    def _pieces(self) -> Iterator[bytes]:
        try:
            for piece in self.raw.stream(_PIECE, decode_content=True):
                self.deadline.left_s()
                yield piece
        except DecodeError as error:
            raise Failure(
                'protocol', 'The answer cannot be unpacked: it is damaged; the problem is on their side'
            ) from error
        except _BROKEN as error:
            raise _broken_off() from error


def _unpacked_to_its_end(raw: BaseHTTPResponse) -> bool:
    """Whether a packed body was all there. urllib3 knows and does not say, so its decoder is looked at; a test watches.

    `_state` of a gzip decoder is above 0 after the first whole member: zeros and rubbish behind it are common.
    """
    decoder = getattr(raw, '_decoder', None)
    stream = getattr(decoder, '_obj', None)
    if stream is None or raw.tell() == 0 or getattr(decoder, '_state', 0) > 0:
        return True
    return bool(stream.is_finished() if hasattr(stream, 'is_finished') else getattr(stream, 'eof', True))


def _broken_off() -> Failure:
    return Failure('protocol', 'The answer broke off in the middle; the problem is on their side')


def _too_large(limit: int) -> Failure:
    return Failure(
        'too-large',
        f'The document is larger than {limit} bytes',
        'If it is meant to be so large, raise polling.fetch.body_bytes',
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """What all requests share."""

    limits: FetchLimits
    lookup: Lookup
    tls: Callable[[], ssl.SSLContext]

    @contextmanager
    def ask(self, target: Target, headers: Mapping[str, str], *, private: bool, deadline: Deadline) -> Iterator[Reply]:
        """Send one GET. The connection is closed afterwards, whatever of the answer was not read."""
        prepared = target.prepared(headers)
        adapter = RoutedAdapter(self._route(target, private, deadline), self.tls() if target.secure else None)
        try:
            with _blame_for_heads():
                raw: BaseHTTPResponse = adapter.send(prepared, stream=True, timeout=deadline.left_s()).raw
            try:
                yield Reply(raw.status, tuple(raw.headers.iteritems()), raw, deadline)
            finally:
                raw.close()
        finally:
            adapter.close()

    def _route(self, target: Target, private: bool, deadline: Deadline) -> Route:
        addresses = self.lookup.allowed(target.host, target.port, private=private, deadline=deadline)
        limits = self.limits
        return Route(target.host, target.port, addresses, limits.connect_s, limits.header_bytes, deadline)


@contextmanager
def _blame_for_heads() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Failure(
            'protocol', 'The server hung up, or its answer is not HTTP; the problem is on their side'
        ) from error
