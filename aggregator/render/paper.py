"""What all pages are printed on: the templates and what each of them is given, instants for people, links to feeds.

Everything is escaped by jinja2 but HTML that was sanitised when it came in, and charts, which hold numbers of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aggregator.model import Document, Site
from aggregator.render.instants import local, rfc3339, zone_of
from aggregator.render.links import document_url, language_tag, live_path, root_of
from aggregator.render.text import one_line, scrub
from aggregator.render.words import Words, words_of

MEDIA_TYPE = 'text/html; charset=utf-8'
PAGE_BYTES = 50_000  # every page of lists stays below: it shows fewer rows where they are long
SIGNS = {'new': '○', 'ok': '●', 'degraded': '▲', 'failing': '■', 'gone': '✕', 'retired': '–'}
TROUBLE = {'failing': 0, 'gone': 1, 'degraded': 2}  # what a person should see first
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LONG = 30 * _DAY  # from here on a date says more
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
class Alternate:
    """A feed of the page: for autodiscovery by its absolute address, for the button by its path."""

    name: str
    type: str
    title: str
    url: str
    path: str


def page(template: str, site: Site, **values: Any) -> bytes:
    """The page. `title` is to be given; autodiscovery is for the feed of everything unless `alternates` says more."""
    return scrub(_TEMPLATES.get_template(template).render(_common(site) | values)).encode()


def with_holes(template: str, site: Site, holes: Iterable[str], **values: Any) -> Sequence[bytes]:
    """The page around values that are another one each time, for `filled`: it is rendered once for many.

    They stand in the template in this order. Nothing else makes such tags: values are escaped.
    """
    marks = {name: Markup(f'<{name}>') for name in holes}  # noqa: S704  # our own names
    whole = page(template, site, **{'sections': '', 'newer': '', 'older': ''} | marks | values)
    return re.split(b'|'.join(mark.encode() for mark in marks.values()), whole)


def filled(around: Sequence[bytes], *values: bytes) -> bytes:
    """The page with these values, which are fit to stand there."""
    return b''.join(chain.from_iterable(zip(around, (*values, b''), strict=True)))


@lru_cache(maxsize=8)  # it is asked for by every article
def _common(site: Site) -> dict[str, Any]:
    """What every page is given, to be read only."""
    words, root = words_of(site.language), root_of(site)
    return {
        'site': site,
        'words': words,
        'language': language_tag(site.language) or 'en',
        'root': root,
        'feeds_of': lambda slug: alternates(site, slug, ''),
        'live': lambda name, /, **asked: root + live_path(name, **asked),
        'day_of': lambda day: day_in_words(day, words),
        'signs': SIGNS,
        'canonical': '',
        'alternates': alternates(site, '', one_line(site.title)),
        'here': '',
        'query': '',
        'noindex': site.noindex,
    }


def alternates(site: Site, slug: str, title: str) -> list[Alternate]:
    """The feeds of a category in each format; of everything for ''."""
    rows = ((suffix, name, kind, document_url(site, slug, suffix)) for suffix, name, kind in _FEEDS)
    return [_alternate(site, name, kind, title, url.removeprefix(site.url)) for _, name, kind, url in rows]


def searches(site: Site, query: str, title: str) -> list[Alternate]:
    """The feeds of what a search finds."""
    return [
        _alternate(site, name, kind, title, live_path(f'search.{suffix}', q=query)) for suffix, name, kind in _FEEDS
    ]


def moment(at: datetime, zone: tzinfo) -> Moment:
    there = local(at, zone)
    return Moment(rfc3339(at), there.date().isoformat(), there.time().isoformat('minutes'))


def moment_at(site: Site, at: datetime | None) -> Moment | None:
    return None if at is None else moment(at, zone_of(site.timezone))


def ago(at: datetime, now: datetime, words: Words) -> str:
    """'3 minutes ago', '12 minutes from now'; a date where it is long ago or far off."""
    seconds = int((now - at).total_seconds())
    form = words.ago if seconds >= 0 else words.ahead
    for most, unit, name in ((_HOUR, _MINUTE, words.minutes), (_DAY, _HOUR, words.hours), (_LONG, _DAY, words.days)):
        if abs(seconds) < most:
            count = abs(seconds) // unit
            return form.format(name(count)) if count else words.just_now if seconds >= 0 else words.soon
    return at.date().isoformat()


def day_in_words(day: str, words: Words) -> str:
    """'2026-11-25 星期三': the day of an ISO date with its name."""
    return f'{day} {words.weekdays[datetime.fromisoformat(day).weekday()]}'


def fitting(make: Any, most: int) -> bytes:
    """What `make` gives for the largest number of rows, at most `most`, that stays below the size of a page."""
    rows = most
    while True:
        body: bytes = make(rows)
        if len(body) < PAGE_BYTES or not rows:
            return body
        rows = rows * 3 // 4


def style_document() -> Document:
    """The one style sheet, at /style.css."""
    return Document('style.css', 'text/css; charset=utf-8', (_HERE / 'style.css').read_bytes())


def script_document() -> Document:
    """The one script, at /copy.js: it adds what only a script can do, and nothing needs it."""
    return Document('copy.js', 'text/javascript; charset=utf-8', (_HERE / 'copy.js').read_bytes())


def _alternate(site: Site, name: str, kind: str, title: str, path: str) -> Alternate:
    return Alternate(name, kind, f'{title} ({name})', site.url + path, root_of(site) + path)
