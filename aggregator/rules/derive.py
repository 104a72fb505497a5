"""From carriers to entries: the whole decision, in one place, without a clock and without I/O.

    carriers | shown | without barren keys | clusters of a voice | voices | versions | labels and rules => drafts

Equal carriers and an equal policy give equal drafts, whatever the order in which the carriers came (promise 1). What is
given must be whole: with a carrier, all that share an effective key with it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from aggregator.model import Carrier, Draft, Policy, RuleName, Source
from aggregator.rules.addresses import output_id
from aggregator.rules.clusters import Cluster, clusters_of, strength
from aggregator.rules.conditions import Subject
from aggregator.rules.identity import LAST, Shown, effective_keys, shown_by, source_of, voice_of
from aggregator.rules.labels import apply_rules, fallback_label, labels_of
from aggregator.rules.publishers import meant, publisher_of
from aggregator.rules.revisions import Version, current, published_of, surplus, updated_of, versions_of
from aggregator.rules.twins import barren_keys
from aggregator.rules.urls import published_form, speaks_for
from aggregator.rules.voices import Part, Voiced, voiced


class Closure:
    """Carriers that may be one entry with one another, and what they show. Computed once, asked several times."""

    def __init__(self, carriers: Sequence[Carrier], policy: Policy, before: Closure | None = None) -> None:
        """`before` is a closure under the same policy: what it has found out of a carrier is not found out again."""
        shown = before.shown if before else {}
        self.carriers = {c.seq: c for c in carriers}
        self.policy = policy
        self.shown: Mapping[int, Shown] = {c.seq: shown.get(c.seq) or shown_by(c, policy) for c in carriers}
        named = {c.source: voice_of(self.source(c)) for c in carriers}
        self.voices: Mapping[int, str] = {c.seq: named[c.source] for c in carriers}
        self._publishers: dict[int, str] = {}
        self._links: dict[int, str] = {}
        self._keys: tuple[frozenset[str], dict[int, tuple[str, ...]]] | None = None

    def source(self, carrier: Carrier) -> Source:
        return source_of(carrier, self.policy)

    def publisher(self, carrier: Carrier) -> str:
        """Who wrote it, by what this carrier says."""
        if carrier.seq not in self._publishers:
            self._publishers[carrier.seq] = publisher_of(carrier.entry, self.policy.aliases)
        return self._publishers[carrier.seq]

    def link(self, carrier: Carrier) -> str:
        """Its link as it is published; '' where it shows none."""
        if carrier.seq not in self._links:
            link = carrier.entry.link
            self._links[carrier.seq] = published_form(link, self.policy.urls) if link else ''
        return self._links[carrier.seq]

    @cached_property
    def is_one_voice(self) -> bool:
        return len(set(self.voices.values())) == 1

    @cached_property
    def scoped_keys(self) -> frozenset[str]:
        """Every key that could be barren, as its voice sees it: what to ask the store about."""
        from_shown = ((self.voices[seq], k) for seq, s in self.shown.items() for k in (s.url, s.guid, s.said) if k)
        return frozenset(f'{voice}\x1f{key}' for voice, key in from_shown)

    def barren(self, known: frozenset[str]) -> frozenset[str]:
        """Scoped keys that turn out to be barren and are not `known` to be."""
        return barren_keys(tuple(self.carriers.values()), self.shown, self.voices, known)

    def keys(self, barren: frozenset[str]) -> dict[int, tuple[str, ...]]:
        """The effective keys of each carrier, strongest first."""
        if self._keys is None or self._keys[0] is not barren:
            keys = {seq: effective_keys(shown, barren, self.voices[seq]) for seq, shown in self.shown.items()}
            self._keys = barren, keys
        return self._keys[1]


def derive(closure: Closure, barren: frozenset[str]) -> tuple[Draft, ...]:
    """The entries that these carriers are; those of earlier sources of feeds.yml first."""
    keys = closure.keys(barren)
    return tuple(draft_of(v, closure, keys) for v in entries_of(closure, keys))


def entries_of(closure: Closure, keys: Mapping[int, tuple[str, ...]]) -> tuple[Voiced, ...]:
    """Which carriers are one entry, and who speaks for each."""
    shared = {key for key, times in Counter(chain.from_iterable(keys.values())).items() if times > 1}
    alone = [seq for seq in closure.carriers if shared.isdisjoint(keys[seq])]
    by_voice: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for seq in sorted(closure.carriers.keys() - alone):
        by_voice[closure.voices[seq]][seq] = keys[seq]
    parts = [_part(voice, cluster, closure) for voice, mine in by_voice.items() for cluster in clusters_of(mine)]
    entries = (*(_said_once(seq, keys[seq], closure) for seq in alone), *voiced(parts))
    return tuple(sorted(entries, key=lambda entry: (entry.part.order, entry.part.cluster.seqs)))


def _said_once(seq: int, keys: tuple[str, ...], closure: Closure) -> Voiced:
    """A carrier that shares no key with another is an entry, as most are: nobody to join and nobody to ask."""
    part = _part(closure.voices[seq], Cluster((seq,), frozenset(keys)), closure)
    return Voiced(part, part.cluster.keys, ())


def _part(voice: str, cluster: Cluster, closure: Closure) -> Part:
    sources = {(source := closure.source(closure.carriers[seq])).name: source for seq in cluster.seqs}
    urls = () if closure.is_one_voice else [k for k in cluster.keys if k.startswith('url:')]
    speaks = frozenset(k for k in urls if any(speaks_for(s, k.removeprefix('url:')) for s in sources.values()))
    return Part(voice, min(s.order for s in sources.values()), cluster, speaks)


def at_home(draft: Draft, url: str, closure: Closure) -> bool:
    """Whether the draft's own sources may speak for what is at this address; False for what is none."""
    return any(speaks_for(closure.source(closure.carriers[seq]), url) for seq in draft.own)


