"""From carriers in the store to entries in the store: whatever these carriers touch is decided again.

    carriers | all that share a key | barren keys told | derive | place | put

Used by a round for the carriers that it brought, and by a rebuild for all there are: both come to the same entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model import Carrier, CategoryState, Draft, Fault, Placed, Policy
from aggregator.rules.derive import Closure, derive
from aggregator.rules.ids import Previous, place
from aggregator.rules.slugs import clean_slug, free_slug, slug_of
from aggregator.store import Change, Writer


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries that were decided, what became of each (by output id), and what was refused on the way."""

    placed: tuple[Placed, ...] = ()
    changes: dict[str, Change] | None = None
    seqs: frozenset[int] = frozenset()  # all carriers that were looked at
    blocked: frozenset[int] = frozenset()  # carriers of entries that were taken down or have gone by retention
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class AtHand:
    """Carriers that just came in, and which of their keys are barren: what was read and found out once already."""

    closure: Closure
    barren: frozenset[str]


def settle(writer: Writer, seqs: Iterable[int], policy: Policy, at: datetime, at_hand: AtHand | None = None) -> Settled:
    """Decide all entries that these carriers can be part of, and put them into the store.

    `at_hand` only spares work: carriers that are complete and as the store keeps them.
    """
    closure, barren = _closure(writer, seqs, policy, at_hand)
    if not closure.carriers:
        return Settled()
    drafts, blocked = _unblocked(writer, derive(closure, barren), closure)
    drafts, fresh, refused = _with_categories(writer, drafts, policy)
    previous = {seq: Previous(p.id, p.n) for seq, p in writer.placed(closure.carriers).items()}
    placed = place(drafts, previous, _taken(writer, drafts, previous), policy.authority)
    changes = writer.put(placed, closure.carriers, fresh, at)
    frozen = [seq for d in drafts for seq in d.frozen]
    if frozen:
        writer.remove_carriers(frozen)
    return Settled(
        placed, changes, frozenset(closure.carriers), blocked, (*refused, *(f for d in drafts for f in d.faults))
    )


def key_new(writer: Writer, seqs: Sequence[int], policy: Policy) -> None:
    """Let the store find carriers by their keys, after a change of rules."""
    closure = Closure(writer.carriers(seqs), policy)
    for seq, keys in closure.kept_keys(writer.barren_of(closure.scoped_keys)).items():
        writer.set_keys(seq, keys)


def take_up(writer: Writer, carriers: Sequence[Carrier], policy: Policy) -> AtHand:
    """Let the store find carriers that just came in by their keys."""
    closure = Closure(carriers, policy)
    barren = writer.barren_of(closure.scoped_keys)
    writer.add_keys(closure.kept_keys(barren))
    return AtHand(closure, barren)


def _closure(
    writer: Writer, seqs: Iterable[int], policy: Policy, at_hand: AtHand | None
) -> tuple[Closure, frozenset[str]]:
    """A key that turns out to be barren cuts its carriers loose and shows other keys of theirs: look again then."""
    seqs = tuple(seqs)
    before = at_hand.closure if at_hand else Closure((), policy)
    asked = at_hand.barren if at_hand else frozenset()
    while True:
        closure = _whole(writer, writer.reach(seqs), before)
        known = asked if closure is before else writer.barren_of(closure.scoped_keys)
        found = closure.barren(known)
        if not found:
            return closure, known
        writer.add_barren(found)
        seqs = tuple(closure.carriers)
        for seq, keys in closure.kept_keys(known | found).items():
            writer.set_keys(seq, keys)
        before, asked = closure, known | found


def _whole(writer: Writer, seqs: Sequence[int], before: Closure) -> Closure:
    """The closure of these carriers; those that are at hand are not read again."""
    if before.carriers.keys() == set(seqs):
        return before
    missing = [seq for seq in seqs if seq not in before.carriers]
    read = writer.carriers(missing) if missing else ()
    held = (before.carriers[seq] for seq in seqs if seq in before.carriers)
    return Closure(sorted((*held, *read), key=lambda c: c.seq), before.policy, before)


def _taken(writer: Writer, drafts: Sequence[Draft], previous: Mapping[int, Previous]) -> Callable[[str], bool]:
    """Whether an entry outside has an id. All that will probably be asked about is asked at once."""
    mine = {p.n for p in previous.values()}
    likely = {d.natural_id for d in drafts}
    taken = writer.ids_taken(likely, mine)
    return lambda i: i in taken if i in likely else writer.id_taken(i, mine)


def _unblocked(writer: Writer, drafts: Sequence[Draft], closure: Closure) -> tuple[list[Draft], frozenset[int]]:
    """What was taken down stays so though its address has become barren since, by being listed twice."""
    addresses = {id(d): {closure.shown[seq].url for seq in d.own} for d in drafts}
    reasons = writer.blocked({k for d in drafts for k in (*d.keys, *addresses[id(d)]) if k})
    if not reasons:
        return list(drafts), frozenset()
    taken_down = {k for k, reason in reasons.items() if reason == 'takedown'}
    gone = [d for d in drafts if not reasons.keys().isdisjoint(d.keys) or addresses[id(d)] & taken_down]
    return [d for d in drafts if d not in gone], frozenset(seq for d in gone for seq in (*d.own, *d.others))


def _with_categories(
    writer: Writer, drafts: Sequence[Draft], policy: Policy
) -> tuple[list[Draft], dict[str, CategoryState], tuple[Fault, ...]]:
    """Labels come to life at their first sight, in order of arrival; a slug is made once and never again (4.8)."""
    labels = {label for draft in drafts for label in draft.labels}
    if labels == writer.known_labels(labels):
        return list(drafts), {}, ()
    known, taken = set(writer.categories()), set(writer.slugs_taken())
    fresh: dict[str, CategoryState] = {}
    faults: list[Fault] = []
    out: dict[int, Draft] = {}
    for at, draft in sorted(enumerate(drafts), key=lambda d: d[1].own):
        allowed = []
        for label in draft.labels:
            if label not in known and len(known) >= _cap(draft, policy):
                faults.append(Fault('too-many-categories', f'{len(known)} categories exist; {label} was not added'))
                continue
            if label not in known:
                fresh[label], wanted = _new_category(label, draft, policy, taken)
                if fresh[label].slug != wanted:
                    faults.append(
                        Fault('slug-taken', f'{wanted} is taken: {label} is published as {fresh[label].slug}')
                    )
                known.add(label)
                taken.add(fresh[label].slug)
            allowed.append(label)
        out[at] = draft if len(allowed) == len(draft.labels) else replace(draft, labels=tuple(allowed))
    return [out[at] for at in sorted(out)], fresh, tuple(faults)


def _cap(draft: Draft, policy: Policy) -> int:
    return min((s.category.cap for s in policy.sources.values() if s.order == draft.rank), default=5000)


def _new_category(label: str, draft: Draft, policy: Policy, taken: set[str]) -> tuple[CategoryState, str]:
    """The category, and the slug that it would have had if nobody had it."""
    given = {c.label: c for c in policy.categories}.get(label)
    wanted = (given.slug if given else '') or clean_slug(draft.slugs.get(label, '')) or slug_of(label)
    reserved = {c.slug for c in policy.categories if c.label != label}
    title = (given.title if given else '') or label
    return CategoryState(label=label, slug=free_slug(wanted, taken | reserved, label), title=title), wanted
