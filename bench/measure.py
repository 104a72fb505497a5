"""CPU and memory of a process with all of its descendants, read from outside. Linux only.

CPU is user and system time. What a process of the tree spent is read from its own clock, in nanoseconds; what ended ones
spent was added to the process that waited for them, in ticks of 10 ms. Memory is the proportional set size (PSS): a page
that several processes share counts once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path('/proc')
TICK_S = 1 / os.sysconf('SC_CLK_TCK')
LOOK_EVERY_S = 0.1


def tree(pid: int) -> list[int]:
    """The process and its descendants that live."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in (PROC / str(one) / 'task').iterdir():
                found += map(int, (task / 'children').read_text().split())
    return found


def cpu_s(pid: int) -> float:
    return sum(map(_spent, tree(pid)))


def cpu_of_others_s(pid: int) -> float:
    """That of its descendants alone."""
    return sum(map(_spent, tree(pid)[1:]))


def _spent(pid: int) -> float:
    try:
        alone = time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid(3) gives
        fields = (PROC / str(pid) / 'stat').read_text().rsplit(')', 1)[1].split()
    except OSError:  # it has just ended
        return 0.0
    return alone + (int(fields[13]) + int(fields[14])) * TICK_S


def memory_mb(pid: int) -> float:
    return sum(map(_pss_kb, tree(pid))) / 1024


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        for line in (PROC / str(pid) / 'smaps_rollup').read_text().splitlines():
            if line.startswith('Pss:'):
                return int(line.split()[1])
    return 0


@dataclass
class Spent:
    """What something cost: CPU in ms, the highest memory seen in MB; and what the child answered."""

    cpu_ms: float = 0.0
    memory_mb: float = 0.0
    answer: str = ''


@contextmanager
def spending(pid: int) -> Iterator[Spent]:
    """What this process spends inside the block; memory is looked at ten times a second, and at the end."""
    found, over = Spent(), threading.Event()

    def look() -> None:
        while True:
            found.memory_mb = max(found.memory_mb, memory_mb(pid))
            if over.wait(LOOK_EVERY_S):
                return

    looker = threading.Thread(target=look)
    before = cpu_s(pid)
    looker.start()
    try:
        yield found
    finally:
        found.cpu_ms = (cpu_s(pid) - before) * 1000
        over.set()
        looker.join()
        found.memory_mb = max(found.memory_mb, memory_mb(pid))


class Driven:
    """A child that goes on: it does a piece of work for each line that it is told, and answers with a line."""

    def __init__(self, name: str, command: Sequence[str], env: dict[str, str] | None = None) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | (env or {})
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, line: str) -> Spent:
        with spending(self._process.pid) as spent:
            spent.answer = self._said(line)
        return spent

    def _said(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018
        self._process.stdin.write(f'{line}\n')
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f'bench: {self.name} ended while it did {line!r}')
        return answer

    def close(self) -> None:
        with suppress(BrokenPipeError):  # it has ended by itself
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def once(command: Sequence[str], env: dict[str, str] | None = None) -> Spent:
    """A child from its start to its end, with its descendants that were waited for."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | (env or {})
    )
    with spending(process.pid) as spent:
        _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Spent((usage.ru_utime + usage.ru_stime) * 1000, spent.memory_mb)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
