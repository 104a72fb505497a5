"""Why an entry is what it is, in sentences that are made from the same functions that decide it.

    carriers and policy => identity and what it was made of, who speaks and why, whose words, each label, each rule

Nothing here decides. What it tells comes from `derive` and its parts, so it cannot tell another story than they do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.model import Carrier, CategoryRule, Draft, Entry, Key, Source
from aggregator.rules.codes import code_of
from aggregator.rules.derive import Closure, draft_of, entries_of, labels_said, spoken, subject_of, words_of
from aggregator.rules.identity import scoped
from aggregator.rules.labels import fallback_label, labels_of
from aggregator.rules.publishers import attribution, meant
from aggregator.rules.revisions import current, usable
from aggregator.rules.urls import host_of
from aggregator.rules.verdicts import RuleVerdict, verdicts
from aggregator.rules.voices import Part, Voiced


@dataclass(frozen=True, slots=True)
class KeyWhy:
    """A key that a carrier shows, and why it counts or does not. `kind` is code, url, guid or digest."""

    kind: str
    value: str
    counts: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierWhy:
    """What one source said of the entry, once."""

    source: str
    role: str  # 'speaks', 'trusted' (of the group that speaks) or 'adds itself' (of another group)
    link: str
    title: str
    stated: str  # the date as sent
    usable: bool  # whether that date could be read and is neither absurd nor in the future
    keys: tuple[KeyWhy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Each text is a part of a sentence; `draft` is what the rules of today make of it."""

    draft: Draft
    id_made_of: str
    speaks: str
    words: Mapping[str, str]  # title, text, publisher, published -> where it comes from
    labels: Mapping[str, tuple[str, ...]]  # label -> why, those that a rule took away too
    rules: tuple[RuleVerdict, ...]
    carriers: tuple[CarrierWhy, ...]


def reasons_of(closure: Closure, barren: frozenset[str], mine: frozenset[int]) -> Reasons | None:
    """Of the entry to which most of these carriers belong; None where there is none."""
    keys = closure.keys(barren)
    found = max(entries_of(closure, keys), key=lambda entry: len(mine & _seqs(entry)), default=None)
    if found is None:
        return None
    draft = draft_of(found, closure, keys)
    _, _, versions = spoken(found, closure)
    words = words_of(versions, closure)
    said, _ = labels_said(found, versions, closure)
    ruled = verdicts(closure.policy.rules, subject_of(words, versions, said), sorted(said))
    now = current(versions)
    told = _Told(closure, barren, keys)
    return Reasons(
        draft=draft,
        id_made_of=_made_of(draft),
        speaks=_speaks(found, closure),
        words={
            'title': _from(next((v.carrier for v in versions if v.carrier.entry.title == words.title), None), versions),
            'text': _from(words.text, versions),
            'publisher': _publisher(words.publisher, [v.carrier for v in versions], closure),
            'published': _published(draft, [v.carrier for v in versions]),
        },
        labels=_labels(found, now, ruled, said, closure),
        rules=ruled,
        carriers=told.carriers(found, words.text.source),
    )


def _seqs(entry: Voiced) -> set[int]:
    return {*entry.part.cluster.seqs, *(seq for part in entry.others for seq in part.cluster.seqs)}


def _made_of(draft: Draft) -> str:
    return {
        'code': 'the code that the publisher gave it, which stands above its address',
        'url': 'its address, for no carrier shows a code',
        'guid': 'the guid of its source, for it shows neither a code nor a link that counts',
        'digest': 'title and date, for nothing else tells it from others',
    }[draft.rule]


# ------------------------------------------------ who speaks


def _speaks(entry: Voiced, closure: Closure) -> str:
    name = _named(entry.part, closure)
    if not entry.others:
        return f'{name}, for nobody else carries it'
    others = ', '.join(_named(part, closure) for part in entry.others)
    hosts = sorted({host_of(key.removeprefix('url:')) for key in entry.part.speaks})
    if hosts:
        return f'{name}, whose own host {hosts[0]} is; {others} only adds itself'
    return f'{name}, which stands before {others} in feeds.yml'


def _named(part: Part, closure: Closure) -> str:
    names = {closure.carriers[seq].source: None for seq in part.cluster.seqs}
    kind, _, name = part.voice.partition(' ')
    return f'the group {name} ({", ".join(names)})' if kind == 'group' else name


# ------------------------------------------------ whose words


def _from(carrier: Carrier | None, versions: Sequence[object]) -> str:
    if carrier is None:
        return ''
    several = f', the newest of {len(versions)} versions that has one' if len(versions) > 1 else ''
    return f'{carrier.source}{several}'


def _publisher(name: str, carriers: Sequence[Carrier], closure: Closure) -> str:
    """Where the name stands, and how it is written there where an alias leads to it."""
    first = next((c for c in carriers if name and closure.publisher(c) == name), None)
    if first is None:
        return 'no field and no attribution names one'
    entry, aliases = first.entry, closure.policy.aliases
    for where, written in (
        ('its own field', ' '.join(entry.publisher.split())),
        ('the attribution in its text', attribution(entry.content)),
        ('the attribution in its summary', attribution(entry.summary)),
    ):
        if written and meant(written, aliases) == name:
            alias = '' if written == name else f'; {written} is meant so by aliases:'
            return f'{where}, by {first.source}{alias}'
    return f'its own field, by {first.source}'


