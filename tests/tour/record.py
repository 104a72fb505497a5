"""Records docs/tour.md: does what the page tells in a fresh clone and puts what was said into its blocks.

    python tests/tour/record.py

It takes port 8000, as `make run` does. The installation is done from the package index that pip is set up for. What
stands between the blocks is left alone.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / other) for other in ('cli', 'system', 'docs'))]

from cli_made import on_terminal, screen  # noqa: E402  # their place is known only now
from docs_made import DOCS, ROOT  # noqa: E402
from origin_made import Origin  # noqa: E402
from tour_made import site, steps  # noqa: E402

PAGE = DOCS / 'tour.md'
PATIENCE_S = 900.0  # installing included
CELLS = 116
SAYS = {'TERM': 'xterm-256color', 'COLUMNS': str(CELLS), 'LANG': 'C.UTF-8', 'PIP_QUIET': '2'}


class First:
    """The first terminal, in which the daemon runs."""

    def __init__(self, words: list[str], cwd: Path) -> None:
        self._fd, inner = pty.openpty()
        env = {**os.environ, **SAYS}
        self.child = subprocess.Popen(
            words, cwd=cwd, env=env, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
        )
        os.close(inner)
        self._seen, self._told = '', 0

    def until(self, text: str) -> str:
        """What it said since it was last asked, at the moment when it has said this and is silent for a second."""
        end = time.monotonic() + PATIENCE_S
        raw, quiet = b'', False
        while text not in (self._seen + raw.decode(errors='ignore'))[self._told :] or not quiet:
            assert time.monotonic() < end, self._seen
            quiet = not select.select([self._fd], [], [], 1.0)[0]
            raw += b'' if quiet else os.read(self._fd, 65_536)
        self._seen += raw.decode()
        said, self._told = self._seen[self._told :], len(self._seen)
        return '\n'.join(screen(said))

    def end(self) -> None:
        os.killpg(self.child.pid, signal.SIGINT)
        self.child.wait(60)
        os.close(self._fd)


def typed(lines: tuple[str, ...], place: Path) -> str:
    """The second terminal: each line behind its prompt, and what was said to it."""
    env = {'PATH': f'{place}/.venv/bin:{os.environ["PATH"]}'}
    said = []
    for line in lines:
        seen = on_terminal(['sh', '-c', line], place, env=env, cells=CELLS)
        said += [f'$ {line}', *screen(seen.text)]
    return '\n'.join(said)


@contextmanager
def running(place: Path):
    first = First(['make', 'run'], place)
    try:
        yield first
    finally:
        first.end()


def recorded() -> dict[str, str]:
    """Name of a block -> what stands in it."""
    origin, found = Origin(), {}
    site(origin)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / 'aggregator'
        subprocess.run(['git', 'clone', '-q', str(ROOT), str(place)], check=True)
        with running(place) as first:
            start = first.until('使用说明  ')
            found['start'] = '$ make run\n' + start
            found['status'] = typed(('aggregator status', 'aggregator sources'), place)
            for step in steps(origin.base):
                found[step.name] = typed(step.typed, place)
                if step.daemon:
                    found[f'daemon-{step.name}'] = first.until(step.daemon)
    origin.close()
    return {name: text.replace(str(place), '/home/me/aggregator') for name, text in found.items()}


def main() -> None:
    page, found = PAGE.read_text('utf-8'), recorded()
    for name, text in found.items():
        block = re.compile(rf'^```text {name}\n.*?^```$', re.MULTILINE | re.DOTALL)
        assert block.search(page), name
        page = block.sub(lambda _, block=f'```text {name}\n{text}\n```': block, page)
    PAGE.write_text(page, 'utf-8')


if __name__ == '__main__':
    main()
