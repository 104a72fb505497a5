"""An origin for the benchmarks: made-up feeds over HTTP on loopback, with validators.

python bench/origin.py --feeds 200 [--entries 30]      prints its address
GET /f/N.xml        feed N
GET /tick?percent=10   that share of the feeds gets one new entry
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
from urllib.parse import parse_qs, urlsplit

WORDS = [
    '市场',
    '报告',
    '芯片',
    '仓储',
    '指数',
    '季度',
    '利润',
    '信号',
    '云',
    '证券',
    '时报',
    '数字',
    '经济',
    '深圳',
    '产业',
    '公司',
    '光伏',
    '储能',
    '机器人',
    '创新药',
    '订单',
    '供应',
]


class Feed:
    """One feed: its entries, newest first, and the document that they make."""

    def __init__(self, number: int, entries: int) -> None:
        self.number = number
        self.random = random.Random(number)
        self.count = 0
        self.items: list[str] = []
        for _ in range(entries):
            self.publish()

    def publish(self) -> None:
        self.count += 1
        n, words = self.count, self.random.choices(WORDS, k=140)
        minute, hour, day = n % 60, n // 60 % 24, 1 + n // 1440
        link = f'http://site{self.number}.example/a/{n}.html'
        title = ''.join(words[:8])
        text = ''.join(
            f'<p>{"".join(words[k : k + 20])}，<a href="/t/{k}">{words[k]}</a>。</p>' for k in range(0, 140, 20)
        )
        self.items.insert(
            0,
            f'<item><title>{title} {n}</title><link>{link}</link><guid isPermaLink="false">{self.number}-{n}</guid>'
            f'<pubDate>Tue, {day:02} Apr 2026 {hour:02}:{minute:02}:00 +0800</pubDate><category>{words[0]}</category>'
            f'<description><![CDATA[{text}]]></description></item>',
        )
        del self.items[30:]
        head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>来源{self.number}</title>'
        home = f'<link>http://site{self.number}.example/</link><description>made up</description>'
        self.body = f'{head}{home}{"".join(self.items)}</channel></rss>'.encode()
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Origin:
    def __init__(self, feeds: int, entries: int) -> None:
        self.feeds = [Feed(n, entries) for n in range(feeds)]
        self.turn = random.Random(1)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b'\r\n\r\n'):
                writer.write(self.respond(head.decode('latin-1')))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def respond(self, head: str) -> bytes:
        path = head.split(' ', 2)[1]
        if path.startswith('/tick'):
            return self.tick(int(parse_qs(urlsplit(path).query)['percent'][0]))
        feed = self.feeds[int(path.removeprefix('/f/').removesuffix('.xml'))]
        same = f'if-none-match: {feed.etag}' in head.lower()
        status, body = ('304 Not Modified', b'') if same else ('200 OK', feed.body)
        fields = f'ETag: {feed.etag}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n'
        return f'HTTP/1.1 {status}\r\n{fields}\r\n'.encode() + body

    def tick(self, percent: int) -> bytes:
        for feed in self.turn.sample(self.feeds, len(self.feeds) * percent // 100):
            feed.publish()
        return b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'


async def serve(feeds: int, entries: int) -> None:
    origin = Origin(feeds, entries)
    server = await asyncio.start_server(origin.answer, '127.0.0.1', 0)
    host, port = server.sockets[0].getsockname()
    print(f'http://{host}:{port}', flush=True)
    async with server:
        await server.serve_forever()


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--feeds', type=int, default=200)
    parser.add_argument('--entries', type=int, default=30)
    options = parser.parse_args()
    asyncio.run(serve(options.feeds, options.entries))
