"""A document as a head, one fragment for each entry, and a tail: how every feed format is put together.

    Feed -> fragment, fragment, … -> before + between.join(fragments) + after

An entry whose fragment cannot be made is left out and reported; the feed goes on. A fragment depends on the entry, the
view of its source and the site, so whoever keeps fragments hands in those that are `ready`, in the order of the feed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

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
Ready = Sequence[bytes | None]  # by entry, in the feed's order: the fragment that need not be made. () has none of any
NOTHING: Ready = ()


def assembled(feed: Feed, frame: Frame, fragment: Fragment, ready: Ready = NOTHING) -> Rendered:
    """The whole document, each id once (RFC 4287, 4.1.1). Never raises for what an entry says."""
    entries, faults = feed.entries, []
    if len({entry.id for entry in entries}) < len(entries):
        faults += _repeated(feed)
        entries, ready = _once(entries, ready)
    bodies = list(ready) or [None] * len(entries)
    for at in [at for at, body in enumerate(bodies) if body is None]:
        match made(entries[at], feed, fragment):
            case Fault() as fault:
                faults.append(fault)
            case bytes() as body:
                bodies[at] = body
    return Rendered(_joined(frame, [body for body in bodies if body is not None]), tuple(faults))


def each_made(feed: Feed, fragment: Fragment, ready: Ready = NOTHING) -> Iterator[bytes | Fault]:
    """What becomes of each entry, in the feed's order; made only as far as somebody asks."""
    for entry, body in zip(feed.entries, ready or repeat(None)):  # noqa: B905  # `repeat` has no end
        yield body or made(entry, feed, fragment)


def _once(entries: Sequence[StoredEntry], ready: Ready) -> tuple[Sequence[StoredEntry], Ready]:
    """The first of each id."""
    places = sorted({entries[at].id: at for at in reversed(range(len(entries)))}.values())
    return [entries[at] for at in places], [ready[at] for at in places] if ready else ready


def _joined(frame: Frame, bodies: list[bytes]) -> bytes:
    """Each byte is copied once: documents are large."""
    parts = bodies or [b'']
    parts[0] = frame.before + parts[0]
    parts[-1] += frame.after
    return frame.between.join(parts)


def written(entry: StoredEntry, feed: Feed, write: Callable[[Shown, Feed], bytes]) -> bytes | Fault:
    """The fragment of an entry that can be shown; else why it cannot."""
    match shown_of(entry, feed.sources.get(entry.source), feed.site):
        case Fault() as fault:
            return fault
        case Shown() as shown:
            return write(shown, feed)


def _repeated(feed: Feed) -> list[Fault]:
    counted = Counter(entry.id for entry in feed.entries)
    said = 'stands twice in the feed'
    return [
        Fault('render', f'entry {entry_id!r} {said} {feed.slug!r}; the first one stays')
        for entry_id, times in counted.items()
        for _ in range(times - 1)
    ]


def made(entry: StoredEntry, feed: Feed, fragment: Fragment) -> bytes | Fault:
    try:
        return fragment(entry, feed)
    except Exception as error:  # noqa: BLE001  # feedgen and lxml raise many kinds; one entry never takes the feed along
        return Fault('render', f'entry {entry.id!r} was left out: {type(error).__name__}: {error}')
