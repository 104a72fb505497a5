"""Faults as a person reads them in a terminal: where, what, the line, a caret under it, and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from aggregator.model import ConfigFault

_MOST = 100  # faults that are shown; the closing line counts them all
_CELLS = 160  # of a long line that are shown
_BEFORE = 40  # characters of a long line that are kept before the place


def show_faults(faults: Sequence[ConfigFault], outcome: str = '') -> str:
    """Plain text with a newline at the end; '' where there are no faults.

    Each fault takes one line `file:line:column: message` and two with the line and a caret, the hint beside it. The
    last line counts; `outcome` is what became of it ('nothing was changed, …'). Wide characters count as two cells
    (Unicode Annex 11), so the caret stands right in a terminal.
    """
    if not faults:
        return ''
    blocks = [block for fault in faults[:_MOST] for block in _block(fault)]
    if len(faults) > _MOST:
        blocks.append(f'… and {len(faults) - _MOST} more')
    return '\n'.join([*blocks, _closing(faults, outcome)]) + '\n'


def _block(fault: ConfigFault) -> list[str]:
    head = f'{fault.file}:{fault.line}:{fault.column}: {_visible(fault.message)}'
    if not fault.text.strip():
        return [head, f'  {_visible(fault.hint)}'] if fault.hint else [head]
    number = str(fault.line)
    text, before, width = _window(fault)
    caret = ' ' * _cells(before) + '^' * max(_cells(text[len(before) : len(before) + width]), 1)
    under = f'{caret} {_visible(fault.hint)}'.rstrip()
    return [head, f'  {number} | {text}'.rstrip(), f'  {" " * len(number)} | {under}']


def _window(fault: ConfigFault) -> tuple[str, str, int]:
    """The part of the line that is shown, what of it stands before the place, and the width that remains."""
    start = fault.column - 1
    first = start - _BEFORE if _cells(fault.text[: start + 1 + _CELLS]) > _CELLS and start > _BEFORE else 0
    text = _visible(fault.text[first : first + _CELLS])
    if first:
        text = '…' + text[1:]
    return text, text[: start - first], fault.width


def _visible(text: str) -> str:
    """One cell or two for each character: a tab is a blank, and nothing can steer the terminal."""
    return ''.join(c if c.isprintable() else ' ' if c == '\t' else '\ufffd' for c in text)


def _cells(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def _closing(faults: Sequence[ConfigFault], outcome: str) -> str:
    files = ' and '.join(dict.fromkeys(fault.file for fault in faults))
    count = '1 problem' if len(faults) == 1 else f'{len(faults):,} problems'
    return f'{count} in {files}; {outcome}' if outcome else f'{count} in {files}.'
