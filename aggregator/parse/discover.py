"""Where the feeds behind a page are: what it links to, and the addresses where they usually stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.model import Received
from aggregator.parse.encoding import declared_in_html, decode
from aggregator.parse.page import base_of
from aggregator.parse.texts import clean_text, http_url, text_of_html
from aggregator.parse.tree import read_tree

MAX_FOUND: Final = 20
MAX_LINKS: Final = 5000  # that are looked at
HEAD_CHARACTERS: Final = 512 * 1024  # of the page; feeds stand in its head, or at worst at its foot

_TYPES: Final = frozenset(
    {
        'application/rss+xml',
        'application/atom+xml',
        'application/feed+json',
        'application/rdf+xml',
        'application/x-rss+xml',
    },
)
_UNSURE_TYPES: Final = frozenset({'application/xml', 'text/xml', 'application/json'})
_FEED_PATH: Final = re.compile(
    r'/(?:feeds?|rss|rss2|atom)/?$|\.(?:rss|atom|rdf)$|/(?:feeds?|rss|rss2|atom|index)\.xml$|/feed\.json$',
    re.IGNORECASE,
)
_USUAL: Final = (
    '/feed',
    '/rss',
    '/rss.xml',
    '/atom.xml',
    '/index.xml',
    '/feed.xml',
    '/feeds/all.atom.xml',
    '/feed.json',
    '/?feed=rss2',
)


@dataclass(frozen=True, slots=True)
class Found:
    """`media_type` is '' where only the look of the address says that it is a feed."""

    url: str
    title: str = ''
    media_type: str = ''


def feeds_in(received: Received) -> tuple[Found, ...]:
    """The feeds that an HTML page names: by `<link rel=alternate>` first, then by links that look like feeds.

    At most 20, each once, absolute. Nothing for what is no page. Never raises.
    """
    body = received.body
    decoded = decode(body, charset=received.charset, declared=declared_in_html(body))
    tree = read_tree(decoded.text[:HEAD_CHARACTERS])
    if tree is None:
        return ()
    base = base_of(tree, received.url)
    found: dict[str, Found] = {}
    for each in [*_alternates(tree, base), *_anchors(tree, base)]:
        if each.url and each.url != received.url:
            found.setdefault(each.url, each)
    return tuple(found.values())[:MAX_FOUND]


def well_known(url: str) -> tuple[str, ...]:
    """Addresses on the site of `url` where a feed often is; none for what is no web address."""
    if not http_url(url, ''):
        return ()
    return tuple(urljoin(url, path) for path in _USUAL)


def _alternates(tree: LexborHTMLParser, base: str) -> list[Found]:
    return [
        Found(http_url(_of(link, 'href'), base), clean_text(_of(link, 'title'), 200), media_type)
        for link in tree.css('link[href]')[:MAX_LINKS]
        if 'alternate' in _of(link, 'rel').lower().split() and (media_type := _feed_type(link))
    ]


def _feed_type(link: LexborNode) -> str:
    """The media type of a link to a feed; '' for links to something else."""
    media_type = _of(link, 'type').partition(';')[0].strip().lower()
    if media_type in _TYPES or (media_type in _UNSURE_TYPES and _looks_like_feed(_of(link, 'href'))):
        return media_type
    return ''


def _anchors(tree: LexborHTMLParser, base: str) -> list[Found]:
    return [
        Found(http_url(_of(link, 'href'), base), clean_text(text_of_html(link.inner_html or ''), 200))
        for link in tree.css('a[href]')[:MAX_LINKS]
        if _looks_like_feed(_of(link, 'href'))
    ]


def _looks_like_feed(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return _FEED_PATH.search(f'/{parts.path.lstrip("/")}') is not None or 'feed=' in parts.query


def _of(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ''
