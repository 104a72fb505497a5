"""The slips of the hand that stop YAML from reading a file at all, found line by line: tabs, ：, and name:value.

They are looked for only in a file that YAML refuses, for inside texts all of them are right. Each slip brings the line
as it was meant, so that the rest of the file can be read and every other fault be told at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from aggregator.settings.faults import shown
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
            yield Slip(mark, 'a tab cannot indent YAML; use blanks', _untabbed(line))
        indent, content = _parted(line)
        if slip := _slip_of(content, keys):
            start, width, message, meant = slip
            mark = Mark(number, len(indent) + start + 1, width)
            yield Slip(mark, message, _untabbed(indent + meant))


def _parted(line: str) -> tuple[str, str]:
    """Indentation with the dashes of rows, and the rest without blanks at its end."""
    start = _ROW.match(line).end()  # type: ignore[union-attr]  # it matches everything
    return line[:start], line[start:].rstrip()


def _untabbed(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(' \t'))]
    return indent.expandtabs(4) + line[len(indent) :]


def _slip_of(content: str, keys: Collection[str]) -> tuple[int, int, str, str] | None:
    """Where it starts, how wide it is, what is wrong, and what was meant."""
    if not content or content.startswith(_NO_TEXT):
        return None
    name, colon, value = content.partition(': ')
    if colon:
        return _bare_colon(name, value) if name in keys else None
    name, colon, value = content.partition('：')
    if colon and not re.search(r'[\s:]', name):
        return 0, len(content), full_width(content), f'{name}: {value}'
    name, colon, value = content.partition(':')
    if name in keys and value:
        return 0, len(content), no_blank(name, value), f'{name}: {value}'
    return None


def _bare_colon(name: str, value: str) -> tuple[int, int, str, str] | None:
    """`title: 新闻: 要闻`, or an address with a blank in it: a second colon with a blank in a text without quotes."""
    text = value.strip().partition(' #')[0].rstrip()
    if text.startswith(_NO_TEXT) or not re.search(r':(?: |$)', text):
        return None
    quoted = "'" + text.replace("'", "''") + "'"
    start = len(name) + 2 + len(value) - len(value.lstrip())
    return start, len(text), f"{shown(text)} holds ': ', so it needs quotes", f'{name}: {quoted}'
