"""An origin for the benchmarks: feeds over HTTP on loopback, with validators. What it says it is told by address.

    python bench/origin.py --feeds 200 [--hosts 50] [--entries 30] [--real FOLDER] [--tls PAIR]

It prints its port. Feed N is /f/N.xml at address N modulo --hosts of 127.0.1.1, 127.0.1.2, ...; feeds are made up
(made_up.py) or, with --real, made of real documents by the tools in that folder (origin_real.py).

GET /tick?percent=10   that share of the feeds gets one new entry
GET /forget?on=1       answers carry no validators and honour none, until on=0
GET /hangup            every other connection is closed, as happens between rounds
GET /counts            how many answers had which status since it was last asked, as JSON
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import parse_qsl, urlsplit

import uvloop
from made_up import MadeUp
from origin_real import Real

END = b'\r\n\r\n'


class Feeds(Protocol):
    def body(self, number: int) -> bytes: ...
    def media_type(self, number: int) -> str: ...
    def etag(self, number: int) -> str: ...
    def tick(self, percent: int) -> None: ...


class Origin:
    def __init__(self, feeds: Feeds, *, keep: bool) -> None:
        self.feeds = feeds
        self.keep = keep
        self.forgets = False
        self.counts: Counter[str] = Counter()
        self.connections: set[Connection] = set()

    def respond(self, head: str) -> bytes:
        path = head.split(' ', 2)[1]
        if path.startswith('/f/'):
            return self.feed(int(path[3:].removesuffix('.xml')), head)
        parts = urlsplit(path)
        return _answer('200 OK', ['Connection: close'], self.told(parts.path, dict(parse_qsl(parts.query))))

    def feed(self, number: int, head: str) -> bytes:
        etag = self.feeds.etag(number)
        if not self.forgets and f'if-none-match: {etag}'.lower() in head.lower():
            status, body = '304 Not Modified', b''
        else:
            status, body = '200 OK', self.feeds.body(number)
        self.counts[status[:3]] += 1
        fields = [] if self.forgets else [f'ETag: {etag}']
        fields += [] if self.keep else ['Connection: close']
        return _answer(status, [*fields, f'Content-Type: {self.feeds.media_type(number)}'], body)

    def told(self, path: str, query: dict[str, str]) -> bytes:
        match path:
            case '/tick':
                self.feeds.tick(int(query['percent']))
            case '/forget':
                self.forgets = query['on'] == '1'
            case '/hangup':
                for one in self.connections:
                    asyncio.get_running_loop().call_soon(one.transport.close)  # the answer goes out before
            case '/counts':
                counts, self.counts = self.counts, Counter()
                return json.dumps(counts).encode()
        return b''


class Connection(asyncio.Protocol):
    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.left = b''

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast('asyncio.Transport', transport)  # uvloop's is none by its class
        self.origin.connections.add(self)

    def data_received(self, data: bytes) -> None:
        *heads, self.left = (self.left + data).split(END)
        for head in heads:
            answer = self.origin.respond(head.decode('latin-1'))
            self.transport.write(answer)
            if b'\r\nConnection: close\r\n' in answer[: answer.index(END) + 2]:
                self.transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.origin.connections.discard(self)


def _answer(status: str, fields: Iterable[str], body: bytes) -> bytes:
    lines = [f'HTTP/1.1 {status}', *fields]
    if not status.startswith('304'):
        lines.append(f'Content-Length: {len(body)}')
    return '\r\n'.join([*lines, '', '']).encode() + body


def addresses(hosts: int) -> list[str]:
    return [f'127.0.{1 + n // 250}.{1 + n % 250}' for n in range(hosts)]


async def serve(origin: Origin, hosts: int, pair: Path | None) -> None:
    loop = asyncio.get_running_loop()
    context = None
    if pair:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        context.num_tickets = 0  # every connection shakes hands from the start, as with a host not seen for hours
        context.options |= ssl.OP_NO_TICKET
    port = 0
    for address in ['127.0.0.1', *addresses(hosts)]:
        server = await loop.create_server(lambda: Connection(origin), address, port, ssl=context, backlog=1024)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--feeds', type=int, default=200)
    parser.add_argument('--hosts', type=int, default=50)
    parser.add_argument('--entries', type=int, default=30)
    parser.add_argument('--real', type=Path, help='the folder that holds tools/origin.py and corpus/feeds')
    parser.add_argument('--tls', type=Path, help='a certificate and its key')
    given = parser.parse_args()
    feeds = Real(given.real, given.feeds) if given.real else MadeUp(given.feeds, given.entries)
    uvloop.run(serve(Origin(feeds, keep=given.tls is None), given.hosts, given.tls))