def inherits(draft: Draft, output_id: str, sources: Iterable[str], closure: Closure) -> bool:
    """Whether the draft may have an id under which these sources spoke until their entry joined another."""
    sources = tuple(sources)
    if any(_same_voice(draft, source, closure) for source in sources):
        return True
    return outranks(draft, f'url:{output_id}', sources, closure)


def outranks(draft: Draft, key: str, sources: Iterable[str], closure: Closure) -> bool:
    """Whether who speaks for the draft may speak over these sources where this key is shown (see voices.py).

    A source that is gone from feeds.yml speaks last.
    """
    return all(_outranks(draft, key, source, closure) for source in sources)


def may_return(draft: Draft, key: str, gone: Mapping[str, str], closure: Closure) -> bool:
    """Whether the draft is heard under a key of an entry that is gone: why it went, by source that spoke ('': unknown).

    Retention held for the sources themselves and for whoever they may speak over. What a person took down comes only
    from the publisher, at an address of its own for which none of its house had spoken.
    """
    return all(_may_return(draft, key, source, why, closure) for source, why in gone.items())


def _may_return(draft: Draft, key: str, source: str, why: str, closure: Closure) -> bool:
    if not source or not _outranks(draft, key, source, closure):
        return False
    url = key.removeprefix('url:')
    return why == 'retention' or (at_home(draft, url, closure) and not speaks_for(_named(source, closure), url))


def _outranks(draft: Draft, key: str, other: str, closure: Closure) -> bool:
    if _same_voice(draft, other, closure):
        return False
    theirs = _named(other, closure)
    if not key.startswith('url:'):
        return draft.rank < theirs.order
    url = key.removeprefix('url:')
    return (not at_home(draft, url, closure), draft.rank) < (not speaks_for(theirs, url), theirs.order)


def _same_voice(draft: Draft, source: str, closure: Closure) -> bool:
    return voice_of(_named(source, closure)) in {closure.voices[seq] for seq in draft.own}


def _named(source: str, closure: Closure) -> Source:
    return closure.policy.sources.get(source) or Source(name=source, order=LAST)


def draft_of(entry: Voiced, closure: Closure, keys: Mapping[int, tuple[str, ...]]) -> Draft:
    policy = closure.policy
    own, frozen, versions = spoken(entry, closure)
    others = [closure.carriers[seq] for part in entry.others for seq in part.cluster.seqs]
    frozen |= surplus(others, policy.max_revisions)
    words = words_of(versions, closure)
    labels, slugs = labels_said(entry, versions, closure)
    kept, dropped = _ruled(words, versions, labels, policy)
    strongest = min(entry.keys, key=strength) if len(entry.keys) > 1 else next(iter(entry.keys), '')
    identity = strongest or f'said:{_hash(entry.part.voice, entry.part.cluster.identity)}'
    published = published_of([v.carrier for v in versions])
    published_at = published.at if published and published.at else min(c.first_seen_at for c in own)
    return Draft(
        identity=identity,
        rule=_RULES[identity.partition(':')[0]],
        natural_id=_natural_id(identity, own, keys, closure),
        keys=tuple(sorted(entry.part.cluster.keys)),
        rank=entry.part.order,
        own=tuple(c.seq for c in own if c.seq not in frozen),
        others=tuple(sorted(c.seq for c in others if c.seq not in frozen)),
        frozen=tuple(sorted(frozen)),
        text=words.text.seq,
        title=words.title,
        link=words.link,
        publisher=words.publisher,
        authors=words.text.entry.authors,
        published_at=published_at,
        updated_at=max(published_at, updated_of(versions) or published_at),
        offset_min=published.offset_min if published else None,
        dated=published is not None,
        labels=tuple(sorted(kept)),
        slugs=slugs,
        fingerprint=_fingerprint(words),
        dropped=dropped or not says_anything(words),
        faults=entry.part.cluster.faults,
    )


