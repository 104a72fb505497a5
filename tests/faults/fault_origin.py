"""An origin whose documents grow step by step, each the same whenever it is asked for; and who has taken in which.

A world is a group of sources that tell of the same articles. One source of a world changes at a time, and the next one
only after somebody came back with the validator of the change: whoever has that has recorded the document. So the order
of the documents within a world is fixed, and `log` is that order.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Any, Self

BEGAN_AT = datetime(2026, 11, 20, tzinfo=UTC)
WINDOW = 30  # articles in a document
FRESH = 5  # of them new, in each version
KINDS = ('rss', 'rss', 'json')  # of the sources of one world


@dataclass(frozen=True, slots=True)
class Told:
    """An article as one document tells it."""

    world: int
    number: int
    edition: int  # texts it had before
    coded: bool  # shows the publisher's code; one that did not before is joined to one that did
    tracked: bool  # its link has a tracking parameter

    @property
    def link(self) -> str:
        if self.number <= 0:  # what a source shows at first is nobody else's
            return f'https://w{self.world}.example/hello/{-self.number}.html'
        coda = '?utm_source=w' if self.tracked else ''
        return f'https://w{self.world}.example/a/{self.number}.html{coda}'

    @property
    def code(self) -> str:
        return f'NW{self.world:02d}{self.number:016d}' if self.coded else ''

    @property
    def title(self) -> str:
        return f'世界{self.world}第{self.number}条' + (f'（第{self.edition}次更新）' if self.edition else '')

    @property
    def published(self) -> datetime:
        return BEGAN_AT + timedelta(minutes=self.number, seconds=self.world)

    @property
    def updated(self) -> datetime:
        return self.published + timedelta(seconds=5 * self.edition)


def told(world: int, part: int, version: int) -> list[Told]:
    """What source `part` of a world tells in its document number `version`: the same for ever."""
    if version == 0:
        return [Told(world, -part, edition=0, coded=False, tracked=False)]
    newest = FRESH * version + part
    dice = Random(f'{world} {part} {version}')  # a table, not a secret
    return [
        Told(
            world,
            number,
            edition=max(0, version - number // FRESH) // 3 if number % 4 == 0 else 0,
            coded=part == 2 or (number % 3 == 0 and version - number // FRESH > 1),
            tracked=part == 1 and dice.random() < 0.3,
        )
        for number in range(newest, max(0, newest - WINDOW), -1)
    ]


def rss_of(articles: list[Told], part: int) -> bytes:
    items = ''.join(
        f'<item><title>{a.title}</title><link>{a.link}</link>'
        + (f'<guid isPermaLink="false">{a.code}</guid>' if a.code else '')
        + f'<pubDate>{a.updated.strftime("%a, %d %b %Y %H:%M:%S +0000")}</pubDate>'
        f'<author>报{(a.number + part) % 3}</author><description>{text_of(a)}</description></item>'
        for a in articles
    )
    head = f'<rss version="2.0"><channel><title>源{part}</title><link>https://w.example/</link>'
    return f'<?xml version="1.0" encoding="utf-8"?>{head}{items}</channel></rss>'.encode()


def text_of(a: Told) -> str:
    return f'{a.title}的正文。' * (3 + a.number % 40)


def json_of(articles: list[Told]) -> bytes:
    rows = [
        {'title': a.title, 'link': a.link, 'code': a.code, 'at': a.updated.isoformat(), 'from': f'报{a.number % 3}'}
        for a in articles
    ]
    return json.dumps({'list': rows}, ensure_ascii=False).encode()


@dataclass
class Origin:
    """A server on a free port. `shown[name]` is the version of the document that stands there now."""

    worlds: int = 2
    parts: int = len(KINDS)
    grows: bool = True
    shown: dict[str, int] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)  # documents in the order in which they were recorded
    asked: int = 0
    latency_s: float = 0.0
    waiting: int = 0  # requests that are being answered slowly
    given: int = 0  # documents that were sent whole, again and again where they were not recorded

    def __post_init__(self) -> None:
        self._turn = threading.Lock()
        self._awake = threading.Event()
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), type('Here', (Handler,), {'origin': self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.names = [name_of(w, p) for w in range(self.worlds) for p in range(self.parts)]
        self.begin_again()

    def begin_again(self) -> None:
        """As at first: each source shows a document that has nothing to do with those of the others."""
        self.shown = dict.fromkeys(self.names, 0)
        self._recorded: dict[str, int] = {}
        self._next_part = dict.fromkeys(range(self.worlds), 0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._awake.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        return f'http://127.0.0.1:{self._server.server_address[1]}'

    def rows(self) -> list[dict[str, Any]]:
        """The sources as feeds.yml has them."""
        return [self._row(world, part) for world in range(self.worlds) for part in range(self.parts)]

    def be_slow(self) -> None:
        self.waiting += 1
        self._awake.wait(self.latency_s)
        self.waiting -= 1

    def settled(self) -> bool:
        """Whether every document that is shown has been recorded."""
        with self._turn:
            return self._recorded == self.shown

    # ------------------------------------------------ sources

    def _row(self, world: int, part: int) -> dict[str, Any]:
        name = name_of(world, part)
        row: dict[str, Any] = {
            'name': name,
            'url': f'{self.base}/{name}',
            'group': f'g{world}',
            'key': {'guid': r'^(NW\d{18})$', 'code': r'^(NW\d{18})$'},
            'category': {'from': 'publisher', 'label': f'世界{world}{{publisher}}'},
        }
        if KINDS[part] == 'json':
            row |= {
                'kind': 'json',
                'items': 'list',
                'fields': {'title': 'title', 'link': 'link', 'code': 'code', 'published': 'at', 'publisher': 'from'},
                'detail': {'url': f'{self.base}/text?id={{code}}', 'fields': {'content': 'text'}},
            }
        return row

    def body(self, name: str, version: int) -> bytes:
        world, part = (int(n) for n in name.removeprefix('w').split('p'))
        articles = told(world, part, version)
        return json_of(articles) if KINDS[part] == 'json' else rss_of(articles, part)

    # ------------------------------------------------ answering

    def answer(self, name: str, validator: str) -> tuple[int, str, bytes]:
        """Status, ETag and body for a request for a source's document."""
        with self._turn:
            self.asked += 1
            version = self.shown[name]
            etag = f'"{name}-{version}"'
            if validator != etag:
                self.given += 1
                return 200, etag, self.body(name, version)
            self._confirm(name, version)
            return 304, etag, b''

    def _confirm(self, name: str, version: int) -> None:
        """This document is on record. The next source of its world may change."""
        if self._recorded.get(name) != version:
            self._recorded[name] = version
            self.log.append((name, version))
        world = int(name.removeprefix('w').split('p')[0])
        mine = [n for n in self.names if n.startswith(f'w{world}p')]
        if self.grows and all(self._recorded.get(n) == self.shown[n] for n in mine):
            self.shown[mine[self._next_part[world] % len(mine)]] += 1
            self._next_part[world] += 1


class Handler(BaseHTTPRequestHandler):
    """Answers for `origin`, which a subclass has."""

    protocol_version = 'HTTP/1.1'
    origin: Origin

    def do_GET(self) -> None:
        self.origin.be_slow()
        name, _, query = self.path[1:].partition('?')
        if name == 'text':
            text = {'text': f'<p>{query}的全文。</p>' * 20}
            self._give(200, '', json.dumps(text, ensure_ascii=False).encode())
        elif name in self.origin.shown:
            self._give(*self.origin.answer(name, self.headers.get('If-None-Match', '')))
        else:
            self._give(404, '', b'')

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # whoever asked was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass

    def _give(self, status: int, etag: str, body: bytes) -> None:
        self.send_response(status)
        if etag:
            self.send_header('ETag', etag)
        if status != 304:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def name_of(world: int, part: int) -> str:
    return f'w{world}p{part}'
