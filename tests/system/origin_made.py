"""What a publisher would be: a small origin on loopback that answers by path and counts what it is asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS = 'application/rss+xml; charset=utf-8'


@dataclass
class Asked:
    """A request that the origin received; header names in lower case, values as they came."""

    path: str
    headers: dict[str, str]

    @property
    def conditional(self):
        return 'if-none-match' in self.headers or 'if-modified-since' in self.headers


class Origin:
    """What a publisher would be: answers by path, counts what is asked, knows If-None-Match."""

    def __init__(self, listens_on='127.0.0.1'):
        self.answers: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        self.requests: list[Asked] = []
        self.closing = threading.Event()
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                origin.answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer((listens_on, 0), Handler)
        self.server.daemon_threads = True
        self.base = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler):
        self.requests.append(Asked(handler.path, {key.lower(): value for key, value in handler.headers.items()}))
        bare = handler.path.partition('?')[0]
        status, body, headers = self.answers.get(handler.path) or self.answers.get(bare) or (404, b'no such page', {})
        if status == 0:  # a host that takes the request and says nothing
            self.closing.wait(60)
            handler.close_connection = True
            return
        tag = headers.get('ETag')
        if tag and handler.headers.get('If-None-Match') == tag:
            status, body = 304, b''
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        if status != 304:
            handler.send_header('Content-Length', str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def serve(self, path, body='', status=200, headers=None, media_type=RSS):
        raw = body if isinstance(body, bytes) else body.encode()
        self.answers[path] = (status, raw, {'Content-Type': media_type, **(headers or {})})

    def rss(self, path, *items, headers=None, title='频道'):
        self.serve(path, rss(*items, title=title), headers=headers)

    def list(self, path, *rows, **more):
        self.serve(
            path, json.dumps({'data': {'list': rows, **more}}, ensure_ascii=False), media_type='application/json'
        )

    def asked(self, path):
        return [request for request in self.requests if request.path == path]

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def rss(*items, title='频道'):
    """RSS 2.0 of items given as mappings: the key is the element, the value its text; `raw` is XML as it stands."""
    texts = []
    for item in items:
        parts = [v if k == 'raw' else f'<{k}>{escape(v, quote=False)}</{k}>' for k, v in item.items()]
        texts.append(f'<item>{"".join(parts)}</item>')
    head = f'<title>{escape(title)}</title><link>https://channel.example/</link><description>一</description>'
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel>{head}{"".join(texts)}</channel></rss>'
    )
