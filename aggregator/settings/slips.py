"""The slips of the hand that stop YAML from reading a file at all, found line by line: tabs, ：, and name:value.

They are looked for only in a file that YAML refuses, for inside texts all of them are right. Each slip brings the line
as it was meant, so that the rest of the file can be read and every other fault be told at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from aggregator.settings.tree import Mark
from aggregator.settings.words import full_width, no_blank

_TAB = re.compile(r'( *)(\t[ \t]*)[^\s#]')
_ROW = re.compile(r'[ \t]*(?:- +)*')
_NO_TEXT = tuple('\'"#{[&*!|>%@`')  # what begins no plain text


@dataclass(frozen=True, slots=True)
class Slip:
    mark: Mark
    message: str
    meant: str  # the line without the slip


def slips_in(lines: tuple[str, ...], keys: Collection[str]) -> Iterator[Slip]:
    """The slips of a file that YAML cannot read, in order; `keys` are those that the file may hold."""
    for number, line in enumerate(lines, 1):
        if tab := _TAB.match(line):
            mark = Mark(number, len(tab[1]) + 1, len(tab[2].rstrip(' ')))
            yield Slip(mark, 'a tab cannot indent YAML; use blanks', _unglued(_untabbed(line), keys) or _untabbed(line))
        if meant := _unglued(line, keys):
            start = _ROW.match(line).end()  # type: ignore[union-attr]  # it matches everything
            content = line[start:].rstrip()
            mark = Mark(number, start + 1, len(content))
            name, _, value = content.partition(':')
            message = full_width(content) if '：' in content and not value else no_blank(name, value)
            yield Slip(mark, message, _untabbed(meant))


def _untabbed(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(' \t'))]
    return indent.expandtabs(4) + line[len(indent) :]


def _unglued(line: str, keys: Collection[str]) -> str:
    """The line with the blank after its colon; '' where nothing is amiss."""
    start = _ROW.match(line).end()  # type: ignore[union-attr]  # it matches everything
    content = line[start:]
    if not content or content.startswith(_NO_TEXT) or ': ' in content or content.rstrip().endswith(':'):
        return ''
    name, colon, value = content.partition('：')
    if colon and ':' not in name:
        return f'{line[:start]}{name}: {value}' if not re.search(r'\s', name.strip()) else ''
    name, colon, value = content.partition(':')
    return f'{line[:start]}{name}: {value}' if colon and name in keys and value.strip() else ''
