"""The table of sources: how each of them is, at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from aggregator.cli.options import Place, as_json, located
from aggregator.cli.showing import ago, safe, show_json, show_table, when
from aggregator.model import Source, SourceState
from aggregator.store import Store
from aggregator.store.opening import FILE, is_there

# A state by word, colour and shape: none of the three is needed to read it.
LOOKS = {
    'ok': ('●', 'green'),
    'degraded': ('▲', 'yellow'),
    'failing': ('✖', 'bold red'),
    'gone': ('■', 'magenta'),
    'new': ('○', 'cyan'),
    'retired': ('–', 'dim'),
}
WEEK = timedelta(days=7)
SHORT = 60  # characters of an error that the table shows


@click.command()
@located
@as_json
@click.option('--failing', is_flag=True, help='Only those that need a look: neither ok nor new.')
def sources(place: Place, *, failing: bool, in_json: bool) -> None:
    """List the sources: state, last and next poll, entries a day, last error.

    Entries a day are those published in the last seven days. What to do about an error stands in `status`.

    \b
    Examples:
      aggregator sources --failing
      aggregator sources --json
    """
    from aggregator.daemon import now_utc  # noqa: PLC0415  # the other commands that look need no daemon

    settings, now = place.settings(), now_utc()
    remembered, week = _remembered(settings.data, now)
    pairs = [(source, remembered.get(source.name, SourceState(name=source.name))) for source in settings.sources]
    shown = [(o, s) for o, s in pairs if not failing or s.state not in ('ok', 'new')]
    if in_json:
        for source, state in shown:
            show_json(source_row(source, state))
        return
    show_table(
        ('state', 'name', 'kind', 'last', 'next', 'a day', 'entries', 'error'),
        (_cells(source, state, week, now) for source, state in shown),
        spare=('kind', 'entries', 'a day', 'last', 'next'),
    )


def _remembered(data: Path, now: datetime) -> tuple[dict[str, SourceState], dict[str, int]]:
    """Before the first round there is no database, and nothing here makes one."""
    if not is_there(data / FILE):
        return {}, {}
    with Store.open(data, read_only=True) as store:
        return {s.name: s for s in store.sources()}, store.published_between(now - WEEK, now)


def source_row(source: Source, state: SourceState) -> dict[str, Any]:
    """A source as `sources --json` shows it (design, 5)."""
    return {
        'name': source.name,
        'kind': source.kind,
        'url': source.url,
        'state': state.state,
        'error': state.error,
        'last_poll_at': when(state.last_poll_at) if state.last_poll_at else None,
        'next_poll_at': when(state.next_poll_at) if state.next_poll_at else None,
        'entries': state.entries,
    }


def _cells(source: Source, state: SourceState, week: Mapping[str, int], now: datetime) -> list[str | Text]:
    shape, colour = LOOKS[state.state]
    a_day = week.get(source.name, 0) / WEEK.days
    return [
        Text(f'{shape} {state.state}', style=colour),
        source.name,
        source.kind,
        ago(state.last_poll_at, now),
        ago(state.next_poll_at, now) if state.next_poll_at else '',
        f'{a_day:.0f}' if a_day >= 10 or not a_day else f'{a_day:.1f}',  # noqa: PLR2004  # a tenth of many says nothing
        f'{state.entries}',
        _short(state.error),
    ]


def _short(error: str) -> str:
    line = ' '.join(safe(error).split())
    return line if len(line) <= SHORT else f'{line[: SHORT - 1]}…'
