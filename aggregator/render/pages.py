"""Pages for people: plain HTML, no script, nothing from a third party, the same bytes for the same state.

Everything is escaped by jinja2 but the HTML of an entry, which was sanitised when it came in; it is shown only where it
is short and loads nothing. Times stand in the site's zone with the UTC in `datetime`. No page tells how long ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aggregator.model import CategoryState, Document, Fault, Feed, Site, SourceView, StoredEntry
from aggregator.render.assembly import Fragment, Rendered, written
from aggregator.render.instants import local, rfc3339, zone_of
from aggregator.render.links import document_url, language_tag, page_url, root_of
from aggregator.render.mending import title_of
from aggregator.render.shown import Shown, shown_of
from aggregator.render.text import excerpt_of, one_line, plain_of, scrub
from aggregator.render.words import words_of

MEDIA_TYPE = 'text/html; charset=utf-8'
INDEX_BYTES = 50_000  # the front page stays below; it shows fewer rows where they are long
_SHORT = 300  # characters of a text that is shown as it is
_ROWS = 160  # of each list of the front page, at most
_LOADS = re.compile(
    r'<(?:img|picture|source|video|audio|track|iframe|embed|object|svg|link|input)\b|\s(?:style|background)\s*=',
    re.IGNORECASE,
)
_SIGNS = {'new': '○', 'ok': '●', 'degraded': '▲', 'failing': '■', 'gone': '✕', 'retired': '–'}
_TROUBLE = {'failing': 0, 'gone': 1, 'degraded': 2}  # what a person should see first
_HERE = Path(__file__).parent
_FEEDS = (
    ('atom', 'Atom', 'application/atom+xml'),
    ('rss', 'RSS', 'application/rss+xml'),
    ('json', 'JSON', 'application/feed+json'),
)

_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / 'templates'),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant for a page: UTC for machines, the site's zone for people."""

    utc: str
    day: str
    time: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a page. `text` is plain, but for `whole`: then it is all of the entry's sanitised HTML."""

    shown: Shown
    at: Moment
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Alternate:
    """A feed of the page: for autodiscovery by its absolute address, for the button by its path."""

    name: str
    type: str
    title: str
    url: str


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """`<article>…</article>` on the page of this category: it names the others that the entry stands in."""
    return written(entry, feed, _write)


def render(feed: Feed, fragment: Fragment = entry_fragment) -> Rendered:
    """The page of a category."""
    articles, faults = _articles_of(feed, fragment)
    title = title_of(feed)
    body = _page(
        'category.html',
        feed.site,
        title=title,
        canonical=page_url(feed.site, feed.slug),
        alternates=[*_alternates(feed.site, feed.slug, title), *_alternates(feed.site, '', one_line(feed.site.title))],
        count=len(articles),
        days=[(day, [article for _, article in found]) for day, found in groupby(articles, lambda one: one[0])],
        slug=feed.slug,
    )
    return Rendered(body, faults)


def category_page(feed: Feed) -> bytes:
    """The page of a category: its entries by day, the newest first."""
    return render(feed).body


def index_page(
    site: Site, categories: Sequence[CategoryState], sources: Sequence[SourceView], recent: Sequence[StoredEntry]
) -> bytes:
    """The front page: state in a sentence, categories with the newest first, failing sources, the latest entries."""
    rows, _ = _rows_of(recent[:_ROWS], {source.name: source for source in sources}, site)
    newest_first = sorted(categories, key=lambda c: (c.newest_at is None, _backwards(c.newest_at), c.slug))
    troubled_first = sorted(sources, key=lambda source: (_TROUBLE.get(source.state, len(_TROUBLE)), source.name))
    limit = _ROWS
    while True:
        body = _index(site, newest_first, troubled_first, rows, limit)
        if len(body) < INDEX_BYTES or not limit:
            return body
        limit = limit * 3 // 4


def not_found_page(site: Site, suggestions: Sequence[CategoryState]) -> bytes:
    """The body of a 404: what may have been meant."""
    return _page('not_found.html', site, title=words_of(site.language).not_found, suggestions=suggestions)


