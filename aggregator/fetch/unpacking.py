"""A body under a bound: what its head announces, and its content coding undone piece by piece."""

from __future__ import annotations

import http.client
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from requests import RequestException
from urllib3 import BaseHTTPResponse, HTTPResponse
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util.request import ACCEPT_ENCODING

from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure, broken_off, timed_out, too_large
from aggregator.fetch.headers import Headers, codings_of, every, first

CODINGS = tuple(name.strip() for name in ACCEPT_ENCODING.split(','))  # what urllib3 can undo as it is installed
BROKEN = (RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)  # what a wire may raise
_LAST_BLOCK = b'\x01\x00\x00\xff\xff'
_ALIASES = {'x-gzip': 'gzip'}
_PIECE = 64 * 1024


def announced_coding(headers: Headers, limit: int) -> str:
    """The one coding of the body that follows, '' for none; a Failure where it must not be read.

    A chain of codings multiplies what a small answer can unpack to.
    """
    codings = codings_of(headers)
    if len(codings) > 1 or any(_ALIASES.get(name, name) not in CODINGS for name in codings):
        raise Failure('protocol', 'The server packs its answer in a way we did not offer; the problem is on their side')
    length = _announced_length(headers)
    if not codings and length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise too_large(limit)
    return codings[0] if codings else ''


def _announced_length(headers: Headers) -> str:
    """Lengths that contradict each other end a fetch (RFC 9112, 6.3); an older curl takes the first of them."""
    told = {item.strip() for item in ','.join(every(headers, 'content-length')).split(',')}
    if len(told) > 1 and not first(headers, 'transfer-encoding'):
        raise Failure('protocol', 'The server names two lengths of one answer; the problem is on their side')
    return told.pop()


def unpacked(packed: bytes, coding: str, headers: Headers, limit: int, deadline: Deadline) -> bytes:
    """A body that is here already; with a coding it is unpacked as one that comes over the wire."""
    if not coding:
        return packed
    return read_body(HTTPResponse(BytesIO(packed), preload_content=False), coding, headers, limit, deadline)


def read_body(raw: BaseHTTPResponse, coding: str, headers: Headers, limit: int, deadline: Deadline) -> bytes:
    raw.headers['Content-Encoding'] = coding  # urllib3 would look the list of names over again
    pieces, size = [], 0
    for piece in _pieces(raw, deadline):
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        pieces.append(piece)
    if deadline.passed:  # a socket that was shut looks like the end of a body
        raise timed_out(deadline.total_s)
    body = b''.join(pieces)
    if not _unpacked_to_its_end(raw, body, framed=_framed(headers)):
        raise broken_off()
    return body


def _pieces(raw: BaseHTTPResponse, deadline: Deadline) -> Iterator[bytes]:
    try:
        for piece in raw.stream(_PIECE, decode_content=True):
            deadline.left_s()
            yield piece
    except DecodeError as error:
        raise Failure(
            'protocol', 'The answer cannot be unpacked: it is damaged; the problem is on their side'
        ) from error
    except BROKEN as error:
        raise broken_off() from error


def _framed(headers: Headers) -> bool:
    """Whether the end was announced, and so was seen (RFC 9112, 6.3)."""
    return bool(first(headers, 'content-length') or first(headers, 'transfer-encoding'))


def _unpacked_to_its_end(raw: BaseHTTPResponse, body: bytes, *, framed: bool) -> bool:
    """Whether a packed body was all there. urllib3 knows and does not say, so its decoder is looked at; a test watches.

    `_state` of a gzip decoder is above 0 after the first whole member: zeros and rubbish behind it are common.
    """
    decoder = getattr(raw, '_decoder', None)
    stream = getattr(decoder, '_obj', None)
    if stream is None or raw.tell() == 0 or getattr(decoder, '_state', 0) > 0:
        return True
    finished = stream.is_finished() if hasattr(stream, 'is_finished') else getattr(stream, 'eof', True)
    return bool(finished) or (framed and hasattr(stream, 'copy') and _lacks_only_an_end(stream, body))


def _lacks_only_an_end(stream: Any, body: bytes) -> bool:
    """Some servers leave packing unfinished: all is there where the end can be written by hand.

    That is an empty last block (RFC 1951, 3.2.4) and the check sum of gzip (RFC 1952, 2.3.1) or zlib (RFC 1950, 2.2).
    Where a document was cut or is damaged the end does not fit: we would read entries that nobody wrote.
    """
    gzip_end = (zlib.crc32(body) | (len(body) % 2**32) << 32).to_bytes(8, 'little')
    return any(
        _ends_with(stream, block + end)
        for block in (b'', _LAST_BLOCK)
        for end in (gzip_end, zlib.adler32(body).to_bytes(4, 'big'), b'')
    )


def _ends_with(stream: Any, end: bytes) -> bool:
    tried = stream.copy()
    try:
        return not tried.decompress(end) and tried.eof
    except zlib.error:
        return False
