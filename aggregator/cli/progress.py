"""Bars for what takes long: on a terminal, and nowhere else. Nothing of them ever reaches a pipe or a file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from aggregator.cli.showing import safe

if TYPE_CHECKING:
    from datetime import timedelta

    from aggregator.daemon import Assembly
    from aggregator.model import Settings

AGAIN = ('deciding again', 'items')  # after a change of rules, all that was ever said
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

    def counted(self, what: str, unit: str) -> Callable[[int, int], None]:
        """For work that itself says how much there is, `(done, of all)`: a bar of its own while that goes on."""
        return _Counted(self._shown, what, unit) if self._shown is not None else lambda _done, _all: None

    def leave(self) -> None:
        if self._shown is not None:
            self._shown.stop()


class _Counted:
    """A line of a display: it comes with the first word about the work, and goes with the last."""

    def __init__(self, shown: Progress, what: str, unit: str) -> None:
        self._shown = shown
        self._what = what
        self._unit = unit
        self._task: TaskID | None = None

    def __call__(self, done: int, everything: int) -> None:
        shown = self._shown
        if self._task is None:
            shown.start()
            self._task = shown.add_task(self._what, total=everything, unit=self._unit, name='')
        shown.update(self._task, completed=done, total=everything)
        if done >= everything:
            self._end(self._task)

    def _end(self, task: TaskID) -> None:
        self._shown.refresh()
        self._shown.remove_task(task)
        self._task = None
        if not self._shown.tasks:
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
    """The same for work that itself says how much there is, `(done, of all)`; nothing is shown before it does."""
    shown = Bar(_progress())
    try:
        yield shown.counted(what, unit)
    finally:
        shown.leave()


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
    left, progress = set(names), _progress()
    if progress is None:
        yield FirstRound(left)
        return
    try:
        yield _first(left, progress)
    finally:
        progress.stop()


def _first(left: set[str], progress: Progress) -> FirstRound:
    if not left:
        return FirstRound(left, progress)
    progress.start()
    return FirstRound(left, progress, progress.add_task('first round', total=len(left), unit='sources', name=''))


@contextmanager
def opened(settings: Settings, *, spacing: timedelta | None = None) -> Iterator[Assembly]:
    """The house for a command, with a bar where the rules have changed and all is decided again."""
    from aggregator.daemon import assembled  # noqa: PLC0415  # not all who show bars open a house

    with counted(*AGAIN) as progress, assembled(settings, spacing=spacing, progress=progress) as house:
        yield house


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
