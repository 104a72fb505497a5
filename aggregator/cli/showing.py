"""How answers and errors look on a terminal. No traceback ever leaves this file: it goes to the log with --debug."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import PollReport
from aggregator.settings import show_faults


def show_error(error: AggregatorError) -> None:
    """One sentence, then what to do; a faulty configuration with every fault, its line and a caret."""
    if isinstance(error, ConfigError):
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
    click.echo(json.dumps(value, ensure_ascii=False))


def show_table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow='fold')
    for row in rows:
        table.add_row(*(safe(cell) for cell in row))
    wide = Console() if sys.stdout.isatty() else Console(width=200)
    wide.print(table, markup=False, highlight=False)


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
