"""What a publisher would say of us: every request with the time at which it left, held against what was asked for.

It reads headers and documents by its own means and knows nothing of our rules. Times are those of a simulated clock.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aggregator.fetch import Then, Transport, beginner
from aggregator.model import Fetched, FetchResult, NotModified, Request

DAY = timedelta(days=1)
A_SECOND = timedelta(seconds=1)  # what a date in a header has lost
PERIODS = {'hourly': 60, 'daily': 1440, 'weekly': 10_080, 'monthly': 43_200, 'yearly': 525_600}  # minutes


@dataclass(frozen=True, slots=True)
class Floor:
    until: datetime
    why: str


@dataclass(slots=True)
class Judge:
    """`cap` bounds every hint but Retry-After, which a day bounds."""

    now: Callable[[], datetime]
    cap: timedelta = DAY
    requests: list[tuple[datetime, str, bool]] = field(default_factory=list)  # when, URL, whether conditional
    early: list[str] = field(default_factory=list)  # a sentence for each request that came before its time
    bare: list[str] = field(default_factory=list)  # requests without a validator, though one was given before
    owed: int = 0  # requests that had to be conditional
    unread: list[str] = field(
        default_factory=list
    )  # as `bare`, for documents that were no feed and of which nothing is kept
    held: dict[str, int] = field(default_factory=dict)  # kinds of floors, and how often one was given
    _documents: dict[str, Floor] = field(default_factory=dict)
    _hosts: dict[str, Floor] = field(default_factory=dict)
    _heads: dict[str, tuple[float, frozenset[int]]] = field(default_factory=dict)  # minutes, skipped hours
    _validated: set[str] = field(default_factory=set)
    _read: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, url: str, *, conditional: bool) -> None:
        at = self.now()
        with self._turn:
            self.requests.append((at, url, conditional))
            floors = (self._documents.get(url), self._hosts.get(host_of(url)))
            self.early += [f'{at:%d %T} {url}: {f.why} until {f.until:%d %T}' for f in floors if f and at < f.until]
            if url in self._gone:
                self.early.append(f'{at:%d %T} {url}: was gone for good')
            if at.hour in self._heads.get(url, (0, ()))[1]:
                self.early.append(f'{at:%d %T} {url}: an hour to be skipped')
            if url in self._validated and url in self._read:
                self.owed += 1
                self.bare += [] if conditional else [f'{at:%d %T} {url}']
            elif url in self._validated and not conditional:
                self.unread.append(f'{at:%d %T} {url}')

    def read(self, url: str) -> None:
        """The document there was understood, so what it said is kept."""
        with self._turn:
            self._read.add(url)

    def answered(self, url: str, status: int, at: datetime, headers: dict[str, str], body: bytes = b'') -> None:
        with self._turn:
            if status == 200:
                self._heads[url] = (_ttl_of(body), _skipped(body))
            if status == 410:
                self._gone.add(url)
            if status == 200 and ('etag' in headers or 'last-modified' in headers):
                self._validated.add(url)
            if status in (429, 503) and 'retry-after' in headers:
                wait = min(_retry_after(headers['retry-after'], at), DAY)
                self._hosts[host_of(url)] = self._floor(at, wait, 'Retry-After')
            waits = (*_fresh(headers), *([('ttl', self._heads[url][0] * 60)] if url in self._heads else []))
            why, seconds = max(waits, key=lambda one: one[1], default=('', 0.0))
            if status in (200, 304) and seconds:
                self._documents[url] = self._floor(at, min(timedelta(seconds=seconds), self.cap), why)

    def _floor(self, at: datetime, wait: timedelta, why: str) -> Floor:
        self.held[why] = self.held.get(why, 0) + 1
        return Floor(at + wait, why)


class Watched:
    """A transport whose every request is told to the judge. `on_wire` are under way now."""

    def __init__(self, wire: Transport, judge: Judge) -> None:
        begins = beginner(wire)
        assert begins is not None, 'rounds go through curl: install pycurl'
        self._wire, self._begins, self._judge = wire, begins, judge
        self._turn = threading.Lock()
        self.on_wire = 0

    def fetch(self, request: Request) -> FetchResult:
        self._asked(request)
        try:
            return self._told(request, self._wire.fetch(request))
        finally:
            self._here()

    def begin(self, request: Request, then: Then, *, patient: bool) -> bool:
        def ended(what: NotModified | Callable[[], FetchResult]) -> None:
            self._here()
            then(self._told(request, what) if isinstance(what, NotModified) else lambda: self._told(request, what()))

        self._asked(request)
        begun = self._begins.begin(request, ended, patient=patient)
        assert begun, 'an address of numbers needs no name server'
        return begun

    def close(self) -> None:
        self._wire.close()

    def _asked(self, request: Request) -> None:
        with self._turn:
            self.on_wire += 1
        validators = request.validators
        self._judge.asked(request.url, conditional=bool(validators.etag or validators.last_modified))

    def _here(self) -> None:
        with self._turn:
            self.on_wire -= 1

    def _told(self, request: Request, result: FetchResult) -> FetchResult:
        if (answer := result.answer) is not None:
            headers = {name.lower(): value for name, value in answer.headers}
            body = result.received.body if isinstance(result, Fetched) else b''
            self._judge.answered(request.url, answer.status, answer.fetched_at, headers, body)
        return result


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ''


def _retry_after(text: str, at: datetime) -> timedelta:
    return timedelta(seconds=int(text)) if text.isdigit() else parsedate_to_datetime(text) - at


def _fresh(headers: dict[str, str]) -> list[tuple[str, float]]:
    """max-age, else Expires minus Date (RFC 9111, 4.2.1)."""
    if found := re.search(r'max-age=(\d+)', headers.get('cache-control', '')):
        return [('Cache-Control', float(found[1]))]
    if {'expires', 'date'} <= headers.keys():
        lasting = parsedate_to_datetime(headers['expires']) - parsedate_to_datetime(headers['date'])
        return [('Expires', (lasting - A_SECOND).total_seconds())]
    return []


def _ttl_of(body: bytes) -> float:
    """Minutes: RSS ttl, else the period of the syndication module by its frequency. Only in the head of a document."""
    head = re.split(rb'<(?:item|entry)[\s>]', body, maxsplit=1)[0]
    if found := re.search(rb'<ttl>\s*(\d+)\s*</ttl>', head):
        return float(found[1])
    period = re.search(rb'<sy:updatePeriod>\s*(\w+)', head)
    often = re.search(rb'<sy:updateFrequency>\s*(\d+)', head)
    minutes = PERIODS.get(period[1].decode().lower(), 0) if period else 0
    return minutes / max(1, int(often[1]) if often else 1)


def _skipped(body: bytes) -> frozenset[int]:
    """Hours of the day in UTC; a feed that skips all of them is not taken at its word."""
    found = re.search(rb'<skipHours>(.*?)</skipHours>', body, re.DOTALL)
    hours = (
        frozenset(int(hour) % 24 for hour in re.findall(rb'<hour>\s*(\d+)\s*</hour>', found[1]))
        if found
        else frozenset()
    )
    return hours if len(hours) < 24 else frozenset()
