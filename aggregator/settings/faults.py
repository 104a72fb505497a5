"""From a place in a file to a fault that a person can read: the line, the width, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.model import ConfigFault
from aggregator.settings.tree import Listing, Mapping, Mark, Node

_SHOWN = 40  # characters of a text that a message repeats


@dataclass(frozen=True, slots=True)
class Page:
    """A file that is being read: its name as shown, and its lines."""

    file: str
    lines: tuple[str, ...] = ()

    def fault(self, mark: Mark, message: str, hint: str = '') -> ConfigFault:
        text = self.lines[mark.line - 1] if 0 < mark.line <= len(self.lines) else ''
        rest = max(len(text) - mark.column + 1, 1)
        width = min(mark.width, rest) if mark.width else rest
        return ConfigFault(self.file, mark.line, mark.column, message, hint, text, width)


def mark_of(node: Node) -> Mark:
    """The best place to point at: of a block mapping its first key, for the mapping itself has no width."""
    if isinstance(node, Mapping) and node.mark.width == 1 and node.pairs:
        return next(iter(node.pairs.values()))[0].mark
    if isinstance(node, Listing) and node.mark.width == 1 and not node.flow and node.items:
        return Mark(node.mark.line, node.mark.column, 1)
    return node.mark


def nearest(word: str, words: Iterable[str]) -> str:
    """The word that was probably meant, in any case; '' where none is near."""
    known = {known.lower(): known for known in words}
    near = difflib.get_close_matches(word.lower()[:100], known, n=1, cutoff=0.6)
    return known[near[0]] if near else ''


def did_you_mean(word: str, words: Iterable[str], otherwise: str = '') -> str:
    near = nearest(word, words)
    return f'did you mean {near!r}?' if near else otherwise


def listed(words: Iterable[str], last: str = 'or') -> str:
    """'a', 'b' or 'c'."""
    quoted = [repr(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f'{", ".join(quoted[:-1])} {last} {quoted[-1]}'


def shown(text: str) -> str:
    """A text in quotes, short enough for a message."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…')
