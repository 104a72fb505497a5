"""What we publish: categories, a feed before a format is chosen, and its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.config import Site
from aggregator.model.stored import LastAnswer, PollReport, SourceState, StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryState:
    """A category that has ever been published. Its slug never changes by itself."""

    label: str
    slug: str
    title: str
    published: bool = False  # its documents were written once: its address answers for ever
    newest_at: datetime | None = None  # None: it has no entries
    newest_title: str = ''
    source: str = ''  # through which it came to life; '': it stands in feeds.yml, or nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A source as readers of our feeds see it: attribution (RFC 4287, 4.2.11) and sources.opml."""

    name: str
    url: str  # of its feed; '' for a folder of posts
    link: str = ''  # of its page
    title: str = ''
    id: str = ''
    icon: str = ''
    rights: str = ''
    updated_at: datetime | None = None  # None: as of each entry; a time that moves would change every document
    content: Literal['full', 'summary', 'link'] = 'full'
    kind: str = 'feed'
    state: str = ''
    error: str = ''
    hint: str = ''  # what to do about it
    entries: int = 0
    last_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNow:
    """A source as its operator wants to see it."""

    view: SourceView
    state: SourceState
    polls: Sequence[PollReport] = ()  # newest first
    day: int = 0  # entries of the last 24 hours in which it speaks
    answer: LastAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What runs here, as its operator wants to see it: which version of the configuration, how much is stored."""

    config_version: str = ''  # digest of feeds.yml and config/aggregator.yml; '' where no daemon has noted it
    config_at: datetime | None = None  # when that version was taken up
    refused_at: datetime | None = None  # since when there is a newer one that cannot be used
    database_bytes: int = 0
    free_bytes: int = 0  # of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How much came lately, counted from the newest entry and not from now: a page of it changes with the entries."""

    newest_at: datetime | None = None  # None: there is nothing yet
    until_at: datetime | None = None  # end of the last of the hours
    hours: tuple[int, ...] = ()  # entries of each hour, oldest first
    day: int = 0  # entries of the newest entry's day, in the site's zone
    days: Mapping[str, int] = field(default_factory=dict)  # the same of each category, by slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What we publish for one category, format not yet chosen. `slug` is '' for the feed of everything.

    With `query` it is what a search finds, and has the search's address.
    """

    slug: str
    label: str
    title: str
    updated_at: datetime
    entries: Sequence[StoredEntry]  # newest first
    sources: Mapping[str, SourceView]  # by name
    site: Site
    ttl: timedelta = timedelta(minutes=15)
    hubs: tuple[str, ...] = ()
    query: str = ''
    more: bool = False  # older entries are stored than stand here


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes at a path below public/ ('category/x.atom')."""

    path: str
    media_type: str
    body: bytes
