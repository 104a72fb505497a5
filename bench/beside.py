"""The feed origin that may lie beside a checkout: started as a child, asked what it was asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[1] / '..' / 'shared'
ORIGIN, CORPUS = SHARED / 'tools' / 'origin.py', SHARED / 'corpus' / 'feeds'


@dataclass(frozen=True, slots=True)
class Beside:
    """`http://127.0.0.1:PORT`; its feeds stand on further loopback addresses."""

    base: str

    def urls(self, count: int) -> list[str]:
        return self._get(f'/list?n={count}').decode().split()

    def tick(self, percent: float, entries: int = 1) -> int:
        """That share of the feeds publishes new entries; how many feeds those are."""
        return json.loads(self._get(f'/tick?percent={percent}&k={entries}'))['feeds']

    def stats(self, *, paths: bool = False) -> dict[str, Any]:
        return json.loads(self._get(f'/stats?prefix=/f/&paths={int(paths)}'))

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f'{self.base}{path}', timeout=60) as answer:
            return answer.read()


def end_in_order() -> None:
    """A SIGTERM ends what was begun, children included, as an error does."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


@contextmanager
def beside(program: Path, corpus: Path, **options: float) -> Iterator[Beside]:
    """The origin with these options of its command line. Ends the program with a reason where there is none."""
    if not program.is_file() or not corpus.is_dir():
        sys.exit(f'There is no origin at {program} with feeds in {corpus}; name them with --origin and --corpus.')
    words = [f'--{key.replace("_", "-")}={value}' for key, value in options.items()]
    command = [sys.executable, str(program), '--corpus', str(corpus), '--port', '0', *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield Beside(child.stdout.readline().split()[1].rstrip('/'))
        finally:
            child.terminate()
