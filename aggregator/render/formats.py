"""The table of formats: a format is one function from a Feed to bytes, and one row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from aggregator.model import Document, Fault, Feed
from aggregator.render import atom, jsonfeed, pages, paper, rss
from aggregator.render.assembly import Fragment, Ready, Rendered
from aggregator.render.links import document_path, is_slug


class Write(Protocol):
    def __call__(self, feed: Feed, fragment: Fragment = ..., ready: Ready = ..., /) -> Rendered: ...


class Kept(Protocol):
    """What is there of a feed's fragments, in the format of a suffix."""

    def ready(self, suffix: str, /) -> Ready: ...

    def maker(self, suffix: str, fragment: Fragment, /) -> Fragment:
        """Makes what is not ready, by the format's own `fragment`, and may keep it."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """`suffix` without a dot; `sentence` is for help and docs."""

    suffix: str
    media_type: str  # with its charset, as served
    write: Write
    sentence: str
    fragment: Fragment  # what it makes of one entry

    def render(self, feed: Feed) -> bytes:
        """The document alone; `write` tells as well what it had to leave out."""
        return self.write(feed).body


@dataclass(frozen=True, slots=True)
class Edition:
    """All documents of one feed, and a fault for each entry that some of them had to leave out."""

    documents: tuple[Document, ...] = ()
    faults: tuple[Fault, ...] = ()


_ROWS = (
    Format(
        'atom',
        f'{atom.MEDIA_TYPE}; charset=utf-8',
        atom.render,
        'Atom 1.0 (RFC 4287), for every feed reader.',
        atom.entry_fragment,
    ),
    Format(
        'rss',
        f'{rss.MEDIA_TYPE}; charset=utf-8',
        rss.render,
        'RSS 2.0, for readers without Atom.',
        rss.entry_fragment,
    ),
    Format(
        'json',
        jsonfeed.MEDIA_TYPE,
        jsonfeed.render,
        'JSON Feed 1.1, for programs.',
        jsonfeed.entry_fragment,
    ),
    Format(
        'html',
        paper.MEDIA_TYPE,
        pages.render,
        'A page for people; the feed of everything has index.html instead.',
        pages.entry_fragment,
    ),
)
FORMATS: Mapping[str, Format] = MappingProxyType({row.suffix: row for row in _ROWS})


def documents_of(feed: Feed) -> tuple[Document, ...]:
    """The feed in every format it has: all.{atom,rss,json}, or category/<slug>.{atom,rss,json,html}."""
    return edition_of(feed).documents


def formats_of(slug: str) -> tuple[Format, ...]:
    """The formats of a feed: that of everything ('') has the front page instead of a page."""
    return tuple(row for row in FORMATS.values() if slug or row.suffix != 'html')


def paths_of(slug: str) -> tuple[str, ...]:
    """The paths of a feed's documents; none for a slug that gets none."""
    if slug and not is_slug(slug):
        return ()
    return tuple(document_path(slug, row.suffix) for row in formats_of(slug))


def edition_of(feed: Feed, kept: Kept | None = None) -> Edition:
    """`documents_of` with what had to be left out. A slug that could leave its folder gets no documents.

    Of what is `kept` the entries of the feed may be outlines: ids, dates and sources.
    """
    if feed.slug and not is_slug(feed.slug):
        return Edition(faults=(Fault('render', f'{feed.slug!r} cannot be the name of a file', 'give it a slug'),))
    documents: list[Document] = []
    faults: dict[Fault, None] = {}
    for row in formats_of(feed.slug):
        rendered = _rendered(row, feed, kept)
        documents.append(Document(document_path(feed.slug, row.suffix), row.media_type, rendered.body))
        faults |= dict.fromkeys(rendered.faults)
    return Edition(tuple(documents), tuple(faults))


def _rendered(row: Format, feed: Feed, kept: Kept | None) -> Rendered:
    if kept is None:
        return row.write(feed)
    return row.write(feed, kept.maker(row.suffix, row.fragment), kept.ready(row.suffix))
