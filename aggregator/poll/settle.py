"""From carriers in the store to entries in the store: whatever these carriers touch is decided again.

    carriers | all that share a key | barren keys told | derive | place | put

Used by a round for the carriers that it brought, and by a rebuild for all there are: both come to the same entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aggregator.model import Carrier, Draft, Fault, Placed, Policy
from aggregator.poll.categories import with_categories
from aggregator.rules.derive import Closure, at_home, derive, inherits, outranks
from aggregator.rules.ids import Previous, place
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

    `at_hand` only spares work: carriers that are complete and as the store keeps them. Who has an id that is wanted is
    decided together with who wants it.
    """
    closure, barren = _closure(writer, seqs, policy, at_hand)
    if not closure.carriers:
        return Settled()
    decided = derive(closure, barren)
    while not (rivals := writer.holders({d.natural_id for d in decided})) <= closure.carriers.keys():
        closure, barren = _closure(writer, {*closure.carriers, *rivals}, policy, AtHand(closure, barren))
        decided = derive(closure, barren)
    drafts, blocked = _unblocked(writer, decided, closure)
    drafts, fresh, refused = with_categories(writer, drafts, closure)
    previous = {seq: Previous(p.id, p.n) for seq, p in writer.placed(closure.carriers).items()}
    home = partial(_at_home, closure)
    placed = place(drafts, previous, _taken(writer, drafts, previous, closure), policy.authority, home)
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


def _at_home(closure: Closure, draft: Draft, output_id: str) -> bool:
    return at_home(draft, output_id, closure)


def _taken(
    writer: Writer, drafts: Sequence[Draft], previous: Mapping[int, Previous], closure: Closure
) -> Callable[[str, Draft], bool]:
    """Whether an entry outside has an id, or one of a voice that may speak over the draft had it before it joined
    another. All that will probably be asked about is asked at once.
    """
    mine = {p.n for p in previous.values()}
    likely = {d.natural_id for d in drafts}
    taken, folded = writer.ids_taken(likely, mine), writer.folded_ids(likely)

    def held(output_id: str, draft: Draft) -> bool:
        if output_id in folded and not inherits(draft, output_id, folded[output_id], closure):
            return True
        return output_id in taken if output_id in likely else writer.id_taken(output_id, mine)

    return held


def _unblocked(writer: Writer, drafts: Sequence[Draft], closure: Closure) -> tuple[list[Draft], frozenset[int]]:
    """What was taken down stays so though its address has become barren since, by being listed twice."""
    addresses = {id(d): {closure.shown[seq].url for seq in d.own} for d in drafts}
    names = {k for d in drafts for k in (*d.keys, *addresses[id(d)]) if k}
    reasons = writer.blocked(names)
    if _lifted(writer, drafts, closure, reasons):
        reasons = writer.blocked(names)
    if not reasons:
        return list(drafts), frozenset()
    taken_down = {k for k, reason in reasons.items() if reason == 'takedown'}
    gone = [d for d in drafts if not reasons.keys().isdisjoint(d.keys) or addresses[id(d)] & taken_down]
    return [d for d in drafts if d not in gone], frozenset(seq for d in gone for seq in (*d.own, *d.others))


def _lifted(writer: Writer, drafts: Sequence[Draft], closure: Closure, blocked: Mapping[str, str]) -> bool:
    """What retention removed while a lesser one spoke is no reason against who may speak over it: else a stranger could
    tell of an article before its publisher does, with an old date, and nobody would ever hear the publisher. An id
    alone may also have gone with another's entry that a person took down, because a stranger's once had both.

    Whether a key that was `blocked` is so no more.
    """
    spoke, ids = writer.retired_keys(blocked), writer.removed_ids({d.natural_id for d in drafts})
    if not spoke and not ids:
        return False
    living = [d for d in drafts if _lives(d, closure, blocked, spoke)]
    keys = {key for d in living for key in d.keys if key in spoke}
    named = (d for d in living if d.natural_id in ids)
    writer.lift(keys, {d.natural_id for d in named if outranks(d, f'url:{d.natural_id}', ids[d.natural_id], closure)})
    return bool(keys)


def _lives(draft: Draft, closure: Closure, blocked: Mapping[str, str], spoke: Mapping[str, frozenset[str]]) -> bool:
    """Whether the draft may speak over all who spoke under those of its keys that are blocked."""
    return all(k in spoke and outranks(draft, k, spoke[k], closure) for k in draft.keys if k in blocked)
