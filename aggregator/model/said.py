"""What a document said: entries, cleaned but not yet judged, and the faults met while reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Stated:
    """A date as a source stated it. `at` is None where the reader could make nothing of `raw`."""

    raw: str
    at: datetime | None = None
    offset_min: int | None = None  # of the zone it was stated in, minutes east of UTC
    relative: bool = False  # 今天 08:00, 3分钟前: counted from the time of fetch
    day_only: bool = False


@dataclass(frozen=True, slots=True)
class Enclosure:
    url: str
    media_type: str = ''
    length: int = 0  # bytes, 0 unknown


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ''
    email: str = ''
    url: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed that an entry says it was copied from (atom:source, RSS source)."""

    title: str = ''
    url: str = ''  # of the feed
    link: str = ''  # of its page
    id: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one item of a document says, cleaned: texts plain, HTML sanitised, links absolute http(s)."""

    title: str = ''
    link: str = ''
    guid: str = ''  # as sent, never resolved
    code: str = ''  # the code field as sent
    published: Stated | None = None
    updated: Stated | None = None
    publisher: str = ''  # the item's own field
    authors: tuple[Person, ...] = ()
    summary: str = ''  # HTML
    content: str = ''  # HTML
    tags: tuple[str, ...] = ()
    slug: str = ''  # a post's front-matter `categories`
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ''
    language: str = ''
    rights: str = ''
    origin: Origin | None = None
    title_made: bool = False  # the item had none; it was made from its text
    guid_is_feed: bool = False  # the guid is the address or id of the feed: it names no item


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble in a document that people should see. `rule` is one word of a closed list; the good part was kept."""

    rule: str
    message: str
    hint: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a document says about itself, and about when to come again (RSS ttl, skipHours, skipDays, sy:)."""

    title: str = ''
    link: str = ''
    id: str = ''
    subtitle: str = ''
    updated: Stated | None = None
    icon: str = ''
    language: str = ''
    rights: str = ''
    authors: tuple[Person, ...] = ()
    self_url: str = ''
    hubs: tuple[str, ...] = ()
    next_url: str = ''
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()  # 0-23, UTC
    skip_days: frozenset[int] = frozenset()  # Monday 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry at its place: `url` is the document's (a post's path), `index` counts from 0 in it."""

    url: str
    index: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    head: FeedHead = FeedHead()
    items: tuple[Item, ...] = ()
    faults: tuple[Fault, ...] = ()
    degraded: bool = False  # malformed; what could be read is here
    failed: bool = False  # not a feed at all: nothing in it may be believed, `faults` says why
    marks: tuple[bytes, ...] = ()  # of each item of the document, those left out too; equal marks are read equally
