"""Days of polling in a second: no network, no store, the rules alone. Who is asked when, and was it allowed?"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from aggregator.model import Answer, FeedHead, FetchFailed, HostState, Polling, Source, SourceState
from aggregator.rules.cadence import PollOutcome, first_poll_at, next_poll
from aggregator.rules.hosts import held, slowed
from aggregator.rules.rhythm import heard

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLLING = Polling()
LATENCY = timedelta(milliseconds=700)


def s(seconds):
    return timedelta(seconds=seconds)


# ---------------------------------------------------------------- a thousand at one interval


def steady(sources, first, until):
    """The instants of all polls of sources that are well."""
    asked = []
    queue = [(first(source, n), n, source) for n, source in enumerate(sources)]
    heapq.heapify(queue)
    while queue:
        at, n, source = heapq.heappop(queue)
        if at >= until:
            continue
        asked.append(at)
        reply = Answer(url='u', final_url='u', status=304, fetched_at=at + LATENCY)
        following = next_poll(SourceState(name=source.name), source, PollOutcome(answer=reply), at, POLLING)
        heapq.heappush(queue, (following.at, n, source))
    return asked


def thousand(every):
    return [Source(name=f'source {n}', order=n, every=every) for n in range(1000)]


def per_minute(asked, since):
    return Counter((at - since) // MINUTE for at in asked if at >= since)


@pytest.mark.parametrize('every', [15 * MINUTE, 30 * MINUTE])
def test_a_thousand_sources_are_spread_from_the_first_minute(every):
    rounds = 6
    asked = steady(thousand(every), lambda source, _: first_poll_at(source, START, POLLING), START + rounds * every)
    minutes = per_minute(asked, START)
    mean = 1000 / (every / MINUTE)
    assert max(minutes.values()) <= 2 * mean
    assert len(asked) > 1000 * (rounds - 1.5)


@pytest.mark.parametrize('every', [15 * MINUTE, HOUR])
def test_after_a_stop_they_are_spread_again(every):
    """All are due at once, and asked in a burst: within two rounds nothing is left of it."""
    back = START + 2 * every
    asked = steady(thousand(every), lambda _, n: START + n * s(0.05), back + 3 * every)
    assert max(per_minute(asked, back).values()) <= 2 * 1000 / (every / MINUTE)


def test_the_same_after_a_restart():
    def again():
        return steady(thousand(15 * MINUTE), lambda source, _: first_poll_at(source, START, POLLING), START + HOUR)

    assert again() == again()


# ---------------------------------------------------------------- three days, two thousand sources, fifty hosts


@dataclass
class Publisher:
    """What one source answers, and since when it allows the next request."""

    source: Source
    host: str
    max_age: timedelta | None
    head: FeedHead
    trouble: str
    state: SourceState
    not_before: datetime = START
    asked: int = 0


def publishers(random):
    made = []
    for n in range(2000):
        every = random.choice([30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR])
        kind = random.choice(['', '', '', 'cron', 'adaptive'])
        source = Source(
            name=f'source {n}',
            order=n,
            every=every,
            adaptive=kind == 'adaptive',
            cron='*/30 9-15 * * 1-5' if kind == 'cron' else '',
        )
        head = FeedHead(
            ttl=random.choice([None, None, None, HOUR, 3 * HOUR, 90 * DAY]),
            skip_hours=random.choice([frozenset(), frozenset(), frozenset({0, 1, 2, 3})]),
        )
        made.append(
            Publisher(
                source=source,
                host=f'h{n % 50}.example',
                max_age=random.choice([None, None, s(300), HOUR, 5 * HOUR]),
                head=head,
                trouble=random.choice(['', '', '', '', '404', '500', 'flaky', 'slow down']),
                state=SourceState(name=source.name, head=head, rhythm=(START - 2 * HOUR, START - HOUR)),
            )
        )
    return made


def answered(publisher, at, random):
    heard_at = at + s(random.uniform(0.1, 20))
    url = f'https://{publisher.host}/{publisher.source.order}'
    status, retry_after = 200, None
    if publisher.trouble in ('404', '500'):
        status = int(publisher.trouble)
    elif publisher.trouble == 'flaky' and random.random() < 0.3:
        status = 500
    elif publisher.trouble == 'slow down' and random.random() < 0.1:
        status, retry_after = random.choice([429, 503]), random.choice([*[None, s(600), 2 * HOUR] * 5, 90 * DAY])
    max_age = publisher.max_age if status == 200 else None
    return Answer(url=url, final_url=url, status=status, fetched_at=heard_at, max_age=max_age, retry_after=retry_after)


def failure(answer):
    return FetchFailed(answer.url, 'status', 'no', answer=answer)


def three_days(seed):
    """Yields (at, publisher, host holds) for each request, and lets the rules decide about the next one."""
    random = Random(seed)  # a made-up world
    everybody, holds = publishers(random), {}
    by_host = defaultdict(list)
    for p in everybody:
        by_host[p.host].append(p)
        p.state = replace(p.state, next_poll_at=first_poll_at(p.source, START, POLLING))
    queue = [(p.state.next_poll_at, p.source.order) for p in everybody]
    heapq.heapify(queue)
    while queue and queue[0][0] < START + 3 * DAY:
        at, n = heapq.heappop(queue)
        p = everybody[n]
        if p.state.next_poll_at != at:  # its host was held meanwhile: another one is in the queue
            continue
        yield at, p, holds.get(p.host)
        answer = answered(p, at, random)
        well = answer.status == 200
        head = p.head if well else None
        rhythm = heard(p.state.rhythm, [], at, new=True) if well and p.asked % 3 == 0 else None
        outcome = PollOutcome(answer=answer, failure=None if well else failure(answer), head=head, rhythm=rhythm)
        found = next_poll(p.state, p.source, outcome, at, POLLING)
        p.asked += 1
        p.not_before = at + POLLING.min_interval
        for asked_for in (answer.max_age, answer.retry_after, p.head.ttl):
            p.not_before = max(p.not_before, answer.fetched_at + min(asked_for or s(0), DAY))
        p.state = replace(
            p.state,
            next_poll_at=found.at,
            why_next=found.why,
            failures=0 if well else p.state.failures + 1,
            missing_since_at=None if answer.status != 404 else p.state.missing_since_at or at,
            max_age=answer.max_age if well else p.state.max_age,
            rhythm=p.state.rhythm if rhythm is None else rhythm,
        )
        hold = slowed(answer, holds.get(p.host), POLLING)
        touched = [p]
        if hold is not None:
            holds[p.host], touched = hold, by_host[p.host]
        if p.host in holds:
            for other in touched:
                other.state = held(other.state, holds[p.host])
        for other in touched:
            heapq.heappush(queue, (other.state.next_poll_at, other.source.order))


def test_three_days_of_two_thousand_sources():
    requests, last, minutes = 0, {}, Counter()
    holds: dict[str, HostState] = {}
    for at, p, hold in three_days(seed=7):
        requests += 1
        assert at >= p.not_before, f'{p.source.name} was asked before it allowed it: {p.state.why_next}'
        assert hold is None or at >= hold.not_before, f'{p.host} was asked while it wanted to be left alone'
        assert p.asked == 0 or at.hour not in p.head.skip_hours
        assert p.asked == 0 or p.state.why_next
        if hold is not None:
            holds[p.host] = hold
        last[p.source.name] = p
        minutes[(at - START) // MINUTE] += not p.source.cron  # cron lines come together: they are meant to
    assert len(last) == 2000
    assert len(holds) > 10
    # Nobody was given up, though hosts asked for a day of rest again and again; the trading hours end for the weekend.
    assert all(START + 3 * DAY <= p.state.next_poll_at <= START + 5 * DAY + 6 * HOUR for p in last.values())
    busiest = max(number for minute, number in minutes.items() if minute > 360)  # all are asked once in the first hour
    assert busiest <= 5 * minutes.total() / (3 * 1440)  # a third wait for the end of the same skipped hours
    assert requests > 20_000
