"""What was rendered once is not rendered again, and no document is another one for it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river_made import River, item, rss

from aggregator.emit import KeptFragments
from aggregator.model import Feed, FetchFailed, Publishing, Settings, Site
from aggregator.poll import conclude, visit
from aggregator.publish import Published, publish

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


def step(river: River, what) -> None:
    """Something happens, and is published where it was."""
    river.now += timedelta(minutes=15)
    with river.open() as house:
        if isinstance(what, tuple):
            name = what[0]
            river.net.pages[URLS[name]] = answer(*what)
            (source,) = (s for s in house.settings.sources if s.name == name)
            conclude(visit(source, house.tools, river.now), house.tools)
        elif what == 'takedown':
            with house.store.writing() as writer:
                for entry in house.store.entries(limit=1):
                    writer.takedown(entry.id, river.now)
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
    ids = [e.id for e in house.store.entries()]
    return house.store.fragments(ids)


def test_only_what_is_new_is_made(house, river):
    old = [item(n, at=n) for n in range(1, 9)]
    before = made(house, river, *old)
    after = made(house, river, item(9, at=9), *old)
    assert len(before) == 8 * 4
    assert {place.id for place in after.keys() - before.keys()} == {'https://jia.example/9.html'}
    assert before.items() <= after.items()


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
    outlines = house.store.outlines(label='甲报新闻', limit=9)
    feed = Feed(
        slug='jiabao', label='', title='', updated_at=outlines[0].updated_at, entries=outlines, sources={}, site=Site()
    )
    with house.store.writing() as writer:
        writer.takedown(outlines[0].id, outlines[0].updated_at)
    fragment = KeptFragments(house.store, feed).keep('atom', lambda entry, _feed: entry.title.encode())
    assert 'went away' in fragment(outlines[0], feed).message
    assert fragment(outlines[1], feed) == '第7条'.encode()


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
