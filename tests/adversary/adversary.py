"""Random histories with an adversary among the sources: `python tests/adversary/adversary.py --interleavings 10000`.

Ends with 0 where no byte of what the victims' entries say was changed, else with 1 and the seeds that show it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from adversary_played import Differences, play, settings_in  # their place is known only now
from adversary_story import history

_TOGETHER = 25


@dataclass
class Total:
    interleavings: int = 0
    compared: int = 0
    documents: int = 0
    changed: list[Differences] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f'{self.interleavings:,} interleavings, entries compared {self.compared:,} times, in {self.documents:,} '
            f'documents too; with differences: {len(self.changed)}'
        )


def main(words: list[str] | None = None) -> int:
    told = _options().parse_args(words)
    seeds = range(told.seed, told.seed + told.interleavings)
    total, began = Total(), time.monotonic()
    for found in _all_played(seeds, told.documents_every, told.jobs):
        total.interleavings += 1
        total.compared += found.compared
        total.documents += found.documents
        if found.found:
            total.changed.append(found)
            _say(found.words[:4000])
        if total.interleavings % 1000 == 0:
            _say(str(total))
    _say(f'{total}; {time.monotonic() - began:.0f} s')
    return 1 if total.changed else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Whether an adversary can change what a victim's entries say.")
    parser.add_argument('--interleavings', type=int, default=10_000, help='how many')
    parser.add_argument('--seed', type=int, default=0, help='of the first; each has the next one')
    parser.add_argument('--documents-every', type=int, default=20, help='publish the documents of every so many')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1, help='processes side by side')
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f'{text}\n')
    sys.stdout.flush()


def _all_played(seeds: range, every: int, jobs: int) -> Iterator[Differences]:
    some = [seeds[at : at + _TOGETHER] for at in range(0, len(seeds), _TOGETHER)]
    if jobs == 1:
        for each in some:
            yield from played(each, every)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(partial(played, every=every), some):
            yield from found


def played(seeds: range, every: int) -> list[Differences]:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        return [play(history(seed), settings if every and seed % every == 0 else None) for seed in seeds]


if __name__ == '__main__':
    sys.exit(main())
