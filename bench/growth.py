"""What a source costs as there are more of them: rounds in which every answer is a 304, and the memory of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from measure import median
from plan import Plan
from report import Table, figure
from rounds import ours
from upstream import site

ENTRIES = 1  # a feed: what is stored is not what is measured here
TIMES = 3


def row(folder: Path, sources: int) -> tuple[str, ...]:
    folder.mkdir()
    with site(folder, sources, entries=ENTRIES) as origin, closing(ours(folder, origin.urls())) as one:
        one.ask(f'0 {sources}')
        spent = []
        for _ in range(TIMES):
            origin.tell('/hangup')
            spent.append(one.ask(f'0 {sources}'))
    ms = median(one.cpu_ms for one in spent)
    return (f'{sources:,}', figure(ms / sources), figure(ms), f'{max(one.memory_mb for one in spent):.0f}')


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    table = Table(
        'Growth: a round in which nothing is new', ('sources', 'CPU-ms a source', 'CPU-ms a round', 'memory MB')
    )
    for sources in plan.sources:
        table.rows.append(row(folder / str(sources), sources))
    table.notes.append(
        'Memory is that of all processes at the end of a round, parsers among them, shared pages once. A daemon whose '
        'parsers rest holds less: `bench/steady.py`.'
    )
    yield table
