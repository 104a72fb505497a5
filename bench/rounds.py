"""CPU of a round, ours against the baseline loop, in the phases of a poller's life. Read the ratios.

Both sides are processes that go on, warmed by four feeds which do not count, and are asked in turns for the same round:
whoever came second comes first the next time. Every round but the cold one is repeated; the median counts. Between rounds
the origin hangs up, as servers do. What a round was answered is checked, so that no phase measures another one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError

from measure import Driven, Spent, median
from plan import Plan
from report import Table, figure, ratio
from upstream import Site, site, trusting

HERE = Path(__file__).parent
WARMING = 4  # feeds
HEAD = ('phase', 'ours', 'of it publishing', 'loop', 'loop/ours', 'ours MB', 'loop MB')


def feeds_yml(urls: list[str]) -> str:
    rows = ''.join(f'  - {{name: 来源{n}, url: "{url}", category: 新闻}}\n' for n, url in enumerate(urls))
    return f'site: {{title: 基准}}\ndefaults: {{private: true}}\nsources:\n{rows}'


def ours(folder: Path, urls: list[str], env: dict[str, str] | None = None) -> Driven:
    (folder / 'feeds.yml').write_text(feeds_yml(urls), 'utf-8')
    command = [sys.executable, str(HERE / 'ours.py'), str(folder / 'feeds.yml'), str(folder / 'data')]
    return Driven('aggregator', command, env)


def loop(folder: Path, urls: list[str], env: dict[str, str] | None = None) -> Driven:
    (folder / 'urls').write_text('\n'.join(urls), 'utf-8')
    return Driven('loop', [sys.executable, str(HERE / 'loop.py'), str(folder / 'urls'), str(folder / 'loop.db')], env)


@dataclass
class Spending:
    """Of one side in one phase: CPU-ms a feed of each round, of it publishing (ours), and the most memory."""

    ms: list[float] = field(default_factory=list)
    publishing: list[float] = field(default_factory=list)
    mb: float = 0.0

    def add(self, spent: Spent, feeds: int) -> None:
        told = spent.answer.split()[0]
        self.ms.append(spent.cpu_ms / feeds)
        self.publishing.append(0.0 if told == 'done' else float(told) / feeds)
        self.mb = max(self.mb, spent.memory_mb)


class Duel:
    """Two sides that poll the same origin in turns."""

    def __init__(self, origin: Site, sides: tuple[Driven, Driven]) -> None:
        self.origin = origin
        self.sides = sides
        self.turn = 0
        for one in sides:
            one.ask(f'0 {WARMING}')
        origin.counts()

    def round(self, spent: tuple[Spending, Spending], first: int, last: int, expected: dict[int, int]) -> None:
        """These feeds by each side; `expected` answers by status."""
        self.turn += 1
        for side in (0, 1) if self.turn % 2 else (1, 0):
            self.origin.tell('/hangup')
            spent[side].add(self.sides[side].ask(f'{first} {last}'), last - first)
            found = self.origin.counts()
            if found != {status: n for status, n in expected.items() if n}:
                sys.exit(f'bench: {self.sides[side].name} was answered {found}, where {expected} was to be measured')

    def phase(
        self, repeats: int, feeds: int, expected: dict[int, int], before: Callable[[], object] = lambda: None
    ) -> tuple[Spending, Spending]:
        spent = Spending(), Spending()
        for _ in range(repeats):
            before()
            self.round(spent, 0, feeds, expected)
        return spent


@contextmanager
def duel(origin: Site, folder: Path) -> Iterator[Duel]:
    with ExitStack() as stack:
        env, urls = trusting(origin), origin.urls()
        sides = tuple(stack.enter_context(closing(side(folder, urls, env))) for side in (ours, loop))
        yield Duel(origin, (sides[0], sides[1]))


def row(name: str, spent: tuple[Spending, Spending]) -> tuple[str, ...]:
    mine, theirs = (median(side.ms) for side in spent)
    cells = figure(mine), figure(median(spent[0].publishing)), figure(theirs), ratio(theirs, mine)
    return (name, *cells, *(f'{side.mb:.0f}' for side in spent))


def cold(one: Duel, feeds: int, together: int) -> tuple[Spending, Spending]:
    """Some at a time; what counts is all of them together."""
    spent = Spending(), Spending()
    for first in range(WARMING, feeds, together):
        last = min(first + together, feeds)
        one.round(spent, first, last, {200: last - first})
    for side in spent:
        side.ms, side.publishing = ([sum(kind) / len(kind)] for kind in (side.ms, side.publishing))
    return spent


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    (folder / 'plain').mkdir()
    (folder / 'tls').mkdir()
    yield plain(plan, folder / 'plain')
    yield over_tls(plan, folder / 'tls')


def plain(plan: Plan, folder: Path) -> Table:
    said = 'real documents' if plan.real else 'made-up documents'
    table = Table(f'Rounds of {plan.feeds} feeds ({said}): CPU-ms a feed, and the most memory', HEAD)
    changed = round(plan.feeds / 10)
    with site(folder, plan.feeds, real=plan.real) as origin, duel(origin, folder) as one:
        table.rows.append(row('cold, all new', cold(one, plan.feeds, plan.together)))
        table.rows.append(row('304', one.phase(plan.repeats, plan.feeds, {304: plan.feeds})))
        expected = {200: changed, 304: plan.feeds - changed}
        spent = one.phase(plan.changes, plan.feeds, expected, lambda: origin.tell('/tick?percent=10'))
        table.rows.append(row('10 % have a new entry', spent))
        origin.tell('/forget?on=1')
        table.rows.append(row('the same body again', one.phase(plan.changes, plan.same, {200: plan.same})))
    table.notes.append(
        'Ours publishes what changed at the end of each round (one category, three formats and their pages); the loop '
        'publishes nothing. Memory is that of all processes of a side, shared pages once.'
    )
    return table


def over_tls(plan: Plan, folder: Path) -> Table:
    table = Table(f'Rounds of {plan.tls} feeds over TLS, each of a host of its own: CPU-ms a feed', HEAD)
    try:
        with site(folder, plan.tls, hosts=plan.tls, tls=True) as origin, duel(origin, folder) as one:
            table.rows.append(row('cold, over TLS', cold(one, plan.tls, plan.tls)))
            table.rows.append(row('304, over TLS', one.phase(plan.tls_repeats, plan.tls, {304: plan.tls})))
    except (FileNotFoundError, CalledProcessError) as error:
        table.notes.append(f'Not measured: certificates cannot be made ({error}).')
    table.notes.append('Every connection shakes hands from the start; the documents are made up.')
    return table
