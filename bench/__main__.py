"""All of the benchmarks in one run, on loopback: prints the tables and writes them into docs/performance.md.

    python bench [--quick] [--large] [--only rounds where peers store emit serve growth] [--write | --no-write]

A complete run writes the page; one that is quick or in part does so only with --write. Read the ratios: both sides of
each were measured in the same run, in turns. Absolute times are those of the machine that the page names.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import emit
import growth
import peers
import pycurl
import rounds
import serve
import store
import where
from plan import Plan, planned
from report import Table, written

PAGE = Path(__file__).parents[1] / 'docs' / 'performance.md'
PHASES: dict[str, Callable[[Plan, Path], Iterator[Table]]] = {
    'rounds': rounds.tables,
    'where': where.tables,
    'peers': peers.tables,
    'store': store.tables,
    'emit': emit.tables,
    'serve': serve.tables,
    'growth': growth.tables,
}


def machine() -> list[str]:
    """What the figures depend on."""
    models = [line.split(':', 1)[1].strip() for line in _lines('/proc/cpuinfo') if line.startswith('model name')]
    kilobytes = next((int(line.split()[1]) for line in _lines('/proc/meminfo') if line.startswith('MemTotal')), 0)
    packages = ' '.join(f'{name} {version(name)}' for name in ('feedparser', 'requests', 'sqlite-utils', 'feedgen'))
    return [
        f'Machine: {len(models)} × {models[0] if models else "?"}, {kilobytes / 2**20:.0f} GB, {platform.platform()}.',
        f'Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {pycurl.version.split()[1]}, {packages}.',
    ]


def _lines(file: str) -> list[str]:
    return Path(file).read_text('utf-8').splitlines() if Path(file).exists() else []


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python bench', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--quick', action='store_true', help='little of everything, in two minutes')
    parser.add_argument('--large', action='store_true', help='the store at 5,000,000 entries too')
    parser.add_argument('--only', nargs='+', choices=PHASES, default=list(PHASES), metavar='PHASE', help='some of them')
    parser.add_argument('--write', action=argparse.BooleanOptionalAction, help='the page of the docs')
    parser.add_argument('--shared', type=Path, help='where tools/origin.py and corpus/feeds are  [../shared]')
    parser.add_argument('--peer-python', default='', help='an interpreter that has `reader`')
    return parser.parse_args()


def main() -> None:
    given = asked()
    plan = planned(quick=given.quick, large=given.large, shared=given.shared, peer_python=given.peer_python)
    words = ' '.join(Path(word).name for word in sys.argv[1:])
    told = [f'Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `make bench{f" ARGS={words!r}" if words else ""}`.']
    told += machine()
    if plan.real is None:
        told.append('Feeds are made up: there is no folder with real documents beside the checkout.')
    print('\n'.join(told), end='\n\n', flush=True)
    tables: list[Table] = []
    started = time.monotonic()
    for name in given.only:
        with tempfile.TemporaryDirectory(prefix='bench-') as folder:
            for table in PHASES[name](plan, Path(folder)):
                tables.append(table)
                print(table.as_text(), flush=True)
        print(f'({name}: {time.monotonic() - started:.0f} s since the start)\n', flush=True)
    complete = not given.quick and given.only == list(PHASES)
    if complete if given.write is None else given.write:
        PAGE.write_text(written(PAGE.read_text('utf-8'), told, tables), 'utf-8')
        print(f'written: {PAGE}')


if __name__ == '__main__':
    main()
