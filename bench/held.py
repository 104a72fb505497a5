"""Two thousand connections are held against a server that a reader asks as ever: how long does the reader wait?

    python bench/held.py [--held 2000] [--seconds 20]

A real `aggregator run` with one folder of posts. A quarter of the connections say nothing, a quarter half a head, a
quarter go on with a byte now and then, and a quarter ask and never read. Whoever is cut off comes again at once. Beside
it the same reader before anybody is held. It ends with 1 where one GET of a hundred takes longer than 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATH = '/index.html'
LIMIT_MS = 50.0
HOLDER = 'holder'  # the first word of the child that holds
POST = (
    '---\nlayout: post\ntitle: 数字经济\ndate: 2026-04-12 13:57:24 +0800\ntags: 证券时报网新闻\n---\n<p>数字经济</p>\n'
)
Style = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# ------------------------------------------------ who holds, in a process of its own


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f'GET {PATH} HTTP/1.1\r\nHost: a'.encode())
    await reader.read()


async def dripping(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f'GET {PATH} HTTP/1.1\r\nX: '.encode())
    while not writer.is_closing():
        await asyncio.sleep(1)
        writer.write(b'x')
        await writer.drain()


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reader._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001  # nothing is ever taken
    writer.write(f'GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n'.encode() * 50)
    while not writer.is_closing():
        await asyncio.sleep(1)
        writer.write(b'\r\n')
        await writer.drain()


STYLES: tuple[Style, ...] = (silent, half, dripping, deaf)


class Holders:
    def __init__(self, port: int, connections: int) -> None:
        self.port = port
        self.connections = connections
        self.told: Counter[str] = Counter()
        self.complete = asyncio.Event()

    async def hold(self, style: Style) -> None:
        """One connection, again and again."""
        while True:
            try:
                reader, writer = await asyncio.open_connection('127.0.0.1', self.port, limit=1024)
            except OSError:
                self.told['refused'] += 1
                await asyncio.sleep(0.1)
                continue
            self.told['opened'] += 1
            if self.told['opened'] - self.told['cut'] == self.connections:
                self.complete.set()
            with contextlib.suppress(OSError):
                await style(reader, writer)
            writer.transport.abort()
            self.told['cut'] += 1

    async def run(self) -> None:
        """Until standard input ends."""
        tasks = [asyncio.create_task(self.hold(STYLES[n % len(STYLES)])) for n in range(self.connections)]
        await self.complete.wait()
        print('held', flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(dict(self.told), flush=True)
        for task in tasks:
            task.cancel()


async def hold(port: int, connections: int) -> None:
    await Holders(port, connections).run()


# ------------------------------------------------ who reads


def waits_ms(port: int, seconds: float) -> list[float]:
    """Of plain GETs, each on a connection of its own, a hundred a second."""
    found = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        connection.request('GET', PATH)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        found.append((time.perf_counter() - began) * 1000)
        if answer.status != http.client.OK:
            sys.exit(f'bench: {PATH} was answered with {answer.status}')
        time.sleep(0.01)
    return sorted(found)


def told(name: str, waits: list[float]) -> float:
    """Prints the waits, and gives what 99 of a hundred did not exceed."""
    p50, p99 = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
    print(f'{name}: {len(waits)} GETs, p50 {p50:.1f}, p99 {p99:.1f}, longest {waits[-1]:.1f} ms', flush=True)
    return p99


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """The port of a daemon."""
    (folder / 'posts').mkdir()
    (folder / 'posts' / '2026-04-12-a.md').write_text(POST, 'utf-8')
    (folder / 'feeds.yml').write_text(
        'site: {title: 占}\nsources:\n  - {name: 文, kind: posts, path: posts/, category: 新闻}\n', 'utf-8'
    )
    log = folder / 'log'
    with log.open('wb') as out:
        child = subprocess.Popen(
            [sys.executable, '-m', 'aggregator', 'run', '--port', '0'], cwd=folder, stdout=out, stderr=out
        )
    try:
        while not (found := re.search(r'serving http://[^:]+:(\d+)', log.read_text('utf-8'))):
            time.sleep(0.05)
        time.sleep(2)  # what it has to do at first is done
        yield int(found[1])
    finally:
        child.terminate()
        child.wait(60)


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    asked.add_argument('--held', type=int, default=2000)
    asked.add_argument('--seconds', type=float, default=20)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as port:
        told('alone', waits_ms(port, given.seconds))
        command = [sys.executable, __file__, HOLDER, str(port), str(given.held)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            if not holder.stdout.readline():
                sys.exit('bench: nobody could be held')
            p99 = told(f'beside {given.held} that are held', waits_ms(port, given.seconds))
            holder.stdin.close()
            print('who held:', holder.stdout.read().strip())
    return 0 if p99 <= LIMIT_MS else 1


if __name__ == '__main__':
    if sys.argv[1:2] == [HOLDER]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        asyncio.run(hold(*map(int, sys.argv[2:])))
    else:
        sys.exit(main())
