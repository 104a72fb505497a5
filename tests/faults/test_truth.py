"""What it says of itself is so: readiness, levels, the facts of `status`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from fault_child import Place
from prometheus_client.parser import text_string_to_metric_families
from river_made import NOON, item, rss

from aggregator import lock
from aggregator.daemon import Assembly
from aggregator.daemon.truth import STALE_S, STILL_S, Truth, facts_of, patience
from aggregator.daemon.upkeep import Upkeep
from aggregator.serve import Metrics
from aggregator.serve.metrics import Levels

SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
JIA, YI = 'https://jia.example/rss', 'https://yi.example/rss'
TWO = f"""
sources:
  - {{name: 甲报, url: "{JIA}", category: 甲报新闻}}
  - {{name: 乙报, url: "{YI}", category: 乙报新闻, every: 2h}}
"""


@dataclass
class Running:
    """A daemon of which only the outside is there."""

    house: Assembly
    last_tick_at: datetime | None = NOON
    last_record_at: datetime | None = NOON
    last_publish_at: datetime | None = NOON
    unrecorded: int = 0
    under_way: int = 0


class World:
    """An open house, a daemon beside it, and two clocks."""

    def __init__(self, house):
        self.house = house
        self.running = Running(house)
        self.now, self.ticking_s = NOON, 1000.0
        self.truth = Truth(house, lambda: self.now, lambda: self.ticking_s)
        self.truth.attend(self.running)

    def wait(self, seconds, *, ticks=True):
        self.now += timedelta(seconds=seconds)
        self.ticking_s += seconds
        if ticks:
            self.running.last_tick_at = self.now

    def mark(self):
        with self.house.store.writing() as writer:
            writer.mark_dirty(['x'])

    def change(self, name, **fields):
        with self.house.store.writing() as writer:
            writer.save_source(replace(writer.source(name), **fields))

    def reasons(self):
        return self.truth.health().reasons


@pytest.fixture
def world(river):
    river.write(SITE + TWO)
    river.net.pages = {JIA: rss(item(1)), YI: rss(item(2))}
    river.poll()
    with river.open() as house:
        yield World(house)


class TestReady:
    def test_all_is_well(self, world):
        health = world.truth.health()
        assert (health.ok, health.ready, health.reasons) == (True, True, ())

    def test_not_while_the_scheduler_stands_still(self, world):
        world.wait(STILL_S - 1, ticks=False)
        assert world.reasons() == ()
        world.wait(1, ticks=False)
        health = world.truth.health()
        assert (health.ok, health.ready) == (False, False)
        assert 'stood still for 60 s' in health.reasons[0]
        world.wait(1)
        assert world.reasons() == ()

    def test_a_clock_set_back_does_not_hide_that_it_stands_still(self, world):
        world.truth.look()
        world.now -= timedelta(days=1)
        world.ticking_s += STILL_S
        assert 'stood still' in world.reasons()[0]

    def test_before_the_first_tick(self, world):
        world.running.last_tick_at = None
        world.wait(STILL_S - 1, ticks=False)
        assert world.reasons() == ()
        world.wait(1, ticks=False)
        assert 'stood still' in world.reasons()[0]

    def test_while_the_daemon_has_not_begun(self, world):
        truth = Truth(world.house, lambda: NOON, lambda: world.ticking_s)
        assert truth.health().reasons == ()
        world.ticking_s += STILL_S
        assert 'stood still' in truth.health().reasons[0]

    def test_not_while_changes_wait_to_be_published(self, world):
        world.mark()
        assert world.reasons() == ()
        world.wait(STALE_S - 1)
        assert world.reasons() == ()
        world.wait(1)
        assert world.reasons() == ('changes have not been published for 300 s',)
        world.running.last_publish_at = world.now
        assert world.reasons() == ()

    def test_a_busy_house_that_publishes_is_ready(self, world):
        """There are marks at every look, but never the same ones."""
        for _ in range(20):
            world.mark()
            world.wait(STALE_S / 2)
            world.running.last_publish_at = world.now
            assert world.reasons() == ()

    def test_a_late_first_look_sees_what_was_recorded_and_not_published(self, world):
        world.mark()
        world.wait(10)
        world.running.last_record_at = world.now
        world.wait(STALE_S)
        assert 'not been published' in world.reasons()[0]

    def test_not_while_nothing_can_be_recorded(self, world):
        world.running.unrecorded = 3
        assert world.reasons() == ()
        world.wait(STALE_S)
        assert 'could not be recorded' in world.reasons()[0]
        world.running.last_record_at = world.now
        assert world.reasons() == ()

    def test_not_when_no_source_could_be_read_for_long(self, world):
        for name in ('甲报', '乙报'):
            world.change(name, failures=5, state='failing')
        world.wait(3600)
        assert world.reasons() == ()
        world.wait(1)
        assert world.reasons() == ('no source could be read for 3601 s',)
        world.change('甲报', failures=0, state='ok', last_success_at=world.now)
        assert world.reasons() == ()

    def test_a_source_that_is_told_to_come_back_tomorrow_is_no_reason(self, world):
        world.change('甲报', next_poll_at=NOON + timedelta(days=2))
        world.change('乙报', failures=5, state='failing')
        world.wait(24 * 3600)
        assert world.reasons() == ()

    def test_nobody_to_poll_is_no_reason(self, world):
        for name in ('甲报', '乙报'):
            world.change(name, state='retired')
        world.wait(24 * 3600)
        assert world.reasons() == ()

    def test_not_before_anything_was_published(self, river):
        river.write(SITE + TWO)
        with river.open() as house:
            assert World(house).reasons() == ('nothing has been published yet',)

    def test_a_store_that_cannot_be_read_is_a_reason(self, world):
        path = world.house.settings.data / 'aggregator.db'
        for rest in path.parent.glob('aggregator.db*'):
            rest.write_bytes(b'\xa5' * 8192)
        health = world.truth.health()
        assert health.ready is False
        assert health.reasons
        assert isinstance(world.truth.levels(), Levels)
        assert json.loads(world.truth.status_json())['ready'] is False
        assert world.truth.status_line()
        assert world.truth.open_errors() == 0

    def test_patience(self, world):
        settings = world.house.settings
        assert patience(settings) == timedelta(hours=1)
        slow = replace(settings, sources=tuple(replace(s, every=timedelta(hours=2)) for s in settings.sources))
        assert patience(slow) == timedelta(hours=6)
        assert patience(replace(settings, sources=())) == timedelta(hours=1)


class TestLevels:
    def test_what_is_due_and_behind(self, world):
        world.change('甲报', next_poll_at=NOON + timedelta(seconds=10))
        world.change('乙报', next_poll_at=NOON + timedelta(seconds=85))
        world.wait(90)
        levels = world.truth.levels()
        assert (levels.due, levels.overdue, levels.behind_s) == (2, 1, 80)
        assert levels.sources == {'ok': 2}

    def test_ages_and_sizes(self, world):
        world.wait(30, ticks=False)
        world.mark()
        levels = world.truth.levels()
        assert (levels.tick_age_s, levels.success_age_s, levels.unpublished) == (30, 30, 1)
        assert levels.database_bytes > 100_000
        assert levels.output_age_s.keys() == {'html', 'atom', 'rss', 'json'}
        assert world.truth.output_age_s() == min(levels.output_age_s.values())

    def test_open_errors(self, world):
        world.change('甲报', state='failing')
        assert world.truth.open_errors() == 1
        assert '1 failing' in world.truth.status_line()

    def test_they_reach_the_metrics_and_every_label_is_of_a_closed_list(self, world):
        metrics = Metrics(output_age_s=world.truth.output_age_s, open_errors=world.truth.open_errors)
        metrics.watch(world.truth.levels)
        families = list(text_string_to_metric_families(metrics.render().decode()))
        found = {s.name: s.value for f in families for s in f.samples if not s.labels}
        assert found['aggregator_sources_due'] == 0
        assert found['aggregator_database_bytes'] > 100_000
        assert found['aggregator_tick_age_seconds'] == 0
        labels = {(k, v) for f in families for s in f.samples for k, v in s.labels.items() if k != 'le'}
        assert {k for k, _ in labels} == {'outcome', 'state', 'format'}
        assert len(labels) < 30
        assert all(f.documentation for f in families)

    def test_what_is_not_known_is_not_told_and_what_is_strange_is_other(self):
        metrics = Metrics(output_age_s=lambda: 0, open_errors=lambda: 0)
        metrics.watch(lambda: Levels(sources={'ok': 2, '<b>': 1}, output_age_s={'atom': 5.0}))
        told = metrics.render().decode()
        assert 'aggregator_tick_age_seconds' not in told
        assert 'aggregator_sources{state="other"} 1.0' in told
        assert 'aggregator_feed_age_seconds{format="atom"} 5.0' in told


class TestFacts:
    def test_they_can_be_had_without_the_daemon(self, world):
        world.change('甲报', state='failing', error='it is down', hint='wait', next_poll_at=NOON)
        facts = facts_of(world.house.store, NOON + timedelta(minutes=2))
        assert (facts['sources'], facts['states'], facts['open_errors']) == (2, {'failing': 1, 'ok': 1}, 1)
        assert (facts['due'], facts['overdue'], facts['behind_s'], facts['unpublished']) == (1, 1, 120, 0)
        assert facts['failing'] == [{'name': '甲报', 'error': 'it is down', 'hint': 'wait'}]
        assert facts['last_success_at'] == '2026-11-25T04:00:00Z'

    def test_the_running_daemon_adds_what_only_it_knows(self, world):
        told = json.loads(world.truth.status_json())
        assert (told['sources'], told['ready'], told['reasons'], told['last_tick_at']) == (
            2,
            True,
            [],
            '2026-11-25T04:00:00Z',
        )

    def test_a_host_that_asked_us_to_wait_makes_nobody_overdue(self, world):
        from aggregator.model import HostState

        with world.house.store.writing() as writer:
            writer.save_host(HostState(host='jia.example', not_before=NOON + timedelta(hours=1), why='429'))
        world.change('甲报', next_poll_at=NOON - timedelta(hours=1))
        assert facts_of(world.house.store, NOON)['overdue'] == 0
        assert facts_of(world.house.store, NOON + timedelta(hours=2))['overdue'] == 1

    def test_the_command_tells_them(self, world):
        place = Place(world.house.settings.path.parent)
        told = json.loads(place.ask('status', '--json').out)
        assert (told['sources'], told['entries'], told['pid'], told['configuration']) == (2, 2, None, [])
        assert 'does not run' in place.ask('status').out

    def test_it_answers_with_a_broken_feeds_yml(self, world):
        place = Place(world.house.settings.path.parent)
        (place.folder / 'feeds.yml').write_text('sources: {')
        done = place.ask('status', '--json')
        assert (done.code, json.loads(done.out)['sources']) == (1, 2)
        assert json.loads(done.out)['configuration']

    @pytest.mark.parametrize('said', ['', 'x', '0', '-1', '4194305', '9' * 30])
    def test_a_lock_that_nobody_holds_is_no_daemon(self, tmp_path, said):
        (tmp_path / 'daemon.lock').write_text(said)
        assert lock.running(tmp_path) is None
        assert lock.running(tmp_path / 'none') is None

    def test_the_one_that_holds_it_says_who_and_where_it_is(self, tmp_path):
        with lock.only_daemon(tmp_path) as held:
            assert lock.running(tmp_path) == lock.Running(os.getpid())
            held.sign('http://127.0.0.1:8000/')
            assert lock.running(tmp_path) == lock.Running(os.getpid(), 'http://127.0.0.1:8000/')
        assert lock.running(tmp_path) is None


class TestUpkeep:
    def test_it_looks_and_prunes(self, world):
        looks, pruned = [], []
        upkeep = Upkeep(lambda: world.house, lambda: world.now, lambda: looks.append(1), pruned.append)
        upkeep.once()
        assert (looks, pruned) == ([1], [])
        assert world.house.store.meta('pruned_at') == NOON.isoformat()

    def test_it_goes_on_whatever_fails(self, world, caplog):
        def fail():
            raise RuntimeError('a bug')

        Upkeep(lambda: world.house, lambda: world.now, fail, print).once()
        assert 'retention waits' in caplog.text

    def test_its_thread_begins_and_ends(self, world):
        import threading

        looked = threading.Event()
        upkeep = Upkeep(lambda: world.house, lambda: world.now, looked.set, print, every_s=0.001)
        upkeep.start()
        assert looked.wait(10)
        upkeep.stop()
        assert not any(t.name == 'upkeep' for t in threading.enumerate())
