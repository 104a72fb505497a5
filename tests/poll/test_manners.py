"""Polite: turns and spacing at a host, across redirects, and hosts that asked to be left alone. Time is a number."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Answer, Fetched, FetchFailed, Hop, NotModified, Received, Request
from aggregator.poll import Polite

NOW = datetime(2026, 11, 25, tzinfo=UTC)
A, B, LED = 'https://a.example/1', 'https://b.example/1', 'https://a.example/led'
TO_B = 'https://b.example/there'


@dataclass
class Wire:
    """A transport that takes a tenth of a second, notes when it was asked, and knows one redirect."""

    clock: Clock
    asked: list[tuple[float, str]] = field(default_factory=list)
    status: int = 200
    retry_after: timedelta | None = None
    fails: bool = False

    def fetch(self, request):
        self.asked.append((round(self.clock.now, 3), request.url))
        self.clock.now += 0.1
        if self.fails:
            raise OSError
        hops = (Hop(302, TO_B),) if request.url == LED else ()
        final = TO_B if hops else request.url
        answer = Answer(
            url=request.url,
            final_url=final,
            status=self.status,
            fetched_at=NOW,
            hops=hops,
            retry_after=self.retry_after,
        )
        if self.status != 200:
            return FetchFailed(request.url, 'status', 'no', answer=answer)
        return Fetched(answer, Received(final, b'', NOW))

    def close(self):
        pass


@dataclass
class Clock:
    now: float = 100.0

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wire(clock):
    return Wire(clock)


def polite(wire, *, concurrency=1, spacing=1.0, holds=True):
    return Polite(
        wire,
        concurrency=concurrency,
        spacing=timedelta(seconds=spacing),
        holds=holds,
        monotonic=lambda: wire.clock.now,
        sleep=wire.clock.sleep,
    )


def ask(transport, *urls):
    return [transport.fetch(Request(url=url)) for url in urls]


@pytest.mark.parametrize(
    ('urls', 'times'),
    [
        ([A, A, A], [100.0, 101.1, 102.2]),
        ([A, B], [100.0, 100.1]),
        ([A, 'https://A.example:8443/2'], [100.0, 101.1]),
        ([LED, B], [100.0, 101.1]),  # both sides of a redirect
        ([LED, A], [100.0, 101.1]),
        ([B, LED], [100.0, 100.1]),  # where it leads is not known yet
        ([LED, B, LED], [100.0, 101.1, 102.2]),  # now it is
    ],
)
def test_a_host_is_spaced(wire, urls, times):
    ask(polite(wire), *urls)
    assert wire.asked == list(zip(times, urls, strict=True))


def test_a_request_that_raises_gives_its_place_back(wire):
    transport = polite(wire)
    wire.fails = True
    with pytest.raises(OSError):  # noqa: PT011  # whatever the wire raises
        ask(transport, A)
    wire.fails = False
    ask(transport, A)
    assert [at for at, _ in wire.asked] == [100.0, 101.1]


def test_a_retry_after_holds_the_host_for_all(wire):
    transport = polite(wire)
    wire.status, wire.retry_after = 429, timedelta(seconds=60)
    ask(transport, A)
    wire.status = 200
    refused, other = ask(transport, 'https://a.example/2', B)
    assert (refused.reason, refused.answer) == ('held', None)
    assert 'a.example asked for it: Retry-After 60 s' in refused.message
    assert isinstance(other, Fetched)
    wire.clock.now = 161.1
    assert isinstance(ask(transport, A)[0], Fetched)
    assert [url for _, url in wire.asked] == [A, B, A]


def test_it_is_the_host_behind_the_redirect_that_is_held(wire):
    transport = polite(wire)
    wire.status, wire.retry_after = 503, timedelta(seconds=60)
    ask(transport, LED)
    wire.status = 200
    assert [getattr(r, 'reason', '') for r in ask(transport, B, LED, A)] == ['held', 'held', '']


@pytest.mark.parametrize(
    ('status', 'retry_after', 'holds'),
    [
        (200, timedelta(seconds=60), True),
        (404, timedelta(seconds=60), True),
        (429, None, True),
        (429, timedelta(0), True),
        (429, timedelta(seconds=60), False),  # a person asks anyway
    ],
)
def test_what_holds_nobody(wire, status, retry_after, holds):
    transport = polite(wire, holds=holds)
    wire.status, wire.retry_after = status, retry_after
    ask(transport, A, A)
    assert len(wire.asked) == 2


def test_a_hold_is_bounded(wire):
    transport = polite(wire)
    wire.status, wire.retry_after = 429, timedelta(days=999)
    ask(transport, A)
    wire.clock.now += 86_402
    ask(transport, A)
    assert len(wire.asked) == 2


def test_other_bounds_from_now_on(wire):
    transport = polite(wire)
    ask(transport, A)
    transport.allow(concurrency=3, spacing=timedelta(seconds=5))
    ask(transport, A, A)
    assert [at for at, _ in wire.asked] == [100.0, 101.1, 106.2]


class Busy:
    """A real wire for threads: counts who is at a host at the same time."""

    def __init__(self):
        self.turn = threading.Lock()
        self.at, self.most, self.met = {'a.example': 0, 'b.example': 0}, {}, threading.Event()

    def fetch(self, request):
        hosts = ['a.example', 'b.example'] if request.url == LED else [request.url.split('/')[2]]
        with self.turn:
            for host in hosts:
                self.at[host] += 1
                self.most[host] = max(self.most.get(host, 0), self.at[host])
        self.met.wait(0.002)
        with self.turn:
            for host in hosts:
                self.at[host] -= 1
        hops = (Hop(302, TO_B),) if request.url == LED else ()
        final = TO_B if hops else request.url
        answer = Answer(url=request.url, final_url=final, status=200, fetched_at=NOW, hops=hops)
        return Fetched(answer, Received(final, b'', NOW))

    def close(self):
        pass


@pytest.mark.parametrize('concurrency', [1, 2])
def test_many_threads_and_no_host_is_asked_by_too_many(concurrency):
    """Also where a redirect leads from one to the other, once that is known; and nobody waits in a circle."""
    busy = Busy()
    transport = Polite(busy, concurrency=concurrency, spacing=timedelta(0))
    ask(transport, LED)
    urls = [LED, B, A, LED, 'https://b.example/2', LED] * 4
    threads = [threading.Thread(target=ask, args=(transport, url)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert max(busy.most.values()) <= concurrency


# ------------------------------------------------ begun and not waited for


@dataclass
class Beginning(Wire):
    """It begins fetches and leaves them open until somebody ends them."""

    declines: bool = False
    open: list = field(default_factory=list)

    def begin(self, request, then, *, patient):
        if self.declines:
            return False
        self.asked.append((round(self.clock.now, 3), request.url))
        self.open.append(then)
        return True


@pytest.fixture
def beginning(clock):
    return Beginning(clock)


def not_modified(url, **told):
    return NotModified(Answer(url=url, final_url=url, status=304, fetched_at=NOW, **told))


def begun(transport, url):
    """What the fetch has told, in a list; None where it was not begun."""
    told = []
    return told if transport.begin(Request(url=url), told.append, patient=False) else None


def test_a_wire_that_only_fetches_cannot_begin(wire):
    assert begun(polite(wire), A) is None
    assert ask(polite(wire), A)


def test_a_host_that_is_asked_is_not_asked_by_another(beginning, clock):
    transport = polite(beginning, spacing=0.0)
    told = begun(transport, A)
    assert begun(transport, A) is None
    assert begun(transport, B) is not None
    beginning.open[0](not_modified(A))
    assert isinstance(told[0], NotModified)
    assert begun(transport, A) is not None


def test_a_host_that_rests_is_left_to_who_may_wait(beginning, clock):
    transport = polite(beginning)
    begun(transport, A)
    clock.now += 0.4
    beginning.open[0](not_modified(A))
    clock.now += 0.9
    assert begun(transport, A) is None
    clock.now += 0.2
    assert begun(transport, A) is not None


def test_the_place_is_held_until_the_slow_part_has_ended(beginning, clock):
    transport = polite(beginning, spacing=0.0)
    told = begun(transport, A)
    beginning.open[0](lambda: not_modified(A))
    assert begun(transport, A) is None
    assert isinstance(told[0](), NotModified)
    assert begun(transport, A) is not None


def test_a_slow_part_that_raises_gives_the_place_back(beginning):
    transport = polite(beginning, spacing=0.0)
    told = begun(transport, A)
    beginning.open[0](lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        told[0]()
    assert begun(transport, A) is not None


def test_a_wire_that_declines_keeps_no_place(beginning):
    transport = polite(beginning, spacing=0.0)
    beginning.declines = True
    assert begun(transport, A) is None
    beginning.declines = False
    assert begun(transport, A) is not None


def test_a_host_that_asked_to_be_left_alone_is_not_begun_with(beginning, clock):
    transport = polite(beginning, spacing=0.0)
    told = begun(transport, A)
    answer = Answer(url=A, final_url=A, status=429, fetched_at=NOW, retry_after=timedelta(seconds=60))
    beginning.open[0](lambda: FetchFailed(A, 'status', 'slow down', answer=answer))
    told[0]()
    clock.now += 60
    assert begun(transport, A) is None
    clock.now += 2
    assert begun(transport, A) is not None
