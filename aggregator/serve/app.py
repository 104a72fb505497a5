"""The ASGI application: a request chooses among finished answers, and what no document answers is looked up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.errors import DataError
from aggregator.model import Site
from aggregator.serve.answers import (
    Answer,
    Wanted,
    answered,
    chosen,
    gone,
    moved,
    nothing_there,
    page,
    plain,
    sent,
    wanted_of,
)
from aggregator.serve.cache import LEAST_MAX_AGE_S, Cache, Finished
from aggregator.serve.extras import Extras
from aggregator.serve.folder import PublicFolder, is_path, now_utc
from aggregator.serve.headers import document_headers
from aggregator.serve.health import Health
from aggregator.serve.live import Live, LivePage
from aggregator.serve.metrics import MEDIA_TYPE as METRICS_TYPE

_log = logging.getLogger(__name__)
Find = Callable[[str], dict[str, Finished] | None]
_FAULT = 'Something went wrong here; the log says what.'


def make_app(  # noqa: PLR0913  # the doors of the room, each named by its caller
    folder: PublicFolder,
    *,
    site: Site,
    clock: Callable[[], float],
    hubs: Iterable[str] = (),
    max_age_s: Callable[[str], int] = lambda _path: LEAST_MAX_AGE_S,
    redirects: Callable[[str], str | None] = lambda _path: None,
    is_gone: Callable[[str], bool] = lambda _path: False,
    not_found: Callable[[str], bytes] = nothing_there,
    health: Callable[[], Health] = Health,
    metrics: Callable[[], bytes] = lambda: b'',
    status_json: Callable[[], bytes] = lambda: b'{}',
    live: Mapping[str, LivePage] | None = None,
    mounts: Mapping[str, ASGIApp] | None = None,
    now: Callable[[], datetime] = now_utc,
    limit_bytes: int = 256 * 1024 * 1024,
) -> App:
    """The application that serves this folder.

    Paths that the callables are given and give are the folder's ('category/x.atom', no leading slash). `max_age_s` runs
    between requests and must not wait for anything; all others run in threads, so they may ask the store. `clock`
    counts seconds and never goes back. `live` are the pages that are made when somebody asks, by path ('/search'), also
    in threads, a few at once. `mounts` maps the beginning of a path ('/websub/') to another application,
    which then takes every method. `limit_bytes` bounds the documents in memory.
    """
    topics = tuple(hubs)
    # Bounded, because paths that are asked for once must not pile up.
    fields = lru_cache(maxsize=4096)(lambda path: document_headers(path, site, topics))
    cache = Cache(folder, fields=fields, max_age_s=max_age_s, clock=clock, now=now, limit_bytes=limit_bytes)
    extras = Extras(health, metrics, METRICS_TYPE, status_json)
    made = Live(live or {}, site=site, clock=clock)
    return App(cache, made, redirects, is_gone, not_found, extras.pages() | made.apps(), dict(mounts or {}))


@dataclass(frozen=True, slots=True)
class App:
    """Answers GET and HEAD for the folder. Never raises, whatever a client sends. `invalidate` is safe anywhere."""

    cache: Cache
    live: Live
    redirects: Callable[[str], str | None]
    is_gone: Callable[[str], bool]
    not_found: Callable[[str], bytes]
    extras: Mapping[str, ASGIApp] = field(repr=False)
    mounts: Mapping[str, ASGIApp] = field(repr=False)

    def invalidate(self, paths: Iterable[str]) -> None:
        """These documents have changed: the next request sees them at once."""
        self.cache.invalidate(paths)
        self.live.forget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] != 'http':
            return
        try:
            answer = self._mounted(scope['path']) or self._answer(scope)
        except Exception:  # noqa: BLE001  # a fault of ours is one answer, never the end of serving
            _log.exception('no answer for %r', scope['path'][:200])
            answer = plain(500, _FAULT)
        if not isinstance(answer, Answer):
            await _passed_on(answer, scope, receive, send)
            return
        await sent(answer, scope, send)

    def at_once(self, wanted: Wanted) -> Answer | None:
        """What `__call__` says to this request, where it is a document in memory; None where there is more to do."""
        try:
            answer = self._mounted(wanted.path) or self._found(wanted, self.cache.held)
        except Exception:  # noqa: BLE001  # who asks again in the other way is told, and the log
            return None
        return answer if isinstance(answer, Answer) and answer.wire else None

    def _mounted(self, path: str) -> ASGIApp | None:
        return (
            next((app for prefix, app in self.mounts.items() if path.startswith(prefix)), None) if self.mounts else None
        )

    def _answer(self, scope: Scope) -> Answer | ASGIApp:
        wanted = wanted_of(scope)
        if isinstance(wanted, Answer):
            return wanted
        return self._found(wanted, self.cache.find) or self._look_up

    def _found(self, wanted: Wanted, find: Find) -> Answer | ASGIApp | None:
        return self.extras.get(wanted.path) or self._document(wanted.path[1:] or 'index.html', wanted.asked, find)

    def _document(self, path: str, asked: dict[bytes, bytes], find: Find) -> Answer | ASGIApp | None:
        try:
            forms = find(path)
        except DataError as error:
            _log.error('%s', error)
            return plain(503, 'The folder of documents cannot be read at the moment.', (b'retry-after', b'60'))
        if forms is None:
            return None
        form = chosen(forms, asked)
        answer = answered(form, asked)
        return answer if form.made or answer.status != 200 else partial(self._pack, path, asked)  # noqa: PLR2004

    async def _pack(  # the first two are ours
        self, path: str, asked: dict[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The form that a reader is the first to ask for."""
        forms = await run_in_threadpool(self.cache.pack, path)
        if forms is None:
            await self._look_up(scope, receive, send)
        else:
            await sent(answered(chosen(forms, asked), asked), scope, send)

    async def _look_up(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await sent(await run_in_threadpool(self._missing, scope['path']), scope, send)

    def _missing(self, path: str) -> Answer:
        """No such document: perhaps it moved, was taken away, or is known by a shorter name."""
        name = path[1:]
        if (target := self.redirects(name)) not in (None, name):
            return moved(path, target)
        if self.is_gone(name):
            return gone()
        whole = name.rstrip('/') + '.html'
        if is_path(whole) and self.cache.find(whole) is not None:
            return moved(path, whole)
        return page(404, self.not_found(name))


async def _passed_on(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Another application's fault is logged; where it had not begun to answer, the answer is ours."""
    begun = False

    async def watched(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await app(scope, receive, watched)
    except Exception:  # noqa: BLE001  # the same
        _log.exception('no answer for %r', scope['path'][:200])
        if not begun:
            await sent(plain(500, _FAULT), scope, send)
