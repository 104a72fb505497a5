"""JSON Feed 1.0 and 1.1 -> ParsedFeed. Tolerant: what has the wrong type is taken for what it means, or for absent."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any, Final

from aggregator.model import Enclosure, Entry, Fault, FeedHead, Item, ParsedFeed, ParseLimits, Person, Received, Source
from aggregator.parse.dates import read_date
from aggregator.parse.encoding import Decoded, decode
from aggregator.parse.entries import MAX_AUTHORS, MAX_ENCLOSURES, MAX_LANGUAGE, Frame, guid_of
from aggregator.parse.heads import MAX_HUBS
from aggregator.parse.marking import marks_of, unseen
from aggregator.parse.notfeed import not_a_feed
from aggregator.parse.texts import clean_text, http_url
from aggregator.parse.wording import html_of, made_title, person_of, summary_and_content, title_of

MAX_DIGITS: Final = 100  # of a number that is an id; longer ones cost quadratic time

_Fields = Mapping[str, Any]


def parse_jsonfeed(
    received: Received,
    source: Source,
    limits: ParseLimits,
    seen: Container[bytes] = frozenset(),
    *,
    quick: bool = True,
) -> ParsedFeed:
    """The document's entries in their order (jsonfeed.org/version/1.1). Items that are no objects are left out, and
    those whose marks are in `seen`. Without `quick` nothing is marked.
    """
    decoded = decode(received.body, override=source.encoding, charset=received.charset)
    try:
        value = json.loads(decoded.text, parse_int=_number, parse_float=str, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        return _failed(_malformed(error, decoded, received), decoded)
    except (ValueError, RecursionError):
        return _failed(Fault('unreadable', 'The JSON is nested deeper than any feed.', 'Tell the publisher.'), decoded)
    if not _is_jsonfeed(value):
        return _failed(not_a_feed(decoded.text, received.content_type), decoded)
    items = [item for item in value['items'] if isinstance(item, dict)]
    base = http_url(_link(value, 'home_page_url'), received.url) or http_url(received.url, '')
    frame = Frame(base, source.timezone, received.fetched_at, limits, atom=False)
    language, read = _text(value, 'language'), items[: limits.entries]
    marks = marks_of(map(repr, read), f'{frame.way}\x00{language}') if quick else ()
    places = unseen(marks, seen) if marks else range(len(read))
    return ParsedFeed(
        head=_head(value, received.url, frame),
        items=tuple(
            Item(url=received.url, index=place, entry=_entry(read[place], frame, language)) for place in places
        ),
        faults=_faults(value['items'], items, decoded, limits),
        marks=marks,
    )


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _is_jsonfeed(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get('items'), list):
        return False
    known = {'home_page_url', 'feed_url'} & value.keys()
    return 'jsonfeed.org' in _text(value, 'version') or (bool(known) and 'title' in value)


def _malformed(error: json.JSONDecodeError, decoded: Decoded, received: Received) -> Fault:
    if 'jsonfeed.org' not in decoded.text[:4096]:
        return not_a_feed(decoded.text, received.content_type)
    told = f'The JSON is malformed at line {error.lineno}, column {error.colno}: {error.msg}.'
    return Fault('malformed', told, 'Tell the publisher; half a JSON document cannot be read.')


def _failed(fault: Fault, decoded: Decoded) -> ParsedFeed:
    return ParsedFeed(faults=(fault, *((decoded.fault,) if decoded.fault else ())), failed=True)


def _faults(sent: list[Any], items: list[Any], decoded: Decoded, limits: ParseLimits) -> tuple[Fault, ...]:
    found = [decoded.fault] if decoded.fault else []
    if len(items) < len(sent):
        found.append(Fault('malformed', f'{len(sent) - len(items)} items are no objects and were left out.'))
    if len(items) > limits.entries:
        told = f'The document has {len(items)} entries; the first {limits.entries} were read.'
        found.append(Fault('too-many-entries', told, 'Raise `parsing.limits.entries` to read more.'))
    return tuple(found)


def _entry(item: _Fields, frame: Frame, language: str) -> Entry:
    limits = frame.limits
    guid = guid_of({'id': _text(item, 'id')}, limits.guid_bytes)
    own = (_link(item, 'url'), _link(item, 'external_url'))
    link = next((url for one in own if (url := http_url(one, frame.base))), '') or http_url(guid, '')
    content = html_of(_text(item, 'content_html'), 'text/html', frame.base, limits.html_bytes)
    content = content or html_of(_text(item, 'content_text'), 'text/plain', frame.base, limits.html_bytes)
    summary = html_of(_text(item, 'summary'), 'text/plain', frame.base, limits.html_bytes)
    summary, content = summary_and_content(summary, content) if content else (summary, '')
    title = title_of(_text(item, 'title'), limits.title, html=False)
    images = (_link(item, 'image'), _link(item, 'banner_image'))
    return Entry(
        title=title or made_title(summary or content, link or guid),
        title_made=not title,
        link=link,
        guid=guid,
        published=read_date(_text(item, 'date_published'), frame.zone, frame.fetched_at),
        updated=read_date(_text(item, 'date_modified'), frame.zone, frame.fetched_at),
        authors=_people(item, limits),
        summary=summary,
        content=content,
        tags=_tags(item, limits),
        enclosures=_enclosures(item, frame.base),
        image=next((url for one in images if (url := http_url(one, frame.base))), ''),
        language=clean_text(_text(item, 'language') or language, MAX_LANGUAGE),
    )


def _head(value: _Fields, url: str, frame: Frame) -> FeedHead:
    limits = frame.limits
    hubs = (http_url(_link(hub, 'url'), url) for hub in _list(value, 'hubs') if isinstance(hub, dict))
    images = (_link(value, 'icon'), _link(value, 'favicon'))
    return FeedHead(
        title=title_of(_text(value, 'title'), limits.title, html=False),
        link=http_url(_link(value, 'home_page_url'), url),
        id=clean_text(_link(value, 'feed_url'), limits.guid_bytes),
        subtitle=title_of(_text(value, 'description'), 2 * limits.title, html=False),
        icon=next((one for image in images if (one := http_url(image, frame.base))), ''),
        language=clean_text(_text(value, 'language'), MAX_LANGUAGE),
        authors=_people(value, limits),
        self_url=http_url(_link(value, 'feed_url'), url),
        hubs=tuple(dict.fromkeys(filter(None, hubs)))[:MAX_HUBS],
        next_url=http_url(_link(value, 'next_url'), url),
    )


def _text(fields: _Fields, key: str) -> str:
    """A string; a number that stands for one, as ids do, is written out."""
    value = fields.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ''


def _link(fields: _Fields, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ''


def _list(fields: _Fields, key: str) -> list[Any]:
    value = fields.get(key)
    return value if isinstance(value, list) else []


def _people(fields: _Fields, limits: ParseLimits) -> tuple[Person, ...]:
    """`authors` of 1.1, else `author` of 1.0, which some write as a bare name."""
    told = _list(fields, 'authors') or [fields.get('author')]
    people = [_person(one, limits.author) for one in told[:MAX_AUTHORS]]
    return tuple(dict.fromkeys(person for person in people if person.name or person.url))


def _person(author: Any, limit: int) -> Person:
    if isinstance(author, dict):
        return person_of(_text(author, 'name'), '', _link(author, 'url'), limit)
    return person_of(author if isinstance(author, str) else '', '', '', limit)


def _tags(item: _Fields, limits: ParseLimits) -> tuple[str, ...]:
    words = (clean_text(tag, limits.tag) for tag in _list(item, 'tags')[: 4 * limits.tags] if isinstance(tag, str))
    return tuple(dict.fromkeys(filter(None, words)))[: limits.tags]


def _enclosures(item: _Fields, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for one in _list(item, 'attachments')[:MAX_ENCLOSURES]:
        if isinstance(one, dict) and (url := http_url(_link(one, 'url'), base)):
            size = one.get('size_in_bytes')
            length = size if isinstance(size, int) and 0 <= size < 10**15 else 0
            found.setdefault(url, Enclosure(url, clean_text(_text(one, 'mime_type'), 100).lower(), int(length)))
    return tuple(found.values())
