"""An entry and the answer to the request for its text become one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from aggregator.model import Entry, Fault, Item, ParsedFeed, ParseLimits, Received, Source, Stated
from aggregator.parse.fields import with_title
from aggregator.parse.texts import clean_text

_FILLED: Final = ('link', 'guid', 'code', 'publisher', 'authors', 'summary', 'tags', 'image')


def merged(entry: Entry, detail: Entry, url: str, limits: ParseLimits) -> tuple[Entry, Fault | None]:
    """The entry with what the list left empty filled in. The text is the detail's, where it has one.

    A date that nothing could be made of counts as none, a title that was made as none. The fault says that the answer
    held nothing at all.
    """
    if detail == Entry():
        return entry, unreadable(url, 'it holds none of the fields that are asked for')
    changes: dict[str, Any] = {name: getattr(detail, name) for name in _FILLED if not getattr(entry, name)}
    changes['content'] = detail.content or entry.content
    changes['published'] = _known(entry.published) or detail.published or entry.published
    changes['updated'] = _known(entry.updated) or detail.updated or entry.updated
    if entry.title_made or not entry.title:
        title = '' if detail.title_made else detail.title
        changes |= {'title': title, 'title_made': False}
    return with_title(replace(entry, **changes), limits), None


def unreadable(url: str, why: str) -> Fault:
    return Fault(
        'detail', f'The text at {clean_text(url, 200)} could not be used: {why}.', 'Open the address in a browser.'
    )


def _known(stated: Stated | None) -> Stated | None:
    return stated if stated and stated.at else None


@dataclass(frozen=True, slots=True)
class DetailOf:
    """Stands in for the options of a source while the answer for one entry is read, so that any parser can read it."""

    options: Any
    entry: Entry

    def parse(self, received: Received, source: Source, limits: ParseLimits) -> ParsedFeed:
        """The entry with its text, as the only item."""
        entry, fault = self.options.with_detail(self.entry, received, source, limits)
        return ParsedFeed(items=(Item(url=received.url, index=0, entry=entry),), faults=(fault,) if fault else ())
