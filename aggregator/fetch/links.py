"""The Link header (RFC 8288): where a document's hubs are and what it calls itself (WebSub, 4). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

_MOST_LINKS = 50  # of one header; each may cost a pass over the rest of it
_MOST_HUBS = 5
_LONGEST_URL = 2048
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"<]*)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?', re.DOTALL)


def hubs_and_self(values: tuple[str, ...], base: str) -> tuple[tuple[str, ...], str]:
    """The targets of rel=hub in order and the first of rel=self ('' for none), absolute http(s) URLs.

    `values` are those of all Link headers, `base` the URL of the document. A link about another document (`anchor`)
    is none of ours.
    """
    hubs: dict[str, None] = {}
    self_url = ''
    for target, parameters in _links(values):
        relations = parameters.get('rel', '').lower().split()
        url = '' if 'anchor' in parameters else _absolute(target, base)
        if url and 'hub' in relations and len(hubs) < _MOST_HUBS:
            hubs[url] = None
        if url and 'self' in relations and not self_url:
            self_url = url
    return tuple(hubs), self_url


def _links(values: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    left = _MOST_LINKS
    for value in values:
        at = 0
        while left and (start := value.find('<', at)) >= 0 and (end := value.find('>', start)) >= 0:
            left -= 1
            parameters, at = _parameters(value, end + 1)
            yield value[start + 1 : end].strip(), parameters


def _parameters(value: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters that follow, and where they end. The first one of a name counts (RFC 8288, 3.3)."""
    found: dict[str, str] = {}
    while match := _PARAMETER.match(value, at):
        found.setdefault(match[1].lower(), _unquoted(match[2] or ''))
        at = match.end()
    return found, at


def _unquoted(value: str) -> str:
    return re.sub(r'\\(.)', r'\1', value[1:-1], flags=re.DOTALL) if value.startswith('"') else value


def _absolute(target: str, base: str) -> str:
    try:
        url = urljoin(base, target)
        parts = urlsplit(url)
    except ValueError:
        return ''
    web = parts.scheme in ('http', 'https') and parts.netloc and '@' not in parts.netloc
    return url if web and len(url) <= _LONGEST_URL and url.isprintable() else ''
