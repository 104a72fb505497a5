"""What must hold of a document however it is read: quickly or by feedparser, whole or without what was seen before."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model import ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.feed import parse_feed


def broken_laws(received: Received, source: Source, limits: ParseLimits, parsed: ParsedFeed) -> Iterator[str]:
    """In words; nothing where both ways agree."""
    if not parsed.marks:  # it was read by feedparser as it was, or as JSON
        return
    judged = parse_feed(received, source, limits, quick=False)
    if (judged.items, judged.head) != (parsed.items, parsed.head):
        yield 'it is read quickly in another way than by feedparser'
    seen = frozenset(parsed.marks[::2])
    again = parse_feed(received, source, limits, seen)
    by_place = {item.index: item for item in parsed.items}
    left_out = by_place.keys() - {item.index for item in again.items}
    if again.marks != parsed.marks or again.head != parsed.head:
        yield 'without what was seen it has other marks or another head'
    if any(by_place.get(item.index) != item for item in again.items):
        yield 'without what was seen another item says something else'
    if any(parsed.marks[place] not in seen for place in left_out):
        yield 'an item was left out that was never seen'
