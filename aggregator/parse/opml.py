"""Subscription lists (OPML) as rows to add to feeds.yml. They come from anywhere, and many are broken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from aggregator.model import Fault
from aggregator.parse.encoding import declared_in_xml, decode
from aggregator.parse.texts import clean_text, http_url, without_controls

MAX_CHARACTERS: Final = 4 * 1024 * 1024
MAX_TAGS: Final = 10_000  # of outlines; listparser's time is quadratic in an address that stands in many folders
MAX_DEPTH: Final = 50  # folders inside each other; it copies the whole path for each source
MAX_COMMAS: Final = 10_000  # in all; category attributes are lists with commas, and quadratic as well

# A tag as XML reads it; it matches wherever it begins, so nothing is read twice.
_OUTLINE: Final = re.compile(
    r'<(/?)outline\b(?:[^>"\']++|"[^"]*+(?:"|\Z)|\'[^\']*+(?:\'|\Z))*',
    re.IGNORECASE,
)
# Other vocabularies that listparser knows (FOAF, iGoogle) are told by their namespaces; they are not wanted here.
_NAMESPACE: Final = re.compile(r'(?<=[\s"\'/])xmlns(?=[:=\s])', re.IGNORECASE)
_CATEGORY: Final = re.compile(r'\bcategory(?=\s*=)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpmlRow:
    """A source; `categories` are the names of the folders it lies in, each innermost one."""

    title: str
    url: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpmlRead:
    rows: tuple[OpmlRow, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_opml(body: bytes) -> OpmlRead:
    """The sources of an OPML 2.0 list, in its order, each address once. What is broken gives what can be read of it.

    Entities are not expanded, nothing is fetched, and only http and https addresses are taken. Never raises.
    """
    decoded = decode(body, declared=declared_in_xml(body))
    whole = without_controls(decoded.text)
    text = _bounded(whole)
    faults = [decoded.fault] if decoded.fault else []
    if len(text) < len(whole):
        faults.append(Fault('too-large', 'It is too long or nests too deep; only its beginning was read.'))
    import listparser  # noqa: PLC0415  # it loads requests and lxml, which no worker needs

    try:
        # Bytes, because a text that begins with http:// would be fetched; ASCII, because the parser guesses encodings.
        feeds = listparser.parse(_harmless(text).encode('ascii', 'xmlcharrefreplace'))['feeds']
    except Exception as error:  # noqa: BLE001  # listparser promises nothing about what it raises; it is told below
        return OpmlRead((), (*faults, Fault('not-opml', f'It is no OPML: {clean_text(str(error), 200)}.')))
    rows, refused = _rows(feeds)
    if not rows:
        faults.append(Fault('no-list', 'There is no source in it.', 'Export the subscriptions as OPML and try again.'))
    if refused:
        faults.append(Fault('address', f'{refused} sources without an http address were left out.'))
    return OpmlRead(rows, tuple(faults))


def _bounded(text: str) -> str:
    """The beginning of the text that listparser can read in a second."""
    text = text[:MAX_CHARACTERS]
    depth = 0
    for number, tag in enumerate(_OUTLINE.finditer(text), 1):
        depth += -1 if tag[1] else not tag[0].endswith('/')
        depth = max(depth, 0)
        if number > MAX_TAGS or depth > MAX_DEPTH:
            return text[: tag.start()]
    return text


def _harmless(text: str) -> str:
    """The text with attributes renamed that would lead listparser elsewhere, or keep it for minutes."""
    text = _NAMESPACE.sub('x-ns', text)
    many = text.count(',') + text.count('&') > MAX_COMMAS
    return _CATEGORY.sub('x-category', text) if many else text


def _rows(feeds: Iterable[Any]) -> tuple[tuple[OpmlRow, ...], int]:
    """The rows, and how many had no address that can be asked."""
    rows: dict[str, OpmlRow] = {}
    refused = 0
    for feed in feeds:
        written = ''.join(str(feed.get('url', '')).split())
        url = http_url(str(feed.get('url', '')), '')
        if not url or not written.isprintable():  # nobody could see in feeds.yml what is asked
            refused += 1
            continue
        title = clean_text(str(feed.get('title', '')), 200)
        rows.setdefault(url, OpmlRow(title, url, _categories(feed.get('categories', ()))))
    return tuple(rows.values()), refused


def _categories(paths: Iterable[Iterable[str]]) -> tuple[str, ...]:
    innermost = (next(filter(None, reversed([clean_text(name, 100) for name in path])), '') for path in paths)
    return tuple(dict.fromkeys(filter(None, innermost)))[:20]
