"""What of an entry is shown, decided once for all formats: who speaks, how much of the text, which links.

StoredEntry + SourceView + Site -> Shown | Fault. Every text in a Shown is scrubbed, every link http(s). How it is
written down is the business of atom.py, rss.py, jsonfeed.py and pages.py. A Shown depends on nothing of the feed around
it: so a fragment made from it serves every feed that holds the entry.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Literal
from urllib.parse import quote, urlsplit

from aggregator.model import Enclosure, Fault, Person, Site, SourceView, StoredEntry
from aggregator.render.attribution import attributed
from aggregator.render.links import foreign_iri, iri, is_slug, language_tag, media_type, page_url, web
from aggregator.render.text import excerpt_of, one_line, plain_of, scrub
from aggregator.render.words import words_of

_SUMMARY = 500  # characters; longer is no summary
_MADE_TITLE = 60  # characters of its text that become the title of an entry without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry as every format writes it. `text` is the HTML that a reader is given, attribution line included."""

    id: str
    title: str
    link: str  # of the original, '' where nobody gave one
    page: str  # where it can be read: the original, else its place on our page of its first category
    anchor: str  # of that place
    publisher: str
    authors: tuple[Person, ...]  # never empty
    published_at: datetime
    updated_at: datetime
    form: Literal['full', 'summary', 'link']
    summary: str  # HTML, no attribution; '' where the text is all there is
    said: str  # HTML of the text before the attribution
    text: str
    categories: tuple[tuple[str, str], ...]  # (slug, label)
    enclosures: tuple[Enclosure, ...]
    image: str
    language: str  # '' where it is the site's
    rights: str
    source: SourceView


def shown_of(entry: StoredEntry, view: SourceView | None, site: Site) -> Shown | Fault:
    """What is shown of the entry, or why nothing can be. Without a view of its source it is shown in full."""
    return _shown(_Asked(entry, view, site))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Found by the id: a digest of all texts costs as much as a part of the answer. Mostly it is the same object."""

    entry: StoredEntry
    view: SourceView | None
    site: Site

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Asked)
            and (self.entry is other.entry or self.entry == other.entry)
            and (self.view is other.view or self.view == other.view)
            and (self.site is other.site or self.site == other.site)
        )

    def __hash__(self) -> int:
        return hash(self.entry.id)


def forget() -> None:
    """All answers; for whoever measures what they cost."""
    _shown.cache_clear()


@lru_cache(maxsize=256)  # each format of a feed asks about the same entries
def _shown(asked: _Asked) -> Shown | Fault:
    entry, view, site = asked.entry, asked.view, asked.site
    own_id = iri(scrub(entry.id))
    if not own_id:
        return Fault('render', f'entry {entry.identity!r} has no usable id: {entry.id!r}', 'publish it again')
    source = _source_of(view or SourceView(name=entry.source, url=''), site)
    link = web(scrub(entry.link))
    anchor = f'e-{hashlib.sha256(entry.id.encode("utf-8", "replace")).hexdigest()[:12]}'
    publisher = one_line(entry.publisher) or source.title or urlsplit(link).netloc or one_line(site.title) or '?'
    form, summary, said = _text_of(entry, source)
    categories = _categories_of(entry)
    words = words_of(site.language)
    return Shown(
        id=own_id,
        title=_title_of(entry) or words.untitled,
        link=link,
        page=link or f'{page_url(site, categories[0][0] if categories else "")}#{anchor}',
        anchor=anchor,
        publisher=publisher,
        authors=_authors_of(entry) or (Person(publisher),),
        published_at=entry.published_at,
        updated_at=max(entry.updated_at, entry.published_at),
        form=form,
        summary=summary,
        said=said,
        text=attributed(said, publisher, link, words),
        categories=categories,
        enclosures=_enclosures_of(entry),
        image=web(scrub(entry.image)),
        language='' if entry.language == site.language else language_tag(entry.language),
        rights=one_line(entry.rights),
        source=source,
    )


def _title_of(entry: StoredEntry) -> str:
    """Its title, else the beginning of its text, else its link."""
    said = one_line(entry.title) or excerpt_of(entry.summary, _MADE_TITLE) or excerpt_of(entry.content, _MADE_TITLE)
    return said or web(scrub(entry.link))


def _text_of(entry: StoredEntry, source: SourceView) -> tuple[Literal['full', 'summary', 'link'], str, str]:
    """(form, summary, text) as far as the source's `content` allows."""
    summary, content = scrub(entry.summary).strip(), scrub(entry.content).strip()
    if source.content == 'link':
        return 'link', '', ''
    if source.content == 'full' and content:
        return 'full', '' if _repeats(summary, content) else summary, content
    return 'summary', '', summary if source.content == 'full' else _summary(summary, content)


def _repeats(summary: str, content: str) -> bool:
    """True for a summary that says all the content says; the lengths spare nearly everybody the comparison."""
    return len(content) < 2 * len(summary) and plain_of(summary) == plain_of(content)


def _summary(summary: str, content: str) -> str:
    """HTML of the summary; of its beginning where a source calls its whole text one; else of the content's."""
    if summary and len(summary) < 4 * _SUMMARY and len(plain_of(summary)) <= _SUMMARY:
        return summary
    text = excerpt_of(summary, _SUMMARY) or excerpt_of(content)
    return f'<p>{escape(text, quote=False)}</p>' if text else ''


def _authors_of(entry: StoredEntry) -> tuple[Person, ...]:
    people = (Person(one_line(p.name), one_line(p.email), web(scrub(p.url))) for p in entry.authors)
    return tuple(replace(p, email=p.email if _is_address(p.email) else '') for p in people if p.name)


def _is_address(text: str) -> bool:
    name, at, host = text.partition('@')
    return bool(name and at and host) and ' ' not in text


def _categories_of(entry: StoredEntry) -> tuple[tuple[str, str], ...]:
    pairs = zip(entry.slugs, entry.labels, strict=False)
    return tuple((slug, one_line(label) or slug) for slug, label in pairs if is_slug(slug))


def _enclosures_of(entry: StoredEntry) -> tuple[Enclosure, ...]:
    """Those with a web address, each once."""
    found = {web(scrub(e.url)): e for e in reversed(entry.enclosures)}
    return tuple(
        Enclosure(url, media_type(e.media_type), max(0, e.length)) for url, e in reversed(found.items()) if url
    )


@lru_cache(maxsize=256)
def _source_of(source: SourceView, site: Site) -> SourceView:
    """The view with every text fit to print, a title, and an id: its own, else its address, else one below our site."""
    url = web(scrub(source.url))
    title = one_line(source.title) or one_line(source.name)
    return replace(
        source,
        url=url,
        link=web(scrub(source.link)),
        title=title,
        id=foreign_iri(scrub(source.id)) or url or f'{site.url}sources.opml#{quote(one_line(source.name))}',
        icon=web(scrub(source.icon)),
        rights=one_line(source.rights),
    )
