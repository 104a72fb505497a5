"""Answers for a CPU-second: our server, nginx on the same folder, and bare starlette that knows a single document.

    python bench/serve.py ours FOLDER | starlette FILE       serves, and prints its port

One document of a hundred entries is asked for by clients that take gzip: all of it, and with its validator. Requests go
out on 32 connections and only then are the answers read, so a server always has something to do. Only the server's CPU
counts.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from emit import SITE, Category
from measure import cpu_s, median
from plan import Plan
from report import Table, ratio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.serve import PublicFolder, Server, make_app

CONNECTIONS = 32
TURNS = 3
NGINX = """
worker_processes 1; daemon off; pid {home}/pid; error_log {home}/error.log; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; types {{ application/atom+xml atom; }} gzip_static on; gzip_vary on; keepalive_requests 1000000;
    client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u;
    scgi_temp_path {home}/s; sendfile on; tcp_nopush on;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def serve_ours(folder: Path) -> None:
    server = Server(make_app(PublicFolder(folder), site=SITE, clock=time.monotonic), port=0)
    print(server.start()[1], flush=True)
    sys.stdin.read()
    server.stop()


def serve_starlette(file: Path) -> None:
    body, etag = file.read_bytes(), '"one"'

    async def document(request: Request) -> Response:
        fields = {'etag': etag, 'content-encoding': 'gzip', 'vary': 'Accept-Encoding'}
        if request.headers.get('if-none-match') == etag:
            return Response(status_code=304, headers=fields)
        return Response(body, headers=fields, media_type='application/atom+xml')

    app = Starlette(routes=[Route('/{path:path}', document)])
    with socket.create_server(('127.0.0.1', 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_level='error', access_log=False, loop='uvloop', http='httptools')
        uvicorn.Server(config).run([listening])


class Client:
    """Asks for one path on many connections at once: in the same words each time, or as if each were another reader."""

    def __init__(self, port: int, path: str, *, varied: bool = False) -> None:
        self.varied = varied
        self.asked = 0
        self.sockets = [socket.create_connection(('127.0.0.1', port)) for _ in range(CONNECTIONS)]
        self.request = f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n'
        head, _ = self.answer(self.ask(self.sockets[0], '200'))
        self.etag = next(line.split(': ', 1)[1] for line in head.split('\r\n') if line.lower().startswith('etag: '))

    def ask(self, one: socket.socket, kind: str) -> socket.socket:
        validator = f'If-None-Match: {self.etag}\r\n' if kind == '304' else ''
        self.asked += 1
        reader = f'From: {self.asked}@example.org\r\n' if self.varied else ''
        one.sendall(f'{self.request}{validator}{reader}\r\n'.encode())
        return one

    def answer(self, one: socket.socket) -> tuple[str, int]:
        """Its head, and the length of its body."""
        data = bytearray()
        while b'\r\n\r\n' not in data:
            data += self.received(one)
        head = data[: data.index(b'\r\n\r\n')].decode('latin-1')
        fields = [line.partition(':') for line in head.lower().split('\r\n')[1:]]
        length = (
            0 if ' 304 ' in head[:16] else next(int(value) for name, _, value in fields if name == 'content-length')
        )
        left = len(head) + 4 + length - len(data)
        while left > 0:
            left -= len(self.received(one))
        return head, length

    def received(self, one: socket.socket) -> bytes:
        data = one.recv(1 << 20)
        if not data:
            sys.exit('bench: a server closed a connection')
        return data

    def many(self, kind: str, requests: int) -> None:
        for _ in range(requests // CONNECTIONS):
            for one in self.sockets:
                self.ask(one, kind)
            for one in self.sockets:
                head, _ = self.answer(one)
                if f' {kind} ' not in head[:16]:
                    sys.exit(f'bench: {head[:40]!r} where a {kind} was to be measured')


@dataclass
class Served:
    port: int
    pid: int
    client: Client
    spent: dict[str, list[float]] = field(default_factory=lambda: {'304': [], '200': []})  # CPU-µs an answer

    def measure(self, kind: str, requests: int) -> None:
        before = cpu_s(self.pid)
        self.client.many(kind, requests)
        self.spent[kind].append((cpu_s(self.pid) - before) * 1e6 / (requests // CONNECTIONS * CONNECTIONS))


@contextmanager
def child(command: Sequence[str], path: str, port: int = 0) -> Iterator[Served]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = port or int(process.stdout.readline())
        yield Served(port, process.pid, Client(port, path))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def nginx(home: Path, root: Path, path: str) -> Iterator[Served]:
    home.mkdir()
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    user = 'user root;' if Path('/root').owner() == Path.home().owner() == 'root' else ''
    (home / 'conf').write_text(NGINX.format(home=home, root=root, port=port, user=user), 'utf-8')
    with socket.socket() as probe, ExitStack() as stack:
        process = subprocess.Popen(['nginx', '-p', str(home), '-c', str(home / 'conf')], stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        while probe.connect_ex(('127.0.0.1', port)):
            if process.poll() is not None:
                sys.exit(f'bench: nginx did not start: {(home / "error.log").read_text("utf-8")}')
            time.sleep(0.05)
        yield Served(port, process.pid, Client(port, path))


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    category = Category(folder, 100)
    category.folder.write(category.documents(anew=True))
    root = folder / 'public'
    file = next(root.rglob('*.atom'))
    packed, path = file.with_name(f'{file.name}.gz'), f'/{file.relative_to(root)}'
    with ExitStack() as stack:
        ours = stack.enter_context(child([sys.executable, __file__, 'ours', str(root)], path))
        servers = {
            'ours': ours,
            'ours, no head twice': Served(ours.port, ours.pid, Client(ours.port, path, varied=True)),
            'starlette': stack.enter_context(child([sys.executable, __file__, 'starlette', str(packed)], path)),
        }
        if shutil.which('nginx'):
            servers['nginx'] = stack.enter_context(nginx(folder / 'nginx', root, path))
        for _ in range(TURNS):
            for kind in ('304', '200'):
                for one in servers.values():
                    one.measure(kind, plan.requests if kind == '304' else plan.requests // 4)
    yield table(servers, packed.stat().st_size)


def table(servers: dict[str, Served], size: int) -> Table:
    found = Table(
        'Serve: answers a CPU-second', ('server', '304', 'ours/this', f'200 of {size / 1000:.0f} kB', 'ours/this')
    )
    mine = servers['ours'].spent
    for name, one in servers.items():
        cells = []
        for kind in ('304', '200'):
            spent = median(one.spent[kind])
            cells += [f'{1e6 / spent:,.0f}', ratio(spent, median(mine[kind]))]
        found.rows.append((name, *cells))
    if 'nginx' not in servers:
        found.rows.append(('nginx', 'not installed', '', '', ''))
    return found


if __name__ == '__main__':
    {'ours': serve_ours, 'starlette': serve_starlette}[sys.argv[1]](Path(sys.argv[2]))
