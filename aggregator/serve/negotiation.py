"""What a request's header fields ask for (RFC 9110): content coding, conditions, host. Pure decisions on bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal

FIELDS = frozenset(
    {b'host', b'accept-encoding', b'if-none-match', b'if-modified-since', b'if-match', b'if-unmodified-since'}
)
PREFERRED = ('br', 'gzip', 'identity')  # smallest first: decides between equal q
_MOST_CODINGS = 32  # of one Accept-Encoding that are looked at
_MOST_MEMORY = 256  # bytes of a field that is worth remembering

_QUALITY = re.compile(r'q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)', re.IGNORECASE)
_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")
_MOST_DATE = 40  # bytes; the longest form has 33, and two dates joined have more

Verdict = Literal[200, 304, 412]


def asked_in(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The fields of a request that decide here; those that came in several lines are one list (RFC 9110, 5.3)."""
    asked: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in FIELDS:
            asked[name] = value if name not in asked else asked[name] + b', ' + value
    return asked


def codings(accept_encoding: bytes | None) -> tuple[str, ...]:
    """The content codings that a reader accepts, best first (RFC 9110, 12.5.3). An absent field gives identity alone.

    Identity stands last even where the reader refuses it: then it is what is left when a document has no form that
    the reader takes, and an answer that it can complain about is more use than a 406.
    """
    if not accept_encoding:
        return ('identity',)
    return _remembered(accept_encoding) if len(accept_encoding) <= _MOST_MEMORY else _ranked(accept_encoding)


def verdict(asked: Mapping[bytes, bytes], etag: bytes, modified_s: int) -> Verdict:
    """What the conditions make of a GET or HEAD for a document with this tag and time (RFC 9110, 13.2.2).

    The tag is the one of the form that was chosen. A tag of another form does not match, though the text is the same:
    a shared cache would give the packed bytes to a reader that cannot unpack them. A date that cannot be read is as
    good as none (13.1.3).
    """
    if (wanted := asked.get(b'if-match')) is not None:
        if not _matches_strongly(wanted, etag):
            return 412
    elif (since := http_date(asked.get(b'if-unmodified-since'))) is not None and modified_s > since:
        return 412
    if (known := asked.get(b'if-none-match')) is not None:
        return 304 if _matches(known, etag) else 200
    since = http_date(asked.get(b'if-modified-since'))
    return 304 if since is not None and modified_s <= since else 200


def http_date(value: bytes | None) -> int | None:
    """Seconds since 1970 of an HTTP date in any of its three forms (RFC 9110, 5.6.7), or None."""
    if value is None or len(value) > _MOST_DATE:
        return None
    try:
        return int(parsedate_to_datetime(value.decode('ascii')).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):  # all of them seen for wrong dates
        return None


def host_is_sane(asked: Mapping[bytes, bytes], http_version: str) -> bool:
    """Exactly one Host with the characters of a host, which HTTP/1.0 may leave out (RFC 9112, 3.2)."""
    host = asked.get(b'host')
    if host is None:
        return http_version == '1.0'
    return _HOST.fullmatch(host) is not None  # two fields were joined with a blank, and a blank is not among them


def _ranked(accept_encoding: bytes) -> tuple[str, ...]:
    stated = _qualities(accept_encoding.decode('latin-1'))
    everything = stated.get('*')
    quality = {coding: stated.get(coding, everything or 0.0) for coding in ('br', 'gzip')}
    # Identity needs no mention to be acceptable, but any coding that is named comes before it.
    quality['identity'] = stated.get('identity', 0.0)
    ranked = sorted((c for c in PREFERRED if quality[c] > 0), key=lambda c: -quality[c])
    return tuple(ranked) if 'identity' in ranked else (*ranked, 'identity')


_remembered = lru_cache(maxsize=256)(_ranked)  # readers are many, their fields are few


def _qualities(text: str) -> dict[str, float]:
    stated: dict[str, float] = {}
    for part in text.split(',', _MOST_CODINGS)[:_MOST_CODINGS]:
        coding, _, parameter = part.partition(';')
        name = coding.strip().lower().removeprefix('x-')  # x-gzip is gzip (8.4.1.3)
        stated[name] = _quality(parameter)
    return stated


def _quality(parameter: str) -> float:
    """A weight that cannot be read is none at all: the reader named the coding and gets another one."""
    if not parameter.strip():
        return 1.0
    found = _QUALITY.fullmatch(parameter.strip())
    return float(found[1]) if found else 0.0


def _matches(listed: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, 8.8.3.2): `W/` counts for nothing."""
    return listed == etag or listed.strip() == b'*' or etag in _TAG.findall(listed)


def _matches_strongly(listed: bytes, etag: bytes) -> bool:
    if listed.strip() == b'*':
        return True
    return any(found[0] == etag for found in _TAG.finditer(listed))
