"""Decide every entry again, because the rules are others than those by which they were decided (promise 1).

What was said is all there; so every feed becomes what a fresh database would publish from the same documents. Ids that
were published stay: that is the one thing a fresh database could not know.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from aggregator.model import CategoryDef, Policy, Source
from aggregator.poll.settle import find_barren, key_new, settle
from aggregator.store import Writer

CHUNK = 500
TOLD = 50  # entries that are decided between two words about it
DECIDED_BY = 'decided_by'  # the key in `meta`

_log = logging.getLogger(__name__)


Progress = Callable[[int, int], None]
"""What is done, and how much there is."""


def _unseen(_done: int, _all: int) -> None:
    """Where nobody looks on."""


class Rows(Protocol):
    """Store and Writer both have them."""

    def each_row(self) -> Iterator[Source]: ...


def rebuild_if_changed(
    writer: Writer, policy: Policy, now: datetime, *, anyway: bool = False, progress: Progress = _unseen
) -> bool:
    """Rebuild where the stored entries were decided by other rules, or `anyway`; whether that was so."""
    stored, current = json.loads(writer.meta(DECIDED_BY) or '{}'), _rules_of(policy)
    if stored == current and not anyway:
        return False
    changed = anyway or _decides_otherwise(stored, current)
    if changed:
        rebuild(writer, policy, now, progress)
    writer.set_meta(DECIDED_BY, json.dumps(current, ensure_ascii=False))
    for source in policy.sources.values():
        writer.save_row(replace(source, options=None))
    return changed


def with_retired(store: Rows, policy: Policy) -> Policy:
    """The policy with the sources that are gone from feeds.yml as they last stood there: what they said still counts.

    They come after all others.
    """
    last = 1 + max((s.order for s in policy.sources.values()), default=0)
    rows = [row for row in store.each_row() if row.name not in policy.sources]
    retired = {row.name: replace(row, order=last + place) for place, row in enumerate(sorted(rows, key=_by_order))}
    return replace(policy, sources={**policy.sources, **retired})


def rebuild(writer: Writer, policy: Policy, now: datetime, progress: Progress = _unseen) -> None:
    """All carriers get their keys again, then all entries are decided, in the order in which they came.

    Keys that name nothing are found before: no entry is decided by one of them for a while, and changed once more.
    `progress` is told how many carriers were decided, and of how many.
    """
    writer.clear_derived()
    _name_categories(writer, policy)
    seqs = writer.all_seqs()
    for start in range(0, len(seqs), CHUNK):
        key_new(writer, seqs[start : start + CHUNK], policy)
    for component in writer.all_components():
        if len(component) > 1:
            find_barren(writer, component, policy)
    components = writer.all_components()
    done, everything = 0, sum(map(len, components))
    for n, component in enumerate(components, 1):
        settle(writer, component, policy, now)
        done += len(component)
        if n % TOLD == 0 or done == everything:
            progress(done, everything)


def _name_categories(writer: Writer, policy: Policy) -> None:
    """What feeds.yml says of a category that exists: a new title, or a new slug (the old one redirects for ever)."""
    known = writer.categories()
    for given in policy.categories:
        category = known.get(given.label)
        if category is None:
            continue
        if given.slug and given.slug != category.slug:
            _rename(writer, given)
        writer.add_category(given.label, category.slug, given.title or given.label)


def _rename(writer: Writer, given: CategoryDef) -> None:
    try:
        writer.rename_slug(given.label, given.slug)
    except ValueError:
        _log.error('category %s keeps its slug: another one is published as %s', given.label, given.slug)


def _rules_of(policy: Policy) -> dict[str, Any]:
    """Digests of all that decides, so that adding a source decides nothing again."""
    everywhere = (policy.urls, policy.aliases, policy.rules, policy.categories, policy.max_revisions)
    in_order = sorted(policy.sources.values(), key=_by_order)
    return {'everywhere': _digest(everywhere), 'sources': [[s.name, _digest(_decisive(s))] for s in in_order]}


def _decisive(source: Source) -> tuple[object, ...]:
    return (source.group, source.url, source.speaks_for, source.key, source.category)


def _decides_otherwise(stored: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Whether a source that was there has changed, or its place among those that were there."""
    if not stored:
        return False
    before, now = dict(stored['sources']), dict(current['sources'])
    both = before.keys() & now.keys()
    kept = [[row for row in rules['sources'] if row[0] in both] for rules in (stored, current)]
    return bool(before.keys() - now.keys()) or stored['everywhere'] != current['everywhere'] or kept[0] != kept[1]


def _by_order(source: Source) -> tuple[int, str]:
    return source.order, source.name


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
