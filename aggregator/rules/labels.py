"""Labels: the categories of an entry by its source's rule, and by the rules for all (rule 8 of the design)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from aggregator.model import CategoryRule, Entry, Policy, Rule
from aggregator.rules.conditions import Subject, holds
from aggregator.rules.slugs import clean_slug

MAX_LABEL = 100  # characters


class Labelled(NamedTuple):
    """What one carrier says about categories. `open` labels come from the item, so the source's cap counts them."""

    fixed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    slugs: Mapping[str, str] = MappingProxyType({})  # label -> slug that the entry asks for


def labels_of(rule: CategoryRule, entry: Entry, publisher: str) -> Labelled:
    """The labels of one carrier; `publisher` is the one that publisher_of found. A post's slug goes to its only tag."""
    fixed = _fixed(rule.labels)
    match rule.origin:
        case 'tags':
            tags = _distinct(entry.tags)
            slug = clean_slug(entry.slug) if len(tags) == 1 else ''
            return Labelled(fixed, tags, {tags[0]: slug} if slug else {})
        case 'publisher':
            return Labelled(fixed, _distinct([_open_label(rule, publisher)]))
        case _:
            return Labelled(fixed)


def written_labels(policy: Policy) -> frozenset[str]:
    """The labels that stand in feeds.yml itself: nobody but its author makes them."""
    fixed = (label for source in policy.sources.values() for label in source.category.labels)
    added = (label for rule in policy.rules for label in rule.add)
    return frozenset(_distinct((*fixed, *added, *(category.label for category in policy.categories))))


def fallback_label(rule: CategoryRule, source_name: str) -> str:
    """The label for an entry that has no other: the source's name in the place of the publisher's."""
    return _open_label(rule, source_name) if rule.origin == 'publisher' else ''


def apply_rules(rules: Sequence[Rule], subject: Subject, labels: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """The labels after every rule that holds, in the order of the rows, and whether one of them drops the entry."""
    kept = dict.fromkeys(labels)
    dropped = False
    for rule in rules:
        if holds(rule.when, subject):
            kept.update(dict.fromkeys(_distinct(rule.add)))
            for label in _distinct(rule.remove):
                kept.pop(label, None)
            dropped = dropped or rule.drop
    return tuple(kept), dropped


@lru_cache(maxsize=1024)
def _fixed(labels: tuple[str, ...]) -> tuple[str, ...]:
    return _distinct(labels)


def _open_label(rule: CategoryRule, publisher: str) -> str:
    if not publisher or publisher in rule.deny or (rule.allow and publisher not in rule.allow):
        return ''
    return _cleaned(rule.label.replace('{publisher}', publisher))  # str.format would obey braces inside the template


def _distinct(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for each in labels if (label := _cleaned(each))))


def _cleaned(label: str) -> str:
    return ' '.join(label.split())[:MAX_LABEL].rstrip()
