"""Pages that are published as files: a category, its older entries, what is not there.

Plain HTML that works without the one script, nothing from a third party, the same bytes for the same state. The HTML of
an entry, which was sanitised when it came in, is shown only where it is short and loads nothing. Times stand in the
site's zone with the UTC in `datetime`. No page that is a file tells how long ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from markupsafe import Markup

from aggregator.model import CategoryState, Fault, Feed, Site, SourceView, StoredEntry
from aggregator.render.assembly import Fragment, Rendered, written
from aggregator.render.instants import local, zone_of
from aggregator.render.links import live_path, page_url, root_of
from aggregator.render.mending import title_of
from aggregator.render.paper import PAGE_BYTES, Moment, alternates, moment, page
from aggregator.render.shown import Shown, shown_of
from aggregator.render.text import excerpt_of, one_line, plain_of
from aggregator.render.words import words_of

_SHORT = 300  # characters of a text that is shown as it is
_AROUND = 8_000  # bytes of a page of a category without its articles, at most
_LOADS = re.compile(
    r'<(?:img|picture|source|video|audio|track|iframe|embed|object|svg|link|input)\b|\s(?:style|background)\s*=',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a page. `text` is plain, but for `whole`: then it is all of the entry's sanitised HTML."""

    shown: Shown
    at: Moment
    text: str | Markup
    whole: bool
    title: Markup | None = None  # in place of the plain one


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """`<article>…</article>` on the page of this category: it names the others that the entry stands in."""
    return written(entry, feed, _write)


def render(feed: Feed, fragment: Fragment = entry_fragment) -> Rendered:
    """The page of a category: its entries by day, the newest first, as many as a page holds; then the way to others."""
    articles, faults = _articles_of(feed, fragment)
    shown = articles[: _that_fit(articles)]
    more = feed.more or len(shown) < len(articles)
    older = _beside(feed, shown[-1].entry, 'before') if shown and more else ''
    return Rendered(_category(feed, shown, archive=False, older=older), faults)


def category_page(feed: Feed) -> bytes:
    """The page of a category: its entries by day, the newest first."""
    return render(feed).body


def archive_page(feed: Feed) -> bytes:
    """Older entries of a category, or of all, in the same form."""
    articles, _ = _articles_of(feed, entry_fragment)
    shown = articles[: _that_fit(articles)]
    more = feed.more or len(shown) < len(articles)
    newer = _beside(feed, shown[0].entry, 'after') if shown else ''
    older = _beside(feed, shown[-1].entry, 'before') if shown and more else ''
    return _category(feed, shown, archive=True, newer=newer, older=older)


def not_found_page(site: Site, suggestions: Sequence[CategoryState], *, gone: bool = False) -> bytes:
    """The body of a 404, or a 410: what may have been meant."""
    words = words_of(site.language)
    title, text = (words.gone, words.gone_text) if gone else (words.not_found, words.not_found_text)
    return page('not_found.html', site, title=title, text=text, suggestions=suggestions)


def rows_of(entries: Iterable[StoredEntry], sources: Mapping[str, SourceView], site: Site) -> list[Row]:
    """The entries that can be shown."""
    zone = zone_of(site.timezone)
    found = (shown_of(entry, sources.get(entry.source), site) for entry in entries)
    return [row_of(shown, zone) for shown in found if isinstance(shown, Shown)]


def row_of(shown: Shown, zone: tzinfo) -> Row:
    at, whole = moment(shown.published_at, zone), _may_stand_whole(shown.said)
    return Row(shown, at, shown.said if whole else excerpt_of(shown.summary or shown.said), whole)


@dataclass(frozen=True, slots=True)
class _Article:
    entry: StoredEntry
    day: str  # in the site's zone
    body: str


def _articles_of(feed: Feed, fragment: Fragment) -> tuple[list[_Article], tuple[Fault, ...]]:
    zone = zone_of(feed.site.timezone)
    articles: list[_Article] = []
    faults: list[Fault] = []
    for entry in feed.entries:
        match fragment(entry, feed):
            case Fault() as fault:
                faults.append(fault)
            case bytes() as body:
                articles.append(_Article(entry, local(entry.published_at, zone).date().isoformat(), body.decode()))
    return articles, tuple(faults)


def _that_fit(articles: Sequence[_Article]) -> int:
    """How many of the first a page holds; at least one."""
    left = PAGE_BYTES - _AROUND
    for n, article in enumerate(articles):
        left -= len(article.body.encode()) + 100  # the head of a day may come with it
        if left < 0:
            return max(1, n)
    return len(articles)


def _category(feed: Feed, shown: Sequence[_Article], *, archive: bool, newer: str = '', older: str = '') -> bytes:
    words, title = words_of(feed.site.language), title_of(feed)
    days = [(day, [one.body for one in found]) for day, found in groupby(shown, lambda one: one.day)]
    lead = words.on_this_page.format(len(shown)) if older or archive else words.entries.format(len(shown))
    return page(
        'category.html',
        feed.site,
        title=title,
        canonical='' if archive else page_url(feed.site, feed.slug),
        alternates=[
            *alternates(feed.site, feed.slug, title),
            *(alternates(feed.site, '', one_line(feed.site.title)) if feed.slug else ()),
        ],
        lead=lead,
        days=days,
        slug=feed.slug,
        archive=archive,
        newer=newer,
        older=older,
    )


def _beside(feed: Feed, entry: StoredEntry, side: str) -> str:
    """Path of the page that goes on from this entry: older entries `before` it, newer ones `after` it."""
    edge = {side: entry.published_at.isoformat(), 'id': entry.id}
    return root_of(feed.site) + live_path('archive', category=feed.slug, **edge)


def _write(shown: Shown, feed: Feed) -> bytes:
    return page('article.html', feed.site, row=row_of(shown, zone_of(feed.site.timezone)), slug=feed.slug)


def _may_stand_whole(said: str) -> bool:
    """True for a text that is short and for which a browser would fetch nothing."""
    return len(said) < 4 * _SHORT and len(plain_of(said)) <= _SHORT and not _LOADS.search(said)
