"""Who watches the workers: kills what takes too long, replaces what died, and adds up what all of them tell."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from fuzz_worker import BATCH, STAGES, Job, Told, work

CPU_S: Final = 5.0  # of one document's parsing
_REST_S: Final = 60.0  # of all the rest, for a batch
_OF_ONE: Final = frozenset({'visit', 'other'})
_LOOK_S: Final = 0.5
_REPORT_S: Final = 30.0
_RECYCLED: Final = 20_000  # documents of one process, then a fresh one takes its place
_CONTEXT: Final = multiprocessing.get_context('forkserver')


@dataclass(slots=True)
class Total:
    """All that was told. `findings`: kind -> times; `examples`: kind -> words."""

    documents: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)  # for time, by stage
    died: Counter[str] = field(default_factory=Counter)  # by themselves, by stage
    slowest_s: float = 0.0
    slowest: int = -1
    grown_bytes: int = 0
    seconds: float = 0.0

    def add(self, told: Told) -> None:
        self.documents += told.documents
        self.counts += told.counts
        self.grown_bytes = max(self.grown_bytes, told.grown_bytes)
        if told.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = told.slowest_s, told.slowest
        for kind, example in told.findings:
            self.findings[kind] += 1
            if example:
                self.examples.setdefault(kind, example)

    @property
    def clean(self) -> bool:
        return not (self.findings or self.killed or self.died)

    def __str__(self) -> str:
        counts, by_memory = self.counts, self.counts['stopped by the memory limit']
        kinds = Counter({kind.partition(':')[0]: 0 for kind in self.findings})
        for kind, times in self.findings.items():
            kinds[kind.partition(':')[0]] += times
        rows = [
            f'{self.documents:,} documents in {self.seconds:,.0f} s ({self.documents / max(self.seconds, 0.1):,.0f}/s)',
            f'{counts["changed"]:,} read, {counts["failed"]:,} refused, {counts["entries"]:,} entries, '  # noqa: ISC004  # one line
            f'{counts["published documents"]:,} documents published',
            f'{self.died.total()} processes died, {self.killed.total()} were killed for time, {by_memory} stopped for memory',
            f'slowest {self.slowest_s:.2f} CPU-s (document {self.slowest}); grown by {self.grown_bytes / 2**20:.0f} MiB at most',
            f'{self.findings.total()} findings' + ''.join(f', {times} {kind}' for kind, times in kinds.items()),
        ]
        rows += [f'  died in {stage}: {times}' for stage, times in self.died.items()]
        rows += [f'  killed in {stage}: {times}' for stage, times in self.killed.items()]
        rows += [
            f'  {times} x {kind}\n    {self.examples.get(kind, "")}' for kind, times in self.findings.most_common()
        ]
        left_out = [f'  {times} x {what}' for what, times in counts.items() if what.startswith('left out')]
        return '\n'.join([*rows, *left_out[:10]])


@dataclass(slots=True)
class _Running:
    job: Job
    process: Any
    pipe: Connection
    place: Any
    next: int  # where it goes on
    since: int  # where it began


def run(jobs: Iterable[Job], until: float, report: Callable[[Total], None], cpu_s: float = CPU_S) -> Total:
    """All jobs side by side until they are done, until that moment of the monotonic clock, or an interrupt."""
    total, began = Total(), time.monotonic()
    running = {job.nth: _started(job) for job in jobs}
    reported = began
    try:
        while running and time.monotonic() < until:
            wait([one.pipe for one in running.values()], _LOOK_S)
            for nth, one in list(running.items()):
                _look_after(nth, one, running, total, cpu_s)
            total.seconds = time.monotonic() - began
            if time.monotonic() - reported > _REPORT_S:
                reported = time.monotonic()
                report(total)
    except KeyboardInterrupt:
        pass  # what was found so far is told all the same
    finally:
        for one in running.values():
            _end(one)
    total.seconds = time.monotonic() - began
    return total


def _look_after(nth: int, one: _Running, running: dict[int, _Running], total: Total, cpu_s: float) -> None:
    finished, ended = _heard(one, total)
    if finished:
        _end(one)
        del running[nth]
    elif ended or not one.process.is_alive():
        _heard(one, total)
        _end(one)
        running[nth] = _replaced(one, total.died, total)
    elif _too_long(one, cpu_s):
        _end(one)
        running[nth] = _replaced(one, total.killed, total)
    elif one.next - one.since >= _RECYCLED * one.job.step:
        _end(one)
        running[nth] = _started(replace(one.job, first=one.next - one.job.nth * BATCH))


def _heard(one: _Running, total: Total) -> tuple[bool, bool]:
    """Whether it has finished, and whether its end of the pipe is gone."""
    try:
        while one.pipe.poll():
            told = one.pipe.recv()
            if told is None:
                return True, False
            total.add(told)
            one.next = told.next
    except (EOFError, OSError):
        return False, True
    return False, False


def _too_long(one: _Running, cpu_s: float) -> bool:
    stage, _, since_us = one.place
    name = STAGES[stage]
    allowed = cpu_s if name in _OF_ONE else _REST_S
    return name != 'start' and _cpu_s(one.process.pid) - since_us / 1e6 > allowed


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f'/proc/{pid}/stat').read_text(encoding='ascii', errors='replace').rpartition(')')[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def _replaced(one: _Running, why: Counter[str], total: Total) -> _Running:
    """Another one begins with the same batch, without the document at which this one ended."""
    stage, number, _ = one.place
    name = STAGES[stage]
    why[f'{name} (document {number} of the batch at {one.next}, exit code {one.process.exitcode})'] += 1
    guilty = {number} if number >= 0 else set(range(one.next, one.next + BATCH))
    total.findings[f'{name}: a process ended'] += 1
    return _started(replace(one.job, first=one.next - one.job.nth * BATCH, skip=one.job.skip | guilty))


def _started(job: Job) -> _Running:
    mine, theirs = _CONTEXT.Pipe(duplex=False)
    place = _CONTEXT.Array('q', 3, lock=False)
    process = _CONTEXT.Process(target=work, args=(job, theirs, place), daemon=True)
    process.start()
    theirs.close()
    first = job.first + job.nth * BATCH
    return _Running(job, process, mine, place, first, first)


def _end(one: _Running) -> None:
    one.process.kill()
    one.process.join()
    one.pipe.close()
