"""Atom (RFC 4287): feedgen's head, and feedgen's entries one by one."""

from __future__ import annotations

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Fault, Feed, StoredEntry
from aggregator.render.assembly import NOTHING, Fragment, Frame, Ready, Rendered, assembled, written
from aggregator.render.heads import once_made
from aggregator.render.instants import rfc3339
from aggregator.render.links import category_scheme
from aggregator.render.mending import generator_of, hubs_of, title_of, writer_of
from aggregator.render.shown import Shown
from aggregator.render.text import one_line

MEDIA_TYPE = 'application/atom+xml'
_END = b'</feed>'


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """`<entry>…</entry>`: the same bytes in every feed of this site that holds the entry."""
    return written(entry, feed, _write)


def render(feed: Feed, fragment: Fragment = entry_fragment, ready: Ready = NOTHING) -> Rendered:
    return assembled(feed, Frame(_head(feed), _END), fragment, ready)


def head(feed: Feed) -> bytes:
    """The document up to its first entry."""
    whole: bytes = feed_writer(feed).atom_str()
    return whole.removesuffix(_END)


def feed_writer(feed: Feed) -> FeedGenerator:
    """The feed without entries. Its id is its own address (4.2.6), its author the site (4.2.1)."""
    writer = generator_of(feed, 'atom', MEDIA_TYPE)
    writer.author(name=one_line(feed.site.title) or title_of(feed), uri=feed.site.url)
    for hub in hubs_of(feed):
        writer.link(href=hub, rel='hub')
    return writer


def entry_writer(shown: Shown, feed: Feed) -> FeedEntry:
    """The entry as feedgen will write it."""
    writer = writer_of(shown, category_scheme(feed.site))
    for person in shown.authors:
        writer.author(name=person.name, email=person.email, uri=person.url)
    # Nobody gave a link to the original: what we have is all there is, however short.
    if shown.form == 'full' or not shown.link:
        writer.content(shown.text, type='html')
    else:
        writer.summary(shown.text, type='html')
    if shown.summary:
        writer.summary(shown.summary, type='html')
    if shown.rights:
        writer.rights(shown.rights)
    return writer


def _write(shown: Shown, feed: Feed) -> bytes:
    fragment: bytes = etree.tostring(entry_writer(shown, feed).atom_entry(), encoding='UTF-8', xml_declaration=False)
    return fragment


_head = once_made(head, rfc3339, '<updated>', '</updated>')
