"""Why an entry is what it is: found by whatever a person calls it by, and told by today's rules. Only reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aggregator.errors import UsageError
from aggregator.model import Entry, Policy, Settings, StoredEntry
from aggregator.poll import with_retired
from aggregator.rules.codes import code_of
from aggregator.rules.derive import Closure
from aggregator.rules.reasons import Reasons, reasons_of
from aggregator.rules.urls import canonical
from aggregator.store import Store

_GONE = {
    'takedown': 'was taken down on {at:%Y-%m-%d} and does not come back',
    'retention': 'was removed on {at:%Y-%m-%d} by retention',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An entry and its reasons; None where nothing that was said about it is left."""

    entry: StoredEntry
    dropped: bool
    reasons: Reasons | None
    id_why: str  # why it is published under this id


def named(store: Store, wanted: str, policy: Policy) -> StoredEntry:
    """The entry, in a feed or dropped by a rule, that a person means by an id, a link in any spelling, or a code.

    Raises UsageError, which says what became of an entry that was removed.
    """
    for name in _names(wanted, policy):
        entry = store.entry(name, dropped=True) or store.entry_by_key(name)
        if entry is not None:
            return entry
    grave = store.tombstone(wanted)
    if grave is not None and grave.reason in _GONE:
        raise UsageError(f'{wanted} {_GONE[grave.reason].format(at=grave.at)}')
    raise UsageError(f'there is no entry {wanted!r}', '`aggregator search WORDS` or `aggregator entries` finds its id.')


def why(store: Store, settings: Settings, wanted: str) -> Why:
    """Raises UsageError for what is no entry."""
    policy = with_retired(store, settings.policy)
    policy = replace(policy, authority=store.meta('authority') or policy.authority)
    entry = named(store, wanted, policy)
    around = store.around(entry.id)
    if around is None or not around.carriers:
        return Why(entry=entry, dropped=False, reasons=None, id_why='')
    closure = Closure(around.carriers, policy)
    barren = store.barren(closure.scoped_keys)
    reasons = reasons_of(closure, barren | closure.barren(barren), around.mine)
    return Why(entry=entry, dropped=around.dropped, reasons=reasons, id_why=_id_why(entry, reasons))


def _names(wanted: str, policy: Policy) -> Iterator[str]:
    """As it is, as a link for comparing, and as the code that it holds by the `key` of some source."""
    yield wanted
    link = canonical(wanted, policy.urls)
    if link:
        yield link
    keys = dict.fromkeys(source.key for source in policy.sources.values())
    for key in keys:
        code = code_of(Entry(code='' if link else wanted, link=wanted if link else '', guid=wanted), key, policy.urls)
        if code and code != wanted:
            yield code


def _id_why(entry: StoredEntry, reasons: Reasons | None) -> str:
    if reasons is None:
        return ''
    if entry.id == reasons.draft.natural_id:
        return f'made of {reasons.id_made_of}'
    if entry.replaces:
        return 'the id that was published first; entries that turned out to be the same were folded into it'
    return f'published before it was known as {reasons.draft.natural_id}, or that id is another entry’s; ids stay'
