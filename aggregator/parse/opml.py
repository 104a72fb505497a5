"""Subscription lists (OPML) as rows to add to feeds.yml. They come from anywhere, and many are broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import listparser

from aggregator.model import Fault
from aggregator.parse.encoding import declared_in_xml, decode
from aggregator.parse.texts import clean_text, http_url, without_controls

MAX_CHARACTERS: Final = 4 * 1024 * 1024  # 20,000 sources; listparser takes 1 s for it
MAX_ROWS: Final = 20_000


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
    text = without_controls(decoded.text)
    faults = [decoded.fault] if decoded.fault else []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        faults.append(Fault('too-large', f'Only the first {MAX_CHARACTERS // 1024} KB were read.'))
    try:
        # Bytes, because a text that begins with http:// would be fetched; ASCII, because the parser guesses encodings.
        feeds = listparser.parse(text.encode('ascii', 'xmlcharrefreplace'))['feeds']
    except Exception as error:  # noqa: BLE001  # listparser promises nothing about what it raises; it is told below
        return OpmlRead((), (*faults, Fault('not-opml', f'It is no OPML: {clean_text(str(error), 200)}.')))
    rows, refused = _rows(feeds)
    if not rows:
        faults.append(Fault('no-list', 'There is no source in it.', 'Export the subscriptions as OPML and try again.'))
    if refused:
        faults.append(Fault('address', f'{refused} sources without an http address were left out.'))
    return OpmlRead(rows, tuple(faults))


def _rows(feeds: Iterable[Any]) -> tuple[tuple[OpmlRow, ...], int]:
    """The rows, and how many had no address that can be asked."""
    rows: dict[str, OpmlRow] = {}
    refused = 0
    for feed in list(feeds)[:MAX_ROWS]:
        url = http_url(str(feed.get('url', '')), '')
        if not url:
            refused += 1
            continue
        title = clean_text(str(feed.get('title', '')), 200)
        rows.setdefault(url, OpmlRow(title, url, _categories(feed.get('categories', ()))))
    return tuple(rows.values()), refused


def _categories(paths: Iterable[Iterable[str]]) -> tuple[str, ...]:
    innermost = (next(filter(None, reversed([clean_text(name, 100) for name in path])), '') for path in paths)
    return tuple(dict.fromkeys(filter(None, innermost)))[:20]
