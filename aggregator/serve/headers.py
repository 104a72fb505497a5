"""The header fields that a document has by its path: media type, safety, links to itself and to the hubs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote

from aggregator.model import Site

Headers = list[tuple[bytes, bytes]]

MEDIA_TYPES = {
    '.atom': 'application/atom+xml; charset=utf-8',
    '.rss': 'application/rss+xml; charset=utf-8',
    '.json': 'application/feed+json',
    '.html': 'text/html; charset=utf-8',
    '.opml': 'text/x-opml; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
    '.ico': 'image/x-icon',
    '.txt': 'text/plain; charset=utf-8',
}
FEEDS = frozenset({'.atom', '.rss', '.json'})
# Our pages hold other people's HTML. Even where a sanitiser failed nothing in it may run, load, frame or post.
# 'self' gives no script but our own: every other document has a media type that is none, and nosniff.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb'[^\x00-\x08\x0a-\x1f\x7f]*')


def document_headers(path: str, site: Site, hubs: Iterable[str] = ()) -> Headers:
    """What every answer with this document says, whatever its coding and age. Absolute links come from `site.url`."""
    suffix = PurePosixPath(path).suffix
    fields = safe_headers(MEDIA_TYPES.get(suffix, 'application/octet-stream'))
    fields.append((b'accept-ranges', b'none'))
    if suffix in FEEDS:
        fields.append((b'link', _links(site.url + path, hubs)))
    if site.noindex and (suffix in FEEDS or suffix == '.html'):
        fields.append((b'x-robots-tag', b'noindex'))
    return fields


def safe_headers(media_type: str) -> Headers:
    """The media type and what keeps a browser from making more of it."""
    fields = [(b'content-type', media_type.encode('ascii')), (b'x-content-type-options', b'nosniff')]
    if media_type.startswith(('text/html', 'image/svg')):
        fields += [(b'content-security-policy', PAGE_POLICY.encode('ascii')), (b'referrer-policy', b'no-referrer')]
    return fields


def on_the_wire(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The lines of these fields (RFC 9112, 5), names in lower case. Raises ValueError for one that would not be one."""
    for name, value in fields:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f'not a header field: {name!r}: {value!r}')
    return b''.join(b'%s: %s\r\n' % (name.lower(), value) for name, value in fields)


def _links(self_url: str, hubs: Iterable[str]) -> bytes:
    """WebSub, 4: a topic names itself and its hubs in the header too. One field, for readers that look at the first."""
    links = [f'<{ascii_url(self_url)}>; rel="self"', *(f'<{ascii_url(hub)}>; rel="hub"' for hub in hubs)]
    return ', '.join(links).encode('ascii')


def ascii_url(url: str) -> str:
    """An IRI as a URI; what would end the link or the line is escaped as well."""
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~")
