"""How answers and errors look on a terminal. No traceback ever leaves this file: it goes to the log with --debug."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import PollReport

_ENDLESS = 100_000  # cells in a line that nobody folds
_STRIP, _GAP = 16, 2  # cells: a column is not folded narrower; between two columns
_UNITS = ((86_400, 'd'), (3600, 'h'), (60, 'min'), (1, 's'))


def show_error(error: AggregatorError) -> None:
    """One sentence, then what to do; a faulty configuration with every fault, its line and a caret."""
    if isinstance(error, ConfigError):
        from aggregator.settings import show_faults  # noqa: PLC0415  # whoever needs no settings loads none

        click.echo(show_faults(error.faults).rstrip('\n'), err=True)
        return
    click.echo(f'aggregator: {safe(str(error))}', err=True)
    if error.hint:
        click.echo(f'  {safe(error.hint)}', err=True)


def safe(text: str) -> str:
    """Text from a source as a terminal may see it: no control characters, so no escape sequences either."""
    return ''.join(c if c.isprintable() or c == '\n' else '\N{REPLACEMENT CHARACTER}' for c in text)


def show_json(value: Mapping[str, Any]) -> None:
    """One JSON line."""
    click.echo(json_line(value))


def json_line(value: Mapping[str, Any]) -> str:
    """What a terminal would not show as it is, such as a change of direction, is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    return ''.join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def show_table(columns: Sequence[str], rows: Iterable[Iterable[str | Text]], spare: Sequence[str] = ()) -> None:
    """Columns that stand under each other, a wide character counting as two cells (Unicode Annex 11).

    A terminal gets colours (unless NO_COLOR is set) and cells that are folded to its width; a pipe gets neither, so
    that one row is one line. Of a terminal too narrow for all columns the `spare` ones stay away, the first first.
    """
    texts = [[Text(safe(cell)) if isinstance(cell, str) else cell for cell in row] for row in rows]
    console = Console() if sys.stdout.isatty() else Console(width=_ENDLESS, color_system=None, force_terminal=False)
    kept = _fitting(columns, texts, spare, console.width)
    table = Table(box=None, pad_edge=False, header_style='bold')
    for n in kept:
        table.add_column(columns[n], overflow='fold')
    for row in texts:
        table.add_row(*(row[n] for n in kept))
    with console.capture() as shown:
        console.print(table, markup=False, highlight=False)
    for line in shown.get().splitlines():
        click.echo(line.rstrip())


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[Text]], spare: Sequence[str], width: int) -> list[int]:
    """Places of the columns that are shown. A long cell may be folded, but not into a strip."""
    wants = [
        max(min(max((row[n].cell_len for row in rows), default=0), _STRIP), len(name)) + _GAP
        for n, name in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    for name in spare:
        if sum(wants[n] for n in kept) - _GAP <= width:
            break
        kept.remove(columns.index(name))
    return kept


def ago(at: datetime | None, now: datetime) -> str:
    """How far it lies from now, in the largest unit that is not zero: '5 min ago', 'in 2 h'."""
    if at is None:
        return 'never'
    seconds = (at - now).total_seconds()
    size = abs(seconds)
    if size < 1:
        return 'now'
    amount, unit = next((size / per, unit) for per, unit in _UNITS if size >= per)
    return f'in {amount:.0f} {unit}' if seconds > 0 else f'{amount:.0f} {unit} ago'


def how_often(a_day: float | None) -> str:
    """Entries a day in words."""
    if a_day is None:
        return 'its dates do not tell'
    for per, unit in ((1, 'day'), (7, 'week'), (30, 'month')):
        if a_day * per >= 1:
            return f'about {a_day * per:.0f} a {unit}'
    return 'less than one a month'


def poll_line(report: PollReport) -> str:
    """One line that explains one visit: what was asked, what came, what it changed, when it is asked again and why."""
    counts = ' '.join(f'{word}={n}' for word, n in sorted(report.counts.items()))
    parts = [
        report.source,
        f'status={report.status}' if report.status else '',
        report.outcome,
        'conditional' if report.conditional else '',
        f'bytes={report.bytes}',
        f'ms={report.elapsed_ms}',
        counts,
        f'next={when(report.next_poll_at)} ({report.why_next})',
        f'error={report.error}' if report.error else '',
        *(f'fault={fault.rule}: {fault.message}' for fault in report.faults[:3]),
    ]
    return safe('  '.join(filter(None, parts))).replace('\n', ' ')


def when(at: datetime | None) -> str:
    return at.strftime('%Y-%m-%dT%H:%M:%SZ') if at else 'never'
