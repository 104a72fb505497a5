"""From carriers in the store to entries in the store: whatever these carriers touch is decided again.

    carriers | all that share a key | barren keys told | derive | place | put

Used by a round for the carriers that it brought, and by a rebuild for all there are: both come to the same entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model import CategoryState, Draft, Fault, Placed, Policy
from aggregator.rules.derive import Closure, derive
from aggregator.rules.ids import Previous, place
from aggregator.rules.slugs import clean_slug, free_slug, slug_of
from aggregator.store import Change, Writer


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries that were decided, what became of each (by output id), and what was refused on the way."""

    placed: tuple[Placed, ...] = ()
    changes: dict[str, Change] | None = None
    blocked: frozenset[int] = frozenset()  # carriers of entries that were taken down or have gone by retention
    faults: tuple[Fault, ...] = ()


def settle(writer: Writer, seqs: Iterable[int], policy: Policy, at: datetime) -> Settled:
    """Decide all entries that these carriers can be part of, and put them into the store."""
    closure, barren = _closure(writer, seqs, policy)
    if not closure.carriers:
        return Settled()
    drafts, blocked = _unblocked(writer, derive(closure, barren))
    drafts, fresh, refused = _with_categories(writer, drafts, policy)
    previous = {seq: Previous(p.id, p.n) for seq, p in writer.placed(closure.carriers).items()}
    mine = {p.n for p in previous.values()}
    placed = place(drafts, previous, lambda i: writer.id_taken(i, mine), policy.authority)
    changes = writer.put(placed, closure.carriers, fresh, at)
    writer.remove_carriers([seq for d in drafts for seq in d.frozen])
    return Settled(placed, changes, blocked, (*refused, *(f for d in drafts for f in d.faults)))


def key_new(writer: Writer, seqs: Sequence[int], policy: Policy) -> None:
    """Let the store find carriers that just came in, or all of them after a change of rules, by their keys."""
    closure = Closure(writer.carriers(seqs), policy)
    for seq, keys in closure.kept_keys(writer.barren_of(closure.scoped_keys)).items():
        writer.set_keys(seq, keys)


def _closure(writer: Writer, seqs: Iterable[int], policy: Policy) -> tuple[Closure, frozenset[str]]:
    """A key that turns out to be barren cuts its carriers loose and shows other keys of theirs: look again then."""
    seqs = tuple(seqs)
    while True:
        closure = Closure(writer.closure(seqs), policy)
        known = writer.barren_of(closure.scoped_keys)
        found = closure.barren(known)
        if not found:
            return closure, known
        writer.add_barren(found)
        seqs = tuple(closure.carriers)
        for seq, keys in closure.kept_keys(known | found).items():
            writer.set_keys(seq, keys)


def _unblocked(writer: Writer, drafts: Sequence[Draft]) -> tuple[list[Draft], frozenset[int]]:
    blocked_keys = writer.blocked({k for d in drafts for k in d.keys})
    if not blocked_keys:
        return list(drafts), frozenset()
    gone = [d for d in drafts if not blocked_keys.keys().isdisjoint(d.keys)]
    return [d for d in drafts if d not in gone], frozenset(seq for d in gone for seq in (*d.own, *d.others))


def _with_categories(
    writer: Writer, drafts: Sequence[Draft], policy: Policy
) -> tuple[list[Draft], dict[str, CategoryState], tuple[Fault, ...]]:
    """Labels come to life at their first sight, in order of arrival; a slug is made once and never again (4.8)."""
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
