"""CPU of a round, ours against the baseline loop, in the phases of a poller's life. Read the ratios.

    python bench/rounds.py [--feeds 200]

Both poll the same origin on loopback in the same run, each as a child process whose CPU (user and system, its own
children included) is read when it ends. The start of the interpreter is measured as a round of no feeds and taken off.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
PHASES = (('cold, all new', None), ('304', 0), ('10 % have a new entry', 10))


def cpu_s(command: list[str]) -> float:
    """CPU seconds of a child and its children."""
    before = os.times()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


class Ours:
    name = 'aggregator'

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base

    def round(self, feeds: int) -> float:
        rows = ''.join(f'  - {{name: 来源{n}, url: "{self.base}/f/{n}.xml", category: 新闻}}\n' for n in range(feeds))
        config = self.folder / f'feeds-{feeds}.yml'
        config.write_text(
            f'site: {{title: 基准}}\ndefaults: {{private: true}}\nsources:{"" if feeds else " []"}\n{rows}', 'utf-8'
        )
        data = self.folder / ('data' if feeds else 'empty')
        return cpu_s([sys.executable, '-m', 'aggregator', 'poll', '-c', str(config), '--data', str(data)])


class Loop:
    name = 'loop'

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base

    def round(self, feeds: int) -> float:
        database = self.folder / ('loop.db' if feeds else 'empty.db')
        return cpu_s([sys.executable, str(HERE / 'loop.py'), self.base, str(feeds), str(database)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--feeds', type=int, default=200)
    feeds = parser.parse_args().feeds
    command = [sys.executable, str(HERE / 'origin.py'), '--feeds', str(feeds)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as origin,
    ):
        assert origin.stdout is not None
        base = origin.stdout.readline().strip()
        ours, loop = Ours(Path(folder), base), Loop(Path(folder), base)
        starts = {one.name: one.round(0) for one in (ours, loop)}
        print(
            f'{feeds} feeds; CPU-ms a feed, start-up taken off ({starts["aggregator"]:.2f} s and {starts["loop"]:.2f} s)'
        )
        print(f'{"phase":24}{"aggregator":>12}{"loop":>12}{"loop/ours":>12}')
        for phase, percent in PHASES:
            if percent is not None:
                urllib.request.urlopen(f'{base}/tick?percent={percent}').close()
            ms = {one.name: (one.round(feeds) - starts[one.name]) * 1000 / feeds for one in (ours, loop)}
            print(f'{phase:24}{ms["aggregator"]:12.2f}{ms["loop"]:12.2f}{ms["loop"] / ms["aggregator"]:12.1f}')
        origin.terminate()


if __name__ == '__main__':
    main()
