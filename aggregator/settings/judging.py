"""The text of a file to its shape, or to every fault: YAML's own, slips of the hand, what the shape refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from aggregator.model import ConfigFault
from aggregator.settings.faults import Page
from aggregator.settings.places import keys_below
from aggregator.settings.reading import Trouble, read_tree
from aggregator.settings.slips import Slip, slips_in
from aggregator.settings.tree import Listing, Mapping, Mark, Node, Scalar, data_of
from aggregator.settings.words import UNKNOWN_KEY, faults_of, full_width, number_fault

S = TypeVar('S', bound=BaseModel)
_EXPLAINS = 2  # lines after a slip in which YAML may stumble over it


class Judge(Generic[S]):
    """Holds the text of one file to one shape.

    `blank` are the mappings that may be written with nothing below them, as paths of keys; `cross` finds what a shape
    cannot say, in a tree of any quality; `when_empty` is the advice for an empty file, '' where it is welcome.
    """

    def __init__(
        self,
        shape: type[S],
        blank: tuple[tuple[str, ...], ...],
        cross: Callable[[Node, Page], Iterator[ConfigFault]] = lambda _tree, _page: iter(()),
        when_empty: str = '',
    ) -> None:
        self._shape, self._blank, self._cross, self._when_empty = shape, blank, cross, when_empty
        self._keys = frozenset(keys_below(shape))

    def judge(self, text: str, page: Page) -> tuple[S | None, Node | None, tuple[ConfigFault, ...]]:
        """The shape (None where there are faults), the tree, and the faults in order of place, each told once."""
        tree, troubles = read_tree(text)
        if troubles and troubles[-1].fatal:
            return None, tree, _in_order(self._rescued(page, tree, troubles))
        shape, faults = self._held(tree, page)
        ordered = _in_order([*_told(troubles, page), *faults])
        return None if ordered else shape, tree, ordered

    def _held(self, tree: Node | None, page: Page) -> tuple[S | None, list[ConfigFault]]:
        """A tree that YAML is content with, against the shape."""
        if tree is None or (isinstance(tree, Scalar) and not tree.text):
            empty = [page.fault(Mark(1, 1), 'this file is empty', self._when_empty)] if self._when_empty else []
            return (None if empty else self._shape.model_validate({})), empty
        if isinstance(tree, Scalar) and '：' in tree.text:
            return None, [page.fault(tree.mark, full_width(tree.text))]
        data = data_of(tree)
        for path in self._blank:
            _forget_blank(data, path)
        faults = list(self._cross(tree, page))
        shape = None
        try:
            shape = self._shape.model_validate(data)
        except ValidationError as error:
            faults += faults_of(error, tree, page, self._shape)
            faults += self._behind(error, data, tree, page)
        places = {(fault.line, fault.column) for fault in faults}
        faults += [fault for fault in _number_keys(tree, page) if (fault.line, fault.column) not in places]
        return shape, faults

    def _behind(self, error: ValidationError, data: Any, tree: Node, page: Page) -> list[ConfigFault]:
        """What is told only when there are no unknown keys: the words that a kind has about its options."""
        strange = [found['loc'] for found in error.errors(include_url=False) if found['type'] in UNKNOWN_KEY]
        for loc in strange:
            _forget(data, loc)
        try:
            self._shape.model_validate(data)
        except ValidationError as further:
            return faults_of(further, tree, page, self._shape, only=_is_of_options) if strange else []
        return []

    def _rescued(self, page: Page, tree: Node | None, troubles: tuple[Trouble, ...]) -> Iterator[ConfigFault]:
        """Faults of a file that YAML gave up. Known slips are mended for reading on, so that the rest is judged too."""
        slips = list(slips_in(page.lines, self._keys))
        yield from (page.fault(slip.mark, slip.message) for slip in slips)
        if slips:
            tree, troubles = read_tree(_mended(page.lines, slips))
        slipped = {slip.mark.line for slip in slips}
        fatal = troubles[-1] if troubles and troubles[-1].fatal else None
        told = [t for t in troubles if not any(t.mark.line - n in slipped for n in range(_EXPLAINS + 1))]
        yield from _told(told, page)
        if tree is None:
            return
        for fault in self._held(tree, page)[1]:
            # What stands at the break was read in part; there and in what it belongs to, nothing is sure.
            broken = fatal is not None and (fault.line >= fatal.mark.line - 1 or ' no ' in fault.message)
            if fault.line not in slipped and not broken:
                yield fault


def _told(troubles: Any, page: Page) -> list[ConfigFault]:
    return [page.fault(trouble.mark, trouble.message, trouble.hint) for trouble in troubles]


def _mended(lines: tuple[str, ...], slips: list[Slip]) -> str:
    meant = {slip.mark.line: slip.meant for slip in slips}
    return '\n'.join(meant.get(number, line) for number, line in enumerate(lines, 1))


def _forget_blank(data: Any, path: tuple[str, ...]) -> None:
    *above, last = path
    for key in above:
        data = data.get(key) if isinstance(data, dict) else None
    if isinstance(data, dict) and last in data and data[last] is None:
        del data[last]


def _is_of_options(loc: tuple[int | str, ...]) -> bool:
    """Whether a fault is about a row of `sources` as a whole, where the class of its kind had the last word."""
    return len(loc) == len(('sources', 0, 'json')) and loc[0] == 'sources'


def _forget(data: Any, loc: tuple[int | str, ...]) -> None:
    """Without the key at this place; parts of the place that are no key or index (tags of a union) are passed over."""
    for part in loc[:-1]:
        match data, part:
            case dict(), _ if part in data:
                data = data[part]
            case list(), int() if part < len(data):
                data = data[part]
    if isinstance(data, dict):
        data.pop(loc[-1], None)


def _number_keys(node: Node, page: Page) -> Iterator[ConfigFault]:
    match node:
        case Mapping():
            for key, value in node.pairs.values():
                if fault := number_fault(key, page):
                    yield fault
                yield from _number_keys(value, page)
        case Listing():
            for item in node.items:
                yield from _number_keys(item, page)


def _in_order(faults: Any) -> tuple[ConfigFault, ...]:
    """By place; an alias shows the same fault more than once, a person needs it once."""
    once = {(fault.line, fault.column, fault.message): fault for fault in faults}
    return tuple(sorted(once.values(), key=lambda fault: (fault.line, fault.column)))
