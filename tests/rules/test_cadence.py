"""Cadence: the table of waits and their reasons, back-off, skipped hours, first polls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Answer, FeedHead, FetchFailed, Polling, Source, SourceState
from aggregator.rules.cadence import PollOutcome, first_poll_at, next_poll

NOW = datetime(2026, 11, 25, 10, 30, 5, tzinfo=UTC)  # a Wednesday
POLLING = Polling()
SOURCE = Source(name='甲', every=timedelta(minutes=15))
STATE = SourceState(name='甲')


def s(seconds):
    return timedelta(seconds=seconds)


def answer(status=200, **said):
    return Answer(url='http://h.example/', final_url='http://h.example/', status=status, fetched_at=NOW, **said)


def failed(status=0, **said):
    reply = answer(status, **said) if status else None
    return PollOutcome(failure=FetchFailed('http://h.example/', 'status' if status else 'dns', 'no', answer=reply))


def wait(outcome, state=STATE, source=SOURCE, polling=POLLING, now=NOW):
    found = next_poll(state, source, outcome, now, polling)
    return (found.at - now).total_seconds(), found.why


@pytest.mark.parametrize(
    ('outcome', 'every_s', 'wanted'),
    [
        (PollOutcome(answer=answer()), 900, (900, 'every 15m')),
        (PollOutcome(), 5400, (5400, 'every 1h30m')),
        (PollOutcome(answer=answer(304)), 10, (60, 'min_interval 1m')),
        (PollOutcome(answer=answer(max_age=s(3600))), 900, (3600, 'Cache-Control: max-age=3600')),
        (PollOutcome(answer=answer(304, max_age=s(3600))), 900, (3600, 'Cache-Control: max-age=3600')),
        (PollOutcome(answer=answer(max_age=s(60))), 900, (900, 'every 15m')),
        (PollOutcome(answer=answer(max_age=s(-5))), 900, (900, 'every 15m')),
        (
            PollOutcome(answer=answer(max_age=s(10**8))),
            900,
            (86400, 'Cache-Control: max-age=100000000, bounded by max_interval 1d'),
        ),
        (PollOutcome(head=FeedHead(ttl=s(7200))), 900, (7200, 'the feed asks for 2h (ttl)')),
        (
            PollOutcome(answer=answer(max_age=s(3600)), head=FeedHead(ttl=s(1800))),
            900,
            (3600, 'Cache-Control: max-age=3600'),
        ),
        (PollOutcome(answer=answer(max_age=s(10**8))), 7 * 86400, (7 * 86400, 'every 7d')),
        (failed(503, retry_after=s(3600)), 900, (3600, 'Retry-After 3600 s')),
        (failed(429, retry_after=s(120)), 900, (900, 'every 15m')),
        (failed(429, retry_after=s(120)), 60, (120, 'Retry-After 120 s')),
        (failed(503, retry_after=s(10**7)), 900, (86400, 'Retry-After 10000000 s, bounded by 24h')),
        (PollOutcome(answer=answer(200, retry_after=s(1000))), 900, (1000, 'Retry-After 1000 s')),
        (failed(), 900, (900, '1 failure, back-off')),
        (failed(404), 900, (900, '1 failure, back-off')),
        (PollOutcome(answer=answer(), unreadable=True), 900, (900, '1 failure, back-off')),
    ],
)
def test_next_poll(outcome, every_s, wanted):
    assert wait(outcome, source=Source(name='甲', every=s(every_s))) == wanted


def test_what_the_feed_said_before_counts_while_it_says_nothing_new():
    known = SourceState(name='甲', head=FeedHead(ttl=s(7200)))
    assert wait(PollOutcome(answer=answer(304)), known)[0] == 7200
    assert wait(PollOutcome(answer=answer(), head=FeedHead()), known)[0] == 900


def test_gone_is_never_asked_again():
    found = next_poll(STATE, SOURCE, failed(410), NOW, POLLING)
    assert found.at is None
    assert found.why.startswith('410 Gone')


def test_back_off_doubles_up_to_the_cap():
    waits = [wait(failed(500), SourceState(name='甲', failures=n))[0] for n in range(12)]
    assert waits == sorted(waits)
    for n, seconds in enumerate(waits):
        full = min(900 * 2**n, 86400)
        assert max(900, full * 0.9) <= seconds <= full
    assert wait(failed(500), SourceState(name='甲', failures=2))[1] == '3 failures in a row, back-off'


def test_who_asks_to_slow_down_is_obeyed_at_once():
    assert 1620 <= wait(failed(429))[0] <= 1800
    assert 1620 <= wait(failed(503))[0] <= 1800


def test_sources_that_failed_together_do_not_come_back_together():
    state = SourceState(name='x', failures=9)
    waits = {wait(failed(), state, Source(name=f'source {n}', every=s(900)))[0] for n in range(50)}
    assert len(waits) == 50
    assert min(waits) >= 86400 * 0.9
    assert max(waits) <= 86400


@pytest.mark.parametrize(
    ('hours', 'days', 'wanted', 'why'),
    [
        ({10}, (), datetime(2026, 11, 25, 11, tzinfo=UTC), 'skipHours of the feed'),
        ({10, 11, 12}, (), datetime(2026, 11, 25, 13, tzinfo=UTC), 'skipHours of the feed'),
        (range(10, 24), (), datetime(2026, 11, 26, tzinfo=UTC), 'skipHours of the feed'),
        ((), {2}, datetime(2026, 11, 26, tzinfo=UTC), 'skipDays of the feed'),
        ({0}, {2, 3}, datetime(2026, 11, 27, 1, tzinfo=UTC), 'skipHours of the feed'),
        (set(range(24)) - {9}, set(range(7)) - {1}, datetime(2026, 12, 1, 9, tzinfo=UTC), 'skipHours of the feed'),
        ({11}, {3}, NOW + s(900), 'every 15m'),
        (range(24), (), NOW + s(900), 'every 15m'),
        ((), range(7), NOW + s(900), 'every 15m'),
    ],
)
def test_skipped_hours_and_days(hours, days, wanted, why):
    head = FeedHead(skip_hours=frozenset(hours), skip_days=frozenset(days))
    found = next_poll(STATE, SOURCE, PollOutcome(head=head), NOW, POLLING)
    assert (found.at, found.why) == (wanted, why)
    assert next_poll(SourceState(name='甲', head=head), SOURCE, failed(), NOW, POLLING).at == wanted


def test_first_polls_are_soon_and_spread():
    first = [first_poll_at(Source(name=f's{n}', order=n), NOW, POLLING) for n in range(100)]
    assert all(NOW <= at < NOW + s(10) for at in first[:20])
    assert all(NOW <= at < NOW + s(60) for at in first)
    assert len(set(first)) == 100
    assert max(first) - min(first) > s(30)
    assert first[7] == first_poll_at(Source(name='s7', order=7), NOW, POLLING)


SPANS = st.one_of(st.none(), st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=999_999)))
ANSWERS = st.builds(answer, st.sampled_from([200, 304, 404, 429, 500, 503]), max_age=SPANS, retry_after=SPANS)
HEADS = st.builds(
    FeedHead,
    ttl=SPANS,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
FAILURES = st.builds(FetchFailed, st.just('u'), st.just('status'), st.just('no'), answer=st.none() | ANSWERS)
OUTCOMES = st.builds(
    PollOutcome,
    answer=st.none() | ANSWERS,
    failure=st.none() | FAILURES,
    head=st.none() | HEADS,
    unreadable=st.booleans(),
)
EVERY = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400))


@given(OUTCOMES, st.integers(0, 10**6), EVERY)
def test_never_sooner_than_we_allow_and_never_lost(outcome, failures, every):
    state, source = SourceState(name='x', failures=failures), Source(name='x', every=every)
    found = next_poll(state, source, outcome, NOW, POLLING)
    own = min(max(every, POLLING.min_interval), timedelta(days=366))
    assert found.at >= NOW + own
    assert found.at <= NOW + max(own, timedelta(days=1)) + timedelta(days=8)
    assert found.why
