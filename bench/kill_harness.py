"""Kills the program at random instants while its data grow, and compares it with an undisturbed twin.

    python bench/kill_harness.py --kills 500 [--seed N] [--keep FOLDER]

It ends with 0 where nothing was lost, nothing came twice, no half file was seen and nothing was left behind.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'faults'))

from fault_harness import Seen, side_by_side  # its place is known only now


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument('--kills', type=int, default=500)
    asked.add_argument('--seed', type=int, default=1)
    asked.add_argument('--worlds', type=int, default=4, help='groups of three sources each')
    asked.add_argument('--jobs', type=int, default=2, help='children at a time, each with a folder of its own')
    asked.add_argument('--keep', type=Path, help='work in this folder and leave it')
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        seen = side_by_side(folder, given.kills, given.seed, given.jobs, worlds=given.worlds, progress=_progress)
    for job, one in enumerate(seen):
        print(f'seed {given.seed + job}: {one}')
    print(f'{sum(one.kills.total() for one in seen)} kills in all')
    return int(any(one.faults or one.differences for one in seen))


def _progress(done: int, seen: Seen) -> None:
    if done % 25 == 0:
        print(f'{done} kills, {seen.reads} files read, {len(seen.faults)} faults', file=sys.stderr, flush=True)


if __name__ == '__main__':
    sys.exit(main())
