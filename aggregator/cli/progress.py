"""Bars for what takes long: on a terminal, and nowhere else. Nothing of them ever reaches a pipe or a file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from aggregator.cli.showing import safe

Advance = Callable[[str], None]


@contextmanager
def bar(what: str, total: int, unit: str) -> Iterator[Advance]:
    """A bar on the error stream while the block runs; call what it gives once for each thing done, with its name.

    Lines that are printed meanwhile appear above it. Where the error stream is no terminal, nothing is shown.
    """
    console = Console(stderr=True)
    if total < 1 or not _seen_by_a_person(console):
        yield lambda _name: None
        return
    with _progress(console) as progress:
        task = progress.add_task(what, total=total, unit=unit, name='')
        yield lambda name: progress.update(task, advance=1, name=safe(name)[:40])


@contextmanager
def counted(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """The same for work that itself says how much there is: `(done, of all)`."""
    console = Console(stderr=True)
    if not _seen_by_a_person(console):
        yield lambda _done, _all: None
        return
    with _progress(console) as progress:
        task = progress.add_task(what, total=None, unit=unit, name='')
        yield lambda done, everything: progress.update(task, completed=done, total=everything)


@contextmanager
def first_round(names: Iterable[str]) -> Iterator[Advance]:
    """A bar until each of these sources has been polled once; then it leaves, and the block goes on without it.

    Reports come from the threads of the daemon.
    """
    console, left, turn = Console(stderr=True), set(names), threading.Lock()
    if not left or not _seen_by_a_person(console):
        yield lambda _name: None
        return
    progress = _progress(console)
    task = progress.add_task('first round', total=len(left), unit='sources', name='')

    def polled(name: str) -> None:
        with turn:
            if name not in left:
                return
            left.discard(name)
            progress.update(task, advance=1, name=safe(name)[:40])
            if not left:
                progress.stop()

    with progress:
        yield polled


def _seen_by_a_person(console: Console) -> bool:
    """FORCE_COLOR makes rich take a pipe for a terminal; a bar in a file helps nobody."""
    return sys.stderr.isatty() and not console.is_dumb_terminal


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn('{task.fields[unit]}'),
        TimeElapsedColumn(),
        TextColumn('{task.fields[name]}', markup=False),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else lines for a pipe would land on the terminal
    )
