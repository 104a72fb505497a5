"""The pages of the server itself: health, metrics, status, robots.txt, the icon. Rare, so starlette may serve them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from aggregator.serve.headers import safe_headers
from aggregator.serve.health import Health, text_of
from aggregator.serve.icon import favicon

# A page that says noindex must be fetched for that to be read: only what is endless or the server's own is forbidden.
_ROBOTS = b'User-agent: *\nDisallow: /-/\nDisallow: /metrics\nDisallow: /search?\nAllow: /\n'
_TEXT = 'text/plain; charset=utf-8'
_DAY = 'public, max-age=86400'
_FRESH = 'no-store'


@dataclass(frozen=True, slots=True)
class Extras:
    """What the extra pages show. The callables may take their time: each runs in a thread."""

    health: Callable[[], Health]
    metrics: Callable[[], bytes]
    metrics_type: str
    status_json: Callable[[], bytes]

    def pages(self) -> dict[str, ASGIApp]:
        """The paths and the one application behind them."""
        table = {
            '/-/healthy': self._healthy,
            '/-/ready': self._ready,
            '/-/status': self._status,
            '/metrics': self._counted,
            '/robots.txt': _robots,
            '/favicon.ico': _icon,
        }
        app = Starlette(routes=[Route(path, endpoint) for path, endpoint in table.items()])
        return dict.fromkeys(table, app)

    async def _healthy(self, _request: Request) -> Response:
        """200 because the process answers; what is wrong with its work is written below."""
        health = await run_in_threadpool(self.health)
        return _response(text_of(health, health.ok).encode(), _TEXT, _FRESH)

    async def _ready(self, _request: Request) -> Response:
        health = await run_in_threadpool(self.health)
        return _response(text_of(health, health.ready).encode(), _TEXT, _FRESH, 200 if health.ready else 503)

    async def _status(self, _request: Request) -> Response:
        return _response(await run_in_threadpool(self.status_json), 'application/json', _FRESH)

    async def _counted(self, _request: Request) -> Response:
        return _response(await run_in_threadpool(self.metrics), self.metrics_type, _FRESH)


async def _robots(_request: Request) -> Response:
    return _response(_ROBOTS, _TEXT, _DAY)


async def _icon(_request: Request) -> Response:
    return _response(favicon(), 'image/x-icon', _DAY)


def _response(body: bytes, media_type: str, caching: str, status: int = 200) -> Response:
    response = Response(body, status)
    response.raw_headers += [*safe_headers(media_type), (b'cache-control', caching.encode('ascii'))]
    return response
