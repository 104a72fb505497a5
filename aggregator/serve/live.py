"""Pages and feeds that are made when somebody asks: made once for all who ask within seconds, a few at a time.

The loop that answers for the documents never waits for them: they are made in two threads of their own, and where too
many different ones are asked for at once the last are told to come again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.model import Site
from aggregator.serve.answers import Answer, answered, chosen, page, plain, sent
from aggregator.serve.cache import Finished, finished, tagged
from aggregator.serve.headers import Headers, ascii_url, safe_headers
from aggregator.serve.negotiation import asked_in
from aggregator.serve.packing import packed

FRESH_S = 10.0  # for so long an answer is given again
_THREADS = 2
_UNDER_WAY = 32  # different pages that may be waited for
_MOST_QUERY = 4096  # bytes
_MOST_FIELDS = 20
_CONDITIONS = (b'if-modified-since', b'if-unmodified-since')
_NO_TIME = 0  # such a page has no time of modification, and conditions by time do not count (RFC 9110, 13.1.3, 13.1.4)

_log = logging.getLogger(__name__)


class Made(NamedTuple):
    """What a page has come to."""

    body: bytes
    media_type: str = 'text/html; charset=utf-8'
    status: int = 200


@dataclass(frozen=True, slots=True)
class LivePage:
    """`make` gets the fields of the query that are named here, runs in a thread and may raise AggregatorError."""

    make: Callable[[Mapping[str, str]], Made]
    fields: tuple[str, ...] = ()
    max_age_s: int = int(FRESH_S)
    noindex: bool = False  # whatever the site says


Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class _Kept:
    made_at: float
    size: int
    forms: dict[str, Finished]


class Live:
    """The application behind all of these pages. `clock` counts seconds and never goes back."""

    def __init__(
        self,
        pages: Mapping[str, LivePage],
        *,
        site: Site,
        clock: Callable[[], float],
        limit_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self._pages = pages
        self._site = site
        self._clock = clock
        self._limit = limit_bytes
        self._pool = ThreadPoolExecutor(_THREADS, 'live')
        self._under_way: dict[Key, asyncio.Future[_Kept | Answer]] = {}
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._held = 0
        self._version = 0
        self._lock = threading.Lock()

    def apps(self) -> dict[str, ASGIApp]:
        """The paths and the one application behind them."""
        return dict.fromkeys(self._pages, self)

    def forget(self) -> None:
        """Something has changed: what is asked for from now on is made anew. Safe from any thread."""
        with self._lock:
            self._version += 1
            self._kept.clear()
            self._held = 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await sent(await self._answer(scope), scope, send)

    async def _answer(self, scope: Scope) -> Answer:
        path: str = scope['path']
        asked = _asked(scope.get('query_string', b''), self._pages[path].fields)
        if asked is None:
            return plain(400, 'The query is longer than any question.')
        key = path, tuple(sorted(asked.items()))
        kept = self._kept.get(key)
        if kept is None or self._clock() - kept.made_at >= FRESH_S:
            made = await self._made(key)
            if isinstance(made, Answer):
                return made
            kept = made
        fields = {name: value for name, value in asked_in(scope['headers']).items() if name not in _CONDITIONS}
        return answered(chosen(kept.forms, fields), fields)

    async def _made(self, key: Key) -> _Kept | Answer:
        """Who asks for what is being made already waits for it."""
        under_way = self._under_way.get(key)
        if under_way is None:
            if len(self._under_way) >= _UNDER_WAY:
                return plain(503, 'Too many questions at once; please come again.', (b'retry-after', b'5'))
            under_way = asyncio.get_running_loop().run_in_executor(self._pool, self._make, key)
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(under_way)

    # ------------------------------------------------ in a thread

    def _make(self, key: Key) -> _Kept | Answer:
        path, asked = key
        version, made_at = self._version, self._clock()
        try:
            made = self._pages[path].make(dict(asked))
        except AggregatorError as error:
            _log.error('%s: %s', path, error.line)
            return plain(503, 'This cannot be looked up at the moment.', (b'retry-after', b'60'))
        if made.status != 200:  # noqa: PLR2004
            return page(made.status, made.body, made.media_type)
        plain_forms = tagged(made.body, packed(made.body))
        forms = finished(plain_forms, self._fields(key, made), self._age(path), _NO_TIME)
        kept = _Kept(made_at, sum(len(body) for _, body in plain_forms.values()), forms)
        self._keep(key, kept, version)
        return kept

    def _keep(self, key: Key, kept: _Kept, version: int) -> None:
        with self._lock:
            if version != self._version:
                return
            if (before := self._kept.pop(key, None)) is not None:
                self._held -= before.size
            self._kept[key] = kept
            self._held += kept.size
            while self._held > self._limit:
                self._held -= self._kept.popitem(last=False)[1].size

    def _fields(self, key: Key, made: Made) -> Headers:
        path, asked = key
        fields = [*safe_headers(made.media_type), (b'accept-ranges', b'none')]
        if not made.media_type.startswith('text/html'):
            own = f'{self._site.url}{path[1:]}?{urlencode(asked, quote_via=quote, safe=":/,")}'
            fields.append((b'link', f'<{ascii_url(own)}>; rel="self"'.encode('ascii')))
        if self._site.noindex or self._pages[path].noindex:
            fields.append((b'x-robots-tag', b'noindex'))
        return fields

    def _age(self, path: str) -> Headers:
        return [
            (b'cache-control', b'public, max-age=%d' % self._pages[path].max_age_s),
            (b'vary', b'Accept-Encoding'),
        ]


def _asked(query: bytes, known: tuple[str, ...]) -> dict[str, str] | None:
    """The fields of a query that a page knows, the first of each; None for one that is too long."""
    if len(query) > _MOST_QUERY:
        return None
    try:
        pairs = parse_qsl(query.decode('utf-8', 'replace'), errors='replace', max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    return {name: value for name, value in reversed(pairs) if name in known}
