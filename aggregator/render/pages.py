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
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from aggregator.model import CategoryState, Fault, Feed, Site, SourceView, StoredEntry
from aggregator.render.assembly import NOTHING, Fragment, Ready, Rendered, each_made, written
from aggregator.render.instants import local, zone_of
from aggregator.render.links import live_path, page_url, root_of
from aggregator.render.mending import title_of
from aggregator.render.paper import PAGE_BYTES, Moment, alternates, filled, moment, page, with_holes
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


def render(feed: Feed, fragment: Fragment = entry_fragment, ready: Ready = NOTHING) -> Rendered:
    """The page of a category: its entries by day, the newest first, as many as a page holds; then the way to others."""
    shown = _that_fit(feed, fragment, ready)
    older = _beside(feed, shown.articles[-1].entry, 'before') if shown.articles and shown.more else ''
    return Rendered(_category(feed, shown.articles, archive=False, older=older), shown.faults)


def category_page(feed: Feed) -> bytes:
    """The page of a category: its entries by day, the newest first."""
    return render(feed).body


def archive_page(feed: Feed) -> bytes:
    """Older entries of a category, or of all, in the same form."""
    shown = _that_fit(feed, entry_fragment, NOTHING)
    newer = _beside(feed, shown.articles[0].entry, 'after') if shown.articles else ''
    older = _beside(feed, shown.articles[-1].entry, 'before') if shown.articles and shown.more else ''
    return _category(feed, shown.articles, archive=True, newer=newer, older=older)


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
    body: bytes


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page holds, and whether there is more to show."""

    articles: Sequence[_Article]
    faults: tuple[Fault, ...]
    more: bool


def _that_fit(feed: Feed, fragment: Fragment, ready: Ready) -> _Shown:
    """The first that a page holds; at least one. What comes behind them is not made."""
    articles: list[_Article] = []
    faults: list[Fault] = []
    left = PAGE_BYTES - _AROUND
    for entry, made in zip(feed.entries, each_made(feed, fragment, ready), strict=True):
        match made:
            case Fault() as fault:
                faults.append(fault)
            case bytes() as body:
                left -= len(body) + 100  # the head of a day may come with it
                if articles and left < 0:
                    return _Shown(articles, tuple(faults), more=True)
                articles.append(_Article(entry, body))
    return _Shown(articles, tuple(faults), feed.more)


def _category(feed: Feed, shown: Sequence[_Article], *, archive: bool, newer: str = '', older: str = '') -> bytes:
    words, site = words_of(feed.site.language), feed.site
    lead = words.on_this_page.format(len(shown)) if older or archive else words.entries.format(len(shown))
    values = {
        'lead': escape(lead).encode(),
        'sections': _sections(site, shown),
        'newer': escape(newer).encode(),
        'older': escape(older).encode(),
    }
    holes = tuple(name for name, value in values.items() if value)
    return filled(_frame(site, feed.slug, title_of(feed), holes, archive=archive), *(values[name] for name in holes))


def _sections(site: Site, shown: Sequence[_Article]) -> bytes:
    zone = zone_of(site.timezone)
    days = groupby(shown, lambda one: local(one.entry.published_at, zone).date().isoformat())
    return b'\n'.join(filled(_day(site, day), b'\n'.join(one.body for one in found)) for day, found in days)


@lru_cache(maxsize=128)  # some 3 kB each
def _frame(site: Site, slug: str, title: str, holes: tuple[str, ...], *, archive: bool) -> Sequence[bytes]:
    """The page of a category around what is another one each time; what has no hole is not there at all."""
    return with_holes(
        'category.html',
        site,
        holes,
        title=title,
        canonical='' if archive else page_url(site, slug),
        alternates=[
            *alternates(site, slug, title),
            *(alternates(site, '', one_line(site.title)) if slug else ()),
        ],
        slug=slug,
        archive=archive,
    )


@lru_cache(maxsize=64)
def _day(site: Site, day: str) -> Sequence[bytes]:
    return with_holes('day.html', site, ['articles'], day=day)


def _beside(feed: Feed, entry: StoredEntry, side: str) -> str:
    """Path of the page that goes on from this entry: older entries `before` it, newer ones `after` it."""
    edge = {side: entry.published_at.isoformat(), 'id': entry.id}
    return root_of(feed.site) + live_path('archive', category=feed.slug, **edge)


def _write(shown: Shown, feed: Feed) -> bytes:
    return page('article.html', feed.site, row=row_of(shown, zone_of(feed.site.timezone)), slug=feed.slug)


def _may_stand_whole(said: str) -> bool:
    """True for a text that is short and for which a browser would fetch nothing."""
    return len(said) < 4 * _SHORT and len(plain_of(said)) <= _SHORT and not _LOADS.search(said)