def spoken(entry: Voiced, closure: Closure) -> tuple[list[Carrier], frozenset[int], list[Version]]:
    """What the voice says of the entry: its carriers, the seqs that are one revision too many, the rest by newness."""
    own = [closure.carriers[seq] for seq in entry.part.cluster.seqs]
    frozen = surplus(own, closure.policy.max_revisions)
    orders = {c.source: closure.source(c).order for c in own}
    return own, frozen, versions_of([c for c in own if c.seq not in frozen] if frozen else own, orders)


_RULES: Mapping[str, RuleName] = {'code': 'code', 'url': 'url', 'guid': 'guid', 'said': 'digest'}


class Words(NamedTuple):
    """What is shown of an entry; `text` is the carrier whose summary and content are."""

    title: str
    link: str
    publisher: str
    text: Carrier


def words_of(versions: Sequence[Version], closure: Closure) -> Words:
    """Each from the newest version that has it: a list that gives only titles does not empty the text of a feed."""
    if len(versions) == 1:
        only = versions[0].carrier
        return Words(only.entry.title, closure.link(only), closure.publisher(only), only)
    carriers = [v.carrier for v in versions]
    said = [c.entry for c in carriers]
    titles = [e.title for e in said if e.title and not e.title_made] or [e.title for e in said if e.title]
    texts = [c for c in carriers if c.entry.content] or [c for c in carriers if c.entry.summary] or carriers
    return Words(
        title=next(iter(titles), ''),
        link=next((closure.link(c) for c in carriers if c.entry.link), ''),
        publisher=next((p for c in carriers if (p := closure.publisher(c))), ''),
        text=texts[0],
    )


def says_anything(words: Words) -> bool:
    """Whether there is something to show: an item may be an empty element, or a number and nothing else."""
    said = words.text.entry
    return any((words.title, words.link, said.summary, said.content, said.enclosures))


def labels_said(entry: Voiced, versions: Sequence[Version], closure: Closure) -> tuple[set[str], dict[str, str]]:
    """Labels of what each own source says now, fixed labels of the others; the source's name where there is none."""
    labels: set[str] = set()
    slugs: dict[str, str] = {}
    now = current(versions)
    for carrier in now:
        rule = closure.source(carrier).category
        labelled = labels_of(rule, carrier.entry, closure.publisher(carrier))
        labels.update((*labelled.fixed, *labelled.open))
        slugs = {**labelled.slugs, **slugs} if labelled.slugs else slugs
    for seq in (seq for part in entry.others for seq in part.cluster.seqs):
        labels.update(closure.source(closure.carriers[seq]).category.labels)
    if not labels:
        names = (closure.source(c) for c in now)
        labels.update(
            [f for s in names if (f := fallback_label(s.category, meant(s.name, closure.policy.aliases)))][:1]
        )
    return labels, slugs


def _ruled(words: Words, versions: Sequence[Version], labels: set[str], policy: Policy) -> tuple[Iterable[str], bool]:
    """The labels that the rules for all leave, and whether one of them drops the entry."""
    if not policy.rules:
        return labels, False
    return apply_rules(policy.rules, subject_of(words, versions, labels), labels)


def subject_of(words: Words, versions: Sequence[Version], labels: Iterable[str]) -> Subject:
    entry = words.text.entry
    return Subject(
        title=words.title,
        html=f'{entry.summary} {entry.content}',
        url=words.link,
        authors=tuple(p.name for p in entry.authors),
        publisher=words.publisher,
        sources=tuple(sorted({v.carrier.source for v in versions})),
        tags=tuple(sorted({*labels, *(t for v in versions for t in v.carrier.entry.tags)})),
    )


def _natural_id(identity: str, own: Sequence[Carrier], keys: Mapping[int, tuple[str, ...]], closure: Closure) -> str:
    """The output id that the identity makes, spelled as the first carrier that showed it spelled it."""
    first = next((c for c in own if identity in keys[c.seq]), own[0])
    authority, link = closure.policy.authority, closure.link(first)
    return output_id(identity, authority=authority, link=link, guid=first.entry.guid, source=first.source)


def _fingerprint(words: Words) -> str:
    entry = words.text.entry
    people = [p.name for p in entry.authors]
    return _hash(
        words.title, words.publisher, entry.summary, entry.content, *people, *(e.url for e in entry.enclosures)
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256('\x1f'.join(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:32]
