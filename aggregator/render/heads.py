"""The beginning of a document: of one feed the same each time, but for when it was updated.

So feedgen makes it once, for a time that is cut out again, and the time of each document is put there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from aggregator.model import Feed, Site

_KEPT = 512  # heads of one format, a kilobyte each
_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
_UPDATED, _PUBLISHED = attrgetter('updated_at'), attrgetter('published_at')

Head = Callable[[Feed], bytes]


class _Heading(NamedTuple):
    """All that stands in a head besides its time."""

    slug: str
    label: str
    title: str
    site: Site
    ttl: timedelta
    hubs: tuple[str, ...]
    query: str


def updated_of(feed: Feed) -> datetime:
    """Never before the newest entry's (conformance A7)."""
    latest: datetime = max((feed.updated_at, *map(_UPDATED, feed.entries), *map(_PUBLISHED, feed.entries)))
    return latest


def once_made(make: Head, written: Callable[[datetime], str], before: str, after: str) -> Head:
    """The same as `make`, which writes the time of update between `before` and `after`, and such a text only there."""
    mark = f'{before}{written(_ONCE)}{after}'.encode()

    @lru_cache(maxsize=_KEPT)
    def halves(heading: _Heading) -> tuple[bytes, bytes]:
        whole = make(Feed(**heading._asdict(), updated_at=_ONCE, entries=(), sources={}))
        first, found, rest = whole.rpartition(mark)
        assert found, 'a head without its time'
        return first + before.encode(), after.encode() + rest

    def head(feed: Feed) -> bytes:
        heading = _Heading(feed.slug, feed.label, feed.title, feed.site, feed.ttl, feed.hubs, feed.query)
        first, rest = halves(heading)
        return b'%b%b%b' % (first, written(updated_of(feed)).encode(), rest)

    return head
