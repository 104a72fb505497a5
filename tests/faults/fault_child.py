"""The program as a child process on a folder of its own, and what its folder holds afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from click.testing import CliRunner

from aggregator.cli.main import main

PATIENCE_S = 30.0
INLINE = {'workers': 0}  # no worker processes: for commands in this process
SETTINGS = {
    'polling': {'min_interval': '1s', 'max_interval': '1s', 'host_spacing': '0s', 'host_concurrency': 8},
    'parsing': {'workers': 1},
}


@dataclass(frozen=True)
class Place:
    """A folder with feeds.yml, config/ and data/."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / 'data'

    @property
    def public(self) -> Path:
        return self.data / 'public'

    @property
    def database(self) -> Path:
        return self.data / 'aggregator.db'

    def configure(self, rows: Sequence[Mapping[str, Any]], **settings: Any) -> None:
        """Write feeds.yml with these sources, and config/aggregator.yml."""
        site = {'title': '聚合', 'url': 'https://news.example/', 'authority': 'news.example,2026'}
        feeds = {'site': site, 'defaults': {'every': '1s', 'private': True}, 'sources': list(rows)}
        (self.folder / 'config').mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        (self.folder / 'feeds.yml').write_text(json.dumps(feeds, ensure_ascii=False, indent=1), 'utf-8')
        (self.folder / 'config' / 'aggregator.yml').write_text(json.dumps(SETTINGS | settings), 'utf-8')

    def start(self, *command: str, before: Callable[[], None] | None = None) -> Child:
        """Start `aggregator COMMAND`; `before` runs in the child ahead of it."""
        return Child(self, command, before)

    def do(self, *command: str, before: Callable[[], None] | None = None) -> Done:
        """Run `aggregator COMMAND` to its end."""
        with self.start(*command, before=before) as child:
            return child.end()

    def ask(self, *command: str) -> Done:
        """The same in this process, which is quicker: for commands that end by themselves, so not for `run`.

        It borrows the process's stdout, so one thread at a time.
        """
        if command[0] == 'run':
            return self.do(*command)
        place = ('-c', str(self.folder / 'feeds.yml'))
        told = CliRunner().invoke(main, [command[0], *place, *command[1:]])
        return Done(told.exit_code, told.stdout, told.stderr)

    def entries(self) -> list[dict[str, Any]]:
        done = self.do('entries', '--json')
        assert done.code == 0, done
        return [json.loads(line) for line in done.out.splitlines()]

    def documents(self) -> dict[str, bytes]:
        """Every file of public/ by its path, compressed forms and all."""
        return {str(p.relative_to(self.public)): p.read_bytes() for p in sorted(self.public.rglob('*')) if p.is_file()}

    def temporary(self) -> list[str]:
        """Files that only a write under way may leave."""
        return [str(p.relative_to(self.data)) for p in self.data.rglob('*') if '.tmp-' in p.name or '.part' in p.name]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


class Child:
    """`sys.executable -m aggregator …`, read by a thread so that no pipe fills up. Killed at the end of the block."""

    def __init__(self, place: Place, command: Sequence[str], before: Callable[[], None] | None) -> None:
        environment = os.environ | {'PYTHONUNBUFFERED': '1'} | dict(place.environment)
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'aggregator', *command],
            cwd=place.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=before,  # noqa: PLW1509  # the tests set limits with it
        )
        self._said = threading.Condition()
        self._out: dict[str, str] = {'out': '', 'err': ''}
        self._threads = [
            threading.Thread(target=self._read, args=('out', self.process.stdout), daemon=True),
            threading.Thread(target=self._read, args=('err', self.process.stderr), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, pattern: str, timeout_s: float = PATIENCE_S) -> re.Match[str]:
        """The first place in what it says that matches; AssertionError where it ends or is silent for too long."""
        with self._said:
            self._said.wait_for(lambda: self._found(pattern) or not self._alive(), timeout_s)
            found = self._found(pattern)
        assert found, f'{pattern!r} was not said: {self._out}'
        return found

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self._wait()

    def terminate(self) -> tuple[Done, float]:
        """SIGTERM; what it said, and how many seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.end(), time.monotonic() - began

    def end(self, timeout_s: float = PATIENCE_S) -> Done:
        """Wait for its end."""
        self.process.wait(timeout_s)
        self._wait()
        return Done(self.process.returncode, self._out['out'], self._out['err'])

    def _wait(self) -> None:
        self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def _alive(self) -> bool:
        return any(t.is_alive() for t in self._threads)

    def _found(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self._out['out']) or re.search(pattern, self._out['err'])

    def _read(self, name: str, pipe: Any) -> None:
        for line in iter(pipe.readline, b''):
            with self._said:
                self._out[name] += line.decode('utf-8', 'replace')
                self._said.notify_all()
        with self._said:
            self._said.notify_all()


def eventually(true: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Wait until it is so."""
    give_up_at = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < give_up_at, 'it never came to be'
        time.sleep(0.02)


def pids_with(token: str) -> Iterable[int]:
    """Processes in whose environment this text stands: a child, and whatever it started."""
    for folder in Path('/proc').iterdir():
        if folder.name.isdigit():
            try:
                if token.encode() in (folder / 'environ').read_bytes():
                    yield int(folder.name)
            except OSError:
                continue
