"""A host that asks us to slow down: all of its sources wait, over a restart, from either side of a redirect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from world import DAY, HOUR, MINUTE, NOW, Reply, World, rss

from aggregator.store import Store

A, B, C = 'https://h.example/a', 'https://h.example/b', 'https://c.example/c'
SLOW = Reply(status=429, retry_after=HOUR)


@pytest.fixture
def world():
    world = World()
    for name, url in (('a', A), ('b', B), ('c', C)):
        world.source(name, url)
        world.net.at[url] = Reply(rss(name))
        world.poll(name)
    return world


@pytest.mark.parametrize(
    ('reply', 'wait'),
    [
        (SLOW, HOUR),
        (Reply(status=503, retry_after=HOUR), HOUR),
        (Reply(status=503, retry_after=999 * DAY), DAY),
        (Reply(status=429), timedelta(seconds=10)),
    ],
)
def test_every_source_of_the_host_waits_and_no_other(world, reply, wait):
    world.net.at[A] = reply
    world.poll('a', after=HOUR)
    until = NOW + HOUR + wait
    assert world.state('a').next_poll_at >= until
    assert world.store.due(until - MINUTE / 60, 9) == ['c']
    assert 'b' in world.store.due(until + 5 * MINUTE, 9)
    assert world.state('c').next_poll_at < NOW + HOUR


def test_the_others_say_why(world):
    world.net.at[A] = SLOW
    world.poll('a')
    state = world.state('b')
    assert state.next_poll_at >= NOW + HOUR
    assert state.why_next == 'h.example asked for it: Retry-After 3600 s'
    assert state.state == 'ok'


def test_a_round_that_was_under_way_does_not_come_back_sooner(world):
    world.net.at[A] = SLOW
    world.poll('a')
    world.poll('b', after=MINUTE)  # it had been sent before
    assert world.state('b').next_poll_at >= NOW + HOUR


@pytest.mark.parametrize('status', [301, 302])
def test_both_sides_of_a_redirect(world, status):
    """`c` leads to the host: it waits with it, and makes it wait, and its own host is left in peace."""
    other = world.source('d', 'https://c.example/d')
    world.net.at |= {C: Reply(status=status, to='https://h.example/c'), 'https://h.example/c': Reply(rss('c'))}
    world.net.at[other.url] = Reply(rss('d'))
    world.poll('c')
    world.poll('d')
    assert world.state('c').hosts == ('c.example', 'h.example')
    world.net.at[A] = SLOW
    world.poll('a')
    assert world.state('c').next_poll_at >= NOW + HOUR
    assert world.state('d').next_poll_at < NOW + HOUR
    world.net.at |= {A: Reply(rss('a')), 'https://h.example/c': Reply(status=503, retry_after=3 * HOUR)}
    world.poll('c', after=2 * HOUR)
    assert world.state('b').next_poll_at >= NOW + 5 * HOUR
    assert world.state('d').next_poll_at < NOW + HOUR


def test_after_a_restart(tmp_path):
    with Store.open(tmp_path) as store:
        world = World(store=store)
        for name, url in (('a', A), ('b', B)):
            world.source(name, url)
            world.net.at[url] = Reply(rss(name))
        world.poll('b')
        world.net.at[A] = SLOW
        world.poll('a')
    with Store.open(tmp_path) as store:
        assert store.due(NOW + 59 * MINUTE, 9) == []
        assert store.due(NOW + 66 * MINUTE, 9) == ['a', 'b'] or store.due(NOW + 66 * MINUTE, 9) == ['b', 'a']


def test_without_a_time_the_host_is_left_alone_longer_each_time(world):
    world.net.at |= {A: Reply(status=503), B: Reply(status=503)}
    holds = []
    for n in range(14):
        name = 'ab'[n % 2]
        world.poll(name)
        with world.store.writing() as writer:
            hold = writer.hosts(['h.example'])['h.example']
        holds.append((hold.not_before - world.now).total_seconds())
        world.now = hold.not_before
    assert holds == [min(10 * 2**n, 3600) for n in range(14)]


def test_gone_stays_gone(world):
    world.net.at[B] = Reply(status=410)
    world.poll('b')
    world.net.at[A] = SLOW
    world.poll('a')
    assert (world.state('b').state, world.state('b').next_poll_at) == ('gone', None)
