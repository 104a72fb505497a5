"""Cadence: the table of waits and their reasons, floors and their ceiling, back-off, skipped hours, first polls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Answer, FeedHead, FetchFailed, Polling, Source, SourceState
from aggregator.rules.cadence import PollOutcome, first_poll_at, next_poll
from aggregator.rules.waits import EPOCH, place_of

NOON = datetime(2026, 11, 25, 10, 30, 5, tzinfo=UTC)  # a Wednesday
POLLING = Polling()
SOURCE = Source(name='甲', every=timedelta(minutes=15))
STATE = SourceState(name='甲')
DAY = timedelta(days=1)


def s(seconds):
    return timedelta(seconds=seconds)


def at_its_place(every, name='甲', period=None):
    """An instant at which a source of this interval stands where it belongs, so that nothing is added to its wait."""
    period = period or every
    return NOON - (NOON + every - EPOCH - period * place_of(name)) % period


NOW = at_its_place(s(900))


def answer(status=200, **said):
    said = {'fetched_at': NOW} | said
    return Answer(url='http://h.example/', final_url='http://h.example/', status=status, **said)


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
        (PollOutcome(answer=answer(max_age=s(10**8))), 7 * 86400, (7 * 86400, 'every 7d')),
        (failed(503, retry_after=s(3600)), 900, (3601, 'Retry-After 3600 s')),
        (failed(429, retry_after=s(120)), 900, (900, 'every 15m')),
        (failed(429, retry_after=s(120)), 60, (121, 'Retry-After 120 s')),
        (failed(503, retry_after=s(10**7)), 900, (86400, 'Retry-After 10000000 s, bounded by 24h')),
        (PollOutcome(answer=answer(200, retry_after=s(1000))), 900, (1001, 'Retry-After 1000 s')),
        (failed(), 900, (900, '1 failure, back-off')),
        (failed(404), 900, (900, '1 failure, back-off')),
        (failed(404, max_age=s(3600)), 900, (3600, 'Cache-Control: max-age=3600')),
        (PollOutcome(answer=answer(), unreadable=True), 900, (900, '1 failure, back-off')),
    ],
)
def test_next_poll(outcome, every_s, wanted):
    now = at_its_place(s(max(every_s, 60)))
    assert wait(outcome, source=Source(name='甲', every=s(every_s)), now=now) == wanted


def test_a_wait_of_the_publisher_counts_from_its_answer():
    late = PollOutcome(answer=answer(max_age=s(3600), fetched_at=NOW + s(40)))
    assert wait(late)[0] == 3640
    refused = failed(429, retry_after=s(3600), fetched_at=NOW + s(40))
    assert wait(refused)[0] == 3641
    another_clock = PollOutcome(answer=answer(max_age=s(3600), fetched_at=NOW + DAY))
    assert wait(another_clock)[0] == 3600


def test_what_the_feed_said_before_counts_while_it_says_nothing_new():
    known = SourceState(name='甲', head=FeedHead(ttl=s(7200)), max_age=s(4000))
    at_place = at_its_place(s(7200), period=s(7560))
    same = PollOutcome(answer=answer(304, fetched_at=at_place))
    assert wait(same, known, now=at_place) == (7200, 'the feed asks for 2h (ttl)')
    assert wait(failed(500, fetched_at=at_place), known, now=at_place)[0] == 7200
    assert wait(PollOutcome(answer=answer(304), head=FeedHead()), known)[0] >= 4000
    assert wait(PollOutcome(answer=answer(), head=FeedHead()), known)[0] == 900


def test_gone_is_never_asked_again():
    found = next_poll(STATE, SOURCE, failed(410), NOW, POLLING)
    assert found.at is None
    assert found.why.startswith('410 Gone')


def test_gone_from_the_place_that_it_moved_to_is_a_failure_only():
    moved = SourceState(name='甲', address='http://new.example/')
    assert wait(failed(410), moved) == (900, '1 failure, back-off')


@pytest.mark.parametrize('late_s', [0, 3, 200, 225, 226, 500, 899])
def test_who_is_late_comes_back_to_its_place(late_s):
    """A little sooner than the interval while that suffices, else later; then it stands where it stood."""
    now = NOW + s(late_s)
    seconds, why = wait(PollOutcome(answer=answer(fetched_at=now)), now=now)
    assert seconds == (900 - late_s if late_s <= 225 else 1800 - late_s)
    assert why == ('every 15m' if late_s <= 225 else 'every 15m, back to its place')


def test_a_steady_floor_has_places_too_and_is_never_undercut():
    state = SourceState(name='甲', max_age=s(3600))
    waits = []
    now = NOW
    for _ in range(5):
        outcome = PollOutcome(answer=answer(max_age=s(3600), fetched_at=now + s(1)))
        waits.append(wait(outcome, state, now=now)[0])
        now += s(waits[-1])
    assert waits[1:] == [3780] * 4  # the places are a little further apart than the floor, for a visit takes time
    assert 3601 <= waits[0] <= 2 * 3780


# ---------------------------------------------------------------- failures


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


@pytest.mark.parametrize(
    ('days', 'longest', 'why'),
    [
        (None, 6 * 3600, '100 failures in a row, back-off'),
        (2.9, 6 * 3600, '100 failures in a row, back-off'),
        (3, 86400, '404 for 3 days: looked for once in 1d'),
        (400, 86400, '404 for 400 days: looked for once in 1d'),
        (-5, 6 * 3600, '100 failures in a row, back-off'),
    ],
)
def test_a_404_is_looked_for_less_once_it_has_lasted_days(days, longest, why):
    since = None if days is None else NOW - days * DAY
    seconds, said = wait(failed(404), SourceState(name='甲', failures=99, missing_since_at=since))
    assert (said, longest * 0.9 <= seconds <= longest) == (why, True)


def test_sources_that_failed_together_do_not_come_back_together():
    state = SourceState(name='x', failures=9)
    waits = {wait(failed(), state, Source(name=f'source {n}', every=s(900)))[0] for n in range(50)}
    assert len(waits) == 50
    assert min(waits) >= 86400 * 0.9
    assert max(waits) <= 86400


# ---------------------------------------------------------------- hours of asking


CRON = Source(name='甲', every=s(300), cron='*/5 9-15 * * 1-5', timezone='Asia/Shanghai')


def shanghai(day, hour, minute, second=0):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ('outcome', 'failures', 'now', 'wanted'),
    [
        (PollOutcome(), 0, shanghai(25, 9, 30, 59), shanghai(25, 9, 35)),
        (PollOutcome(), 0, shanghai(25, 15, 55, 59), shanghai(26, 9, 0)),
        (PollOutcome(), 0, shanghai(27, 15, 55, 59), shanghai(30, 9, 0)),  # over the weekend, whatever max_interval
        (PollOutcome(), 0, shanghai(25, 3, 0), shanghai(25, 9, 0)),
        (PollOutcome(answer=answer(max_age=s(1000), fetched_at=NOON)), 0, shanghai(25, 9, 30), shanghai(25, 9, 46)),
        (failed(500), 3, shanghai(25, 9, 30, 59), shanghai(25, 10, 10)),
        (failed(500), 99, shanghai(25, 9, 30, 59), shanghai(26, 9, 5)),
    ],
)
def test_cron(outcome, failures, now, wanted):
    found = next_poll(SourceState(name='甲', failures=failures), CRON, outcome, now, POLLING)
    assert wanted <= found.at < wanted + s(60)
    assert found.why


def test_cron_says_so_and_is_spread_within_its_minute():
    found = next_poll(STATE, CRON, PollOutcome(), NOON, POLLING)
    assert found.why == 'cron */5 9-15 * * 1-5 (Asia/Shanghai)'
    seconds = {
        next_poll(STATE, Source(name=f'{n}', cron='0 12 * * *'), PollOutcome(), NOON, POLLING).at for n in range(60)
    }
    assert len(seconds) == 60


# ---------------------------------------------------------------- what the feed asks to skip


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
    after_a_skip = why.startswith('skip')
    assert found.why == why
    assert found.at == wanted + s(900) * place_of('甲') * after_a_skip  # not all in the first second
    assert next_poll(SourceState(name='甲', head=head), SOURCE, failed(), NOW, POLLING).at == found.at


# ---------------------------------------------------------------- first polls


def test_first_polls_are_soon_and_spread():
    first = [first_poll_at(Source(name=f's{n}', order=n), NOW, POLLING) for n in range(100)]
    assert all(NOW <= at < NOW + s(10) for at in first[:20])
    assert first[20:] == sorted(first[20:])
    assert first[99] < NOW + s(100 * 0.9)
    assert len(set(first)) == 100
    assert first[7] == first_poll_at(Source(name='s7', order=7), NOW, POLLING)


@pytest.mark.parametrize(
    ('order', 'nth', 'every', 'latest_s'),
    [
        (5000, 3, s(900), 10),
        (5000, None, s(900), 900),
        (5000, None, 30 * DAY, 3600),
        (999, None, s(60), 60),
        (3, None, s(1), 10),
    ],
)
def test_the_first_poll_of_one_that_was_added(order, nth, every, latest_s):
    at = first_poll_at(Source(name='甲', order=order, every=every), NOW, POLLING, nth)
    assert NOW <= at <= NOW + s(latest_s)


# ---------------------------------------------------------------- laws

SPANS = st.one_of(st.none(), st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=999_999)))
ANSWERS = st.builds(answer, st.sampled_from([200, 304, 404, 429, 500, 503]), max_age=SPANS, retry_after=SPANS)
TTLS = st.builds(FeedHead, ttl=SPANS)
HEADS = st.builds(
    FeedHead,
    ttl=SPANS,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
FAILURES = st.builds(FetchFailed, st.just('u'), st.just('status'), st.just('no'), answer=st.none() | ANSWERS)
EVERY = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400))
SOURCES = st.builds(
    Source,
    name=st.text(max_size=3),
    every=EVERY,
    cron=st.sampled_from(['', '', '*/5 9-15 * * 1-5', '0 0 29 2 *']),
    adaptive=st.booleans(),
)
STATES = st.builds(
    SourceState,
    name=st.just('x'),
    failures=st.integers(0, 10**6),
    max_age=SPANS,
    missing_since_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    rhythm=st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), max_size=6).map(  # noqa: DTZ001  # hypothesis wants them naive
        lambda instants: tuple(sorted(set(instants)))
    ),
)


def outcomes(heads):
    return st.builds(
        PollOutcome,
        answer=st.none() | ANSWERS,
        failure=st.none() | FAILURES,
        head=st.none() | heads,
        unreadable=st.booleans(),
    )


def said_by(outcome):
    return outcome.failure.answer if outcome.failure else outcome.answer


@given(STATES, SOURCES, outcomes(HEADS))
def test_never_before_a_floor(state, source, outcome):
    found = next_poll(state, source, outcome, NOW, POLLING)
    reply, head = said_by(outcome), outcome.head or FeedHead()
    floors = [min(head.ttl or DAY * 0, DAY)]
    if reply is not None:
        floors += [min(reply.max_age or DAY * 0, DAY), min(reply.retry_after or DAY * 0, DAY)]
    if not source.cron and not source.adaptive:
        floors.append(min(source.every, timedelta(days=366)) * 0.75)
    assert found.at >= NOW + max(POLLING.min_interval, *floors)
    assert found.why


@given(STATES, SOURCES.filter(lambda source: not source.cron), outcomes(TTLS))
def test_never_after_the_ceiling(state, source, outcome):
    found = next_poll(state, source, outcome, NOW, POLLING)
    own = timedelta(0) if source.adaptive else source.every
    assert found.at <= NOW + max(own, POLLING.max_interval)


@given(STATES, SOURCES, outcomes(HEADS))
def test_skipped_hours_delay_by_a_week_at_most(state, source, outcome):
    with_them = next_poll(state, source, outcome, NOW, POLLING).at
    without = next_poll(
        state,
        source,
        outcome.__class__(
            answer=outcome.answer,
            failure=outcome.failure,
            unreadable=outcome.unreadable,
            head=FeedHead(ttl=outcome.head.ttl if outcome.head else None),
        ),
        NOW,
        POLLING,
    ).at
    assert without <= with_them <= without + timedelta(days=8)


@given(SOURCES, st.sampled_from([0, 404, 429, 500, 503]), st.integers(0, 40))
def test_back_off_never_gets_shorter_with_more_failures(source, status, failures):
    waits = [
        next_poll(SourceState(name='x', failures=failures + n), source, failed(status), NOW, POLLING).at for n in (0, 1)
    ]
    assert waits == sorted(waits)
