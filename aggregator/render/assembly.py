"""A document as a head, one fragment for each entry, and a tail: how every feed format is put together.

    Feed -> fragment, fragment, … -> before + between.join(fragments) + after

An entry whose fragment cannot be made is left out and reported; the feed goes on. A fragment depends on the entry, the
view of its source and the site, so whoever keeps fragments hands in a `fragment` that looks there first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aggregator.model import Fault, Feed, StoredEntry
from aggregator.render.shown import Shown, shown_of


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes of a document, and a fault for each entry that it had to leave out."""

    body: bytes
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around and between the fragments."""

    before: bytes
    after: bytes
    between: bytes = b''


Fragment = Callable[[StoredEntry, Feed], bytes | Fault]


def assembled(feed: Feed, frame: Frame, fragment: Fragment) -> Rendered:
    """The whole document, each id once (RFC 4287, 4.1.1). Never raises for what an entry says."""
    fragments: dict[str, bytes] = {}
    faults: list[Fault] = []
    for entry in feed.entries:
        match _repeated(entry, feed, fragments) or _made(entry, feed, fragment):
            case Fault() as fault:
                faults.append(fault)
            case bytes() as body:
                fragments[entry.id] = body
    return Rendered(frame.before + frame.between.join(fragments.values()) + frame.after, tuple(faults))


def written(entry: StoredEntry, feed: Feed, write: Callable[[Shown, Feed], bytes]) -> bytes | Fault:
    """The fragment of an entry that can be shown; else why it cannot."""
    match shown_of(entry, feed.sources.get(entry.source), feed.site):
        case Fault() as fault:
            return fault
        case Shown() as shown:
            return write(shown, feed)


def _repeated(entry: StoredEntry, feed: Feed, fragments: dict[str, bytes]) -> Fault | None:
    if entry.id in fragments:
        return Fault('render', f'entry {entry.id!r} stands twice in the feed {feed.slug!r}; the first one stays')
    return None


def _made(entry: StoredEntry, feed: Feed, fragment: Fragment) -> bytes | Fault:
    try:
        return fragment(entry, feed)
    except Exception as error:  # noqa: BLE001  # feedgen and lxml raise many kinds; one entry never takes the feed along
        return Fault('render', f'entry {entry.id!r} was left out: {type(error).__name__}: {error}')
