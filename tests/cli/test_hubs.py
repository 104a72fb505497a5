"""Commands that publish tell the hubs before they end."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest


@pytest.fixture
def hub():
    """Its address, and what it was told."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(parse_qs(self.rfile.read(int(self.headers['Content-Length'])).decode('ascii'))['hub.url'][0])
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/', told
        server.shutdown()


def with_hub(world, url):
    knobs = world.folder / 'config' / 'aggregator.yml'
    knobs.parent.mkdir(exist_ok=True)
    knobs.write_text(f'publishing: {{hubs: ["{url}"], private_hubs: true}}\n', 'utf-8')


def test_a_hub_is_told_of_the_feeds_that_changed(world, hub):
    url, told = hub
    with_hub(world, url)

    world.ok('publish')
    feeds = {'all.atom', 'all.rss', 'all.json'}
    assert feeds < {topic.removeprefix('https://news.example.org/') for topic in told}
    assert len(told) == len(set(told))

    told.clear()
    world.ok('publish')
    assert told == []


def test_a_hub_that_is_not_there_does_not_fail_the_command(world):
    with_hub(world, 'http://127.0.0.1:9/')

    result = world.ok('publish')

    assert result.stderr.count('was not told of') == 1
    assert 'documents written' in result.stdout
