"""Where the CPU of a round of ours goes, room by room, in the phases of rounds.py; and what curl alone would take."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from measure import Driven, cpu_of_others_s, cpu_s, median
from plan import Plan
from report import Table, figure
from rounds import WARMING, ours
from shares import looked_at, py_spy
from upstream import Site, site

HERE = Path(__file__).parent
WORKERS = 'parse, in workers'
ROOMS = ('daemon', 'poll', 'fetch', WORKERS, 'parse', 'rules', 'store', 'model', 'emit', 'render', 'serve', 'publish')
PHASES = ('cold, all new', '304', '10 % have a new entry')


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    table = Table(f'Where the CPU-ms of a feed go ({plan.feeds} feeds)', ('room', *PHASES))
    if py_spy() is None:
        table.notes.append('Not measured: py-spy is not installed.')
    else:
        with site(folder, plan.feeds, real=plan.real) as origin:
            table.rows += _rows(list(_phases(plan, origin, folder)))
            table.rows.append(('curl alone, asking and no more', '', figure(_alone(plan, origin, folder)), ''))
        table.notes.append(
            'py-spy looks at all threads 500 times a second; a look belongs to the room whose function stands innermost, '
            'so what SQLite, curl or the JSON module take is that of the room which called them. `parse` is what of '
            'parsing is done in the daemon itself. Being looked at makes everything dearer, so read the shares. The last row '
            'is another program: the least that asking can cost.'
        )
    yield table


def _rows(phases: list[Counter[str]]) -> Iterator[tuple[str, ...]]:
    for room in ROOMS:
        if any(phase[room] for phase in phases):
            yield (room, *(figure(phase[room]) for phase in phases))
    yield ('all', *(figure(phase.total()) for phase in phases))


def _phases(plan: Plan, origin: Site, folder: Path) -> Iterator[Counter[str]]:
    """CPU-ms a feed by room, of each phase."""
    with closing(ours(folder, origin.urls())) as one:
        one.ask(f'0 {WARMING}')
        yield _spent(one, folder, [f'{WARMING} {plan.feeds}'], plan.feeds - WARMING)
        every = f'0 {plan.feeds}'
        yield _spent(one, folder, _each(origin, plan.repeats * 3, every, lambda: None), plan.feeds)
        changes = _each(origin, plan.changes * 2, every, lambda: origin.tell('/tick?percent=10'))
        yield _spent(one, folder, changes, plan.feeds)


def _each(origin: Site, times: int, line: str, before: Callable[[], object]) -> Iterator[str]:
    for _ in range(times):
        before()
        origin.tell('/hangup')
        yield line


def _spent(one: Driven, folder: Path, lines: Iterable[str], feeds: int) -> Counter[str]:
    """The process's own CPU is shared out by the looks at it; that of its workers is read from their clocks."""
    pid = one.pid
    all_s, others_s = cpu_s(pid), cpu_of_others_s(pid)
    with looked_at(pid, folder) as looks:
        times = len([one.ask(line) for line in lines])
        workers_s = cpu_of_others_s(pid) - others_s
        own_s = cpu_s(pid) - all_s - workers_s
    found = Counter({room: own_s * n / looks.total() for room, n in looks.items()})
    found[WORKERS] = workers_s
    return Counter({room: 1000 * spent_s / times / feeds for room, spent_s in found.items()})


def _alone(plan: Plan, origin: Site, folder: Path) -> float:
    (folder / 'urls').write_text('\n'.join(origin.urls()), 'utf-8')
    spent = []
    with closing(Driven('curl alone', [sys.executable, str(HERE / 'bare.py'), str(folder / 'urls')])) as one:
        one.ask(f'0 {plan.feeds}')
        for line in _each(origin, plan.repeats, f'0 {plan.feeds}', origin.counts):
            spent.append(one.ask(line).cpu_ms / plan.feeds)
            if origin.counts() != {304: plan.feeds}:
                sys.exit('bench: curl alone was not answered with 304s')
    return median(spent)
