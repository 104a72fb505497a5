"""What was rendered once is not rendered again, and no document is another one for it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river_made import NOON, River, item, rss

from aggregator.daemon import Assembly
from aggregator.emit import LIMIT, KeptFragments
from aggregator.errors import DataError
from aggregator.model import FetchFailed, Publishing, Settings
from aggregator.poll import conclude, visit
from aggregator.publish import Memory, Published, publish
from aggregator.publish.feeds import Feeds

SITE = 'site: {title: 聚合, authority: "news.example,2026"}\ndefaults: {group: g}\n'
SOURCES = """
sources:
  - {name: 甲报, url: "https://jia.example/rss", category: 甲报新闻}
  - {name: 乙报, url: "https://yi.example/rss", category: {from: publisher, label: "{publisher}要闻"}}
"""
URLS = {'甲报': 'https://jia.example/rss', '乙报': 'https://yi.example/rss'}

ITEMS = st.builds(
    lambda n, title, at, text: item(n, title, at=at, text=text),
    st.integers(1, 6),
    st.sampled_from(['', '改题', '再改 & 题']),
    st.integers(0, 5),
    st.sampled_from(['', '全文（文章来源：丙报）', '短']),
)
NAMES = st.sampled_from(sorted(URLS))
DOCUMENTS = st.tuples(NAMES, st.sampled_from(['', '又名']), st.lists(ITEMS, min_size=1, max_size=6))
FAILURES = st.tuples(NAMES, st.sampled_from(['refused', 'timeout']))
STEPS = st.lists(
    st.one_of(DOCUMENTS, FAILURES, st.sampled_from(['takedown', 'publish', 'another title', 'less text'])), max_size=6
)


def short(settings: Settings) -> Settings:
    """Feeds of two entries, so that entries leave them."""
    return replace(settings, publishing=Publishing(entries=2, source_share=1.0))


def answer(name, what, items=None):
    """The document of a source, under its name or another one; or why there is none."""
    return FetchFailed(URLS[name], what, f'it is {what}') if items is None else rss(*items, title=what or name)


def happens(house: Assembly, river: River, what) -> None:
    river.now += timedelta(minutes=15)
    if isinstance(what, tuple):
        name = what[0]
        river.net.pages[URLS[name]] = answer(*what)
        (source,) = (s for s in house.settings.sources if s.name == name)
        conclude(visit(source, house.tools, river.now), house.tools)
    elif what == 'takedown':
        with house.store.writing() as writer:
            for entry in house.store.entries(limit=1):
                writer.takedown(entry.id, river.now)


def step(river: River, what) -> None:
    """Something happens, and is published where it was."""
    with river.open() as house:
        happens(house, river, what)
        publish(house.store, short(house.settings), house.folder)


def changed(config: str, what) -> str:
    match what:
        case 'another title':
            return config.replace('{title: 聚合', '{title: 又聚合')
        case 'less text':
            return config.replace('name: 甲报, url', 'name: 甲报, content: link, url')
    return config


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_rendering_all_of_it_again_changes_no_byte(tmp_path_factory, steps):
    river, config = River(tmp_path_factory.mktemp('river')), SITE + SOURCES
    for what in steps:
        config = changed(config, what)
        river.write(config)
        step(river, what)
    river.write(config)
    with river.open() as house:
        publish(house.store, short(house.settings), house.folder)
        before = river.public()
        publish(house.store, short(house.settings), house.folder, everything=True)
        assert river.public() == before


PUBLISHERS = st.sampled_from(['who goes on', 'another one', 'nobody'])
HAPPENINGS = st.lists(st.tuples(st.one_of(DOCUMENTS, FAILURES, st.just('takedown')), PUBLISHERS), max_size=8)


@settings(max_examples=25, deadline=None)
@given(HAPPENINGS, st.sampled_from([0, 9000, LIMIT]))
def test_whoever_goes_on_publishes_what_one_would_who_begins(tmp_path_factory, steps, limit):
    """What is remembered is never of before, whoever published meanwhile, and never more than it may be."""
    river, memory = River(tmp_path_factory.mktemp('river')), Memory(limit)
    river.write(SITE + SOURCES)
    with river.open() as house:
        chosen = short(house.settings)
        for what, publisher in [*steps, ('nothing', 'who goes on')]:
            happens(house, river, what)
            if publisher != 'nobody':
                mine = memory if publisher == 'who goes on' else None
                publish(house.store, chosen, house.folder, memory=mine)
            assert memory.entries.size <= limit
        before = river.public()
        publish(house.store, chosen, house.folder, everything=True)
        assert river.public() == before


@pytest.fixture
def house(river):
    river.write(SITE + SOURCES)
    river.net.pages = {URLS['甲报']: rss(*(item(n, at=n) for n in range(1, 9)))}
    river.poll('甲报')
    with river.open() as opened:
        yield opened


def made(house, river, *items, everything=False):
    """How often a fragment is made when this is published."""
    river.net.pages[URLS['甲报']] = rss(*items)
    conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools)
    publish(house.store, house.settings, house.folder, everything=everything)
    kept = house.store.fragments_by_id(e.id for e in house.store.entries())
    return {(one, name): told for one, bodies in kept.items() for name, told in bodies.items()}


def test_only_what_is_new_is_made(house, river):
    old = [item(n, at=n) for n in range(1, 9)]
    before = made(house, river, *old)
    after = made(house, river, item(9, at=9), *old)
    assert {name for _, name in before} == {'atom', 'rss', 'json', 'html jiabao', 'front'}
    assert len(before) == 8 * 5
    assert {one for one, _ in after.keys() - before.keys()} == {'https://jia.example/9.html'}
    assert before.items() <= after.items()


def test_what_left_a_feed_is_kept_no_longer(house, river):
    memory, chosen = Memory(), short(house.settings)
    for n in (9, 10, 11):
        river.net.pages[URLS['甲报']] = rss(item(n, at=n))
        conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools)
        publish(house.store, chosen, house.folder, memory=memory)
    kept = house.store.fragments_by_id(e.id for e in house.store.entries())
    assert [n for n in range(7, 12) if f'https://jia.example/{n}.html' in kept] == [10, 11]


@pytest.mark.parametrize(('text', 'at_once'), [('短', set()), ('长' * 80_000, {'atom', 'rss', 'json'})])
def test_what_a_failed_round_rendered_is_kept_by_the_next(house, river, text, at_once):
    """Where it is much, at once."""
    memory, page = Memory(), river.folder / 'data/public/index.html'
    river.net.pages[URLS['甲报']] = rss(item(10, at=10, text=text), item(9, at=9, text=text))
    conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools)
    page.unlink()
    page.mkdir()
    with pytest.raises(DataError):
        publish(house.store, short(house.settings), house.folder, memory=memory)
    (new,) = house.store.entries(limit=1)
    assert house.store.fragments_by_id([new.id]).get(new.id, {}).keys() >= at_once
    assert bool(house.store.fragments_by_id([new.id])) == bool(at_once)
    page.rmdir()
    publish(house.store, short(house.settings), house.folder, memory=memory)
    assert house.store.fragments_by_id([new.id])[new.id].keys() == {'atom', 'rss', 'json', 'html jiabao', 'front'}


def test_a_page_makes_no_article_that_it_does_not_hold(house, river):
    river.net.pages[URLS['甲报']] = rss(*(item(n, at=n, text='长' * 250) for n in range(10, 90)))
    conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools)
    publish(house.store, house.settings, house.folder)
    kept = house.store.fragments_by_id(e.id for e in house.store.entries())
    on_page = river.public()['category/jiabao.html'].count(b'<article')
    assert sum('atom' in bodies for bodies in kept.values()) == 88
    assert sum('html jiabao' in bodies for bodies in kept.values()) == 8 + on_page + 1  # and one that did not fit


def test_what_is_kept_is_what_is_published(house, river):
    """So the test before would fail if what is kept were never looked at."""
    with house.store.writing() as writer:
        writer._db.execute("UPDATE fragments SET body = CAST(replace(body, '正文3', '换') AS BLOB)")
    made(house, river, item(9, at=9))
    assert '换' in river.public()['category/jiabao.atom'].decode()
    assert '换' in river.public()['category/jiabao.html'].decode()
    made(house, river, item(9, at=9), everything=True)
    assert '换' not in river.public()['category/jiabao.atom'].decode()


def test_an_entry_that_goes_while_its_feed_is_rendered_is_left_out(house):
    memory = Memory()
    memory.refresh(house.store, house.settings)
    feeds = Feeds(house.store, house.settings, memory.entries, NOON, timedelta(hours=1))
    held = memory.entries.newest(house.store, '甲报新闻', 9)
    feed = feeds.feed(None, held)
    with house.store.writing() as writer:
        writer.takedown(feed.entries[0].id, NOON)
    for one in held:
        one.whole = None  # as where many were new at once
    kept = KeptFragments(house.store, memory.entries, feed, held, ['x'])
    fragment = kept.maker('x', lambda entry, _feed: entry.title.encode())
    assert 'went away' in fragment(feed.entries[0], feed).message
    assert fragment(feed.entries[1], feed) == '第7条'.encode()
    with memory.entries.saving(house.store):
        pass
    assert house.store.fragments_by_id(e.id for e in feed.entries)[feed.entries[1].id].keys() >= {'x'}


@pytest.mark.parametrize('what', [rss(item(1), title='又名'), FetchFailed(URLS['甲报'], 'refused', 'no')])
def test_pages_tell_at_once_what_changed_of_a_source(house, river, what):
    river.net.pages[URLS['甲报']] = what
    conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools)
    before = river.public()
    publish(house.store, house.settings, house.folder)
    assert river.public()['index.html'] != before['index.html']


def test_a_round_that_shows_nothing_new_renders_nothing(house, river):
    """A page that was spoilt by hand would be mended by whoever renders it."""
    (river.folder / 'data/public/index.html').write_bytes(b'by hand')
    river.net.pages[URLS['甲报']] = rss(*(item(n, at=n) for n in range(8, 0, -1)))
    assert conclude(visit(house.settings.sources[0], house.tools, river.now), house.tools).outcome == 'changed'
    assert publish(house.store, house.settings, house.folder) == Published()
    assert river.public()['index.html'] == b'by hand'


def test_a_folder_that_was_emptied_is_filled_again(house, river):
    before = river.public()
    shutil.rmtree(river.folder / 'data/public')
    publish(house.store, house.settings, house.folder)
    assert river.public() == before