def about_page(site: Site, version: str, contact: str = '', user_agent: str = '') -> bytes:
    """Who we are, for publishers who found us in their logs. `contact` is a URL or a mail address."""
    kind = 'mailto:' if '@' in contact and '://' not in contact else ''
    href = kind + contact if kind or contact.startswith(('http://', 'https://')) else ''
    facts = {'version': version, 'contact': contact, 'contact_href': href, 'user_agent': user_agent}
    return _page('about.html', site, title=words_of(site.language).about, **facts)


def style_document() -> Document:
    """The one style sheet, at /style.css."""
    return Document('style.css', 'text/css; charset=utf-8', (_HERE / 'style.css').read_bytes())


def _index(
    site: Site, categories: Sequence[CategoryState], sources: Sequence[SourceView], rows: Sequence[Row], limit: int
) -> bytes:
    """The front page with about `limit` rows a list; categories are shown in full, then by name, then counted."""
    zone, title, full = zone_of(site.timezone), one_line(site.title), limit // 4
    return _page(
        'index.html',
        site,
        title=title,
        canonical=site.url,
        alternates=_alternates(site, '', title),
        summary=_summary(site, categories, sources),
        categories=[(c, _moment(c.newest_at, zone) if c.newest_at else None) for c in categories[:full]],
        others=categories[full : 2 * limit],
        sources=sources[:limit],
        rows=rows[: limit // 4],
        more=(max(0, len(categories) - 2 * limit), max(0, len(sources) - limit)),
    )


def _summary(site: Site, categories: Sequence[CategoryState], sources: Sequence[SourceView]) -> str:
    return words_of(site.language).summary.format(
        sources=len(sources),
        healthy=sum(source.state in ('ok', 'degraded') for source in sources),
        failing=sum(source.state in ('failing', 'gone') for source in sources),
        categories=len(categories),
    )


def _backwards(at: datetime | None) -> float:
    return -at.timestamp() if at else 0.0


def _articles_of(feed: Feed, fragment: Fragment) -> tuple[list[tuple[str, str]], tuple[Fault, ...]]:
    """Each entry's day in the site's zone, and its article."""
    zone = zone_of(feed.site.timezone)
    articles: list[tuple[str, str]] = []
    faults: list[Fault] = []
    for entry in feed.entries:
        match fragment(entry, feed):
            case Fault() as fault:
                faults.append(fault)
            case bytes() as body:
                articles.append((local(entry.published_at, zone).date().isoformat(), body.decode()))
    return articles, tuple(faults)


def _write(shown: Shown, feed: Feed) -> bytes:
    return _page('article.html', feed.site, row=_row_of(shown, zone_of(feed.site.timezone)), slug=feed.slug)


def _rows_of(
    entries: Iterable[StoredEntry], sources: Mapping[str, SourceView], site: Site
) -> tuple[list[Row], tuple[Fault, ...]]:
    zone = zone_of(site.timezone)
    rows: list[Row] = []
    faults: list[Fault] = []
    for entry in entries:
        match shown_of(entry, sources.get(entry.source), site):
            case Fault() as fault:
                faults.append(fault)
            case shown:
                rows.append(_row_of(shown, zone))
    return rows, tuple(faults)


def _row_of(shown: Shown, zone: tzinfo) -> Row:
    at, whole = _moment(shown.published_at, zone), _may_stand_whole(shown.said)
    return Row(shown, at, shown.said if whole else excerpt_of(shown.summary or shown.said), whole)


def _may_stand_whole(said: str) -> bool:
    """True for a text that is short and for which a browser would fetch nothing."""
    return len(said) < 4 * _SHORT and len(plain_of(said)) <= _SHORT and not _LOADS.search(said)


def _alternates(site: Site, slug: str, title: str) -> list[Alternate]:
    return [
        Alternate(name, kind, f'{title} ({name})', document_url(site, slug, suffix)) for suffix, name, kind in _FEEDS
    ]


def _moment(at: datetime, zone: tzinfo) -> Moment:
    there = local(at, zone)
    return Moment(rfc3339(at), there.date().isoformat(), there.time().isoformat('minutes'))


def _page(template: str, site: Site, **values: Any) -> bytes:
    common = {
        'site': site,
        'words': words_of(site.language),
        'language': language_tag(site.language) or 'en',
        'root': root_of(site),
        'feeds': _FEEDS,
        'signs': _SIGNS,
        'canonical': '',
        'alternates': (),
    }
    return scrub(_TEMPLATES.get_template(template).render(common | values)).encode()
