"""Addresses, hosts and request headers of the configuration: what each may be."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from aggregator.settings.faults import shown
from aggregator.settings.values import UNPRINTABLE, LongText, Text, wrong


def _parts(url: str) -> SplitResult:
    parts = None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ('http', 'https') and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts is None:
        raise wrong(f'{shown(url)} is no address of the web', 'write it in full: https://example.org/feed.xml')
    if re.search(r'\s', url):
        raise wrong(f'{shown(url)} holds a blank', 'write %20 for a blank')
    return parts


def _url(url: str) -> str:
    if _parts(url).username is not None:
        raise wrong('an address must not hold a name and password', 'put them into headers: {Authorization: …}')
    return url


def _site_url(url: str) -> str:
    parts = _parts(url)
    if parts.query or parts.fragment or parts.username is not None:
        raise wrong(
            f'{shown(url)} is no base of addresses', 'write scheme, host and path only: https://news.example.org/'
        )
    return url.rstrip('/') + '/'


Url = Annotated[LongText, AfterValidator(_url)]
SiteUrl = Annotated[LongText, AfterValidator(_site_url)]

_HOST = re.compile(r'(?!-)[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*')


def _host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise wrong(f'{shown(host)} is no host name', 'write example.org, without scheme and path')
    return host.lower()


Host = Annotated[Text, AfterValidator(_host)]


def _authority(text: str) -> str:
    if not re.fullmatch(r'[A-Za-z0-9._@-]+,\d{4}(?:-\d\d){0,2}', text, re.ASCII):
        raise wrong(
            f'{shown(text)} is no authority (RFC 4151)', 'write a host that is yours and a year: news.example.org,2026'
        )
    return text


Authority = Annotated[Text, AfterValidator(_authority)]


# What asks for a part or for a change, or frames a message: another value than ours breaks the exchange or its memory.
_OUR_WORDS = (
    'connection content-length expect if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive '
    'range te trailer transfer-encoding upgrade'
)
_OURS = frozenset(_OUR_WORDS.split())


def _headers(headers: dict[str, str]) -> dict[str, str]:
    """RFC 9110, 5.1 and 5.5: a name is a token, a value has no line break."""
    for name, value in headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise wrong(f'{shown(name)} is no name of a header', 'such as Accept-Language')
        if name.lower() in _OURS:
            raise wrong(f'the header {name} is decided anew for every request', 'remove it')
        if UNPRINTABLE.search(value):
            raise wrong(f'the header {name} holds a control character or a line break')
        try:
            value.encode('latin-1')
        except UnicodeEncodeError:
            raise wrong(f'the header {name} holds characters that HTTP cannot carry', 'percent-encode them') from None
    return headers


Headers = Annotated[dict[str, str], AfterValidator(_headers)]
