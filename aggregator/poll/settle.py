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
from aggregator.rules.derive import Closure, at_home, derive, inherits, may_return, outranks
from aggregator.rules.ids import Previous, place
from aggregator.store import Change, Writer


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries that were decided, what became of each (by output id), and what was refused on the way."""

    placed: tuple[Placed, ...] = ()
    changes: dict[str, Change] | None = None
    seqs: frozenset[int] = frozenset()  # all carriers that were looked at
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
    decided, frozen = _decided(closure, barren)
    while rivals := writer.holders({d.natural_id for d in decided}) - closure.carriers.keys():
        wider, barren = _closure(writer, {*closure.carriers, *rivals}, policy, AtHand(closure, barren))
        if len(wider.carriers) <= len(closure.carriers):  # more than are ever decided together
            break
        closure = wider
        decided, frozen = _decided(closure, barren)
    living, heard = _heard(writer, decided, closure)
    drafts, fresh, refused = with_categories(writer, living, closure)
    previous = {seq: Previous(p.id, p.n, p.own) for seq, p in writer.placed(closure.carriers).items()}
    home = partial(_at_home, closure)
    placed = place(drafts, previous, _taken(writer, drafts, previous, closure), policy.authority, home)
    changes = writer.put(placed, closure.carriers, fresh, at, heard=heard)
    if frozen:
        writer.remove_carriers(frozen)
    return Settled(placed, changes, frozenset(closure.carriers), (*refused, *(f for d in drafts for f in d.faults)))


def _decided(closure: Closure, barren: frozenset[str]) -> tuple[tuple[Draft, ...], frozenset[int]]:
    """The drafts, and the carriers that are one revision too many: they are not kept, so they join nothing either.

    Those that came last go first. What is too many beside what they join may be few enough without them.
    """
    drafts, frozen = derive(closure, barren), frozenset[int]()
    while over := [closure.carriers[seq] for d in drafts for seq in d.frozen]:
        last_at = max(c.first_seen_at for c in over)
        frozen |= {c.seq for c in over if c.first_seen_at == last_at}
        kept = [c for c in closure.carriers.values() if c.seq not in frozen]
        drafts = derive(Closure(kept, closure.policy, closure), barren)
    return drafts, frozen


def key_new(writer: Writer, seqs: Sequence[int], policy: Policy) -> None:
    """Let the store find carriers by their keys, after a change of rules."""
    closure = Closure(writer.carriers(seqs), policy)
    for seq, keys in closure.keys(writer.barren_of(closure.scoped_keys)).items():
        writer.set_keys(seq, keys)


def find_barren(writer: Writer, seqs: Iterable[int], policy: Policy) -> None:
    """Let the store know which keys of these carriers name nothing, and find the carriers by those that do."""
    _closure(writer, seqs, policy, None)


def take_up(writer: Writer, carriers: Sequence[Carrier], policy: Policy) -> AtHand:
    """Let the store find carriers that just came in by their keys."""
    closure = Closure(carriers, policy)
    barren = writer.barren_of(closure.scoped_keys)
    writer.add_keys(closure.keys(barren))
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
        before = _whole(writer, sorted({*closure.carriers, *writer.named_by(found)}), closure)
        asked = writer.barren_of(before.scoped_keys)
        for seq, keys in before.keys(asked).items():
            writer.set_keys(seq, keys)
        seqs = tuple(before.carriers)


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


def _heard(writer: Writer, drafts: Sequence[Draft], closure: Closure) -> tuple[list[Draft], frozenset[str]]:
    """The drafts that may live, and those of their keys under which another entry is gone for good.

    What was removed while a lesser one spoke is no reason against who may speak over it: else a stranger could tell of
    an article before its publisher does, with an old date, and nobody would ever hear the publisher.
    """
    addresses = {id(d): {closure.shown[seq].url for seq in d.own} - {*d.keys, ''} for d in drafts}
    gone = writer.blocked({k for d in drafts for k in (*d.keys, *addresses[id(d)])})
    living = [d for d in drafts if _lives(d, addresses[id(d)], gone, closure)] if gone else list(drafts)
    _lift(writer, living, closure)
    return living, frozenset(k for d in living for k in d.keys if k in gone)


def _lives(draft: Draft, addresses: Iterable[str], gone: Mapping[str, Mapping[str, str]], closure: Closure) -> bool:
    """What was taken down stays so though its address has become barren since, by being listed twice."""
    barren = {k: {source: why for source, why in gone.get(k, {}).items() if why == 'takedown'} for k in addresses}
    asked = {**barren, **{k: gone[k] for k in draft.keys if k in gone}}
    return all(may_return(draft, key, those, closure) for key, those in asked.items())


def _lift(writer: Writer, drafts: Sequence[Draft], closure: Closure) -> None:
    """An id alone may also have gone with another's entry that was taken down, because a stranger's once had both."""
    ids = writer.removed_ids({d.natural_id for d in drafts})
    named = ((d, d.natural_id) for d in drafts if d.natural_id in ids)
    writer.lift({i for d, i in named if outranks(d, f'url:{i}', ids[i], closure)})
