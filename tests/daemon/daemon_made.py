"""For the tests of the daemon: settings from a text, a network that is a table, clocks that are set by hand."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.daemon import Assembly, assembled
from aggregator.daemon.loop import Daemon, Listeners
from aggregator.fetch import Then
from aggregator.model import (
    Answer,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    PollReport,
    Received,
    Request,
    Settings,
    SourceState,
    StoredEntry,
    Validators,
)
from aggregator.parse import InlineParser, parse_document
from aggregator.poll import host_of
from aggregator.publish import publish
from aggregator.settings import load_settings

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
PATIENCE_S = 20.0


@dataclass
class Clock:
    """Wall and monotonic time. `pass_by` moves both, as time does; `jump` only the wall clock, as a person does."""

    at: datetime = NOON
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds

    def jump(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Net:
    """A transport: what stands at each URL, and who asked for it. A URL in `hanging` answers when the gate is opened."""

    clock: Clock
    pages: dict[str, bytes | FetchFailed] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    hanging: dict[str, threading.Event] = field(default_factory=dict)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, request: Request) -> FetchResult:
        host = host_of(request.url)
        with self.turn:
            self.asked.append(request)
            self.at_once[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self.at_once[host])
        try:
            if gate := self.hanging.get(request.url):
                gate.wait(PATIENCE_S)
            return self._answer(request)
        finally:
            with self.turn:
                self.at_once[host] -= 1

    def _answer(self, request: Request) -> FetchResult:
        found = self.pages.get(request.url)
        if isinstance(found, FetchFailed):
            return found
        if found is None:
            return FetchFailed(request.url, 'connect', 'nobody answers there')
        etag = f'"{hash(found)}"'
        same = request.validators.etag == etag
        answer = Answer(
            url=request.url,
            final_url=request.url,
            status=304 if same else 200,
            fetched_at=self.clock.at,
            validators=Validators(etag=etag),
        )
        return NotModified(answer) if same else Fetched(answer, Received(request.url, found, self.clock.at))

    def urls(self) -> list[str]:
        with self.turn:
            return [request.url for request in self.asked]

    def close(self) -> None:
        for gate in self.hanging.values():
            gate.set()


class BegunNet(Net):
    """The same, asked without holding a thread; what is no 304 is left for later, as curl leaves it."""

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        threading.Thread(target=self._to_its_end, args=(request, then), daemon=True).start()
        return True

    def _to_its_end(self, request: Request, then: Then) -> None:
        result = self.fetch(request)
        then(result if isinstance(result, NotModified) else lambda: result)


@dataclass
class Town:
    """A folder with feeds.yml and data/, a network, clocks, and what the daemon told."""

    folder: Path
    stack: ExitStack
    clock: Clock = field(default_factory=Clock)
    kind: type[Net] = Net
    net: Net = field(init=False)
    reports: list[PollReport] = field(default_factory=list)
    late: list[timedelta] = field(default_factory=list)
    reloaded: list[Assembly] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.net = self.kind(self.clock)

    def write(self, rows: str, *, site: str = SITE, knobs: str = '') -> None:
        (self.folder / 'feeds.yml').write_text(site + rows, 'utf-8')
        if knobs:
            (self.folder / 'config').mkdir(exist_ok=True)
            (self.folder / 'config' / 'aggregator.yml').write_text(knobs, 'utf-8')

    def settings(self) -> Settings:
        return load_settings(self.folder / 'feeds.yml')

    @contextmanager
    def open(self) -> Iterator[Assembly]:
        settings = self.settings()
        parser = InlineParser(parse_document, settings.parsing.limits)
        with assembled(settings, spacing=timedelta(0), now=self.clock.now, transport=self.net, parser=parser) as house:
            yield house

    def house(self) -> Assembly:
        """Open until the end of the test."""
        house = self.stack.enter_context(self.open())
        self.stack.callback(self.net.close)
        return house

    def daemon(self, house: Assembly | None = None) -> Daemon:
        """Started, and stopped at the end of the test."""
        listeners = Listeners(
            on_report=self.reports.append,
            on_published=lambda published: self.published.extend(published.written),
            on_reloaded=self.reloaded.append,
            on_started=self.late.append,
        )
        daemon = Daemon(house or self.house(), self.clock.now, listeners, monotonic=self.clock.monotonic)
        self.stack.callback(daemon.stop, 5.0)
        daemon.start()
        return daemon

    def reload(self, daemon: Daemon) -> Assembly:
        """The settings as the files are now, taken up."""
        before = len(self.reloaded)
        daemon.reload(self.settings())
        eventually(lambda: len(self.reloaded) > before)
        return self.reloaded[-1]

    def public(self) -> dict[str, bytes]:
        root = self.folder / 'data' / 'public'
        found = (p for p in sorted(root.rglob('*')) if p.suffix not in ('.gz', '.br') and not p.name.startswith('.'))
        files = (p for p in found if p.is_file())  # what begins with a dot is being written
        return {str(p.relative_to(root)): p.read_bytes() for p in files}


def entries(house: Assembly) -> dict[str, StoredEntry]:
    return {e.title: e for e in house.store.all_entries()}


def state(house: Assembly, name: str) -> SourceState:
    found = house.store.source(name)
    assert found is not None
    return found


def published(house: Assembly) -> None:
    publish(house.store, house.settings, house.folder)


def rss(*titles: str, host: str = 'jia.example', minute: int = 0) -> bytes:
    """A document whose items have the links /TITLE, of minutes that count up."""
    items = ''.join(
        f'<item><title>{title}</title><link>https://{host}/{title}</link><description>正文{title}</description>'
        f'<pubDate>{(NOON - timedelta(days=1) + timedelta(minutes=minute + n)):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>'
        for n, title in enumerate(titles)
    )
    head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>报</title>'
    return f'{head}<link>https://{host}/</link>{items}</channel></rss>'.encode()


def row(name: str, url: str, more: str = '') -> str:
    return f'  - {{name: "{name}", url: "{url}"{more}}}\n'


def rows(*those: str) -> str:
    return 'sources:\n' + ''.join(those)


def eventually(true: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Wait until it is so."""
    give_up_at = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < give_up_at, 'it never came to be'
        time.sleep(0.005)
