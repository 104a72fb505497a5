"""A public folder, clocks that tests move by hand, and a caller that asks the ASGI application without a socket."""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from aggregator.model import Document, Site
from aggregator.serve.app import make_app
from aggregator.serve.connection import GuardedConfig
from aggregator.serve.fast import FastConfig
from aggregator.serve.folder import PublicFolder

sys.path.append(str(Path(__file__).parent))  # so that `talk` can be imported

START = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Both clocks of a program: `now` for people, `seconds` for measuring."""

    at: datetime = START
    passed: float = 100.0

    def now(self):
        return self.at

    def seconds(self):
        return self.passed

    def advance(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.passed += seconds


@dataclass
class Reader:
    """Calls an application as a server would. Header fields are written `if_none_match='"x"'`."""

    app: object
    fields: dict = field(default_factory=lambda: {'host': 'example.org'})

    def get(self, path, method='GET', raw_path=None, version='1.1', pairs=(), **fields):
        named = {**self.fields, **fields}
        headers = [(k.replace('_', '-').encode(), v.encode('latin-1')) for k, v in named.items() if v is not None]
        scope = {
            'type': 'http',
            'method': method,
            'path': path,
            'raw_path': path.encode('utf-8', 'surrogatepass') if raw_path is None else raw_path,
            'query_string': b'',
            'http_version': version,
            'headers': [*headers, *pairs],
            'root_path': '',
            'scheme': 'http',
        }
        sent = []

        async def receive():
            return {'type': 'http.request', 'body': b'', 'more_body': False}

        async def send(message):
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        assert [m['type'] for m in sent[:1]] == ['http.response.start']
        headers = {k.decode(): v.decode('latin-1') for k, v in sent[0]['headers']}
        assert len(headers) == len(sent[0]['headers']), 'a header field was sent twice'
        return SimpleNamespace(status=sent[0]['status'], h=headers, body=b''.join(m.get('body', b'') for m in sent[1:]))


ATOM = ('<feed>' + '<entry>数字经济</entry>' * 200 + '</feed>').encode()
DOCUMENTS = (
    Document('index.html', 'text/html', b'<html>' + b'front page ' * 100),
    Document('all.atom', 'application/atom+xml', ATOM),
    Document('category/shuzi.html', 'text/html', b'<p>' * 300),
    Document('category/shuzi.atom', 'application/atom+xml', ATOM + b'<!-- shuzi -->'),
    Document('category/shuzi.rss', 'application/rss+xml', b'<rss>' * 100),
    Document('category/shuzi.json', 'application/feed+json', b'{"items": []}'),
    Document('feeds.opml', 'text/x-opml', b'<opml>' * 100),
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path, clock):
    made = PublicFolder(tmp_path / 'public', clock.now)
    made.write(DOCUMENTS)
    return made


@pytest.fixture
def make_reader(folder, clock):
    def make(**options):
        given = {'site': Site(url='https://feeds.example.org/'), 'clock': clock.seconds, 'now': clock.now, **options}
        return Reader(make_app(folder, **given))

    return make


@pytest.fixture
def reader(make_reader):
    return make_reader()


@pytest.fixture
def warm(make_reader):
    """An application that holds two documents: one as it was written, one with all its forms."""
    app = make_reader().app
    app.cache.find('all.atom')
    app.cache.pack('index.html')
    return app


@pytest.fixture
def slow(warm):
    from talk import config_of

    return config_of(warm, GuardedConfig)


@pytest.fixture
def fast(warm):
    from talk import config_of

    return config_of(warm, FastConfig, at_once=warm.at_once)
