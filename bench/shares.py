"""Where the CPU of a process goes, by py-spy: it looks at all threads from outside, 500 times a second, without their lock.

A look belongs to the innermost function of ours that a busy thread stands in: SQLite's time is the store's, curl's is
that of `fetch/`. Threads that wait are often taken for busy: those without a function of ours, which are the pools', and
those that stand in one of WAITING, do not count.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LOOKS = '500'  # a second
PACKAGE = 'aggregator/'
WAITING = (
    'Condition.wait (threading.py',
    'EpollSelector.select (selectors.py',
    '_wait_for (aggregator/daemon/rounds.py',
)


def py_spy() -> str | None:
    return shutil.which('py-spy', path=sysconfig.get_path('scripts')) or shutil.which('py-spy')


@contextmanager
def looked_at(pid: int, folder: Path) -> Iterator[Counter[str]]:
    """Looks by room, of what this process does in the block; complete when it has ended."""
    found: Counter[str] = Counter()
    stacks = folder / 'stacks'
    command = [py_spy() or 'py-spy', 'record', '--pid', str(pid), '--rate', LOOKS, '--format', 'raw', '--output']
    with subprocess.Popen(
        [*command, str(stacks)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as looker:
        assert looker.stdout is not None
        looker.stdout.readline()  # it has begun
        try:
            yield found
        finally:
            looker.send_signal(signal.SIGINT)
            said = looker.stdout.read()
    if not stacks.exists():
        sys.exit(f'bench: py-spy saw nothing: {said}')
    found.update(by_room(stacks.read_text('utf-8').splitlines()))


def by_room(lines: Iterable[str]) -> Counter[str]:
    """Looks by room; a line is `outer (file:line);inner (file:line) LOOKS`."""
    found: Counter[str] = Counter()
    for line in lines:
        stack, _, looks = line.rpartition(' ')
        if room := room_of(stack.split(';')):
            found[room] += int(looks)
    return found


def room_of(stack: Sequence[str]) -> str:
    """The room of the innermost function that is ours, '' where there is none or where the thread waits."""
    if stack[-1].startswith(WAITING):
        return ''
    for frame in reversed(stack):
        _, found, inside = frame.rpartition(f'({PACKAGE}')
        if found:
            return inside.partition('/')[0].partition('.py:')[0]
    return ''
