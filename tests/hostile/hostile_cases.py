"""What a case of the corpus is: a document as a server gives it, what must come of it, and what must be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

DATE = 'Tue, 24 Nov 2026 08:00:00 +0800'
NAMESPACES = (
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"'
)
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
State = Literal['ok', 'degraded', 'failing']


@dataclass(frozen=True, slots=True)
class Case:
    """`good` says whether the good item of the document (see `good`) must be published; `told` is searched in what is
    told of the source: its faults and its error. An empty `state` is any: what matters is that nobody is hurt.
    """

    name: str
    body: bytes
    media_type: str = 'application/xml'
    good: bool = True
    told: str = ''
    state: State | Literal[''] = ''
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)  # of its row in feeds.yml


def good(name: str, **more: str) -> str:
    """The RSS item that has done nothing: whatever stands beside it, it is published."""
    extra = ''.join(f'<{key}>{escape(value, quote=False)}</{key}>' for key, value in more.items())
    link = f'https://{name}.example/good'
    return (
        f'<item><title>好 {name}</title><link>{link}</link><guid>{link}</guid><pubDate>{DATE}</pubDate>{extra}</item>'
    )


def channel(*items: str, prolog: str = DECLARATION, root: str = '', head: str = '') -> str:
    """RSS 2.0 around items as they stand."""
    titled = f'<title>频道</title><link>https://channel.example/</link>{head}'
    return f'{prolog}<rss version="2.0"{NAMESPACES}{root}><channel>{titled}{"".join(items)}</channel></rss>'


def item(title: str = '坏', raw: str = '') -> str:
    """An RSS item with XML as it stands."""
    return f'<item><title>{title}</title><pubDate>{DATE}</pubDate>{raw}</item>'


def escaped(text: str) -> str:
    """As XML text, so that a parser gives back the text; what XML cannot hold goes."""
    kept = ''.join(
        c for c in text if c in '\t\n' or (c >= ' ' and not '\ud800' <= c <= '\udfff' and c not in '\ufffe\uffff')
    )
    return escape(kept, quote=True)
