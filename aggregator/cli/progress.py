"""Bars for what takes long: on a terminal, and nowhere else. Nothing of them ever reaches a pipe or a file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from aggregator.cli.showing import safe

NAMED = 40  # characters of a name that stand behind a bar


class Bar:
    """What is done so far, and lines that a command prints meanwhile. Without a terminal there are only the lines."""

    def __init__(self, shown: Progress | None = None, task: TaskID | None = None) -> None:
        self._shown = shown
        self._task = task

    def advance(self, name: str) -> None:
        """One more is done, and it has this name."""
        if self._shown is not None and self._task is not None:
            self._shown.update(self._task, advance=1, name=safe(name)[:NAMED])

    def say(self, text: str) -> None:
        """A line for the output; it stands above the bar.

        Where the output goes to the terminal, whoever draws the bar writes it: else it would begin behind the bar.
        """
        if self._shown is None or not self._shown.live.is_started or not sys.stdout.isatty():
            click.echo(text)
        else:
            self._shown.console.print(Text(text), soft_wrap=True)

    def leave(self) -> None:
        if self._shown is not None:
            self._shown.stop()


@contextmanager
def bar(what: str, total: int, unit: str) -> Iterator[Bar]:
    """A bar on the error stream while the block runs; where that is no terminal, nothing is shown."""
    progress = _progress() if total > 0 else None
    if progress is None:
        yield Bar()
        return
    with progress:
        yield Bar(progress, progress.add_task(what, total=total, unit=unit, name=''))


@contextmanager
def counted(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """The same for work that itself says how much there is: `(done, of all)`."""
    progress = _progress()
    if progress is None:
        yield lambda _done, _all: None
        return
    with progress:
        task = progress.add_task(what, total=None, unit=unit, name='')
        yield lambda done, everything: progress.update(task, completed=done, total=everything)


class FirstRound(Bar):
    """A bar that leaves when each of its sources has been polled once. Reports come from the threads of the daemon."""

    def __init__(self, names: Iterable[str], shown: Progress | None = None, task: TaskID | None = None) -> None:
        super().__init__(shown, task)
        self._left = set(names)
        self._turn = threading.Lock()

    def advance(self, name: str) -> None:
        with self._turn:
            if name not in self._left:
                return
            self._left.discard(name)
            super().advance(name)
            if not self._left:
                self.leave()


@contextmanager
def first_round(names: Iterable[str]) -> Iterator[FirstRound]:
    """A bar for the first round of these sources; the block goes on without it."""
    left = set(names)
    progress = _progress() if left else None
    if progress is None:
        yield FirstRound(left)
        return
    with progress:
        yield FirstRound(left, progress, progress.add_task('first round', total=len(left), unit='sources', name=''))


def _progress() -> Progress | None:
    """None where nobody looks on. FORCE_COLOR makes rich take a pipe for a terminal; a bar in a file helps no one."""
    console = Console(stderr=True)
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        return None
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn('{task.fields[unit]}'),
        TimeElapsedColumn(),
        TextColumn('{task.fields[name]}', markup=False),
        console=console,
        transient=True,
        redirect_stdout=False,  # lines go through Bar.say; click finds the stream below a redirected one anyway
    )
