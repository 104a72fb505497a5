"""A thousand sources are due at once and a hundred of them are hostile: is anybody else kept waiting?

    python bench/siege.py [--sources 1000] [--hostile 100] [--interval 120] [--seconds 300]

A real `aggregator run` with its default settings polls an origin in a process of its own, every source on a host of its
own. All were polled once before, in peace; then all are due in the same second, and the hostile ones begin. Told: whether
every good one was asked within its interval, how late (against the time that the daemon itself had named), the pulse of
the daemon (an answer of /-/healthy every few milliseconds, beside that of a process that does nothing: what the machine
itself loses), and the memory of all processes. It ends with 1 where a good one was not asked within its interval.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from siege_origin import KINDS

from aggregator.store import Store

PULSE_S = 0.01
LOOK_S = 0.5


@dataclass
class Pulse(threading.Thread):
    """Seconds from one answer to the next."""

    port: int
    path: str
    gaps: list[float] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        last = time.monotonic()
        while not self.stopped.wait(PULSE_S):
            connection.request('GET', self.path)
            connection.getresponse().read()
            now = time.monotonic()
            self.gaps.append(now - last)
            last = now

    def told(self) -> str:
        gaps = sorted(self.gaps)
        return f'p50 {at(gaps, 0.5) * 1000:.0f}, p99 {at(gaps, 0.99) * 1000:.0f}, longest {gaps[-1] * 1000:.0f} ms'


@dataclass
class Memory(threading.Thread):
    """The most that a process and all below it held: PSS, in which shared pages count once, and RSS, in which not."""

    pid: int
    pss: int = 0
    rss: int = 0
    processes: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.stopped.wait(LOOK_S):
            held = [one for pid in family(self.pid) if (one := rollup(pid))]
            self.pss = max(self.pss, sum(pss for pss, _ in held))
            self.rss = max(self.rss, sum(rss for _, rss in held))
            self.processes = max(self.processes, len(held))

    def told(self) -> str:
        return f'{self.pss / 1024:.0f} MiB PSS ({self.rss / 1024:.0f} MiB RSS) of {self.processes} processes'


def family(pid: int) -> list[int]:
    try:
        below = Path(f'/proc/{pid}/task').glob('*/children')
        return [pid, *(one for file in below for child in file.read_text().split() for one in family(int(child)))]
    except OSError:
        return []


def rollup(pid: int) -> tuple[int, int] | None:
    """KiB."""
    try:
        text = Path(f'/proc/{pid}/smaps_rollup').read_text()
    except OSError:
        return None
    pss, rss = (re.search(rf'^{name}:\s+(\d+)', text, re.MULTILINE) for name in ('Pss', 'Rss'))
    return (int(pss[1]), int(rss[1])) if pss and rss else None


def at(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass
class Siege:
    folder: Path
    sources: int
    hostile: int
    interval_s: int
    seconds: int

    def run(self) -> bool:
        origin = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name('siege_origin.py'))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert origin.stdout
            self.port = int(origin.stdout.readline())
            return self._besieged()
        finally:
            origin.kill()
            origin.wait()

    def _besieged(self) -> bool:
        self._configure()
        began = time.monotonic()
        subprocess.run(self._command('poll', '--json'), cwd=self.folder, check=False, stdout=subprocess.DEVNULL)
        print(f'peace: {self.sources} sources polled once in {time.monotonic() - began:.0f} s', flush=True)
        self._control('asked')
        self._all_due()
        self._control('begin')
        log = self.folder / 'log'
        with log.open('wb') as out:
            child = subprocess.Popen(self._command('run', '--port', '0'), cwd=self.folder, stdout=out, stderr=out)
        try:
            since = time.time()
            watched = self._watched(child.pid, log)
        finally:
            child.terminate()
            child.wait(60)
        return self._told(since, log, *watched)

    def _watched(self, pid: int, log: Path) -> tuple[Pulse, Pulse, Memory]:
        memory = Memory(pid)
        memory.start()
        while not (serving := re.search(r'serving http://[^:]+:(\d+)', log.read_text())):
            time.sleep(0.05)
        port = int(serving[1])
        pulses = Pulse(port, '/-/healthy'), Pulse(self.port, '/control/ping')
        for pulse in pulses:
            pulse.start()
        time.sleep(self.seconds)
        self.metrics = urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics').read().decode()
        for one in (*pulses, memory):
            one.stopped.set()
            one.join()
        return (*pulses, memory)

    # ------------------------------------------------ before

    def _configure(self) -> None:
        """JSON is YAML."""
        numbers = range(self.sources)
        kinds = self._kinds()
        rows = [
            {
                'name': f'{kinds.get(n, "good")}/{n}',
                'url': f'http://127.1.{n // 250}.{n % 250 + 1}:{self.port}/{kinds.get(n, "good")}/{n}',
                'category': f'新闻{n % 20}',
            }
            for n in numbers
        ]
        site = {'title': '围', 'authority': 'news.example,2026'}
        defaults = {'private': True, 'every': f'{self.interval_s}s'}
        (self.folder / 'feeds.yml').write_text(
            json.dumps({'site': site, 'defaults': defaults, 'sources': rows}), 'utf-8'
        )
        (self.folder / 'config').mkdir()
        (self.folder / 'config' / 'aggregator.yml').write_text('logging: {format: json}', 'utf-8')

    def _kinds(self) -> dict[int, str]:
        """Every tenth source, or as many as are wanted, spread over all."""
        step = self.sources // self.hostile
        return {nth * step: KINDS[nth % len(KINDS)] for nth in range(self.hostile)}

    def _all_due(self) -> None:
        now = datetime.now(UTC)
        with Store.open(self.folder / 'data') as store, store.writing() as writer:
            for state in list(writer.each_source()):
                writer.save_source(replace(state, next_poll_at=now))

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, '-m', 'aggregator', *words]

    def _control(self, what: str) -> Any:
        body = urllib.request.urlopen(f'http://127.0.0.1:{self.port}/control/{what}').read()
        return json.loads(body) if what == 'asked' else body

    # ------------------------------------------------ after

    def _told(self, since: float, log: Path, pulse: Pulse, still: Pulse, memory: Memory) -> bool:
        asked: dict[str, list[float]] = self._control('asked')
        good = {path.removeprefix('/'): times for path, times in asked.items() if path.startswith('/good/')}
        every = self.sources - self.hostile
        first = sorted(times[0] - since for times in good.values())
        within = sum(late <= self.interval_s for late in first)
        later = self._later(log, good)
        print(f'good sources asked within their interval of {self.interval_s} s: {within} of {every}')
        print(f'first, after all were due: p50 {at(first, 0.5):.1f}, p99 {at(first, 0.99):.1f}, last {first[-1]:.1f} s')
        if later:
            print(
                f'then, after the time that was named ({len(later)} rounds): p50 {at(later, 0.5):.2f}, '
                f'p99 {at(later, 0.99):.2f}, longest {later[-1]:.2f} s'
            )
        print(f'pulse of the daemon: {pulse.told()}; of a process that does nothing: {still.told()}')
        print(f'memory at its height: {memory.told()}')
        print(self._hostile(log))
        missing = every - len(good)
        return within == every and not missing and (not later or later[-1] <= self.interval_s)

    def _later(self, log: Path, good: dict[str, list[float]]) -> list[float]:
        """How late each round began that the daemon had named a time for, since the siege began."""
        named: dict[str, float] = {}
        late: list[float] = []
        for row in rows_of(log):
            if row['event'] != 'poll' or row['source'] not in good:
                continue
            begun = datetime.fromisoformat(row['at']).timestamp()
            if row['source'] in named:
                late.append(max(0.0, begun - named[row['source']]))
            named[row['source']] = datetime.fromisoformat(row['next_at']).timestamp()
        return sorted(late)

    def _hostile(self, log: Path) -> str:
        told: Counter[str] = Counter()
        outcomes: dict[str, Counter[str]] = {}
        for row in rows_of(log):
            kind = row.get('source', '').partition('/')[0]
            if row['event'] == 'poll' and kind in KINDS:
                told[kind] += 1
                outcomes.setdefault(kind, Counter())[
                    re.sub(r'\d[\d,.]*', 'N', row['error'])[:70] or row['outcome']
                ] += 1
        said = [
            f'  {kind} ({told[kind]} rounds): {dict(outcomes[kind].most_common(3))}' for kind in KINDS if told[kind]
        ]
        return '\n'.join(['what became of the hostile ones:', *said])


def rows_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text('utf-8').splitlines() if line.startswith('{')]


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    asked.add_argument('--sources', type=int, default=1000)
    asked.add_argument('--hostile', type=int, default=100)
    asked.add_argument('--interval', type=int, default=120, help='seconds')
    asked.add_argument('--seconds', type=int, default=300, help='how long the siege is watched')
    asked.add_argument('--keep', type=Path, help='work in this new folder and leave it')
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        siege = Siege(folder, given.sources, given.hostile, given.interval, given.seconds)
        return 0 if siege.run() else 1


if __name__ == '__main__':
    sys.exit(main())
