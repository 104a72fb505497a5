"""RSS 2.0 and the Advisory Board's profile: feedgen's channel, and feedgen's items one by one."""

from __future__ import annotations

from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Fault, Feed, StoredEntry
from aggregator.render.assembly import NOTHING, Fragment, Frame, Ready, Rendered, assembled, written
from aggregator.render.heads import once_made
from aggregator.render.instants import rfc822
from aggregator.render.links import category_scheme
from aggregator.render.mending import ATOM, CONTENT, DC, generator_of, title_of, with_plain_text, writer_of
from aggregator.render.shown import Shown
from aggregator.render.text import excerpt_of

MEDIA_TYPE = 'application/rss+xml'
DOCS = 'https://www.rssboard.org/rss-specification'
_END = b'</channel></rss>'
_NAMESPACES = {'dc': DC, 'atom': ATOM, 'content': CONTENT}  # as feedgen binds them on the root


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """`<item>…</item>`, its prefixes bound by the head: the same bytes in every feed of this site that holds it."""
    return written(entry, feed, _write)


def render(feed: Feed, fragment: Fragment = entry_fragment, ready: Ready = NOTHING) -> Rendered:
    return assembled(feed, Frame(_head(feed), _END), fragment, ready)


def head(feed: Feed) -> bytes:
    """The document up to its first item."""
    whole: bytes = with_plain_text(feed_writer(feed).rss_str())
    return whole.removesuffix(_END)


def feed_writer(feed: Feed) -> FeedGenerator:
    """The channel without items."""
    writer = generator_of(feed, 'rss', MEDIA_TYPE, {'dc': DC})
    writer.description(escape(title_of(feed), quote=False))  # may hold HTML (RSS 2.0, "description"), so it is HTML
    writer.docs(DOCS)
    writer.ttl(max(1, int(feed.ttl.total_seconds() // 60)))
    return writer


def entry_writer(shown: Shown, feed: Feed) -> FeedEntry:
    """The item as feedgen will write it."""
    writer = writer_of(shown, category_scheme(feed.site))
    if shown.form == 'full':
        writer.description(shown.summary or escape(excerpt_of(shown.said), quote=False) or shown.text)
        writer.content(shown.text)
    else:
        writer.description(shown.text)
    for one in shown.enclosures[:1]:  # several are Atom's alone (profile, "enclosure")
        writer.enclosure(one.url, one.length, one.media_type)
    if shown.source.url:
        writer.source(shown.source.url, shown.source.title)
    return writer


def _write(shown: Shown, feed: Feed) -> bytes:
    """The item's bytes as they stand inside a document of feedgen's, where the root has bound the prefixes."""
    root = etree.Element('rss', nsmap=_NAMESPACES)
    root.append(entry_writer(shown, feed).rss_entry())
    body: bytes = etree.tostring(root, encoding='UTF-8', xml_declaration=False)
    return with_plain_text(body[body.index(b'<item>') : -len(b'</rss>')])


_head = once_made(head, rfc822, '<lastBuildDate>', '</lastBuildDate>')
