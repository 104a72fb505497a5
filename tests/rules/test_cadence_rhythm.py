"""Rhythm: a source that publishes hourly is soon asked twice an hour, one that sleeps is left asleep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry, Item, Polling, Source, SourceState, Stated
from aggregator.rules.cadence import PollOutcome, next_poll
from aggregator.rules.rhythm import KEPT, SHORTEST, START, heard, interval_of, stated_in

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
POLLING = Polling()
SOURCE = Source(name='甲', adaptive=True)


def ago(*hours):
    return [NOW - h * HOUR for h in hours]


@pytest.mark.parametrize(
    ('known', 'stated', 'new', 'wanted'),
    [
        ([], [], False, []),
        ([], [], True, [0]),  # news without a date: published when seen, as far as we know
        ([], [3, 1, 2], True, [3, 2, 1]),
        ([3], [3, 2], True, [3, 2]),
        ([3], [3], True, [3, 0]),  # news, and no later date
        ([3], [3], False, [3]),
        ([], [-1, -9999], True, [0]),  # dates ahead say nothing
        ([], [24 * 4000], True, [0]),
        ([], [1, 1.01, 1.02, 2], False, [2, 1]),  # one act of publishing
        ([], range(1, 400), False, [6, 5, 4, 3, 2, 1]),
    ],
)
def test_heard(known, stated, new, wanted):
    assert heard(tuple(ago(*known)), ago(*stated), NOW, new=new) == tuple(ago(*wanted))


def test_what_a_document_states():
    dates = [
        Stated('x', NOW),
        Stated('x', NOW, day_only=True),
        Stated('x'),
        None,
    ]
    items = [Item(url='u', index=0, entry=Entry(published=date)) for date in dates]
    items.append(Item(url='u', index=4, entry=Entry(updated=Stated('x', NOW - HOUR))))
    assert stated_in(items) == [NOW, NOW - HOUR]


@pytest.mark.parametrize(
    ('rhythm', 'minutes'),
    [
        ([], 30),
        ([0], 30),
        ([2, 1, 0], 24),
        ([2, 1, 0.9], 24),
        ([10, 9, 8], (8 - 1) * 36),  # silent for eight hours where an hour is usual
        ([0.2, 0.1, 0], 5),
        ([48, 24, 0], 24 * 24),
    ],
)
def test_interval(rhythm, minutes):
    assert interval_of(ago(*rhythm), NOW) == minutes * MINUTE


def simulated(publishes, polls, *, dated, first=(), start=NOW, polling=POLLING):
    """The waits of so many polls of a source that publishes at these instants (or says so, where it is dated)."""
    published = sorted(publishes)
    state, now, waits, seen = SourceState(name='甲'), start, [], None
    for _ in range(polls):
        there = [at for at in published if at <= now]
        new = seen is None or len(there) > seen
        seen = len(there)
        if new:
            stated = [*first, *there] if dated else []
            rhythm = heard(state.rhythm, stated, now, new=True)
            state = SourceState(name='甲', rhythm=rhythm)
        found = next_poll(state, SOURCE, PollOutcome(rhythm=state.rhythm), now, polling)
        waits.append(found.at - now)
        now = found.at
    return waits


@pytest.mark.parametrize('dated', [True, False])
@pytest.mark.parametrize('shift_min', [0, 7, 31, 59])
def test_an_hourly_source_is_asked_twice_an_hour_within_twenty_polls(dated, shift_min):
    hourly = [NOW + n * HOUR + shift_min * MINUTE for n in range(-3, 400)]
    waits = simulated(hourly, 40, dated=dated)
    assert max(waits[19:]) <= 30 * MINUTE
    assert min(waits) >= SHORTEST


@pytest.mark.parametrize('dated', [True, False])
def test_one_that_woke_up_is_noticed_within_twenty_polls(dated):
    woke_at = NOW + 100 * DAY
    waits = simulated([NOW, *(woke_at + n * HOUR for n in range(2000))], 240, dated=dated)
    starts = [NOW + sum(waits[:n], timedelta(0)) for n in range(len(waits))]
    awake = next(n for n, at in enumerate(starts) if at >= woke_at)
    assert waits[awake - 1] > DAY * 0.9
    assert max(waits[awake + 19 :]) <= 30 * MINUTE


@pytest.mark.parametrize('max_interval', [6 * HOUR, DAY, 7 * DAY])
@pytest.mark.parametrize('dated', [True, False])
def test_a_dormant_source_is_left_alone_within_twenty_polls(dated, max_interval):
    polling = Polling(max_interval=max_interval)
    waits = simulated([NOW - MINUTE], 25, dated=dated, polling=polling)
    assert waits == sorted(waits)
    assert all(max_interval * 0.9 <= wait <= max_interval for wait in waits[19:])


def test_one_that_says_it_has_slept_for_months_is_left_alone_at_once():
    waits = simulated([NOW - 200 * DAY, NOW - 100 * DAY], 2, dated=True)
    assert min(waits) >= DAY * 0.9
    why = next_poll(SourceState(name='甲', rhythm=(NOW - 200 * DAY,)), SOURCE, PollOutcome(), NOW, POLLING).why
    assert why.startswith('adaptive, ')
    assert why.endswith(', bounded by max_interval 1d')


def test_one_that_claims_to_publish_every_second_is_not_asked_every_second():
    flood = [NOW - timedelta(seconds=n) for n in range(5000)]
    assert interval_of(heard((), flood, NOW, new=True), NOW) == SHORTEST


INSTANTS = st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)), max_size=12)  # noqa: DTZ001  # hypothesis wants them naive


@given(INSTANTS, INSTANTS, st.booleans())
def test_laws(known, stated, new):
    once = heard((), known, NOW, new=False)
    rhythm = heard(once, stated, NOW, new=new)
    assert list(rhythm) == sorted(set(rhythm))
    assert len(rhythm) <= KEPT
    assert all(at <= NOW for at in rhythm)
    assert interval_of(rhythm, NOW) >= SHORTEST
    assert interval_of((), NOW) == START
    assert heard(rhythm, stated, NOW, new=False) == rhythm
