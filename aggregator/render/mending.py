"""feedgen, mended: one extension for all that it leaves out or gets wrong, and its date function replaced.

feedgen 1.0.0 drops rel, type and length of entry links, knows title and link of an atom:source only, writes no
dc:creator, one atom:link in RSS, `+00:00` for Z; and it sets the locale of the whole process to write a date. Here is
the way around each; the writer of every Atom and RSS document stays feedgen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Feed
from aggregator.render.heads import updated_of
from aggregator.render.instants import rfc822, rfc3339
from aggregator.render.links import about_url, feed_page, feed_url, language_tag, web
from aggregator.render.shown import Shown
from aggregator.render.text import one_line

NAME = 'aggregator'
ATOM = 'http://www.w3.org/2005/Atom'
DC = 'http://purl.org/dc/elements/1.1/'
CONTENT = 'http://purl.org/rss/1.0/modules/content/'
LANG = '{http://www.w3.org/XML/1998/namespace}lang'

# Not a test's patch but the mending itself: feedgen's own calls locale.setlocale, which is process-wide.
feedgen.entry.formatRFC2822 = rfc822
feedgen.feed.formatRFC2822 = rfc822

_PLAIN = ('title', 'category', 'source', 'generator', f'{{{DC}}}creator', f'{{{DC}}}rights')
_AMPERSAND, _LESS = '\ufdd0', '\ufdd1'

Element = Any  # lxml's elements have no public type


@cache  # it reads files
def own_version() -> str:
    """The version of this program as installed; '0' in a bare checkout."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return '0'


@dataclass(slots=True)
class Mending(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Registered on a feed it has `feed`, on an entry `shown`. feedgen calls it once its own element is complete."""

    namespaces: Mapping[str, str] = field(default_factory=dict)
    feed: Feed | None = None
    shown: Shown | None = None

    def extend_ns(self) -> dict[str, str]:
        return dict(self.namespaces)

    def extend_atom(self, element: Element) -> None:
        if self.feed is not None:
            _set(element, 'updated', rfc3339(updated_of(self.feed)))
        if self.shown is not None:
            _mend_entry(element, self.shown)

    def extend_rss(self, element: Element) -> None:
        if self.feed is not None:
            channel = element.find('channel')
            for hub in hubs_of(self.feed):
                _add(channel, f'{{{ATOM}}}link', attributes={'href': hub, 'rel': 'hub'})
            _mark_plain(channel)
        if self.shown is not None:
            for author in self.shown.authors:
                _add(element, f'{{{DC}}}creator', author.name)
            if rights := self.shown.rights or self.shown.source.rights:
                _add(element, f'{{{DC}}}rights', rights)
            _mark_plain(element)


def with_plain_text(body: bytes) -> bytes:
    """RSS as the Advisory Board's profile wants it: `&` and `<` of plain text as `&#x26;` and `&#x3C;`.

    lxml cannot write that, so two noncharacters that text.py lets nobody else use stand for them until here.
    """
    return body.replace(_AMPERSAND.encode(), b'&#x26;').replace(_LESS.encode(), b'&#x3C;')


def generator_of(
    feed: Feed, suffix: str, media_type: str, namespaces: Mapping[str, str] | None = None
) -> FeedGenerator:
    """A feed of feedgen's with all that Atom and RSS share, and no entries. Every field has a fall-back."""
    site, title = feed.site, title_of(feed)
    writer = FeedGenerator()
    _register(writer, Mending(namespaces or {}, feed=feed))
    writer.id(feed_url(feed, suffix))
    writer.title(title)
    writer.updated(updated_of(feed))
    writer.language(language_tag(site.language) or 'en')
    writer.generator(NAME, version=own_version(), uri=about_url(site))
    writer.link(href=feed_url(feed, suffix), rel='self', type=media_type)
    # The last link is RSS's channel link: the page, never the feed itself.
    writer.link(href=feed_page(feed), rel='alternate', type='text/html')
    return writer


def writer_of(shown: Shown, scheme: str) -> FeedEntry:
    """An entry of feedgen's with all that Atom and RSS share."""
    writer = FeedEntry()
    _register(writer, Mending(shown=shown))
    writer.id(shown.id)
    writer.title(shown.title)
    writer.updated(shown.updated_at)
    writer.published(shown.published_at)
    writer.link(href=shown.page, rel='alternate')
    for slug, label in shown.categories:
        writer.category(term=slug, label=label, scheme=scheme)
    return writer


def title_of(feed: Feed) -> str:
    return one_line(feed.title) or one_line(feed.label) or one_line(feed.site.title) or NAME


def hubs_of(feed: Feed) -> list[str]:
    return [hub for hub in map(web, feed.hubs) if hub]


def _register(writer: FeedGenerator | FeedEntry, mending: Mending) -> None:
    """It registers a class and makes the instance itself; a function that gives ours serves as well."""
    writer.register_extension(NAME, lambda: mending)


def _mend_entry(entry: Element, shown: Shown) -> None:
    _set(entry, 'updated', rfc3339(shown.updated_at))
    _set(entry, 'published', rfc3339(shown.published_at))
    if shown.language:
        entry.set(LANG, shown.language)
    for link in entry.findall('link'):
        link.set('rel', 'alternate')
    for one in shown.enclosures:
        link = {'href': one.url, 'rel': 'enclosure', 'type': one.media_type}
        _add(entry, 'link', attributes=link | ({'length': str(one.length)} if one.length else {}))
    _add_source(entry, shown)


def _add_source(entry: Element, shown: Shown) -> None:
    """RFC 4287, 4.2.11: id, title and updated always, the rest as far as the source has it."""
    view, source = shown.source, etree.SubElement(entry, 'source')
    _add(source, 'id', view.id)
    _add(source, 'title', view.title)
    _add(source, 'updated', rfc3339(view.updated_at or shown.updated_at))
    if view.url:
        _add(source, 'link', attributes={'href': view.url, 'rel': 'self'})
    if view.link:
        _add(source, 'link', attributes={'href': view.link, 'rel': 'alternate'})
    if view.icon:
        _add(source, 'icon', view.icon)
    if view.rights:
        _add(source, 'rights', view.rights)


def _mark_plain(parent: Element) -> None:
    for child in parent:
        if child.tag in _PLAIN and child.text:
            child.text = child.text.replace('&', _AMPERSAND).replace('<', _LESS)


def _set(parent: Element, tag: str, text: str) -> None:
    parent.find(tag).text = text


def _add(parent: Element, tag: str, text: str | None = None, attributes: dict[str, str] | None = None) -> None:
    etree.SubElement(parent, tag, attributes or {}).text = text
