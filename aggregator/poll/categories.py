"""Labels that were never seen before become categories: how many through each source, and under which slugs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from aggregator.model import CategoryRule, CategoryState, Draft, Fault, Policy
from aggregator.rules.derive import Closure
from aggregator.rules.labels import written_labels
from aggregator.rules.slugs import clean_slug, free_slug, slug_of
from aggregator.store import Writer

_CAP = CategoryRule().cap  # of a source that has left feeds.yml


def with_categories(
    writer: Writer, drafts: Sequence[Draft], closure: Closure
) -> tuple[list[Draft], dict[str, CategoryState], tuple[Fault, ...]]:
    """Labels come to life at their first sight, in order of arrival; a slug is made once and never again (4.8).

    Returns the drafts without the labels that were refused, the new categories by label, and what is to be told.
    """
    labels = {label for draft in drafts for label in draft.labels}
    if labels == writer.known_labels(labels):
        return list(drafts), {}, ()
    naming = _Naming(closure, writer.categories(), set(writer.slugs_taken()))
    out: dict[int, Draft] = {}
    for at, draft in sorted(enumerate(drafts), key=lambda d: d[1].own):
        allowed = tuple(label for label in draft.labels if naming.lives(label, draft))
        out[at] = draft if allowed == draft.labels else replace(draft, labels=allowed)
    return [out[at] for at in sorted(out)], naming.fresh, tuple(naming.faults)


@dataclass(slots=True)
class _Naming:
    """The categories that there are, while more come to life. The cap of a source counts what came through it alone: a
    stranger who brings thousands leaves the others theirs.
    """

    closure: Closure
    known: dict[str, CategoryState]
    taken: set[str]  # slugs
    fresh: dict[str, CategoryState] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    written: frozenset[str] = field(init=False)
    through: Counter[str] = field(init=False)
    written_slugs: frozenset[str] | None = None  # made where they are needed: pinyin takes its time

    def __post_init__(self) -> None:
        self.written = written_labels(self.closure.policy)
        self.through = Counter(one.source for one in self.known.values())

    def lives(self, label: str, draft: Draft) -> bool:
        """Whether the label is a category, from now on at the latest."""
        if label in self.known:
            return True
        closure = self.closure
        source = '' if label in self.written else closure.source(closure.carriers[draft.text]).name
        cap = closure.policy.sources[source].category.cap if source in closure.policy.sources else _CAP
        if source and self.through[source] >= cap:
            self.faults.append(Fault('too-many-categories', f'{cap} came through {source}; {label} was not added'))
            return False
        reserved = frozenset() if label in self.written else self._reserved()
        made, wanted = _category(label, draft, closure.policy, self.taken | reserved)
        if made.slug != wanted:
            self.faults.append(Fault('slug-taken', f'{wanted} is taken: {label} is published as {made.slug}'))
        self.fresh[label] = self.known[label] = replace(made, source=source)
        self.taken.add(made.slug)
        self.through[source] += 1
        return True

    def _reserved(self) -> frozenset[str]:
        """What stands in feeds.yml has its slug also before its own first entry: no item's label takes it."""
        if self.written_slugs is None:
            self.written_slugs = frozenset(map(slug_of, self.written))
        return self.written_slugs


def _category(label: str, draft: Draft, policy: Policy, taken: set[str]) -> tuple[CategoryState, str]:
    """The category, and the slug that it would have had if nobody had it."""
    given = {c.label: c for c in policy.categories}.get(label)
    wanted = (given.slug if given else '') or clean_slug(draft.slugs.get(label, '')) or slug_of(label)
    reserved = {c.slug for c in policy.categories if c.label != label}
    title = (given.title if given else '') or label
    return CategoryState(label=label, slug=free_slug(wanted, taken | reserved, label), title=title), wanted
