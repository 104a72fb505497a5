"""`aggregator run`: the daemon and the server together, until a signal ends them."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from aggregator.daemon.assembly import Assembly, assembled, now_utc
from aggregator.daemon.lock import only_daemon
from aggregator.daemon.loop import Daemon
from aggregator.model import PollReport, Settings
from aggregator.publish import not_found
from aggregator.serve import App, Health, Metrics, Server, make_app
from aggregator.store import Store

STOP_S = 10.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger('aggregator')


def run_daemon(
    settings: Settings,
    *,
    host: str,
    port: int,
    say: Callable[[str], None],
    on_report: Callable[[PollReport], None],
    now: Callable[[], datetime] = now_utc,
) -> None:
    """Poll and serve until SIGTERM or SIGINT. Raises DataInUse, PortInUse and their kin before anything has begun."""
    with only_daemon(settings.data), assembled(settings, now=now) as house, _signalled() as stopping:
        house.folder.sweep()
        metrics = Metrics(output_age_s=lambda: 0.0, open_errors=partial(_open_errors, house.store))
        app = _app(house, metrics, now)
        daemon = Daemon(
            house,
            now,
            on_report=partial(_told, (metrics.polled, on_report)),
            on_published=lambda published: app.invalidate(published.written),
        )
        server = Server(app, host, port)
        bound_host, bound_port = server.start()
        say(f'serving http://{bound_host}:{bound_port}/ from {settings.data}; press Ctrl-C to stop')
        daemon.start()
        stopping.wait()
        say('stopping')
        daemon.stop(STOP_S / 2)
        server.stop(STOP_S / 2)


def _app(house: Assembly, metrics: Metrics, now: Callable[[], datetime]) -> App:
    site, store = house.settings.site, house.store
    shortest = min((s.every for s in house.settings.sources), default=house.settings.serving.min_max_age)
    max_age_s = int(max(shortest, house.settings.serving.min_max_age).total_seconds())
    return make_app(
        house.folder,
        site=site,
        clock=time.monotonic,
        hubs=house.settings.publishing.hubs,
        max_age_s=lambda _path: max_age_s,
        redirects=partial(_moved, store),
        not_found=lambda _path: not_found(store, site),
        health=partial(_health, house),
        metrics=metrics.render,
        now=now,
    )


def _moved(store: Store, path: str) -> str | None:
    """Where the document of a category whose slug was changed is now (design, 4.8)."""
    room, _, name = path.partition('/')
    slug, _, suffix = name.partition('.')
    target = store.slug_target(slug) if room == 'category' else None
    return f'category/{target}.{suffix or "html"}' if target else None


def _health(house: Assembly) -> Health:
    if house.folder.stamp('index.html') is None:
        return Health(ready=False, reasons=('nothing has been published yet',))
    return Health()


def _open_errors(store: Store) -> int:
    return sum(1 for s in store.sources() if s.state in ('failing', 'gone'))


def _told(hearers: tuple[Callable[[PollReport], None], ...], report: PollReport) -> None:
    for hear in hearers:
        hear(report)


@contextmanager
def _signalled() -> Iterator[threading.Event]:
    """An event that a signal sets; the handlers that were there before come back."""
    event = threading.Event()
    before = {number: signal.signal(number, lambda *_: event.set()) for number in _SIGNALS}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
