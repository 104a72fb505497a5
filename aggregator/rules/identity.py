"""What an entry shows of its identity: the keys by which carriers are told to be the same entry (design, 4.1 and 4.2).

    code    the publisher's own id, by the source's `key` rule
    url     the canonical URL
    guid    counts only inside its own source, and not where the item shows a code
    said    title and date, inside its source; for items that show nothing better
    whole   everything the item says; for items that share even title and date with another

A key that several items of one document share names nothing: it is *barren*, and the next one counts (see twins.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from aggregator.model import Carrier, Entry, FeedHead, Item, Policy, Source
from aggregator.rules.codes import code_of
from aggregator.rules.spelling import FIELDS, spelled
from aggregator.rules.urls import canonical

LAST = 1_000_000  # place in feeds.yml of a source that has left it
_GUID = FIELDS.index('guid')


class Shown(NamedTuple):
    """The keys that a carrier shows, strongest first; '' where it has none. `said` and `whole` are always there."""

    code: str
    url: str
    guid: str
    said: str
    source: str  # its name
    entry: Entry

    @property
    def whole(self) -> str:
        """Made only where it is asked for: it reads all that the item says, and few items need it."""
        return f'said:{_hash(self.source, *spelled(self.entry))}'


def voice_of(source: Source) -> str:
    """The name of those who trust each other: the source's group, else the source alone (design, 4.4)."""
    return f'group {source.group}' if source.group else f'source {source.name}'


def shown_by(carrier: Carrier, policy: Policy) -> Shown:
    """The keys of one carrier, before anyone asks which of them are barren."""
    entry, source = carrier.entry, source_of(carrier, policy)
    code = code_of(entry, source.key, policy.urls)
    url = canonical(entry.link, policy.urls)
    counts = bool(entry.guid) and not code and not _is_feed(entry, source, policy)
    return Shown(
        code=f'code:{code}' if code else '',
        url=f'url:{url}' if url else '',
        guid=f'guid:{_hash(source.name, entry.guid)}' if counts else '',
        said=f'said:{_hash(source.name, entry.title, *_when(entry), *_instead_of_date(entry))}',
        source=source.name,
        entry=entry,
    )


def source_of(carrier: Carrier, policy: Policy) -> Source:
    """The carrier's source; one that is gone from feeds.yml speaks last and for itself."""
    return policy.sources.get(carrier.source) or Source(name=carrier.source, order=LAST)


def effective_keys(shown: Shown, barren: frozenset[str], voice: str) -> tuple[str, ...]:
    """The keys that name this carrier once the barren ones are left out; never empty.

    Barren keys are told per voice (`scoped`), so that no stranger can make a key useless for others.
    """
    named = (shown.code, shown.url, shown.guid)
    if good := tuple(k for k in named if k and (not barren or scoped(k, voice) not in barren)):
        return good
    return (shown.said,) if scoped(shown.said, voice) not in barren else (shown.whole,)


def scoped(key: str, voice: str) -> str:
    """A key as one voice sees it: `code:` keys are never barren, the others are barren for a voice at a time."""
    return f'{voice}\x1f{key}'


def digests_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What each entry of one document says, as a digest: equal digests are the same thing said again.

    A guid takes no part where the entry shows a link or a code: some servers make a new one for every answer. It does
    where two entries of the document differ in nothing else. Dates counted from now (3分钟前) take no part at all.
    """
    return distinct([saying_of(entry) for entry in entries])


def saying_of(entry: Entry) -> tuple[str, str]:
    """The digest of what an entry says, and the one that it has where another entry of its document says the same."""
    words = spelled(entry)
    if entry.link or entry.code:
        words[_GUID] = repr('')
    plain = _hash(*words)
    return plain, _hash(plain, entry.guid)


def distinct(sayings: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The digests of the entries of one document, from what `saying_of` gives for each."""
    seen = Counter(plain for plain, _ in sayings)
    return tuple(plain if seen[plain] == 1 else by_guid for plain, by_guid in sayings)


def mark_feed_guids(items: Sequence[Item], head: FeedHead) -> tuple[Item, ...]:
    """Forget a guid that is the address or id of the feed itself; it says nothing about the item (design, 4.2)."""
    own = {head.link, head.self_url, head.id} - {''}
    return tuple(replace(i, entry=replace(i.entry, guid_is_feed=True)) if i.entry.guid in own else i for i in items)


def text_of(entry: Entry) -> str:
    """Digest of the words alone: two carriers of one source with equal words are no revision of each other."""
    return _hash(entry.title, entry.summary, entry.content)


def _is_feed(entry: Entry, source: Source, policy: Policy) -> bool:
    if entry.guid_is_feed or entry.guid == source.url:
        return True
    return '://' in entry.guid and canonical(entry.guid, policy.urls) == canonical(source.url, policy.urls)


def _when(entry: Entry) -> tuple[str, ...]:
    stated = entry.published or entry.updated
    if stated is None or stated.relative:
        return ('',)
    return (stated.at.isoformat() if stated.at else stated.raw,)


def _instead_of_date(entry: Entry) -> tuple[str, ...]:
    """An item with neither title nor date of its own is told by its text."""
    return (entry.summary, entry.content) if entry.title_made and _when(entry) == ('',) else ()


def _hash(*parts: str) -> str:
    joined = '\x1f'.join(parts).encode('utf-8', 'surrogatepass')
    return hashlib.sha256(joined).hexdigest()[:32]
