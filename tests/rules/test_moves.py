"""Moves: what is a sighting, how many make a belief, and what ends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Answer, Hop, SourceState
from aggregator.rules.moves import (
    BELIEVED_AFTER,
    address_of,
    forgotten,
    missed,
    move_in_words,
    permanent_target,
    same_origin,
    sighted,
)

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW, OTHER = 'https://old.example/feed', 'https://new.example/feed', 'https://other.example/feed'
STATE = SourceState(name='甲', url=OLD)
MOVED = replace(STATE, address=NEW, address_checked_at=NOW, moved_to=NEW, moved_since_at=NOW, moved_polls=3)


def answer(*hops, asked=OLD, status=200):
    hops = tuple(Hop(*hop) for hop in hops)
    final = hops[-1].url if hops else asked
    return Answer(url=asked, final_url=final, status=status, fetched_at=NOW, hops=hops)


@pytest.mark.parametrize(
    ('hops', 'target'),
    [
        ([], ''),
        ([(301, NEW)], NEW),
        ([(308, NEW)], NEW),
        ([(302, NEW)], ''),
        ([(303, NEW)], ''),
        ([(307, NEW)], ''),
        ([(301, NEW), (308, OTHER)], OTHER),
        ([(301, NEW), (302, OTHER)], NEW),
        ([(302, NEW), (301, OTHER)], ''),
    ],
)
def test_where_the_permanent_part_of_the_way_leads(hops, target):
    assert permanent_target(answer(*hops).hops) == target


def after(*rounds, state=STATE, url=OLD):
    """The state after rounds (days from NOW, hops): each asks where the state before says."""
    for days, hops in rounds:
        now = NOW + days * DAY
        asked = address_of(url, state, now)
        state = sighted(state, url, answer(*(hops if asked == url else ()), asked=asked), now)
    return state


THERE, ELSEWHERE, FOR_NOW, AT_HOME = [(301, NEW)], [(301, OTHER)], [(302, NEW)], []


@pytest.mark.parametrize(
    ('rounds', 'address'),
    [
        ([(0, THERE)], ''),
        ([(0, THERE), (1, THERE), (2, THERE), (2.9, THERE)], ''),
        ([(0, THERE), (3, THERE)], ''),  # days enough, sightings not
        ([(0, THERE), (1, THERE), (3, THERE)], NEW),
        ([(0, THERE), (1, [(308, NEW)]), (3, THERE)], NEW),
        ([(0, THERE), (1, ELSEWHERE), (2, THERE), (3, THERE), (4, THERE)], ''),
        ([(0, THERE), (1, ELSEWHERE), (2, THERE), (3, THERE), (5, THERE)], NEW),
        ([(0, THERE), (1, FOR_NOW), (2, THERE), (3, THERE), (4, THERE)], ''),
        ([(0, THERE), (1, AT_HOME), (2, THERE), (3, THERE), (4, THERE)], ''),
        ([(n, FOR_NOW) for n in range(99)], ''),
        ([(n, [(301, f'{NEW}?session={n}')]) for n in range(99)], ''),
        ([(n, THERE if n % 2 else ELSEWHERE) for n in range(99)], ''),
    ],
)
def test_a_move_is_believed_after_days_of_agreement(rounds, address):
    state = after(*rounds)
    assert state.address == address
    assert address_of(OLD, state, NOW + rounds[-1][0] * DAY) == (address or OLD)


@pytest.mark.parametrize(
    ('url', 'target', 'believed'),
    [
        ('http://old.example/', 'https://old.example/', True),
        ('https://old.example/', 'http://old.example/', False),
        ('http://user:word@old.example/', 'http://new.example/', False),
        ('http://old.example/', f'http://new.example/{"x" * 3000}', False),
    ],
)
def test_some_moves_are_followed_and_never_remembered(url, target, believed):
    rounds = [(n, [(301, target)]) for n in range(9)]
    assert after(*rounds, state=SourceState(name='甲', url=url), url=url).address == (target if believed else '')


def test_the_old_address_is_looked_at_monthly_and_may_take_it_back():
    assert address_of(OLD, MOVED, NOW + 29 * DAY) == NEW
    assert address_of(OLD, MOVED, NOW + 30 * DAY) == OLD
    assert address_of(OLD, MOVED, NOW - DAY) == OLD  # a clock that was wrong
    confirmed = after((30, THERE), state=MOVED)
    assert address_of(OLD, confirmed, NOW + 31 * DAY) == NEW
    assert after((30, AT_HOME), state=MOVED) == forgotten(MOVED)
    assert after((30, ELSEWHERE), state=MOVED).address == ''


def test_a_second_move_is_believed_like_the_first():
    state = MOVED
    for days in (1, 2, 4):
        assert state.address == NEW
        state = sighted(state, OLD, answer((301, OTHER), asked=NEW), NOW + days * DAY)
    assert state.address == OTHER


@pytest.mark.parametrize(
    ('failure', 'failing_since', 'unreadable', 'kept'),
    [
        (answer(asked=NEW, status=500), None, False, True),
        (None, None, False, True),
        (answer(asked=NEW, status=404), None, False, False),
        (answer(asked=NEW, status=410), None, False, False),
        (answer(asked=NEW), None, True, False),
        (answer(asked=NEW, status=500), NOW - 2 * DAY, False, True),
        (answer(asked=NEW, status=500), NOW - 3 * DAY, False, False),
        (None, NOW - 3 * DAY, False, False),
        (answer(status=404), None, False, True),  # the old address, looked at again
        (answer((301, OTHER), asked=NEW, status=500), None, False, False),
    ],
)
def test_a_new_place_that_fails_is_given_up(failure, failing_since, unreadable, kept):
    before = replace(MOVED, first_failure_at=failing_since)
    assert missed(before, failure, NOW, unreadable=unreadable) == (before if kept else forgotten(before))


def test_a_failure_is_no_sighting():
    state = after((0, THERE), (1, THERE))
    assert missed(state, answer((301, NEW), status=500), NOW + 3 * DAY, unreadable=False) == state
    assert missed(state, answer((301, NEW)), NOW + 3 * DAY, unreadable=True) == state
    assert missed(state, answer((301, OTHER), status=500), NOW, unreadable=False) == forgotten(state)


def test_it_is_told_in_words():
    assert move_in_words(STATE, OLD) == ''
    assert '2026-11-25' in move_in_words(after((0, THERE)), OLD)
    assert NEW in move_in_words(after((0, THERE)), OLD)
    assert 'feeds.yml' in move_in_words(MOVED, OLD)


@pytest.mark.parametrize(
    ('one', 'other', 'same'),
    [
        ('https://a.example/x', 'https://A.example/y', True),
        ('https://a.example/x', 'http://a.example/x', False),
        ('https://a.example/x', 'https://b.example/x', False),
        ('https://a.example/x', 'https://a.example:8443/x', False),
    ],
)
def test_same_origin(one, other, same):
    assert same_origin(one, other) is same


WAYS = st.sampled_from([THERE, ELSEWHERE, FOR_NOW, AT_HOME, [(301, NEW), (302, OTHER)], [(302, OTHER), (301, NEW)]])


@given(st.lists(st.tuples(st.floats(0, 2), WAYS), max_size=12))
def test_no_belief_without_days_of_agreement(steps):
    state, now, agreed = STATE, NOW, []
    for days, hops in steps:
        now += days * DAY
        asked = address_of(OLD, state, now)
        if asked == OLD:
            target = permanent_target(answer(*hops).hops)
            agreed = [*agreed, (now, target)] if agreed and agreed[-1][1] == target else [(now, target)]
        state = sighted(state, OLD, answer(*(hops if asked == OLD else ()), asked=asked), now)
        if state.address:
            assert state.address == agreed[-1][1]
            assert len(agreed) >= 3
            assert agreed[-1][0] - agreed[0][0] >= BELIEVED_AFTER
