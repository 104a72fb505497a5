"""The feed that the tests of rendering start from: made up, small, with every field that a format writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model import CarrierView, CategoryState, Enclosure, Feed, Person, Site, SourceView, StoredEntry
from aggregator.render.mending import own_version

AT = datetime(2022, 4, 11, 21, 57, 24, tzinfo=UTC)

SITE = Site(title='财经新闻', url='https://news.example/', authority='news.example,2026')

SOURCES = {
    '甲报': SourceView(
        name='甲报',
        url='https://a.example/rss?x=1&y=2',
        link='https://a.example/',
        title='甲报 & 副刊',
        id='tag:a.example,2020:feed',
        rights='© 甲报',
        updated_at=AT + timedelta(hours=1),
    ),
    '乙报': SourceView(name='乙报', url='https://b.example/atom', content='summary'),
    '丙报': SourceView(name='丙报', url='', content='link', kind='posts'),
}

ENTRY = StoredEntry(
    id='tag:news.example,2026:NW202204120000000001',
    identity='code:NW202204120000000001',
    rule='code',
    title='Q&A：深圳 < 上海？',
    link='https://a.example/n/1.html?x=1&y=2',
    publisher='甲报',
    authors=(Person('张三', url='https://a.example/zhang'),),
    published_at=AT,
    updated_at=AT + timedelta(minutes=5),
    offset_min=480,
    summary='<p>摘要 &amp; 要点</p>',
    content='<p>正文<b>粗</b></p>',
    labels=('甲报新闻', '数字经济'),
    slugs=('jiabao', 'shuzijingji'),
    enclosures=(
        Enclosure('https://a.example/1.mp3', 'audio/mpeg', 1234),
        Enclosure('https://a.example/2.mp3', 'audio/mpeg'),
    ),
    image='https://a.example/1.png',
    source='甲报',
    carriers=(CarrierView(source='甲报', url='https://a.example/n/1.html', guid='NW202204120000000001'),),
)

SECOND = replace(
    ENTRY,
    id='https://b.example/2',
    identity='url:https://b.example/2',
    rule='url',
    title='第二条',
    link='https://b.example/2',
    publisher='乙报',
    authors=(),
    published_at=AT - timedelta(days=1),
    updated_at=AT - timedelta(days=1),
    summary='',
    content='<p>乙报的全文不得转载</p>' * 40,
    labels=('甲报新闻',),
    slugs=('jiabao',),
    enclosures=(),
    image='',
    language='en',
    rights='CC BY 4.0',
    source='乙报',
    carriers=(),
)

THIRD = replace(
    SECOND,
    id='tag:news.example,2026:said-3',
    identity='said:3',
    title='第三条',
    link='',
    publisher='',
    language='',
    rights='',
    source='丙报',
)

FEED = Feed(
    slug='jiabao',
    label='甲报新闻',
    title='甲报新闻 & 更多',
    updated_at=AT + timedelta(minutes=5),
    entries=(ENTRY, SECOND, THIRD),
    sources=SOURCES,
    site=SITE,
    hubs=('https://hub.example/',),
)


@pytest.fixture(scope='session')
def at() -> datetime:
    return AT


@pytest.fixture(scope='session')
def site() -> Site:
    return SITE


@pytest.fixture(scope='session')
def feed() -> Feed:
    """Three entries: of a source shown in full, of one shown in summary, of one that only links."""
    return FEED


@pytest.fixture(scope='session')
def entry() -> StoredEntry:
    return ENTRY


@pytest.fixture(scope='session')
def feed_of() -> Callable[..., Feed]:
    """A feed of one entry that differs from `entry` in the fields named."""
    return lambda **fields: replace(FEED, entries=(replace(ENTRY, **fields),))


@pytest.fixture(scope='session')
def categories() -> list[CategoryState]:
    return [
        CategoryState(label='空', slug='kong', title=''),
        CategoryState(label='数字经济', slug='shuzijingji', title='', newest_at=AT, newest_title='旧的一条'),
        CategoryState(
            label='甲报新闻',
            slug='jiabao',
            title='甲报 & 更多',
            newest_at=AT + timedelta(1),
            newest_title='新的一条 <b>',
        ),
    ]


@pytest.fixture(scope='session')
def sources() -> list[SourceView]:
    return [
        replace(SOURCES['甲报'], state='ok', entries=1),
        replace(SOURCES['乙报'], state='failing', error='HTTP 500 <server>', kind='json'),
        replace(SOURCES['丙报'], state='new'),
    ]


@pytest.fixture(scope='session')
def golden() -> Callable[[str], str]:
    """A whole document as it should come out: a file of golden/, VERSION standing for the version under test."""
    folder = Path(__file__).parent / 'golden'
    return lambda name: (folder / name).read_text('utf-8').replace('VERSION', own_version())


@pytest.fixture(scope='session')
def unfolded() -> Callable[[bytes], str]:
    """A document that is one long line, broken between its tags so that a difference can be read."""
    return lambda body: body.decode().rstrip('\n').replace('><', '>\n<') + '\n'
