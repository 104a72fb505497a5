"""Documents that hold no entries: lists of subscriptions, feeds.yml, the headers of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fuzz_documents import Document
from hostile_judge_text import plain_faults, text_faults

from aggregator.fetch.failure import Failure
from aggregator.fetch.headers import (
    codings_of,
    content_type_of,
    every,
    first,
    for_people,
    http_date,
    max_age_of,
    retry_after_of,
    validators_of,
)  # fmt: skip
from aggregator.fetch.links import hubs_and_self
from aggregator.fetch.target import read_target, redirected
from aggregator.model import Received
from aggregator.parse import feeds_in, read_opml
from aggregator.settings.faults import Page
from aggregator.settings.load import check_feeds

_ASKED = re.compile('https?://[^/?#@]+(?:[/?#]|$)', re.IGNORECASE)
_HOME = 'https://jia.example/rss.xml'


def other_faults(document: Document, now: datetime) -> Iterator[str]:
    """What is wrong with what was made of it; an exception is for the caller."""
    match document.dialect:
        case 'opml':
            yield from _opml_faults(document.body)
        case 'settings':
            yield from _settings_faults(document.body)
        case 'headers':
            yield from _header_faults(document.body, now)


def _opml_faults(body: bytes) -> Iterator[str]:
    read = read_opml(body)
    for row in read.rows:
        if '@' not in urlsplit(row.url).netloc:  # feeds.yml refuses a user name, with a sentence for a person
            yield from _address_faults('an imported address', row.url)
        yield from (f for text in (row.title, *row.categories) if text for f in plain_faults('an imported name', text))
    for fault in read.faults:
        yield from text_faults('a fault', fault.message)


def _settings_faults(body: bytes) -> Iterator[str]:
    text = body.decode('utf-8', 'replace')
    shape, _, faults = check_feeds(text, Page('feeds.yml', tuple(text.split('\n'))))
    if shape is None and not faults:
        yield 'feeds.yml was refused without a word'
    if any(fault.line < 1 or fault.column < 1 for fault in faults):
        yield 'a fault has no place'


def _header_faults(body: bytes, now: datetime) -> Iterator[str]:
    lines = (line.partition(':') for line in body.decode('latin-1').split('\n')[:200])
    headers = tuple((name.strip(), value.strip()) for name, colon, value in lines if colon)
    validators_of(headers)
    for wait in (retry_after_of(headers, now), max_age_of(headers, now)):
        if wait is not None and wait < timedelta(0):
            yield f'a wait of {wait}'
    http_date(first(headers, 'date'))
    content_type_of(headers)
    codings_of(headers)
    if any(not text.isprintable() for pair in for_people(headers) for text in pair):
        yield 'a header for people holds what cannot be printed'
    hubs, self_url = hubs_and_self(every(headers, 'link'), _HOME)
    for url in (*hubs, *filter(None, [self_url])):
        yield from _address_faults('a link of a header', url)
    yield from _target_faults(first(headers, 'location'))
    feeds_in(Received(_HOME, body, now))


def _target_faults(location: str) -> Iterator[str]:
    try:
        target = redirected(read_target(_HOME), location)
    except Failure:
        return
    yield from _address_faults('a redirect', target.url)


def _address_faults(what: str, url: str) -> Iterator[str]:
    """Of an address that is asked, and published by nobody: the web's, with a host, without a user."""
    yield from text_faults(what, url)
    if not _ASKED.match(url):
        yield f'{what} to {url[:80]!r}'
