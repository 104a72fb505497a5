"""The daemon in one process: a network that is a table, clocks that are set by hand, its real threads."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from daemon_made import NOON, PATIENCE_S, Town, entries, eventually, row, rows, rss, state

from aggregator.store import Store

JIA, YI, BING = (f'https://{host}.example/rss' for host in ('jia', 'yi', 'bing'))
FAST = 'polling: {host_spacing: 0s}\n'


@pytest.fixture
def one(town: Town) -> Town:
    town.write(rows(row('甲报', JIA)), knobs=FAST)
    town.net.pages = {JIA: rss('a', 'b')}
    return town


def asked(town: Town, n: int) -> None:
    eventually(lambda: len(town.reports) >= n)


def test_a_source_is_asked_when_it_is_due_and_not_before(one):
    daemon = one.daemon()
    one.clock.pass_by(0.01)
    daemon.tick()
    assert one.net.urls() == []
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    one.clock.pass_by(880)
    daemon.tick()
    assert len(one.net.urls()) == 1
    one.clock.pass_by(1000)  # the interval, and what brings it back to its place among all
    daemon.tick()
    asked(one, 2)
    assert [r.outcome for r in one.reports] == ['changed', 'not-modified']
    eventually(lambda: 'all.atom' in one.published)
    assert set(entries(daemon.house)) == {'a', 'b'}


def test_what_another_process_took_down_is_published_in_a_round_that_shows_nothing(one):
    daemon = one.daemon()
    for rounds in (1, 2):
        one.clock.pass_by(2000)
        daemon.tick()
        asked(one, rounds)
    eventually(lambda: b'>a<' in one.public().get('all.atom', b''))
    with daemon.house.store.writing() as writer:
        writer.takedown(entries(daemon.house)['a'].id, one.clock.now())
    one.clock.pass_by(2000)
    daemon.tick()
    asked(one, 3)
    eventually(lambda: b'>a<' not in one.public()['all.atom'])


def test_who_is_late_is_not_asked_in_an_hour_that_its_feed_skips(one):
    one.net.pages[JIA] = rss('a').replace(b'<channel>', b'<channel><skipHours><hour>6</hour></skipHours>')
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    one.clock.pass_by((NOON + timedelta(hours=2, minutes=10) - one.clock.at).total_seconds())  # the machine slept
    daemon.tick()
    eventually(lambda: state(daemon.house, '甲报').next_poll_at >= NOON + timedelta(hours=3))
    assert state(daemon.house, '甲报').why_next == 'skipHours of the feed'
    eventually(lambda: (daemon.waiting, daemon.under_way) == (0, 0))
    assert len(one.net.urls()) == 1
    one.clock.pass_by(3600 + 900)
    daemon.tick()
    asked(one, 2)


def test_it_tells_how_it_is(one):
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    eventually(lambda: daemon.last_publish_at)
    assert daemon.last_tick_at == one.clock.at
    assert daemon.last_record_at == one.clock.at
    eventually(lambda: (daemon.waiting, daemon.under_way, daemon.unrecorded) == (0, 0, 0))
    assert one.late[0] >= timedelta(0)


def test_a_source_is_never_asked_twice_at_once_though_ticks_overlap(one):
    gate = one.net.hanging[JIA] = threading.Event()
    daemon = one.daemon()
    one.clock.pass_by(10)
    ticks = [threading.Thread(target=daemon.tick) for _ in range(8)]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join()
    eventually(one.net.urls)
    one.clock.pass_by(100_000)
    daemon.tick()
    gate.set()
    asked(one, 1)
    eventually(lambda: not daemon.under_way)
    assert one.net.most_at_once == {'jia.example': 1}


def test_a_tick_that_looked_before_the_record_does_not_send_again(one):
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    eventually(lambda: not daemon.under_way)
    daemon._sender._line.renew([('甲报', 'jia.example')], one.clock.monotonic() + 5)  # what a slow tick would do
    one.clock.seconds += 5
    daemon._sender._wake.set()
    eventually(lambda: not daemon.waiting and not daemon.under_way)
    assert len(one.net.urls()) == 1


def test_those_that_hang_keep_only_their_own_host_waiting(town):
    hosts = [f'h{n}.example' for n in range(10)]
    many = [row(f'{host}-{n}', f'https://{host}/{n}') for host in hosts for n in range(3)]
    town.write(rows(*many), knobs='polling: {host_spacing: 0s, threads: 4}\n')
    town.net.pages = {f'https://{host}/{n}': rss(f'{host}{n}') for host in hosts for n in range(3)}
    gate = threading.Event()
    town.net.hanging = {f'https://{host}/{n}': gate for host in hosts[:2] for n in range(3)}
    daemon = town.daemon()
    town.clock.pass_by(60)
    daemon.tick()
    asked(town, 24)  # all of the other eight hosts
    assert daemon.under_way == 2
    gate.set()
    asked(town, 30)
    assert set(town.net.most_at_once.values()) == {1}
    assert Counter(town.net.urls()) == dict.fromkeys(town.net.pages, 1)


def test_a_thousand_sources_of_one_host_hide_nobody(town):
    town.write(rows(*(row(f'{n:04}', f'https://jia.example/{n}') for n in range(1000)), row('乙报', YI)))
    town.net.pages[YI] = rss('yi')
    daemon = town.daemon()
    town.clock.pass_by(3600)
    daemon.tick()
    eventually(lambda: YI in town.net.urls())


def test_after_a_long_sleep_all_are_asked_spread_over_time(town):
    town.write(rows(*(row(f'{n}', f'https://h{n}.example/rss') for n in range(100))), knobs=FAST)
    town.net.pages = {f'https://h{n}.example/rss': rss(f't{n}') for n in range(100)}
    daemon = town.daemon()
    town.clock.pass_by(600)
    daemon.tick()
    asked(town, 100)  # the first time nobody is held back
    town.clock.jump(timedelta(days=30))
    daemon.tick()
    asked(town, 110)
    eventually(lambda: not daemon.under_way)
    assert len(town.net.urls()) == 110
    seconds = 0
    while len(town.net.urls()) < 200:
        seconds += 1
        town.clock.pass_by(1)
        daemon.tick()
        daemon._sender.send_out()
        eventually(lambda: not daemon.under_way and not daemon.unrecorded)
    assert 85 <= seconds <= 95  # ten at once, then one a second: so few need no more
    assert Counter(town.net.urls()) == dict.fromkeys(town.net.pages, 2)


def test_a_clock_that_goes_back_stops_no_poll(one):
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    one.clock.jump(timedelta(days=-400))
    daemon.tick()
    eventually(lambda: state(daemon.house, '甲报').next_poll_at <= one.clock.at + timedelta(hours=1))
    one.clock.pass_by(2000)
    eventually(lambda: daemon.tick() or len(one.reports) == 2)


def test_a_visit_from_before_the_clock_went_back_is_recorded_as_of_now(one):
    gate = one.net.hanging[JIA] = threading.Event()
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    eventually(one.net.urls)
    one.clock.jump(timedelta(days=-400))
    gate.set()
    asked(one, 1)
    assert state(daemon.house, '甲报').last_poll_at == one.clock.at
    assert state(daemon.house, '甲报').next_poll_at <= one.clock.at + timedelta(hours=1)


@pytest.mark.slow
def test_a_scheduler_that_waits_for_a_time_far_away_is_woken(one):
    daemon = one.daemon()
    daemon.tick()
    daemon._sender._ticks._job.modify(next_run_time=NOON.replace(year=2100))  # what a clock set back by years comes to
    one.clock.pass_by(20)
    asked(one, 1)
    one.clock.pass_by(1)
    eventually(lambda: daemon.last_tick_at == one.clock.at)  # and it ticks by itself again


def test_a_store_that_cannot_be_written_delays_and_loses_nothing(one):
    daemon = one.daemon()
    with Store.open(one.folder / 'data', wait_s=0.1) as other, other.writing() as writer:
        one.clock.pass_by(10)
        daemon.tick()
        eventually(one.net.urls)
        writer.set_meta('x', 'y')
        assert one.reports == []
    asked(one, 1)
    assert len(one.net.urls()) == 1


def test_a_listener_that_fails_stops_nothing(one):
    one.reports = type('Gone', (list,), {'append': lambda self, x: (list.append(self, x), 1 / 0)})()
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    one.clock.pass_by(2000)
    daemon.tick()
    asked(one, 2)


def test_the_end_does_not_wait_for_those_that_hang(one):
    one.net.hanging[JIA] = threading.Event()
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    eventually(one.net.urls)
    ended = threading.Thread(target=daemon.stop, args=(PATIENCE_S,))
    ended.start()
    ended.join(PATIENCE_S / 2)
    assert not ended.is_alive()


# ------------------------------------------------ other settings while it runs


def test_an_added_source_is_asked_soon(one):
    daemon = one.daemon()
    one.write(rows(row('甲报', JIA), row('乙报', YI)), knobs=FAST)
    one.net.pages[YI] = rss('yi')
    assert one.reload(daemon).changes.added == ('乙报',)
    one.clock.pass_by(11)
    daemon.tick()
    asked(one, 2)
    assert set(entries(daemon.house)) == {'a', 'b', 'yi'}


def reloaded_under_way(town: Town, then: str, knobs: str = FAST):
    """A visit of 甲报 is under way while feeds.yml becomes `then`; the daemon after it has been recorded."""
    gate = town.net.hanging[JIA] = threading.Event()
    daemon = town.daemon()
    town.clock.pass_by(10)
    daemon.tick()
    eventually(lambda: JIA in town.net.urls())
    town.write(then, knobs=knobs)
    town.reload(daemon)
    gate.set()
    return daemon


def test_what_is_under_way_is_recorded_by_the_rules_that_hold_then(one):
    daemon = reloaded_under_way(one, rows(row('甲报', JIA)) + 'rules: [{when: {title: a}, add: 专题}]\n')
    asked(one, 1)
    assert '专题' in entries(daemon.house)['a'].labels


def test_what_is_under_way_of_a_retired_source_is_kept_and_it_stays_retired(one):
    daemon = reloaded_under_way(one, rows(row('乙报', YI)))
    asked(one, 1)
    assert set(entries(daemon.house)) == {'a', 'b'}
    assert state(daemon.house, '甲报').state == 'retired'
    assert len(one.reloaded) == 1


def test_what_is_under_way_of_a_purged_source_is_not_kept(one):
    daemon = reloaded_under_way(one, rows(row('乙报', YI)), FAST + 'retention: {removed_source: purge}\n')
    eventually(lambda: not daemon.under_way and not daemon.unrecorded)
    daemon.stop(5.0)
    assert one.reports == []
    assert entries(daemon.house) == {}
    assert daemon.house.store.source('甲报') is None


def test_what_is_under_way_of_a_renamed_source_is_recorded_under_its_new_name(one):
    daemon = reloaded_under_way(one, rows(row('甲日报', JIA)))
    asked(one, 1)
    assert one.reports[0].source == '甲日报'
    assert daemon.house.store.source('甲报') is None
    assert state(daemon.house, '甲日报').rounds == 1
    one.clock.pass_by(2000)
    daemon.tick()
    asked(one, 2)
    assert one.reports[1].outcome == 'not-modified'


def test_a_new_address_is_asked_soon_though_the_old_one_was_under_way(one):
    one.net.pages[YI] = rss('neu', host='yi.example')
    daemon = reloaded_under_way(one, rows(row('甲报', YI)))
    asked(one, 1)
    eventually(lambda: state(daemon.house, '甲报').next_poll_at <= one.clock.at + timedelta(seconds=10))
    one.clock.pass_by(11)
    eventually(lambda: daemon.tick() or len(one.reports) == 2)
    assert set(entries(daemon.house)) == {'a', 'b', 'neu'}


def test_settings_of_polling_and_publishing_count_at_once(one):
    daemon = one.daemon()
    one.clock.pass_by(10)
    daemon.tick()
    asked(one, 1)
    knobs = 'polling: {host_spacing: 0s, min_interval: 2h, threads: 3}\npublishing: {entries: 1}\n'
    one.write(rows(row('甲报', JIA)), knobs=knobs)
    one.reload(daemon)
    eventually(lambda: one.public().get('all.atom', b'').count(b'<entry>') == 1)  # of two that are there
    one.clock.pass_by(2000)
    daemon.tick()
    asked(one, 2)
    assert one.reports[1].next_poll_at >= one.clock.at + timedelta(hours=2)
    assert daemon._sender._visits._pool._max_workers == 3


def test_removed_and_added_while_many_are_under_way(town):
    names = [f'{n}' for n in range(12)]
    town.write(rows(*(row(n, f'https://h{n}.example/rss') for n in names)), knobs=FAST)
    town.net.pages = {f'https://h{n}.example/rss': rss(f't{n}', host=f'h{n}.example') for n in [*names, 'x']}
    gate = threading.Event()
    town.net.hanging = dict.fromkeys(town.net.pages, gate)
    daemon = town.daemon()
    town.clock.pass_by(11)
    daemon.tick()
    eventually(lambda: len(town.net.urls()) == 12)
    town.write(rows(*(row(n, f'https://h{n}.example/rss') for n in [*names[6:], 'x'])), knobs=FAST)
    town.reload(daemon)
    town.clock.pass_by(11)
    daemon.tick()
    gate.set()
    asked(town, 13)
    assert set(entries(daemon.house)) == {f't{n}' for n in [*names, 'x']}
    assert {s.name for s in daemon.house.store.sources() if s.state == 'retired'} == set(names[:6])
