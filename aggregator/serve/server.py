"""The server: uvicorn in a thread of its own, on a socket that we bind. Signals belong to the daemon."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.errors import AggregatorError
from aggregator.serve.answers import Answer, Wanted
from aggregator.serve.app import App
from aggregator.serve.connection import GuardedConfig, GuardedConnection, Limits
from aggregator.serve.fast import FastConfig, FastConnection
from aggregator.serve.listening import BACKLOG, listen

_SPARE_FILES = 512  # open files that the rest of the program may need
_TICK_S = 0.1  # how often uvicorn looks whether to stop
_DEFAULT = Limits()


class Server:
    """Serves an ASGI application on one address. A new `app` may be set while it runs; the next request meets it.

    `now` gives the zone in which a person is told since when a port is taken.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str = '127.0.0.1',
        port: int = 8000,
        *,
        limits: Limits = _DEFAULT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
    ) -> None:
        self.app = app
        self._host, self._port = host, port
        self._limits = limits
        self._now = now
        self._running: _Running | None = None

    def start(self) -> tuple[str, int]:
        """Listen and answer; gives the address, whose port is a real one where 0 was asked for.

        Raises PortInUse where another program has it, and UsageError where this machine has no such address.
        """
        listening = listen(self._host, self._port, self._now())
        host, port = listening.getsockname()[:2]
        running = _Running(self._config(), listening)
        running.start()
        self._running = running
        return host, port

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Take no new connections, finish the answers under way, end. False where some were still unfinished."""
        running, self._running = self._running, None
        return running is None or running.stop(timeout_s)

    def _config(self) -> FastConfig:
        config = FastConfig(
            self._current,
            at_once=self._at_once,
            http=FastConnection,
            loop='uvloop',
            interface='asgi3',  # a bound method looks like an older kind of application
            ws='none',
            lifespan='off',
            log_config=None,
            log_level='error',
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=max(1, int(self._limits.idle_s)),
        )
        config.limits = replace(self._limits, connections=allow_connections(self._limits.connections))
        return config

    def _at_once(self, wanted: Wanted) -> Answer | None:
        return self.app.at_once(wanted) if isinstance(self.app, App) else None

    async def _current(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class _Uvicorn(uvicorn.Server):
    """Says when it is up, and sweeps the connections that show no progress."""

    config: GuardedConfig

    def __init__(self, config: GuardedConfig) -> None:
        super().__init__(config)
        self.up = threading.Event()
        shortest_s = min(config.limits.idle_s, config.limits.answer_s)
        self._sweep_every = max(1, int(shortest_s / 4 / _TICK_S))  # ticks

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def on_tick(self, counter: int) -> bool:
        if counter % self._sweep_every == 0:
            self._sweep()
        return await super().on_tick(counter)

    def _sweep(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, GuardedConnection) and connection.overdue(connection.loop.time()):
                connection.cut()


class _Running:
    """A server and its thread, from start to stop."""

    def __init__(self, config: GuardedConfig, listening: socket.socket) -> None:
        self._server = _Uvicorn(config)
        self._listening = listening
        self._thread = threading.Thread(target=self._run, name='serve', daemon=True)
        self._broken: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        self._server.up.wait()
        if self._broken is not None:
            raise AggregatorError(f'the server did not start: {self._broken}') from self._broken

    def stop(self, timeout_s: float) -> bool:
        self._server.config.timeout_graceful_shutdown = timeout_s  # type: ignore[assignment]  # any number will do
        self._server.should_exit = True
        self._thread.join(timeout_s + 10 * _TICK_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._server.run([self._listening])
        except BaseException as error:  # noqa: BLE001  # uvicorn leaves by SystemExit; the starter tells
            self._broken = error
        finally:
            self._listening.close()
            self._server.up.set()


def allow_connections(number: int) -> int:
    """Raise this process's limit of open files for that many connections; gives how many there can be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return number if soft == resource.RLIM_INFINITY else max(1, min(number, soft - _SPARE_FILES))
