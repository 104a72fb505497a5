"""A feed of any format -> ParsedFeed: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0; JSON Feed is handed on.

    bytes | decode | shield | cut | extractor, else feedparser, bounded | leave out what was seen | entry_of each

Nothing raises: a document that is no feed has `failed`, one that is malformed has `degraded` and its good entries.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregator.model import Fault, FeedHead, Item, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.bounded import Raw, read_raw
from aggregator.parse.bounds import MAX_DEPTH
from aggregator.parse.cutting import cut
from aggregator.parse.encoding import Decoded, declared_in_xml, decode
from aggregator.parse.entries import Frame, entry_of
from aggregator.parse.extractor import extracted
from aggregator.parse.heads import base_of, head_of
from aggregator.parse.jsonfeed import parse_jsonfeed
from aggregator.parse.marking import marks_of, unseen
from aggregator.parse.notfeed import not_a_feed, page_at_once
from aggregator.parse.shield import shield
from aggregator.parse.texts import clean_text, http_url

_ITEM: Final = re.compile(r'<(?:[A-Za-z][\w.-]{0,20}:)?(?:item|entry)[\s>]', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read of a document: `places` are those of the entries in the whole one, `marks` of all its items."""

    raw: Raw
    places: Sequence[int]
    marks: tuple[bytes, ...] = ()


def parse_feed(
    received: Received,
    source: Source,
    limits: ParseLimits,
    seen: Container[bytes] = frozenset(),
    *,
    quick: bool = True,
) -> ParsedFeed:
    """The document's entries in their order, each text within `limits`, dates read in the source's zone.

    More entries than `limits.entries` are left out and reported. A feed without items is a feed. Items whose marks are
    in `seen` are left out. Without `quick` feedparser reads all, and nothing is marked: that is the judge.
    """
    body = received.body
    decoded = decode(body, override=source.encoding, charset=received.charset, declared=declared_in_xml(body))
    text = decoded.text.lstrip()
    if text.startswith('{'):
        return parse_jsonfeed(received, source, limits, seen, quick=quick)
    if not text or text.startswith('[') or page_at_once(text):
        return _failed(not_a_feed(text, received.content_type), decoded)
    shielded = shield(text)
    try:
        part = (quick and _read_quickly(shielded, received, source, limits, seen)) or _read(shielded, received, limits)
    except Exception as error:  # noqa: BLE001  # feedparser's bugs are of any kind; the document is at fault, not we
        return _failed(_unreadable(error), decoded)
    if not part.raw.version and not part.raw.entries:
        return _failed(not_a_feed(text, received.content_type), decoded)
    frame = _frame(part.raw, received, source, limits)
    faults = _faults(part.raw, decoded, shielded, limits)
    part = _without_seen(part, frame, seen) if quick and not part.marks else part
    return _parsed(part, received, frame, faults)


def _read_quickly(
    text: str, received: Received, source: Source, limits: ParseLimits, seen: Container[bytes]
) -> _Part | None:
    """Unseen items only, else the whole document; None where neither is sure to be what feedparser reads."""
    try:
        pieces = cut(text)
        if pieces is None or len(pieces.items) > limits.entries:
            raw = _extracted(text, received, limits)
            return _Part(raw, range(len(raw.entries))) if raw else None
        marks = pieces.marks(f'{source.timezone}\x00{received.url}\x00{limits}')
        rest, places = pieces.without(marks, seen)
        raw = _extracted(rest, received, limits)
        if raw and len(raw.entries) == len(places):
            return _Part(raw, places, marks)
        if len(places) < len(marks):
            raw = _extracted(text, received, limits)
        return _Part(raw, range(len(raw.entries))) if raw else None
    except Exception:  # noqa: BLE001  # a slip of ours costs time, and no entries
        return None


def _extracted(text: str, received: Received, limits: ParseLimits) -> Raw | None:
    return extracted(text, http_url(received.url, ''), limits.entries, 4 * limits.tags)


def _read(text: str, received: Received, limits: ParseLimits) -> _Part:
    raw = read_raw(text, http_url(received.url, ''), limits.entries, 4 * limits.tags)
    return _Part(raw, range(len(raw.entries)))


def _frame(raw: Raw, received: Received, source: Source, limits: ParseLimits) -> Frame:
    base = base_of(raw.feed, http_url(received.url, ''))
    return Frame(base, source.timezone, received.fetched_at, limits, atom=raw.version.startswith('atom'))


def _without_seen(part: _Part, frame: Frame, seen: Container[bytes]) -> _Part:
    """Of a document that cannot be cut: what was parsed is known again."""
    entries = part.raw.entries
    marks = marks_of(map(repr, entries), frame.way)
    places = unseen(marks, seen)
    return _Part(replace(part.raw, entries=tuple(entries[place] for place in places)), places, marks)


def _parsed(part: _Part, received: Received, frame: Frame, faults: tuple[Fault, ...]) -> ParsedFeed:
    raw = part.raw
    entries = (entry_of(entry, frame) for entry in raw.entries)
    return ParsedFeed(
        head=head_of(raw.feed, http_url(received.url, ''), frame),
        items=tuple(
            Item(url=received.url, index=place, entry=e) for place, e in zip(part.places, entries, strict=True)
        ),
        faults=faults,
        degraded=bool(raw.broken),
        marks=part.marks,
    )


def _failed(fault: Fault, decoded: Decoded) -> ParsedFeed:
    more = (decoded.fault,) if decoded.fault and decoded.text else ()
    return ParsedFeed(head=FeedHead(), faults=(fault, *more), failed=True)


def _unreadable(error: Exception) -> Fault:
    told = clean_text(f'{type(error).__name__}: {error}'[:400], 120)
    return Fault('unreadable', f'The feed parser could not read the document ({told}).', 'Tell the publisher.')


def _faults(raw: Raw, decoded: Decoded, shielded: str, limits: ParseLimits) -> tuple[Fault, ...]:
    found = [decoded.fault] if decoded.fault else []
    if raw.broken:
        found.append(_malformed(raw, decoded.text.count('\n') - shielded.count('\n')))
    if raw.cut:
        total = len(_ITEM.findall(shielded))
        told = f'The document has {total} entries; the first {limits.entries} were read.'
        found.append(Fault('too-many-entries', told, 'Raise `parsing.limits.entries` to read more.'))
    if raw.too_deep:
        told = f'Elements stand deeper than {MAX_DEPTH} levels; what is deeper was left out.'
        found.append(Fault('too-deep', told))
    if raw.stumbled and not raw.broken:
        found.append(Fault('malformed', f'{raw.stumbled} elements could not be understood and were left out.'))
    return tuple(found)


def _malformed(raw: Raw, lines_before: int) -> Fault:
    place = f' at line {raw.line + lines_before}, column {raw.column}' if raw.line else ''
    told = f'The XML is malformed{place}: {clean_text(raw.broken, 120)}. {len(raw.entries)} entries could be read.'
    return Fault('malformed', told, 'Tell the publisher; a validator shows the place.')