def _published(draft: Draft, carriers: Sequence[Carrier]) -> str:
    if not draft.dated:
        return 'when it was first seen, for no carrier states a date that can be used'
    stated = [s for c in carriers if (s := usable(c.entry.published or c.entry.updated, c.first_seen_at))]
    first = next((s for s in stated if s.at == draft.published_at), stated[0])
    several = f', the earliest of {len(stated)}' if len(stated) > 1 else ''
    return f'stated as {first.raw!r}{several}'


# ------------------------------------------------ labels


def _labels(
    entry: Voiced, now: Iterable[Carrier], ruled: Sequence[RuleVerdict], said: Iterable[str], closure: Closure
) -> dict[str, tuple[str, ...]]:
    why: dict[str, list[str]] = defaultdict(list)
    for carrier in now:
        for label, reason in _said_by(closure.source(carrier), carrier, closure.publisher(carrier)):
            why[label].append(reason)
    for carrier in (closure.carriers[seq] for part in entry.others for seq in part.cluster.seqs):
        for label in closure.source(carrier).category.labels:
            why[label].append(f'fixed for {carrier.source}, which carries it')
    for label in set(said) - why.keys():
        why[label].append(_fallback(label, now, closure))
    for one in ruled:
        for label in one.added:
            why[label].append(f'added by rule {one.row}')
        for label in one.removed:
            why[label].append(f'taken away by rule {one.row}')
    return {label: tuple(dict.fromkeys(reasons)) for label, reasons in sorted(why.items())}


def _said_by(source: Source, carrier: Carrier, publisher: str) -> list[tuple[str, str]]:
    rule = source.category
    labelled = labels_of(rule, carrier.entry, publisher)
    fixed = [(label, f'fixed for {source.name}') for label in labelled.fixed]
    return [*fixed, *((label, _open(rule, source, publisher)) for label in labelled.open)]


def _open(rule: CategoryRule, source: Source, publisher: str) -> str:
    if rule.origin == 'tags':
        return f'a tag of the item, by {source.name}'
    return f'{rule.label} with the publisher {publisher}, by {source.name}'


def _fallback(label: str, now: Iterable[Carrier], closure: Closure) -> str:
    for source in (closure.source(c) for c in now):
        if label == fallback_label(source.category, meant(source.name, closure.policy.aliases)):
            return f'{source.category.label} with the name of {source.name}, for want of another label'
    return 'by its source'


# ------------------------------------------------ what each said


class _Told:
    def __init__(self, closure: Closure, barren: frozenset[str], keys: Mapping[int, tuple[str, ...]]) -> None:
        self._closure = closure
        self._barren = barren
        self._keys = keys

    def carriers(self, entry: Voiced, speaker: str) -> tuple[CarrierWhy, ...]:
        own = [self._told(seq, 'speaks', speaker) for seq in entry.part.cluster.seqs]
        others = [self._told(seq, 'adds itself', '') for part in entry.others for seq in part.cluster.seqs]
        return (*own, *others)

    def _told(self, seq: int, role: str, speaker: str) -> CarrierWhy:
        carrier = self._closure.carriers[seq]
        said = carrier.entry
        stated = said.published or said.updated
        return CarrierWhy(
            source=carrier.source,
            role='trusted' if role == 'speaks' and carrier.source != speaker else role,
            link=said.link,
            title=said.title,
            stated=stated.raw if stated else '',
            usable=usable(stated, carrier.first_seen_at) is not None,
            keys=tuple(self._key_whys(seq)),
        )

    def _key_whys(self, seq: int) -> Iterable[KeyWhy]:
        shown, entry = self._closure.shown[seq], self._closure.carriers[seq].entry
        counting = self._keys[seq]
        if shown.code:
            where = _where(entry, self._closure.source(self._closure.carriers[seq]).key, self._closure)
            yield KeyWhy('code', shown.code.removeprefix('code:'), counts=True, why=where)
        if shown.url:
            yield self._key('url', shown.url, shown.url.removeprefix('url:'), seq, counting)
        if shown.guid:
            yield self._key('guid', shown.guid, entry.guid, seq, counting)
        elif entry.guid:
            why = 'the item shows a code' if shown.code else 'it is the address of the feed itself'
            yield KeyWhy('guid', entry.guid, counts=False, why=why)
        if counting[0].startswith('said:'):
            yield KeyWhy('digest', counting[0].removeprefix('said:'), counts=True, why='nothing better names the item')

    def _key(self, kind: str, key: str, value: str, seq: int, counting: tuple[str, ...]) -> KeyWhy:
        if scoped(key, self._closure.voices[seq]) in self._barren:
            return KeyWhy(kind, value, counts=False, why='several items of one document share it')
        return KeyWhy(kind, value, counts=key in counting, why='')


def _where(entry: Entry, key: Key, closure: Closure) -> str:
    """In which place of the item the code was found; they are tried in this order."""
    nowhere = replace(key, param='', path=(), guid='')
    linked = replace(entry, code='', guid='')
    for where, only, said in (
        ('in its code field', nowhere, replace(entry, link='', guid='')),
        (f'in the parameter {key.param} of the link', replace(nowhere, param=key.param), linked),
        ('in the path of the link', replace(nowhere, path=key.path), linked),
        ('in the guid', replace(nowhere, guid=key.guid), replace(entry, code='', link='')),
    ):
        if code_of(said, only, closure.policy.urls):
            return where
    return ''
