"""What may be published, judged from the bytes alone: a document's path and body -> sentences about what is wrong.

The judge knows nothing of how the documents are made, and shares no table with the sanitiser: its lists are written
from what HTML, RFC 4287, RSS 2.0, JSON Feed 1.1 and OPML 2.0 call harmless. It is told only where the site is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hostile_judge_html import fragment_faults, page_faults
from hostile_judge_text import dates_3339, id_faults, language_faults, plain_faults, text_faults, url_faults
from hostile_judge_xml import atom_faults, opml_faults, rss_faults

SITE = 'https://news.example.org/'

_NAMES = re.compile(
    r'(?:(?:index|about)\.html|style\.css|copy\.js|(?:feeds|sources)\.opml|all\.(?:atom|rss|json)|'
    r'category/[a-z0-9]+(?:-[a-z0-9]+)*\.(?:html|atom|rss|json))(?:\.gz|\.br)?'
)
MAX_SENT = 9000  # characters of a guid or a link as it was sent
_JSON_FEED = {
    'version', 'title', 'home_page_url', 'feed_url', 'language', 'authors', 'hubs', '_aggregator', 'items',
}  # fmt: skip
_JSON_ITEM = {
    'id', 'url', 'title', 'content_html', 'summary', 'image', 'date_published', 'date_modified', 'authors', 'tags',
    'language', 'attachments', '_aggregator',
}  # fmt: skip
_MEDIA_TYPE = re.compile(r'[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+', re.IGNORECASE)


def faults_of(path: str, body: bytes, site: str = SITE) -> list[str]:
    """What is wrong with the document; nothing where all is well. Never raises."""
    found = [] if _NAMES.fullmatch(path) else [f'the name {path!r} is none of ours']
    kind = path.rpartition('.')[2]
    match kind:
        case 'atom':
            found += atom_faults(body, site)
        case 'rss':
            found += rss_faults(body, site)
        case 'json':
            found += json_faults(body, site)
        case 'html':
            found += page_faults(body, site)
        case 'opml':
            found += opml_faults(body)
    return [f'{kind}: {fault}' for fault in found]


def json_faults(body: bytes, site: str) -> list[str]:
    """Of a JSON Feed (1.1): strict JSON, known keys of the right types, texts plain, URLs of the web."""
    try:
        feed = json.loads(body.decode(), parse_constant=_no_constant, object_pairs_hook=_no_doubles)
    except ValueError as error:
        return [f'no JSON: {error}']
    if not isinstance(feed, dict) or not isinstance(feed.get('items'), list):
        return ['no object with items']
    found = [f'unknown key {key!r}' for key in feed.keys() - _JSON_FEED]
    found += plain_faults('title', _text(feed, 'title'))
    found += [f for key in ('home_page_url', 'feed_url') for f in url_faults(key, _text(feed, key), site)]
    found += [f for hub in feed.get('hubs', ()) for f in url_faults('hub', _text(hub, 'url'), site)]
    found += _people_faults(feed, site)
    for item in feed['items']:
        found += _item_faults(item, site)
    ids = [item.get('id') for item in feed['items']]
    return found if len(set(ids)) == len(ids) else [*found, 'an id stands twice']


def _item_faults(item: Mapping[str, Any], site: str) -> Iterator[str]:
    yield from (f'unknown key {key!r} of an item' for key in item.keys() - _JSON_ITEM)
    yield from id_faults('id', _text(item, 'id'))
    yield from url_faults('url', _text(item, 'url'), site)
    for key in ('title', 'summary'):
        yield from plain_faults(key, item.get(key, '-'))
    yield from fragment_faults('content_html', _text(item, 'content_html'))
    for key in ('date_published', 'date_modified'):
        yield from dates_3339(key, _text(item, key))
    yield from _people_faults(item, site)
    if 'image' in item:
        yield from url_faults('image', _text(item, 'image'), site)
    if 'language' in item:
        yield from language_faults(_text(item, 'language'))
    for tag in item.get('tags', ()):
        yield from plain_faults('tag', tag)
    for one in item.get('attachments', ()):
        yield from url_faults('attachment', _text(one, 'url'), site)
        if not _MEDIA_TYPE.fullmatch(_text(one, 'mime_type')):
            yield f'media type {one.get("mime_type")!r}'
        if not isinstance(one.get('size_in_bytes', 0), int):
            yield f'size {one.get("size_in_bytes")!r}'
    yield from _own_faults(item.get('_aggregator', {}), site)


def _own_faults(ours: Mapping[str, Any], site: str) -> Iterator[str]:
    """Of our extension: ids and links of carriers stand there as they were sent, so only their letters are ours."""
    for text in _strings(ours):
        yield from text_faults('_aggregator', text)
        if len(text) > MAX_SENT:
            yield f'_aggregator has {len(text)} characters'
    carriers = [carrier.get('url', 'http:') for carrier in ours.get('carriers', ())]
    yield from (f'a carrier at {url[:80]!r}' for url in carriers if not url.lower().startswith(('http:', 'https:')))
    source = ours.get('source', {})
    for address in filter(None, [ours.get('about', ''), source.get('url', ''), source.get('home_page_url', '')]):
        yield from url_faults('_aggregator', address, site)
    yield from id_faults('_aggregator', source.get('id', 'tag:'))


def _people_faults(fields: Mapping[str, Any], site: str) -> Iterator[str]:
    for person in fields.get('authors', ()):
        yield from plain_faults('author', _text(person, 'name'))
        if 'url' in person:
            yield from url_faults('author', _text(person, 'url'), site)


def _text(fields: Any, key: str) -> str:
    """What is no text is as bad as a bad text."""
    value = fields.get(key) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else '\x00'


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from _strings(one)
        case dict():
            yield from _strings([*value.keys(), *value.values()])


def _no_constant(name: str) -> Any:
    raise ValueError(f'{name} is no JSON')


def _no_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError('a key stands twice')
    return made
