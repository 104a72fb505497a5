"""What the fields of a list's item, a page's item or a post hold becomes an entry: plain, clean, absolute, dated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any, Final

from aggregator.model import Entry, ParseLimits, Source
from aggregator.parse.dates import read_date
from aggregator.parse.markup import clean_html, paragraphs
from aggregator.parse.texts import clean_text, http_url, without_controls
from aggregator.parse.wording import made_title, person_of, title_of

_MARKUP: Final = re.compile(
    r'<[a-zA-Z/!]|&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});',
)

Held = Mapping[str, Sequence[str]]
"""The values of an item by the name of their field; a field that is absent holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item stands: `base` is what its relative links are relative to, '' where nothing is."""

    base: str
    source: Source
    fetched_at: datetime
    limits: ParseLimits


def about(description: str, *examples: str) -> dict[str, Any]:
    """The metadata of an option, from which help, docs and the schema are made."""
    return {'description': description, 'examples': list(examples)} if examples else {'description': description}


def entry_from(held: Held, place: Place, *, html: bool) -> Entry:
    """The entry that an item makes. `html` says that titles and names are HTML, and not texts that may hold some."""
    limits = place.limits
    one = {name: values[0] for name, values in held.items() if values}.get

    def names(field: str, limit: int) -> tuple[str, ...]:
        cleaned = (title_of(value, limit, html=html) for value in held.get(field, ()))
        return tuple(dict.fromkeys(filter(None, cleaned)))[: limits.tags]

    entry = Entry(
        title=title_of(one('title', ''), limits.title, html=html),
        link=http_url(one('link', ''), place.base),
        guid=as_sent(one('guid', ''), limits.guid_bytes),
        code=as_sent(one('code', ''), limits.guid_bytes),
        published=read_date(one('published', ''), place.source.timezone, place.fetched_at),
        updated=read_date(one('updated', ''), place.source.timezone, place.fetched_at),
        publisher=title_of(one('publisher', ''), limits.author, html=html),
        authors=tuple(person_of(name, '', '', limits.author) for name in names('author', limits.author)),
        summary=html_of(one('summary', ''), place),
        content=html_of(one('content', ''), place),
        tags=names('tags', limits.tag),
        image=http_url(one('image', ''), place.base),
    )
    return with_title(entry, limits)


def with_title(entry: Entry, limits: ParseLimits) -> Entry:
    """The entry with a title made from its text or link, where it has none of its own."""
    if entry.title:
        return entry
    made = clean_text(made_title(entry.summary or entry.content, entry.link), limits.title)
    return replace(entry, title=made, title_made=bool(made))


def says_nothing(entry: Entry) -> bool:
    """Whether there is neither anything to show nor anything to know the entry by."""
    return not (entry.title or entry.link or entry.code or entry.guid)


def as_sent(text: str, limit_bytes: int) -> str:
    """An id as it was sent, but for blanks around it. One that is too long is none: cut, it could equal another."""
    kept = without_controls(text).strip()
    return kept if len(kept.encode()) <= limit_bytes else ''


def html_of(text: str, place: Place) -> str:
    """Clean HTML of what may be HTML or plain text; plain text keeps its lines."""
    if not _MARKUP.search(text):
        bare = text.replace('\r\n', '\n').strip()
        text = paragraphs(bare) if '\n' in bare else escape(bare, quote=False)
    return clean_html(text, place.base, place.limits.html_bytes)
