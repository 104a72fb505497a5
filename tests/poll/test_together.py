"""Rounds that are begun without waiting, and rounds that are recorded together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from world import MINUTE, Net, Reply, World, rss

from aggregator.errors import DataError
from aggregator.model import NotModified
from aggregator.poll import Changed, Failed, Same, Visited, begin, conclude, conclude_each, visit
from aggregator.poll.gather import Page

NAMES = ('甲', '乙', '丙')


class Begun(Net):
    """Asked without holding a thread: a fetch is at its end as soon as it has begun."""

    def begin(self, request, then, *, patient):
        result = self.fetch(request)
        then(result if isinstance(result, NotModified) else lambda: result)
        return True


class Counted:
    """A store that counts its transactions, and refuses those that it is told to."""

    def __init__(self, store):
        self._store = store
        self.begun = 0
        self.full = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    @contextmanager
    def writing(self, **how):
        self.begun += 1
        if self.full:
            raise DataError('the disk is full')
        with self._store.writing(**how) as writer:
            yield writer


def url_of(name):
    return f'https://{"abc"[NAMES.index(name)]}.example/feed'


@pytest.fixture
def world():
    made = World(net=Begun())
    made.store = Counted(made.store)
    for name in NAMES:
        made.source(name, url_of(name))
        made.net.at[url_of(name)] = Reply(rss(f'{name}一'), etag=f'"{NAMES.index(name)}"')
    return made


def begun(world, name):
    told = []
    state = world.store.source(name)
    assert begin(world.sources[name], state, world.tools(), world.now, told.append)
    return told[0]


# ------------------------------------------------ begun


def test_what_has_not_changed_is_told_at_once(world):
    world.poll()
    visited = begun(world, '甲')
    assert isinstance(visited.gathered, Same)
    assert conclude(visited, world.tools()).outcome == 'not-modified'


def test_a_document_is_read_later_and_says_the_same(world):
    later = begun(world, '甲')
    assert later() == visit(world.sources['甲'], world.tools(), world.now)


def test_a_document_that_is_empty_now_is_trouble_here_too(world):
    world.poll()
    world.net.at[url_of('甲')] = Reply(rss(), etag='"new"')
    assert begun(world, '甲')().gathered.reason == 'empty'


def test_only_what_is_one_document_is_begun(world):
    folder = replace(world.sources['甲'], kind='posts')
    assert not begin(folder, None, world.tools(), world.now, lambda _what: None)


def test_a_network_that_only_fetches_is_not_begun_with(world):
    world.net = Net()
    assert not begin(world.sources['甲'], None, world.tools(), world.now, lambda _what: None)


def test_a_fault_of_ours_stays_with_its_source(world):
    tools = replace(world.tools(), parser=None)
    told = []
    assert begin(world.sources['甲'], None, tools, world.now, told.append)
    assert told[0]().gathered.reason == 'internal'


# ------------------------------------------------ recorded together


def visits(world):
    return [visit(world.sources[name], world.tools(), world.now) for name in NAMES]


def test_they_share_a_transaction_and_keep_their_order(world):
    before = world.store.begun
    reports = list(conclude_each(visits(world), world.tools()))
    assert [r.source for r in reports] == list(NAMES)
    assert world.store.begun == before + 1
    assert world.store.counts()['entries'] == 3


def test_together_is_as_one_by_one(world):
    other = World(net=world.net)
    for name in NAMES:
        other.source(name, url_of(name))
    for after in (0, 1, 2):
        world.net.at[url_of('乙')] = Reply(rss(*(f'乙{n}' for n in range(after + 1))), etag=f'"{after}"')
        for one in (world, other):
            one.now += after * MINUTE
        together = list(conclude_each(visits(world), world.tools()))
        alone = [conclude(v, other.tools()) for v in visits(other)]
        assert together == alone
    assert world.memory() == other.memory()
    assert world.store.sources() == other.store.sources()


def broken(world, name):
    """A visit that cannot be recorded: its page says two things where it lists one."""
    made = visit(world.sources[name], world.tools(), world.now)
    assert isinstance(made.gathered, Changed)
    (page,) = made.gathered.pages
    return replace(made, gathered=replace(made.gathered, pages=(Page(0, page.items, (*page.digests, 'x')),)))


def test_one_that_cannot_be_recorded_takes_no_other_down(world):
    some = visits(world)
    some[1] = broken(world, '乙')
    reports = list(conclude_each(some, world.tools()))
    assert [r.outcome for r in reports] == ['changed', 'failed', 'changed']
    assert world.store.counts()['entries'] == 2
    assert [world.state(name).rounds for name in NAMES] == [1, 0, 1]


def test_where_the_store_refuses_nothing_is_recorded_and_all_can_come_again(world):
    some = visits(world)
    world.store.full = True
    with pytest.raises(DataError):
        list(conclude_each(some, world.tools()))
    assert world.store.counts()['sources'] == 0
    world.store.full = False
    assert len(list(conclude_each(some, world.tools()))) == 3


def test_none_is_recorded_in_no_time(world):
    assert list(conclude_each([], world.tools())) == []


def test_a_failure_is_recorded_among_the_others(world):
    world.net.at[url_of('丙')] = Reply(status=500)
    some = visits(world)
    assert isinstance(some[2], Visited)
    assert isinstance(some[2].gathered, Failed)
    assert [r.outcome for r in conclude_each(some, world.tools())] == ['changed', 'changed', 'failed']
