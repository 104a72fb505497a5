"""Memory and open files of `aggregator run` over many rounds of many sources. Flat is what is wanted.

    python bench/steady.py [--sources 10000] [--rounds 50] [--every 30] [--warm 10]

The daemon is a child as a person starts it, its clock is the real one, only its intervals are short. In each round one
feed in a hundred publishes an entry. Once a round the memory of all its processes is added up: PSS, in which a page
that two of them share counts once; and what they hold open. A round is as many requests as there are sources, as the
origin counted them. It ends with 1 where something grows, or where it is more than the bounds given.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from beside import CORPUS, ORIGIN, Beside, beside, end_in_order

KNOBS = """\
polling: {{min_interval: {every}s, max_interval: {every}s, host_spacing: 10ms, threads: 16}}
serving: {{port: 0}}
"""
GROWTH_MB, GROWTH_FILES = 5.0, 5  # over all rounds after the warm-up, by the fitted line: less is called flat
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    round: float  # requests / sources
    seconds: float
    processes: int
    pss_mb: float
    main_mb: float  # of these, the process that was started
    rss_mb: float  # all together, shared pages counted in each
    files: int
    threads: int


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument('--sources', type=int, default=10_000)
    asked.add_argument('--rounds', type=int, default=50, help='after the warm-up')
    asked.add_argument('--warm', type=int, default=10, help='rounds that do not count; the first is the cold one')
    asked.add_argument('--every', type=int, default=30, help='seconds')
    asked.add_argument('--categories', type=int, default=50)
    asked.add_argument('--most-mb', type=float, default=150.0)
    asked.add_argument('--origin', type=Path, default=ORIGIN)
    asked.add_argument('--corpus', type=Path, default=CORPUS)
    given = asked.parse_args()
    end_in_order()
    with (
        tempfile.TemporaryDirectory() as temporary,
        beside(given.origin, given.corpus, feeds=given.sources, hosts=100, max_age=1, cache_mb=64) as origin,
    ):
        folder = Path(temporary)
        _write(folder, origin.urls(given.sources), given.every, given.categories)
        with _daemon(folder) as child:
            samples = list(_watched(child, origin, given.sources, given.warm + given.rounds))
        return _judged(samples, given.warm, given.most_mb)


def _write(folder: Path, urls: Sequence[str], every: int, categories: int) -> None:
    rows = ''.join(
        f'  - {{name: 来源{n}, url: "{url}", category: 分类{n % categories}, every: {every}s}}\n'
        for n, url in enumerate(urls)
    )
    head = 'site: {title: 久, url: "https://news.example/", authority: "news.example,2026"}\n'
    (folder / 'feeds.yml').write_text(f'{head}defaults: {{private: true}}\nsources:\n{rows}', 'utf-8')
    (folder / 'config').mkdir()
    (folder / 'config' / 'aggregator.yml').write_text(KNOBS.format(every=every), 'utf-8')


@contextmanager
def _daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable,
        '-m',
        'aggregator',
        'run',
        '-c',
        str(folder / 'feeds.yml'),
        '--data',
        str(folder / 'data'),
    ]
    with (folder / 'err').open('wb') as err, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err) as child:
        try:
            yield child
        finally:
            child.terminate()
            child.wait(20)
            print((folder / 'err').read_text('utf-8', 'replace')[-2000:], file=sys.stderr)


def _watched(child: subprocess.Popen[bytes], origin: Beside, sources: int, rounds: int) -> Iterator[Sample]:
    """One sample at the end of each round."""
    began = time.monotonic()
    print(f'{"round":>6}{"s":>8}{"procs":>6}{"PSS MB":>8}{"main":>8}{"RSS MB":>8}{"files":>6}{"threads":>8}')
    for number in range(1, rounds + 1):
        while child.poll() is None and (done := origin.stats()['requests'] / sources) < number:
            time.sleep(LOOK_S)
        if child.poll() is not None:
            sys.exit(f'the daemon ended with {child.returncode}')
        sample = _sample(child.pid, done, time.monotonic() - began)
        print(
            f'{sample.round:6.1f}{sample.seconds:8.0f}{sample.processes:6}{sample.pss_mb:8.1f}{sample.main_mb:8.1f}'
            f'{sample.rss_mb:8.1f}{sample.files:6}{sample.threads:8}',
            flush=True,
        )
        yield sample
        origin.tick(1.0)


def _sample(pid: int, rounds: float, seconds: float) -> Sample:
    pids = [pid, *_descendants(pid)]
    pss = {each: _field_mb(f'/proc/{each}/smaps_rollup', 'Pss:') for each in pids}
    return Sample(
        round=rounds,
        seconds=seconds,
        processes=len(pids),
        pss_mb=sum(pss.values()),
        main_mb=pss[pid],
        rss_mb=sum(_field_mb(f'/proc/{each}/smaps_rollup', 'Rss:') for each in pids),
        files=sum(_count(f'/proc/{each}/fd') for each in pids),
        threads=sum(_count(f'/proc/{each}/task') for each in pids),
    )


def _descendants(pid: int) -> Iterator[int]:
    with suppress(FileNotFoundError):
        for task in Path(f'/proc/{pid}/task').iterdir():
            for child in (task / 'children').read_text('ascii').split():
                yield int(child)
                yield from _descendants(int(child))


def _field_mb(path: str, field: str) -> float:
    """0 where the process has ended meanwhile, as workers do."""
    with suppress(OSError, StopIteration):
        lines = Path(path).read_text('ascii').splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024 / 1e6
    return 0.0


def _count(folder: str) -> int:
    with suppress(OSError):
        return sum(1 for _ in Path(folder).iterdir())
    return 0


def _judged(samples: Sequence[Sample], warm: int, most_mb: float) -> int:
    steady = samples[warm:]
    grown_mb = _line(steady, 'pss_mb')
    grown_files = _line(steady, 'files')
    print(f'{len(steady)} rounds after a warm-up of {warm}; first, last, least, most; grown by the fitted line')
    for field, unit in (('pss_mb', 'MB'), ('main_mb', 'MB'), ('rss_mb', 'MB'), ('files', ''), ('threads', '')):
        values = [getattr(sample, field) for sample in steady]
        told = ', '.join(f'{value:.1f}' for value in (values[0], values[-1], min(values), max(values)))
        print(f'{field:8} {told} {unit}; {_line(steady, field):+.2f} {unit} in all')
    most = max(sample.pss_mb for sample in steady)
    faults = [
        *([f'memory grew by {grown_mb:.1f} MB'] if grown_mb > GROWTH_MB else []),
        *([f'open files grew by {grown_files:.1f}'] if grown_files > GROWTH_FILES else []),
        *([f'{most:.1f} MB is more than {most_mb:.0f} MB'] if most > most_mb else []),
    ]
    print('; '.join(faults) or f'flat, and under {most_mb:.0f} MB')
    return int(bool(faults))


def _line(samples: Sequence[Sample], field: str) -> float:
    """What the line through these has risen by, from the first round to the last."""
    at = [sample.round for sample in samples]
    slope = statistics.linear_regression(at, [getattr(sample, field) for sample in samples]).slope
    return slope * (at[-1] - at[0])


if __name__ == '__main__':
    sys.exit(main())
