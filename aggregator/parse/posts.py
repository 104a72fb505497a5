"""Kind `posts`: a folder of Jekyll posts, such as the site that this aggregator grew out of; one file is one entry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Final

from aggregator.model import Entry, Fault, Item, ParsedFeed, ParseLimits, Received, Source, Stated
from aggregator.parse.dates import read_date
from aggregator.parse.encoding import decode
from aggregator.parse.fields import about, with_title
from aggregator.parse.frontmatter import FrontMatter, read_front_matter
from aggregator.parse.markup import clean_html
from aggregator.parse.postbody import read_body
from aggregator.parse.texts import clean_text, http_url

_DAY: Final = re.compile(r'(\d{4}-\d{2}-\d{2})-')
_BARE_ZONE: Final = re.compile(r'(?:[+-]\d{2}:?\d{2}|Z|UTC|GMT)?', re.IGNORECASE)
_SUFFIX: Final = '新闻'
_NO: Final = frozenset({'false', 'no', 'off'})  # as Jekyll's YAML has it; `published: false` keeps a post off the site


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsOptions:
    """The options of kind `posts`."""

    path: str = field(metadata=about('Folder of the posts, from the folder of feeds.yml.', 'posts/'))

    def __post_init__(self) -> None:
        if not self.path.strip():
            raise ValueError('path: it is empty; name the folder of the posts')

    def requests(self, source: Source) -> tuple[str, ...]:  # noqa: ARG002  # every kind answers it
        return ()

    def parse(self, received: Received, source: Source, limits: ParseLimits) -> ParsedFeed:
        """The one entry of a post, whose path `received.url` is. Drafts and files that say nothing give none."""
        decoded = decode(received.body, override=source.encoding)
        front = read_front_matter(decoded.text)
        faults = tuple(fault for fault in (decoded.fault, front.fault) if fault)
        if front.text('published').lower() in _NO:
            return ParsedFeed(faults=tuple(_in(received, f) for f in faults))
        entry = _entry(front, received, source, limits)
        if not (entry.title or entry.link or entry.content):
            return ParsedFeed(faults=(*faults, _in(received, Fault('empty-item', 'The post says nothing.'))))
        item = Item(url=received.url, index=0, entry=entry)
        return ParsedFeed(items=(item,), faults=tuple(_in(received, f) for f in faults), degraded=bool(faults))

    def detail_request(self, entry: Entry) -> str:  # noqa: ARG002  # every kind answers it
        return ''

    def with_detail(
        self,
        entry: Entry,
        received: Received,  # noqa: ARG002  # every kind answers it
        source: Source,  # noqa: ARG002  # the same
        limits: ParseLimits,  # noqa: ARG002  # the same
    ) -> tuple[Entry, Fault | None]:
        return entry, None


def _entry(front: FrontMatter, received: Received, source: Source, limits: ParseLimits) -> Entry:
    body = read_body(front.body)
    link = http_url(body.link, '')
    tags = _tags(front, limits)
    entry = Entry(
        title=clean_text(front.text('title'), limits.title),
        link=link,
        published=_published(front.text('date'), received.url, source.timezone, received.fetched_at),
        publisher=_publisher(tags),
        content=clean_html(body.html, link, limits.html_bytes),
        tags=tags,
        slug=clean_text(front.text('categories'), limits.tag),
    )
    return with_title(entry, limits)


def _tags(front: FrontMatter, limits: ParseLimits) -> tuple[str, ...]:
    """Labels as they stand. A text is one label, blanks and all, though Jekyll would make several of it."""
    cleaned = (clean_text(tag, limits.tag) for tag in front.texts('tags'))
    return tuple(dict.fromkeys(filter(None, cleaned)))[: limits.tags]


def _publisher(tags: tuple[str, ...]) -> str:
    return tags[0].removesuffix(_SUFFIX) if len(tags) == 1 and tags[0].endswith(_SUFFIX) else ''


def _published(date: str, path: str, zone: str, fetched_at: datetime) -> Stated | None:
    """The date of the front matter; a lone zone, left by a template that had no date, is none. Else the file's day."""
    if not _BARE_ZONE.fullmatch(date.strip()):
        return read_date(date, zone, fetched_at)
    day = _DAY.match(PurePath(path).name)
    return read_date(day[1], zone, fetched_at) if day else None


def _in(received: Received, fault: Fault) -> Fault:
    return Fault(fault.rule, f'{clean_text(PurePath(received.url).name, 100)}: {fault.message}', fault.hint)
