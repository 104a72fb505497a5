"""CPU of one request: both transports against `requests.get`, in the same run. Read the ratios.

    python bench/fetch.py [--requests 800] [--threads 16]

The server is a child process on loopback, whose CPU does not count. As a round does, many threads ask at once. "New
host": the server hangs up after each answer and gives no TLS tickets, so every request shakes hands from the start.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from runpy import run_path

import certifi
import requests

from aggregator.fetch import RequestsTransport
from aggregator.fetch.curl import CurlTransport
from aggregator.model import Fetched, FetchLimits, NotModified, Request, Validators

PAIR = run_path(str(Path(__file__).parent.parent / 'tests/fetch/test_tls.py'))
BODY = b'<feed>' + b'0123456789abcdef' * 896 + b'</feed>'  # 14 KB
ETAG = '"a"'
TIMES = 3  # the best of
CASES = [(f'{what}{where}', secure, what == '304', bool(where)) for secure in (False, True) for what in ('304', '14 KB') for where in ('', ', new host')]  # fmt: skip


def serve(told: multiprocessing.Queue, pair: str | None) -> None:
    """Answers until it is terminated. Paths that begin with /new are hung up on."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b'\r\n\r\n'):
                new = head.startswith(b'GET /new')
                status, body = (b'304 Not Modified', b'') if b'If-None-Match' in head else (b'200 OK', BODY)
                fields = [
                    b'ETag: "a"',
                    b'Content-Type: application/atom+xml',
                    b'Server: bench',
                    b'Cache-Control: max-age=300',
                ]
                fields += [b'Last-Modified: Sun, 22 Nov 2026 09:00:00 GMT', b'Date: Sun, 22 Nov 2026 10:00:00 GMT']
                fields += [b'Content-Length: %d' % len(body)] if body else []
                fields += [b'Connection: close'] if new else []
                writer.write(b'\r\n'.join([b'HTTP/1.1 ' + status, *fields, b'', body]))
                await writer.drain()
                if new:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def run() -> None:
        context = None
        if pair:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pair)
            context.num_tickets = 0
            context.options |= ssl.OP_NO_TICKET
        server = await asyncio.start_server(answer, '127.0.0.1', 0, ssl=context, backlog=1000)
        told.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def origin(pair: str | None) -> Iterator[str]:
    told: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(told, pair), daemon=True)
    process.start()
    yield f'{"https" if pair else "http"}://127.0.0.1:{told.get()}'
    process.terminate()
    process.join()


def cpu_ms(ask: Callable[[int], object], requests_: int, threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(threads)))
        spent = []
        for _ in range(TIMES):
            before = time.process_time()
            for _ in pool.map(lambda part: [ask(n) for n in part], [range(requests_ // threads)] * threads):
                pass
            spent.append(time.process_time() - before)
    return min(spent) * 1000 / (requests_ // threads * threads)


def transported(transport: RequestsTransport | CurlTransport, url: str, conditional: bool) -> Callable[[int], object]:
    validators = Validators(ETAG) if conditional else Validators()
    expected = NotModified if conditional else Fetched

    def ask(number: int) -> None:
        result = transport.fetch(Request(url=f'{url}{number}', private=True, validators=validators))
        assert isinstance(result, expected), result

    return ask


def got(url: str, conditional: bool, bundle: str) -> Callable[[int], object]:
    headers = {'If-None-Match': ETAG} if conditional else {}
    expected = 304 if conditional else 200

    def ask(number: int) -> None:
        answer = requests.get(f'{url}{number}', headers=headers, timeout=30, verify=bundle)
        assert answer.status_code == expected
        assert len(answer.content) == (0 if conditional else len(BODY))

    return ask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--requests', type=int, default=800)
    parser.add_argument('--threads', type=int, default=16)
    told = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / 'pair.pem').write_text(PAIR['CERTIFICATE'] + PAIR['KEY'])
        bundle = folder / 'bundle.pem'
        bundle.write_text(Path(certifi.where()).read_text('utf-8') + PAIR['CERTIFICATE'], 'utf-8')
        trusted = ssl.create_default_context(cafile=str(bundle))
        base = {False: stack.enter_context(origin(None)), True: stack.enter_context(origin(str(folder / 'pair.pem')))}
        ours = [
            stack.enter_context(closing(kind(FetchLimits(), 'bench/1', now=lambda: datetime.now(UTC), tls=trusted)))
            for kind in (CurlTransport, RequestsTransport)
        ]
        print(f'{told.requests} requests by {told.threads} threads; CPU-ms a request; Python {sys.version.split()[0]},')
        print(f'pycurl {version("pycurl")}, requests {version("requests")}, urllib3 {version("urllib3")}')
        print(f'{"":24}{"curl":>10}{"requests":>10}{"requests.get":>14}{"get/curl":>10}{"get/requests":>14}')
        for name, secure, conditional, new in CASES:
            url = f'{base[secure]}/{"new" if new else "kept"}/'
            asks = [*(transported(one, url, conditional) for one in ours), got(url, conditional, str(bundle))]
            curl, plain, get = (cpu_ms(ask, told.requests, told.threads) for ask in asks)
            label = f'{"https" if secure else "http"}, {name}'
            print(f'{label:24}{curl:10.3f}{plain:10.3f}{get:14.3f}{get / curl:10.1f}{get / plain:14.1f}', flush=True)


if __name__ == '__main__':
    main()
