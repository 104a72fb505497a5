"""JSON Feed 1.1. What only we know stands under `_aggregator`; keys come in a fixed order, characters as they are."""

from __future__ import annotations

import json
from typing import Any

from aggregator.model import Enclosure, Fault, Feed, Person, StoredEntry
from aggregator.render.assembly import NOTHING, Fragment, Frame, Ready, Rendered, assembled, written
from aggregator.render.heads import once_made, updated_of
from aggregator.render.instants import rfc3339
from aggregator.render.links import about_url, feed_page, feed_url, language_tag
from aggregator.render.mending import hubs_of, title_of
from aggregator.render.shown import Shown
from aggregator.render.text import excerpt_of, one_line, scrubbed

MEDIA_TYPE = 'application/feed+json'
VERSION = 'https://jsonfeed.org/version/1.1'


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """An object of `items`: the same bytes in every feed of this site that holds the entry."""
    return written(entry, feed, lambda shown, feed: _bytes_of(_item(entry, shown, feed)))


def render(feed: Feed, fragment: Fragment = entry_fragment, ready: Ready = NOTHING) -> Rendered:
    return assembled(feed, Frame(_head(feed), b'\n]}\n', b',\n'), fragment, ready)


def head(feed: Feed) -> bytes:
    """The document up to its first item."""
    site, hubs = feed.site, hubs_of(feed)
    fields = {
        'version': VERSION,
        'title': title_of(feed),
        'home_page_url': feed_page(feed),
        'feed_url': feed_url(feed, 'json'),
        'language': language_tag(site.language) or 'en',
        'authors': [{'name': one_line(site.title) or title_of(feed), 'url': site.url}],
        'hubs': [{'type': 'WebSub', 'url': hub} for hub in hubs],
        '_aggregator': {'about': about_url(site), 'updated': rfc3339(updated_of(feed))},
    }
    return _bytes_of(_filled(fields)).removesuffix(b'}') + b',"items":[\n'


def _item(entry: StoredEntry, shown: Shown, feed: Feed) -> dict[str, Any]:
    fields = {
        'id': shown.id,
        'url': shown.page,
        'title': shown.title,
        'content_html': shown.text,
        'summary': excerpt_of(shown.summary or shown.said),
        'image': shown.image,
        'date_published': rfc3339(shown.published_at),
        'date_modified': rfc3339(shown.updated_at),
        'authors': [_author(person) for person in shown.authors],
        'tags': [label for _, label in shown.categories],
        'language': shown.language,
        'attachments': [_attachment(one) for one in shown.enclosures],
        '_aggregator': _ours(entry, shown, feed),
    }
    return _filled(fields)


def _ours(entry: StoredEntry, shown: Shown, feed: Feed) -> dict[str, Any]:
    source = shown.source
    said = {'title': source.title, 'url': source.url, 'home_page_url': source.link, 'id': source.id}
    fields = {
        'about': about_url(feed.site),
        'publisher': shown.publisher,
        'slugs': [slug for slug, _ in shown.categories],
        'rights': shown.rights or source.rights,
        'source': _filled(said),
        'carriers': [_filled({'source': c.source, 'url': c.url, 'guid': c.guid}) for c in entry.carriers],
    }
    return _filled(fields)


def _author(person: Person) -> dict[str, str]:
    return _filled({'name': person.name, 'url': person.url})


def _attachment(one: Enclosure) -> dict[str, Any]:
    return _filled({'url': one.url, 'mime_type': one.media_type, 'size_in_bytes': one.length})


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that have nothing to say."""
    return {key: value for key, value in fields.items() if value}


def _bytes_of(fields: dict[str, Any]) -> bytes:
    return json.dumps(scrubbed(fields), ensure_ascii=False, separators=(',', ':')).encode()


_head = once_made(head, rfc3339, '"updated":"', '"')
