"""A thousand publishers on loopback, a tenth of them hostile as soon as they are told to be. A process of its own.

python bench/siege_origin.py        prints its port, and ends when its standard input does

GET /good/N            a feed with an ETag; some have a new entry each time
GET /KIND/N            drip, slow-head, bomb, flood, redirect, slow-parse: such a feed too, until the siege begins
GET /control/begin     from now on
GET /control/asked     when each path was asked since the last time, as JSON
GET /control/ping      for comparison with the pulse of the program
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

KINDS = ('drip', 'slow-head', 'bomb', 'flood', 'redirect', 'slow-parse')
BOMB = gzip.compress(bytes(64 * 1024 * 1024), 9) * 32  # 2 GiB of zeros, member after member
HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>围</title><link>https://x.example/</link>'
ITEM = '<item><title>第{0}条 {1}</title><link>https://x.example/{1}/{0}</link><description>正文</description></item>'
SLOW = (
    f'{HEAD}<item><author>a@{"a." * 30_000}!</author></item></channel></rss>',
    f'{HEAD}{"<!--" * 50_000}',
    f'{HEAD}<item><title>{"&" * 50_000}</title></item></channel></rss>',
    f'{HEAD}{"<a " * 50_000}',
    f'{HEAD}<item><title>x</title>{"<category>c</category>" * 20_000}</item></channel></rss>',
    f'<!DOCTYPE rss [<!ENTITY q "{"q" * 40_000}">]>{HEAD}<item><title>{"&q;" * 40_000}</title></item></channel></rss>',
    f'{HEAD}{"<div>" * 100_000}',
    f'{HEAD}{ITEM.format(0, 0) * 15_000}</channel></rss>',
)
FRESH = 10  # of so many good feeds one has a new entry every time
TICK_S = 60.0


class Origin:
    def __init__(self) -> None:
        self.besieged = False
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.hostile: dict[str, Callable[[asyncio.StreamWriter, int], Awaitable[None]]] = {
            'drip': drip,
            'slow-head': slow_head,
            'bomb': bomb,
            'flood': flood,
            'redirect': redirect,
            'slow-parse': slow_parse,
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(await reader.readuntil(b'\r\n\r\n'), writer):
                pass
        writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may be used again."""
        _, kind, number = head.split(b' ', 2)[1].decode().split('?')[0].split('/')
        if kind == 'control':
            await send(writer, self._control(number))
            return True
        self.asked[f'/{kind}/{number}'].append(time.time())
        if self.besieged and kind in self.hostile:
            await self.hostile[kind](writer, int(number))
            return False
        await good(writer, head, int(number))
        return True

    def _control(self, what: str) -> bytes:
        if what == 'begin':
            self.besieged = True
        if what != 'asked':
            return b'ok'
        asked, self.asked = self.asked, defaultdict(list)
        return json.dumps(asked).encode()


async def send(writer: asyncio.StreamWriter, body: bytes, *lines: str, status: int = 200) -> None:
    told = ''.join(f'{line}\r\n' for line in lines)
    writer.write(f'HTTP/1.1 {status} -\r\n{told}Content-Length: {len(body)}\r\n\r\n'.encode() + body)
    await writer.drain()


async def good(writer: asyncio.StreamWriter, head: bytes, number: int) -> None:
    version = int(time.time() / TICK_S) if number % FRESH == 0 else 0
    tag = f'"{number}-{version}"'
    if tag.encode() in head:
        writer.write(f'HTTP/1.1 304 -\r\nETag: {tag}\r\n\r\n'.encode())
        return
    items = ''.join(ITEM.format(n, number) for n in range(version, version + 10))
    await send(writer, f'{HEAD}{items}</channel></rss>'.encode(), f'ETag: {tag}', 'Content-Type: application/rss+xml')


async def drip(writer: asyncio.StreamWriter, _number: int) -> None:
    """A byte twice a second, for ever."""
    writer.write(b'HTTP/1.1 200 -\r\nContent-Type: application/rss+xml\r\nContent-Length: 1000000\r\n\r\n')
    while True:
        writer.write(b' ')
        await writer.drain()
        await asyncio.sleep(0.5)


async def slow_head(writer: asyncio.StreamWriter, _number: int) -> None:
    writer.write(b'HTTP/1.1 200 -\r\nX-Slow: ')
    while True:
        writer.write(b'a')
        await writer.drain()
        await asyncio.sleep(0.5)


async def bomb(writer: asyncio.StreamWriter, _number: int) -> None:
    await send(writer, BOMB, 'Content-Encoding: gzip', 'Content-Type: application/rss+xml')


async def flood(writer: asyncio.StreamWriter, _number: int) -> None:
    """As fast as it is taken, and it never ends."""
    writer.write(b'HTTP/1.1 200 -\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n')
    piece = HEAD.encode() + ITEM.format(1, 1).encode() * 300
    while True:
        writer.write(b'%x\r\n%s\r\n' % (len(piece), piece))
        await writer.drain()


async def redirect(writer: asyncio.StreamWriter, number: int) -> None:
    await send(writer, bytes(1_000_000), f'Location: /redirect/{number}?{time.time()}', status=302)


async def slow_parse(writer: asyncio.StreamWriter, number: int) -> None:
    await send(writer, SLOW[number % len(SLOW)].encode(), 'Content-Type: application/rss+xml')


async def main() -> None:
    origin = Origin()
    server = await asyncio.start_server(origin.serve, '0.0.0.0', 0, backlog=1024)  # many loopback hosts
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == '__main__':
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
