"""OPML 2.0: the list of our categories (feeds.opml) and of the sources behind them (sources.opml)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from lxml import etree

from aggregator.model import CategoryState, Site, SourceView
from aggregator.render.instants import rfc822
from aggregator.render.links import document_url, page_url, web
from aggregator.render.text import one_line, scrub

MEDIA_TYPE = 'text/x-opml; charset=utf-8'

Outline = dict[str, str]


@dataclass(frozen=True, slots=True)
class Undated:
    """A list without its date, which is another one at each change of an entry."""

    before: bytes
    after: bytes

    def at(self, at: datetime) -> bytes:
        return b'%b<dateModified>%b</dateModified>%b' % (self.before, rfc822(at).encode(), self.after)


def categories_opml(site: Site, categories: Sequence[CategoryState], at: datetime) -> bytes:
    """Every category with its Atom feed and its page. `at` is the newest change, not the clock.

    While there is none the feed of everything stands in: OPML 2.0 wants at least one outline.
    """
    named = tuple((c.slug, one_line(c.title) or one_line(c.label) or c.slug) for c in categories)
    return _categories(site, named or (('', one_line(site.title) or site.url),)).at(at)


def sources_opml(site: Site, sources: Sequence[SourceView], at: datetime) -> bytes:
    """Every source with a web address. What is no feed (a JSON list, a page) is a plain link: no reader can poll it."""
    return undated_sources_opml(site, sources).at(at)


def undated_sources_opml(site: Site, sources: Iterable[SourceView]) -> Undated:
    """For whoever writes the same sources again and again."""
    rows = ((source, web(scrub(source.url))) for source in sources)
    return _undated(site, (_source(source, url) for source, url in rows if url))


@lru_cache(maxsize=2)  # most changes are of an entry
def _categories(site: Site, named: tuple[tuple[str, str], ...]) -> Undated:
    return _undated(site, (_category(site, slug, title) for slug, title in named))


def _category(site: Site, slug: str, title: str) -> Outline:
    return {
        'type': 'rss',
        'text': title,
        'title': title,
        'xmlUrl': document_url(site, slug, 'atom'),
        'htmlUrl': page_url(site, slug),
    }


def _source(source: SourceView, url: str) -> Outline:
    title = one_line(source.name) or one_line(source.title) or url
    if source.kind != 'feed':
        return {'type': 'link', 'text': title, 'title': title, 'url': url}
    page = web(scrub(source.link))
    return {'type': 'rss', 'text': title, 'title': title, 'xmlUrl': url} | ({'htmlUrl': page} if page else {})


def _undated(site: Site, outlines: Iterable[Outline]) -> Undated:
    root = etree.Element('opml', version='2.0')
    head = etree.SubElement(root, 'head')
    etree.SubElement(head, 'title').text = one_line(site.title) or site.url
    etree.SubElement(head, 'dateModified')
    etree.SubElement(head, 'docs').text = 'https://opml.org/spec2.opml'
    body = etree.SubElement(root, 'body')
    for outline in outlines:
        etree.SubElement(body, 'outline', outline)
    text: bytes = etree.tostring(root, encoding='UTF-8', xml_declaration=True, pretty_print=True)
    before, _, after = text.partition(b'<dateModified/>')
    return Undated(before, after)
