"""`aggregator run`: the daemon and the server together, until a signal ends them.

SIGTERM and SIGINT end it within ten seconds, whatever hangs. SIGHUP reads the configuration again, as saving it does.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import Literal, TypeVar

from aggregator.daemon.assembly import Assembly, assembled, now_utc
from aggregator.daemon.dictionary import Dictionary
from aggregator.daemon.hubs import Hubs
from aggregator.daemon.installed import note_refused, note_taken_up
from aggregator.daemon.live import LivePages
from aggregator.daemon.loop import Daemon, Listeners
from aggregator.daemon.memory import bound_memory, collect_rarely, give_back
from aggregator.daemon.notify import Heartbeat, from_environment
from aggregator.daemon.reload import Configuration, Reloader
from aggregator.daemon.truth import Truth
from aggregator.daemon.upkeep import Upkeep
from aggregator.daemon.watching import watch_files
from aggregator.lock import only_daemon
from aggregator.model import PollReport, Settings
from aggregator.poll import Progress
from aggregator.publish import Published, not_found, ttl_of
from aggregator.rules.slugs import spelled_by
from aggregator.serve import App, Metrics, Server, address_of, host_and_port, listening_warning, make_app
from aggregator.store import Store

STOP_S = 10.0  # from the signal to the end
HEARING_S = 1.0  # to a signal at the latest
_DAEMON_S, _SERVER_S = 4.0, 3.0  # of these, the daemon's and the server's
_AT_LAST_S = 8.0  # then nothing is waited for any more: what is recorded is on the disk

Word = Literal['stop', 'reload']
T = TypeVar('T')


def run_daemon(  # noqa: PLR0913  # the doors of the program, each named by its caller
    settings: Settings,
    *,
    host: str,
    port: int,
    say: Callable[[str], None],
    on_report: Callable[[PollReport], None],
    now: Callable[[], datetime] = now_utc,
    configuration: Configuration | None = None,
    on_settings: Callable[[Settings], None] = lambda _settings: None,
    progress: Progress | None = None,
) -> None:
    """Poll and serve until SIGTERM or SIGINT. Raises DataInUse, PortInUse and their kin before anything has begun.

    With a `configuration` its files are watched; `on_settings` is told of every new version that is taken up,
    `progress` how far it is where the first one decides all again.
    """
    bound_memory()
    collect_rarely()
    with ExitStack() as last:
        words = last.enter_context(_signalled({signal.SIGHUP: 'reload'}))
        with only_daemon(settings.data) as lock, assembled(settings, now=now, progress=progress) as house:
            house.folder.sweep()
            truth = Truth(house, now)
            metrics = Metrics(output_age_s=truth.output_age_s, open_errors=truth.open_errors)
            metrics.watch(truth.levels)
            front = _Front(house, metrics, truth, host, port)
            hubs = last.enter_context(closing(Hubs(lambda: front.settings)))
            listeners = Listeners(
                on_report=partial(_told, (metrics.polled, on_report)),
                on_published=partial(_told, (front.published, hubs.published)),
                on_reloaded=partial(_reloaded, front, configuration, say, on_settings),
                on_started=metrics.started_late,
            )
            daemon = Daemon(house, now, listeners)
            truth.attend(daemon)
            dictionary = last.enter_context(closing(Dictionary()))
            last.enter_context(spelled_by(dictionary.syllables))
            last.enter_context(_signalled({signal.SIGTERM: 'stop', signal.SIGINT: 'stop'}, words))
            bound_host, bound_port = front.server.start()
            lock.sign(address_of(bound_host, bound_port))
            say(f'serving http://{host_and_port(bound_host, bound_port)}/ from {settings.data}; press Ctrl-C to stop')
            _warn(say, listening_warning(host, settings.site.url))
            daemon.start()
            with _kept_up(daemon, truth, dictionary, say, now), _watched(daemon, configuration, say, now) as look:
                while _next(words) != 'stop':
                    look()
            last.enter_context(_at_most(_AT_LAST_S))
            say('stopping')
            ended = daemon.stop(_DAEMON_S)
            front.server.stop(_SERVER_S)
            if not ended:
                os._exit(0)  # closing would wait for what they hang on; what is recorded is on the disk


class _Front:
    """What readers meet: the server, and the application of the house that holds now."""

    def __init__(self, house: Assembly, metrics: Metrics, truth: Truth, host: str, port: int) -> None:
        self._metrics = metrics
        self._truth = truth
        self._app = _app(house, metrics, truth)
        self.server = Server(self._app, host, port)
        self.settings = house.settings

    def published(self, published: Published) -> None:
        self._app.invalidate(published.written)

    def reloaded(self, house: Assembly) -> None:
        self.settings = house.settings
        self._app = _app(house, self._metrics, self._truth)
        self.server.app = self._app


def _app(house: Assembly, metrics: Metrics, truth: Truth) -> App:
    site, store = house.settings.site, house.store
    max_age_s = int(ttl_of(house.settings).total_seconds())
    return make_app(
        house.folder,
        site=site,
        clock=time.monotonic,
        hubs=house.settings.publishing.hubs,
        max_age_s=lambda _path: max_age_s,
        redirects=partial(_moved, store),
        not_found=lambda _path: not_found(store, site),
        health=truth.health,
        metrics=metrics.render,
        status_json=truth.status_json,
        live=LivePages(house, house.parts.now).pages(),
        now=house.parts.now,
    )


def _moved(store: Store, path: str) -> str | None:
    """Where the document of a category whose slug was changed is now (design, 4.8)."""
    room, _, name = path.partition('/')
    slug, _, suffix = name.partition('.')
    target = store.slug_target(slug) if room == 'category' else None
    return f'category/{target}.{suffix or "html"}' if target else None


@contextmanager
def _kept_up(
    daemon: Daemon, truth: Truth, dictionary: Dictionary, say: Callable[[str], None], now: Callable[[], datetime]
) -> Iterator[None]:
    """Retention once a day, a look at ourselves twice a minute, and signs of life for the service manager."""

    def tidy() -> None:
        dictionary.rest()
        give_back()

    def pruned(entries: int) -> None:
        say(f'retention: {entries} entries removed')
        daemon.changed()

    notifier = from_environment()
    upkeep = Upkeep(lambda: daemon.house, now, truth.look, pruned, tidy=tidy)
    heartbeat = Heartbeat(notifier, lambda: daemon.last_tick_at, truth.status_line)
    upkeep.start()
    heartbeat.start()
    notifier.ready(truth.status_line())
    try:
        yield
    finally:
        notifier.stopping()
        heartbeat.stop()
        upkeep.stop()


def _told(hearers: tuple[Callable[[T], None], ...], what: T) -> None:
    for hear in hearers:
        hear(what)


def _warn(say: Callable[[str], None], warning: str) -> None:
    if warning:
        say(f'warning: {warning}')


# ---------------------------------------------------------------- the configuration


@contextmanager
def _watched(
    daemon: Daemon, configuration: Configuration | None, say: Callable[[str], None], now: Callable[[], datetime]
) -> Iterator[Callable[[], None]]:
    """What to do when a person asks for a reload; meanwhile the files are watched."""
    if configuration is None:
        yield lambda: None
        return
    store, stop = daemon.house.store, threading.Event()
    note_taken_up(store, configuration.version, now())
    note_refused(store, '', now())
    reloader = Reloader(configuration, daemon.reload, say, lambda fault: note_refused(store, fault, now()))
    watching = partial(watch_files, configuration.files, reloader.look, stop)
    threading.Thread(target=watching, name='watch', daemon=True).start()
    try:
        yield partial(reloader.look, asked=True)
    finally:
        stop.set()


def _reloaded(
    front: _Front,
    configuration: Configuration | None,
    say: Callable[[str], None],
    on_settings: Callable[[Settings], None],
    house: Assembly,
) -> None:
    before, after = front.settings, house.settings
    front.reloaded(house)
    on_settings(after)
    if configuration is not None:
        note_taken_up(house.store, configuration.version, house.parts.now())
    say(f'configuration taken up: {str(house.changes) or "no source came or left"}')
    if (before.serving.host, before.serving.port) != (after.serving.host, after.serving.port):
        say('serving.host and serving.port count after a restart')


# ---------------------------------------------------------------- signals


def _next(words: SimpleQueue[Word]) -> Word:
    """Python acts on a signal that came just before the wait only when the wait ends, so none is long."""
    while True:
        with suppress(Empty):
            return words.get(timeout=HEARING_S)


@contextmanager
def _signalled(
    meanings: dict[signal.Signals, Word], words: SimpleQueue[Word] | None = None
) -> Iterator[SimpleQueue[Word]]:
    """Words that signals say; the handlers that were there before come back."""
    said: SimpleQueue[Word] = SimpleQueue() if words is None else words
    before = {number: signal.signal(number, lambda n, _: said.put(meanings[signal.Signals(n)])) for number in meanings}
    try:
        yield said
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """However long something hangs, the process ends by then."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
