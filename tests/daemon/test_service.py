"""`aggregator run` as a real process: signals, files that are saved, a second daemon. One life a test, for starts cost."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

import pytest
from daemon_made import SITE, eventually, row, rows, rss

pytestmark = pytest.mark.slow
KNOBS = 'polling: {min_interval: 1s, host_spacing: 0s, host_concurrency: 4}\nparsing: {workers: 1}\n'


class Origin:
    """Serves a document of one entry at every path; /hang/ answers only when it is closed. It is a hub too."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.gate = threading.Event()
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin.asked.append(self.path)
                if self.path.startswith('/hang'):
                    origin.gate.wait(60)
                body = rss(self.path.strip('/'))
                self.send_response(200)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                with suppress(OSError):  # who hung up
                    self.wfile.write(body)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers['Content-Length'])).decode('ascii'))
                self.send_response(204)
                self.end_headers()
                origin.told.append((self.path, form['hub.url'][0]))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def row(self, name: str, more: str = '', host: str = '127.0.0.1') -> str:
        return row(name, f'http://{host}:{self.server.server_port}/{name}', f', private: true{more}')

    def url(self, name: str) -> str:
        return f'http://127.0.0.1:{self.server.server_port}/{name}'

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


class Life:
    """A folder, and the daemon that runs on it as a child."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.child: subprocess.Popen[str] | None = None

    def save(self, text: str, way: str = 'rename', knobs: str = KNOBS) -> None:
        (self.folder / 'config').mkdir(exist_ok=True)
        (self.folder / 'config' / 'aggregator.yml').write_text(knobs, 'utf-8')
        file = self.folder / 'feeds.yml'
        if way == 'rename':
            new = file.with_name('.feeds.yml.swp')
            new.write_text(SITE + text, 'utf-8')
            new.replace(file)
        else:
            file.write_text(SITE + text, 'utf-8')

    def command(self, *more: str) -> list[str]:
        return [sys.executable, '-m', 'aggregator', 'run', '-c', str(self.folder / 'feeds.yml'), '--port', '0', *more]

    def start(self) -> None:
        self.child = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding='utf-8'
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.hears(r'serving http://')

    def _read(self) -> None:
        assert self.child is not None
        assert self.child.stdout is not None
        with self.child.stdout:
            self.said.extend(iter(self.child.stdout.readline, ''))

    def hears(self, pattern: str, timeout_s: float = 30.0) -> re.Match[str]:
        eventually(lambda: self._found(pattern) or self._ended(), timeout_s)
        found = self._found(pattern)
        assert found, f'{pattern!r} was not said:\n' + ''.join(self.said)
        return found

    def _found(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, ''.join(self.said))

    def _ended(self) -> bool:
        return self.child is None or self.child.poll() is not None

    def tell(self, number: signal.Signals) -> None:
        assert self.child is not None
        self.child.send_signal(number)

    def ends(self) -> tuple[int, float]:
        """Its exit code, and the seconds that it took."""
        assert self.child is not None
        began = time.monotonic()
        return self.child.wait(30), time.monotonic() - began

    def get(self, path: str) -> bytes:
        with urlopen(self.hears(r'http://\S+?/')[0] + path, timeout=10) as answer:
            return bytes(answer.read())

    def meta(self, key: str) -> str:
        with closing(sqlite3.connect(self.folder / 'data' / 'aggregator.db')) as db:
            found = db.execute('SELECT value FROM meta WHERE key = ?', (key,)).fetchone()
        return found[0] if found else ''


@pytest.fixture
def origin() -> Iterator[Origin]:
    origin = Origin()
    yield origin
    origin.close()


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path)
    yield life
    if life.child is not None:
        life.child.kill()
        life.child.wait(30)


def test_a_hub_is_told_what_was_published(life, origin):
    hub = f'publishing: {{hubs: ["{origin.url("hub")}"], private_hubs: true}}\n'
    life.save(rows(origin.row('jia')), knobs=KNOBS + hub)
    life.start()

    eventually(lambda: any('/category/' in url for _, url in origin.told))
    assert {path for path, _ in origin.told} == {'/hub'}
    assert all(url.endswith(('.atom', '.rss', '.json')) for _, url in origin.told)
    life.tell(signal.SIGTERM)
    assert life.ends()[0] == 0


def test_a_life_with_changes(life, origin):
    life.save(rows(origin.row('jia', ', every: 1s')))
    life.start()
    life.hears(r'jia .*status=200')
    version = life.meta('config_version')
    assert version

    life.save(rows(origin.row('jia', ', every: 1s'), origin.row('yi', ', every: 1s')))
    life.hears('configuration taken up: 1 source added')
    life.hears(r'yi .*status=200')
    eventually(lambda: b'/yi' in life.get('all.atom'))
    eventually(lambda: life.meta('config_version') != version)

    version = life.meta('config_version')
    life.save(rows(origin.row('jia', ', evry: 1s')), way='in place')
    life.hears(r'feeds\.yml:3:\d+: .*evry')
    life.hears('the configuration that runs stays in use')
    eventually(lambda: 'evry' in life.meta('config_error'))
    assert life.meta('config_version') == version
    eventually(lambda: '未被采用'.encode() in life.get('sources'))
    assert '未被采用'.encode() in life.get('about')
    assert b'evry' not in life.get('sources') + life.get('about')
    asked = len(origin.asked)
    eventually(lambda: len(origin.asked) > asked + 1)  # it goes on polling
    assert ''.join(life.said).count('stays in use') == 1

    life.tell(signal.SIGHUP)
    eventually(lambda: ''.join(life.said).count('stays in use') == 2)

    life.save(rows(origin.row('yi', ', every: 1s')), knobs=KNOBS + 'serving: {port: 8123}\n')
    life.hears('configuration taken up: 1 source retired')
    life.hears('serving.host and serving.port count after a restart')
    assert life.meta('config_error') == ''
    eventually(lambda: '未被采用'.encode() not in life.get('sources'))
    assert b'/jia' in life.get('all.atom')

    life.tell(signal.SIGHUP)
    life.hears('the configuration is the one that runs')

    life.tell(signal.SIGTERM)
    code, seconds = life.ends()
    assert (code, seconds < 10) == (0, True)


def test_a_second_daemon_is_refused_and_the_end_waits_for_nobody_who_hangs(life, origin):
    life.save(
        rows(
            origin.row('jia', ', every: 1s', host='localhost'),
            *(origin.row(f'hang{n}', ', every: 1s') for n in range(8)),
        )
    )
    life.start()
    second = subprocess.run(life.command(), capture_output=True, text=True, encoding='utf-8', timeout=60, check=False)
    assert second.returncode == 1
    assert f'(pid {life.child.pid})' in second.stderr + second.stdout
    life.hears(r'jia .*status=200')
    eventually(lambda: sum(path.startswith('/hang') for path in origin.asked) >= 3)
    life.tell(signal.SIGINT)
    code, seconds = life.ends()
    assert (code, seconds < 10) == (0, True)
    life.start()  # the lock is free
    life.child.kill()
    life.ends()
    life.start()  # and one that was killed leaves none either


def test_the_end_comes_though_the_database_is_locked(life, origin):
    life.save(rows(origin.row('jia', ', every: 1s')))
    life.start()
    life.hears(r'jia .*status=200')
    with closing(sqlite3.connect(life.folder / 'data' / 'aggregator.db', isolation_level=None)) as other:
        other.execute('BEGIN IMMEDIATE')
        asked = len(origin.asked)
        eventually(lambda: len(origin.asked) > asked)
        life.tell(signal.SIGTERM)
        code, seconds = life.ends()
    assert (code, seconds < 10) == (0, True)
