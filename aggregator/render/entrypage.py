"""The page of one entry: its text, who wrote it, every category, everybody who carried it, its id.

Its text is sanitised HTML. What a browser would fetch from elsewhere (images, sound, film) becomes a link to it, so
that nobody but this site learns who reads.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from aggregator.model import CarrierView, Fault, Site, SourceView, StoredEntry
from aggregator.render.instants import zone_of
from aggregator.render.links import live_path, web
from aggregator.render.paper import PAGE_BYTES, Moment, moment, moment_at, page
from aggregator.render.shown import Shown, shown_of
from aggregator.render.text import one_line, plain_of, scrub
from aggregator.render.words import Words, words_of

_MOST = 20  # carriers, former ids
_LONG = 500  # characters of an id
_SPARE = 1000  # bytes
# A tag as nh3 writes it: every attribute in double quotes. Alternatives that begin differently, so it cannot run away.
_TAG = re.compile(r'<(/?)(img|picture|source|video|audio|track|svg|iframe)\b((?:[^"<>]|"[^"]*")*)>', re.IGNORECASE)
_VALUE = re.compile(r'\s(src|alt|poster)="([^"]*)"')
_PARAGRAPH = re.compile(r'</(?:p|div|li|h[1-6]|tr|blockquote|pre)>|<br>', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Carrier:
    source: str
    own: bool
    at: Moment | None
    link: str


def entry_page(entry: StoredEntry, view: SourceView | None, site: Site) -> bytes | Fault:
    """The page, or why the entry cannot be shown. `view` is that of the source that speaks."""
    match shown_of(entry, view, site):
        case Fault() as fault:
            return fault
        case shown:
            return _page(entry, shown, site)


def _page(entry: StoredEntry, shown: Shown, site: Site) -> bytes:
    text = Markup(without_loading(shown.said, words_of(site.language)))  # noqa: S704  # sanitised when it came in
    body = _with(entry, shown, site, text, cut=False)
    if len(body) < PAGE_BYTES:
        return body
    room = max(0, PAGE_BYTES - _SPARE - (len(body) - len(text.encode())))
    return _with(entry, shown, site, _beginning(shown.said, room), cut=True)


def _with(entry: StoredEntry, shown: Shown, site: Site, text: Markup, *, cut: bool) -> bytes:
    zone = zone_of(site.timezone)
    return page(
        'entry.html',
        site,
        title=shown.title,
        canonical=site.url + live_path('entry', id=shown.id),
        shown=shown,
        text=text,
        cut=cut,
        published=moment(shown.published_at, zone),
        updated=moment(shown.updated_at, zone) if shown.updated_at > shown.published_at else None,
        carriers=_carriers(entry.carriers, site),
        rule=entry.rule,
        replaces=[scrub(one)[:_LONG] for one in entry.replaces[:_MOST]],
    )


def _beginning(said: str, room: int) -> Markup:
    """As many of its paragraphs, as plain text, as there is room for; of a single long one its first words."""
    kept: list[Markup] = []
    left = room
    for part in _PARAGRAPH.split(said):
        paragraph = Markup('<p>{}</p>').format(plain_of(part)) if plain_of(part) else Markup()
        left -= len(paragraph.encode())
        if left < 0:
            break
        kept.append(paragraph)
    return Markup().join(kept) or escape(plain_of(said).encode()[: room // 2].decode(errors='ignore'))


def without_loading(said: str, words: Words) -> str:
    """The HTML with a link in place of each image, sound and film."""
    return _TAG.sub(lambda found: _instead(found, words), said)


def _instead(found: re.Match[str], words: Words) -> str:
    closing, name, attributes = found[1], found[2].lower(), found[3]
    values = {key: html.unescape(value) for key, value in _VALUE.findall(attributes)}
    link = web(values.get('src', ''))
    if closing or not link or name not in ('img', 'video', 'audio', 'source'):
        return ''
    word = words.image if name == 'img' else words.media
    label = one_line(values.get('alt', ''))[:80]
    return Markup('<a class="media" href="{}" rel="external noopener">{}</a>').format(
        link, f'{word}{words.colon}{label}' if label else word
    )


def _carriers(carriers: Sequence[CarrierView], site: Site) -> list[_Carrier]:
    return [
        _Carrier(one_line(c.source), c.own, moment_at(site, c.published_at), web(scrub(c.url)))
        for c in carriers[:_MOST]
    ]
