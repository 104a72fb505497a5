"""Holds: what a host that asks us to slow down is given, and what that means for all who lead to it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Answer, Hop, HostState, Polling, SourceState
from aggregator.rules.hosts import held, host_of, hosts_on, longest, slowed

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
POLLING = Polling()
URL = 'https://h.example/feed'


def s(seconds):
    return timedelta(seconds=seconds)


def answer(status, retry_after=None, *, final=URL, hops=(), at=NOW):
    return Answer(url=URL, final_url=final, status=status, fetched_at=at, retry_after=retry_after, hops=hops)


def before(not_before, failures=1):
    return HostState(host='h.example', not_before=not_before, why='as before', failures=failures)


@pytest.mark.parametrize(
    ('reply', 'known', 'wait', 'failures'),
    [
        (answer(429, s(3600)), None, s(3601), 1),
        (answer(503, s(3600)), None, s(3601), 1),
        (answer(429, s(0)), None, s(0), 1),
        (answer(503, s(10**7)), None, 24 * HOUR, 1),
        (answer(429), None, s(10), 1),
        (answer(503), None, s(10), 1),
        (answer(503), before(NOW - 9 * MINUTE, 3), s(80), 4),
        (answer(503), before(NOW - 11 * MINUTE, 3), s(10), 1),
        (answer(503), before(NOW, 99), HOUR, 100),
        (answer(429, s(60)), before(NOW + HOUR), HOUR, 2),  # never shorter
        (answer(429, s(7200)), before(NOW + HOUR), s(7201), 2),
    ],
)
def test_slowed(reply, known, wait, failures):
    found = slowed(reply, known, POLLING)
    assert (found.host, found.not_before - NOW, found.failures) == ('h.example', wait, failures)
    assert found.why


@pytest.mark.parametrize('status', [200, 304, 301, 403, 404, 410, 500, 502, 504])
def test_other_answers_slow_nobody(status):
    assert slowed(answer(status, s(3600)), None, POLLING) is None


def test_the_host_that_said_it_is_held_and_not_the_one_that_led_there():
    led = answer(429, s(60), final='https://b.example/x', hops=(Hop(302, 'https://b.example/x'),))
    assert slowed(led, None, POLLING).host == 'b.example'
    assert hosts_on(led) == ('h.example', 'b.example')


@pytest.mark.parametrize(
    ('url', 'host'),
    [
        ('https://User@H.Example:8443/x', 'h.example'),
        ('http://[::1]:80/', '::1'),
        ('http://[::1', ''),
        ('/srv/posts', ''),
        ('', ''),
    ],
)
def test_host_of(url, host):
    assert host_of(url) == host


@given(st.from_regex(r'https?:/?/[a-zA-Z0-9.@:%\[\]é -]{0,12}[:/?#]?[0-9a-z:@/]{0,8}', fullmatch=True))
def test_the_short_way_leads_to_the_same_host(url):
    try:
        told = (urlsplit(url).hostname or '').lower()
    except ValueError:
        told = ''
    assert host_of(url) == told


@pytest.mark.parametrize(
    ('next_at', 'changes'), [(NOW, True), (NOW + 59 * MINUTE, True), (NOW + HOUR, False), (NOW + 2 * HOUR, False)]
)
def test_who_leads_to_a_held_host_waits_and_comes_back_apart_from_the_others(next_at, changes):
    hold = before(NOW + HOUR)
    states = [held(SourceState(name=f'{n}', next_poll_at=next_at), hold) for n in range(30)]
    if not changes:
        assert {state.next_poll_at for state in states} == {next_at}
        return
    assert all(NOW + HOUR <= state.next_poll_at < NOW + HOUR + 5 * MINUTE for state in states)
    assert len({state.next_poll_at for state in states}) == 30
    assert {state.why_next for state in states} == {'as before'}


def test_who_is_never_asked_again_stays_so():
    gone = SourceState(name='a', state='gone')
    assert held(gone, before(NOW)) == gone


def test_longest():
    holds = [before(NOW - HOUR), before(NOW + HOUR, 7), before(NOW + MINUTE)]
    assert longest(holds, NOW).failures == 7
    assert longest(holds[:1], NOW) is None
    assert longest([], NOW) is None


SPANS = st.none() | st.timedeltas(timedelta(0), timedelta(days=10**6))


@given(st.lists(st.tuples(st.sampled_from([200, 429, 503]), SPANS, st.timedeltas(timedelta(0), 2 * HOUR)), max_size=20))
def test_a_hold_never_gets_shorter_and_never_lasts_for_good(answers):
    hold, now = None, NOW
    for status, retry_after, later in answers:
        now += later
        found = slowed(answer(status, retry_after, at=now), hold, POLLING)
        if found is not None:
            assert found.not_before <= max(now + 24 * HOUR + s(1), hold.not_before if hold else now)
            assert hold is None or found.not_before >= hold.not_before
            assert found.not_before >= now + min(retry_after or timedelta(0), 24 * HOUR)
            hold = found
