"""What was measured, as tables: printed, and written between the two marks of docs/performance.md."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

BEGIN = '<!-- What follows is written by `make bench`; do not edit it. -->'
END = '<!-- Here ends what `make bench` writes. -->'


class NoMarks(ValueError):
    """The page has not both marks, once each and in order."""


@dataclass
class Table:
    title: str
    head: Sequence[str]  # the first column is text, the others are figures
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # a paragraph each

    def as_text(self) -> str:
        widths = [max(map(_width, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [self.title, *(_line(row, widths) for row in (self.head, *self.rows)), *self.notes]
        return '\n'.join(lines) + '\n'

    def as_markdown(self) -> str:
        ruler = ['---', *('--:' for _ in self.head[1:])]
        table = ''.join(f'| {" | ".join(map(_cell, row))} |\n' for row in (self.head, ruler, *self.rows))
        return '\n'.join([f'### {self.title}\n', table, *(f'{note}\n' for note in self.notes)])


def figure(value: float) -> str:
    """Three digits, or all those before the point."""
    if value >= 100:
        return f'{value:,.0f}'
    return f'{value:.1f}' if value >= 10 else f'{value:.2f}' if value >= 1 else f'{value:.3f}'


def ratio(theirs: float, ours: float) -> str:
    return f'{figure(theirs / ours)}×' if ours > 0 else '?'


def written(page: str, told: Sequence[str], tables: Iterable[Table]) -> str:
    """The page with this in place of what stood between the marks. Raises NoMarks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise NoMarks(f'the page must have {BEGIN!r} and {END!r}, in this order and once each')
    body = '\n'.join([*(f'- {line}' for line in told), '', *(table.as_markdown() for table in tables)])
    return f'{before}{BEGIN}\n\n{body.rstrip()}\n\n{END}{after}'


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (' ' * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    figures = ''.join(f'  {space}{cell}' for cell, space in zip(cells[1:], others, strict=True))
    return f'  {cells[0]}{first}{figures}'.rstrip()


def _width(text: str) -> int:
    """In a terminal, where a Chinese character takes two places."""
    return sum(1 + (unicodedata.east_asian_width(c) in 'WF') for c in text)


def _cell(text: str) -> str:
    return text.replace('|', r'\|')
