"""A folder with feeds.yml and an origin that it is polled from, and the command run there as a child process."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `origin_made` can be imported by its neighbours

from origin_made import Origin  # its place is known only now

CODE = 'NW202404122339013001'
DATE = {'pubDate': 'Fri, 12 Apr 2024 08:00:00 +0800'}
AUTHORITY = 'news.example.org,2026'
SITE = {'title': '测试', 'url': 'https://news.example.org/', 'authority': AUTHORITY, 'timezone': 'Asia/Shanghai'}


@dataclass(frozen=True)
class Ran:
    """A child that ended."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        return self.out + self.err

    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Daemon:
    """A `run` that listens on `port`; what it says goes to `log`."""

    child: subprocess.Popen
    port: int
    log: Path

    def ask(self, path, method='GET', **headers):
        """-> (status, headers with lower-case names, body); the body as it came over the wire."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=10)
        try:
            connection.request(method, path, headers={k.replace('_', '-'): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def wait(self, seconds=10):
        """Until the index is served. -> seconds it took"""
        began = time.monotonic()
        while time.monotonic() - began < seconds and self.child.poll() is None:
            try:
                if self.ask('/index.html')[0] == 200:
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f'no index after {seconds} s: {self.log.read_text()}')


@dataclass
class Place:
    """A folder with feeds.yml, its origin, and the commands run in it."""

    folder: Path
    origin: Origin
    polled: Ran | None = None

    @property
    def public(self):
        return self.folder / 'data' / 'public'

    def source(self, name, path, **options):
        return {'name': name, 'url': self.origin.base + path, **options}

    def write(self, *sources, site=SITE, **top):
        """feeds.yml of these rows; JSON is YAML too."""
        shape = {'site': site, 'defaults': {'private': True}, 'sources': list(sources), **top}
        self.write_text(json.dumps(shape, ensure_ascii=False, indent=1))

    def write_text(self, text):
        (self.folder / 'feeds.yml').write_text(text, encoding='utf-8')

    def command(self, *words, data='data'):
        """-c and --data stand after the command's name."""
        head = words[0]
        where = [] if head in {'schema', '--help', '--version'} else ['-c', str(self.folder / 'feeds.yml')]
        where += ['--data', str(self.folder / data)] if where else []
        at = 2 if head == 'export' else 1
        return [sys.executable, '-m', 'aggregator', *words[:at], *where, *[str(word) for word in words[at:]]]

    def run(self, *words, data='data', **env):
        """Runs a command to its end; no output of any command ever shows a traceback."""
        made = subprocess.run(
            self.command(*words, data=data),
            cwd=self.folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        ran = Ran(made.returncode, made.stdout.decode(), made.stderr.decode())
        assert 'Traceback' not in ran.said, ran.said
        return ran

    def ok(self, *words, data='data', **env):
        ran = self.run(*words, data=data, **env)
        assert ran.code == 0, ran.said
        return ran

    def each(self, *commands):
        """Commands that do not depend on each other, two at a time; a mapping at the end of one is for `run`."""

        def one(words):
            *words, more = words if isinstance(words[-1], dict) else (*words, {})
            return self.run(*words, **more)

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(one, commands))

    def poll(self, *names, code=0, data='data'):
        """-> the lines of the trace; what it said is in `polled`"""
        trace = self.folder / 'trace.jsonl'
        trace.unlink(missing_ok=True)
        self.polled = self.run('poll', *names, '--trace', trace, data=data)
        assert self.polled.code == code, self.polled.said
        return [json.loads(line) for line in trace.read_text(encoding='utf-8').splitlines()]

    def entries(self, data='data'):
        return self.ok('entries', '--json', data=data).rows()

    def sources(self):
        return {row['name']: row for row in self.ok('sources', '--json').rows()}

    def files(self, data='data'):
        """-> {path under public: bytes}"""
        root = self.folder / data / 'public'
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob('*')) if path.is_file()}

    @contextmanager
    def daemon(self):
        """`run` on a free port, ended by SIGTERM at the end."""
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        log = self.folder / 'daemon.log'
        with log.open('wb') as out:
            child = subprocess.Popen(self.command('run', '--port', str(port)), cwd=self.folder, stdout=out, stderr=out)
        try:
            yield Daemon(child, port, log)
        finally:
            child.terminate()
            try:
                child.wait(10)
            finally:
                child.kill()
                child.wait()
        assert 'Traceback' not in log.read_text(encoding='utf-8')


@pytest.fixture(scope='session')
def make_place(tmp_path_factory):
    """Places with an origin each, for a module or a test."""
    origins = []

    def make():
        origins.append(Origin())
        return Place(tmp_path_factory.mktemp('place'), origins[-1])

    yield make
    for origin in origins:
        origin.close()


@pytest.fixture
def place(make_place):
    return make_place()


@pytest.fixture(scope='session')
def polled(make_place):
    """A place with two entries, one with a code; only to be looked at."""
    place = make_place()
    first = {
        'title': '数字经济',
        'link': f'https://a.example/1?infoCode={CODE}',
        'description': '<p>正文甲</p>',
        **DATE,
    }
    place.origin.rss('/a', first, {'title': '其他', 'link': 'https://a.example/2', **DATE})
    place.write(place.source('甲', '/a', category='甲报新闻', key={'param': 'infoCode'}))
    place.poll()
    return place


@pytest.fixture
def copied(polled, make_place):
    """The same, to be changed."""
    place = make_place()
    shutil.copytree(polled.folder, place.folder, dirs_exist_ok=True)
    return place
