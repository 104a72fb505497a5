"""Faults that no single value shows: doubles among names, labels and slugs, and keys that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from aggregator.model import ConfigFault
from aggregator.settings.faults import Page, mark_of
from aggregator.settings.tree import Listing, Mapping, Node, Scalar


def feeds_faults(tree: Node, page: Page) -> Iterator[ConfigFault]:
    return chain(
        _doubles(tree, page, 'sources', 'name', 'give each source a name of its own'),
        _doubles(tree, page, 'categories', 'label', 'keep one of the rows'),
        _doubles(tree, page, 'categories', 'slug', 'give each category a slug of its own'),
        _both_categories(tree, page),
        _idle_rules(tree, page),
    )


def _rows(tree: Node, section: str) -> list[Mapping]:
    rows = tree.pairs.get(section) if isinstance(tree, Mapping) else None
    items = rows[1].items if rows and isinstance(rows[1], Listing) else []
    return [row for row in items if isinstance(row, Mapping)]


def _doubles(tree: Node, page: Page, section: str, key: str, advice: str) -> Iterator[ConfigFault]:
    first: dict[str, Scalar] = {}
    for row in _rows(tree, section):
        value = row.pairs[key][1] if key in row.pairs else None
        if not isinstance(value, Scalar) or not value.text.strip():
            continue
        known = first.setdefault(value.text.strip(), value)
        if known is not value:
            message = f'duplicate {key} {value.text.strip()!r}; line {known.mark.line} has it already'
            yield page.fault(value.mark, message, advice)


def _both_categories(tree: Node, page: Page) -> Iterator[ConfigFault]:
    for row in _rows(tree, 'sources'):
        if 'category' in row.pairs and 'categories' in row.pairs:
            mark = row.pairs['categories'][0].mark
            yield page.fault(
                mark, "both 'category' and 'categories'", 'keep one of them; categories: [..] holds several labels'
            )


def _idle_rules(tree: Node, page: Page) -> Iterator[ConfigFault]:
    for row in _rows(tree, 'rules'):
        if not row.pairs.keys() & {'add', 'remove', 'drop'}:
            yield page.fault(mark_of(row), 'this rule does nothing', 'give it add, remove or drop: true')
