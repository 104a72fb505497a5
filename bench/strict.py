"""Publishers that ask for something, on loopback, by the simulated clock: floors of every kind, 429 and 503.

    GET /plain/N  /max-age/SECONDS/N  /expires/SECONDS/N  /ttl/MINUTES/N  /hourly/TIMES/N  /skip/N    documents
    GET /429/SECONDS/N  /503/SECONDS/N     now and then, with a Retry-After in seconds and as a date

Every answer takes the latency. What each host has had under way at once is counted.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime

KINDS = ('plain', 'max-age/5400', 'expires/5000', 'ttl/95', 'hourly/1', 'skip', '429/4000', '503/7000')
EVERY_NTH = 3  # request is told to slow down


class Strict:
    def __init__(self, now: Callable[[], datetime], latency_s: float) -> None:
        self._now = now
        self._latency_s = latency_s
        self._asked: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()  # under way at once, by host
        self.refused = 0
        self.urls: list[str] = []

    @contextmanager
    def open(self, hosts: int) -> Iterator[None]:
        """Each kind on `hosts` hosts of its own, with two plain documents beside it."""
        addresses = [f'127.0.9.{1 + n}' for n in range(hosts * len(KINDS))]
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        servers = asyncio.run_coroutine_threadsafe(self._listen(addresses), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(_shut(servers), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _listen(self, addresses: Sequence[str]) -> list[asyncio.Server]:
        servers = []
        for n, address in enumerate(addresses):
            server = await asyncio.start_server(self._serve, address, 0)
            servers.append(server)
            base = f'http://{address}:{server.sockets[0].getsockname()[1]}'
            self.urls += [f'{base}/{KINDS[n % len(KINDS)]}/0', f'{base}/plain/1', f'{base}/plain/2']
        return servers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info('sockname')[0]
        try:
            while head := await reader.readuntil(b'\r\n\r\n'):
                self._under_way[host] += 1
                self.most[host] = max(self.most[host], self._under_way[host])
                await asyncio.sleep(self._latency_s)
                self._under_way[host] -= 1
                writer.write(self._answer(host, head.decode('latin-1')))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, host: str, head: str) -> bytes:
        path = head.split(' ', 2)[1]
        kind, *more = path.strip('/').split('/')
        self._asked[f'{host}{path}'] += 1
        if kind in ('429', '503') and self._asked[f'{host}{path}'] % EVERY_NTH == 0:
            return self._refusal(int(kind), int(more[0]))
        tag = f'"{host}{path}"'
        fields = [f'ETag: {tag}', f'Date: {_http(self._now())}', *self._asking(kind, more)]
        if f'if-none-match: {tag}' in head.lower():
            return _told('304 Not Modified', fields)
        return _told(
            '200 OK', [*fields, 'Content-Type: application/rss+xml'], _document(f'{host}{path}', kind, more[0])
        )

    def _asking(self, kind: str, more: Sequence[str]) -> list[str]:
        if kind == 'max-age':
            return [f'Cache-Control: max-age={more[0]}']
        return [f'Expires: {_http(self._now() + timedelta(seconds=int(more[0])))}'] if kind == 'expires' else []

    def _refusal(self, status: int, seconds: int) -> bytes:
        self.refused += 1
        date = _http(self._now() + timedelta(seconds=seconds))
        return _told(f'{status} No', [f'Retry-After: {seconds if status == 429 else date}'])


async def _shut(servers: Sequence[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _http(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def _told(status: str, fields: Sequence[str], body: bytes = b'') -> bytes:
    length = [] if status.startswith('304') else [f'Content-Length: {len(body)}']
    return '\r\n'.join([f'HTTP/1.1 {status}', *fields, *length, '', '']).encode() + body


def _document(name: str, kind: str, number: str) -> bytes:
    asks = {
        'ttl': f'<ttl>{number}</ttl>',
        'hourly': f'<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>{number}</sy:updateFrequency>',
        'skip': '<skipHours><hour>0</hour><hour>5</hour><hour>6</hour><hour>12</hour></skipHours>',
    }.get(kind, '')
    item = f'<item><title>消息 {name}</title><link>http://{name}/a</link><guid isPermaLink="false">{name}</guid></item>'
    head = '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>报</title>'
    return f'{head}<link>http://{name}</link>{asks}{item}</channel></rss>'.encode()
