"""JSON Feed documents -> entries, and what becomes of those that keep to no standard."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, ParseLimits, Person, Received, Source
from aggregator.parse.jsonfeed import parse_jsonfeed

NOW = datetime(2022, 4, 12, 6, 30, tzinfo=UTC)
URL = 'https://feeds.example/d/feed.json'
HEAD = {'version': 'https://jsonfeed.org/version/1.1', 'title': 'T', 'home_page_url': 'https://page.example/'}


def parsed(document, limits=None):
    body = document if isinstance(document, bytes) else document.encode()
    return parse_jsonfeed(Received(url=URL, body=body, fetched_at=NOW), Source(name='s'), limits or ParseLimits())


def feed_of(*items, **head):
    return parsed(json.dumps({**HEAD, **head, 'items': items}))


def entry(**fields):
    (only,) = feed_of(fields).items
    return only.entry


def test_a_whole_item():
    full = entry(
        id='1',
        url='/a',
        title=' 标题 &amp; ',
        content_html='<p><a href="/r">x</a></p><script>y</script>',
        summary='短 & 好',
        image='/i.png',
        date_published='2022-04-12T05:57:24+08:00',
        date_modified='2022-04-12 06:57',
        authors=[{'name': 'A', 'url': 'https://a.example/'}, {'name': 'B'}, {}],
        tags=['甲', '乙', '甲', 3],
        language='zh',
        attachments=[{'url': '/a.mp3', 'mime_type': 'Audio/MPEG', 'size_in_bytes': 12}, {'url': 'x:y'}, 1],
    )

    assert (full.guid, full.link, full.title, full.title_made) == ('1', 'https://page.example/a', '标题 &', False)
    assert (full.content, full.summary) == ('<p><a href="https://page.example/r">x</a></p>', '<p>短 &amp; 好</p>')
    assert (full.published.at.hour, full.updated.at.hour, full.language) == (21, 22, 'zh')
    assert full.authors == (Person('A', '', 'https://a.example/'), Person('B'))
    assert (full.tags, full.image) == (('甲', '乙'), 'https://page.example/i.png')
    assert full.enclosures == (Enclosure('https://page.example/a.mp3', 'audio/mpeg', 12),)


@pytest.mark.parametrize(
    ('fields', 'name', 'value'),
    [
        ({'id': 17}, 'guid', '17'),
        ({'id': 1.5}, 'guid', '1.5'),
        ({'id': ' x '}, 'guid', 'x'),
        ({'id': True}, 'guid', ''),
        ({'id': None}, 'guid', ''),
        ({'external_url': 'https://e.example/'}, 'link', 'https://e.example/'),
        ({'url': 5, 'external_url': 'https://e.example/'}, 'link', 'https://e.example/'),
        ({'id': 'https://i.example/'}, 'link', 'https://i.example/'),
        ({'url': 'javascript:x'}, 'link', ''),
        ({'content_text': 'a < b\n\nc'}, 'content', '<p>a &lt; b</p><p>c</p>'),
        ({'content_html': '', 'content_text': 'a'}, 'content', '<p>a</p>'),
        ({'summary': 'only'}, 'summary', '<p>only</p>'),
        ({'content_text': '一段正文'}, 'title', '一段正文'),
        ({'author': {'name': 'A'}}, 'authors', (Person('A'),)),
        ({'author': 'A'}, 'authors', (Person('A'),)),
        ({'authors': {'name': 'A'}}, 'authors', ()),
        ({'tags': 'a'}, 'tags', ()),
        (
            {'attachments': [{'url': 'https://x.example/', 'size_in_bytes': 'big'}]},
            'enclosures',
            (Enclosure('https://x.example/'),),
        ),
        ({'banner_image': 'https://x.example/b'}, 'image', 'https://x.example/b'),
        ({'date_published': 1649714244}, 'published', None),
        ({'title': 'a\ud800\x00b'}, 'title', 'a b'),
    ],
)
def test_what_has_the_wrong_type_is_taken_for_what_it_means(fields, name, value):
    found = getattr(entry(**fields), name)

    assert found == value if name != 'published' else found.at.year == 2022


def test_the_head():
    head = feed_of(
        description='d',
        icon='/i.png',
        feed_url='https://feeds.example/self',
        next_url='?p=2',
        language='zh',
        hubs=[{'type': 'WebSub', 'url': 'https://hub.example/'}, 'x'],
        authors=[{'name': 'A'}],
    ).head

    assert (head.title, head.link, head.subtitle, head.language) == ('T', 'https://page.example/', 'd', 'zh')
    assert (head.self_url, head.next_url, head.hubs) == (
        'https://feeds.example/self',
        'https://feeds.example/d/feed.json?p=2',
        ('https://hub.example/',),
    )
    assert (head.icon, head.authors) == ('https://page.example/i.png', (Person('A'),))


def test_items_keep_their_order_and_what_is_none_is_told():
    feed = feed_of({'id': 'a'}, 5, {'id': 'b'}, None)

    assert [(one.index, one.url, one.entry.guid) for one in feed.items] == [(0, URL, 'a'), (1, URL, 'b')]
    assert [fault.rule for fault in feed.faults] == ['malformed']


def test_more_entries_than_wanted_are_left_out_and_told():
    document = json.dumps({**HEAD, 'items': [{'id': 'a'}] * 9})
    feed = parsed(document, replace(ParseLimits(), entries=4))

    assert (len(feed.items), feed.faults[0].rule) == (4, 'too-many-entries')


@pytest.mark.parametrize(
    'document',
    [
        '{"version": "https://jsonfeed.org/version/1", "items": [], "items": [{"id": "a"}]}',
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "a", "x": NaN, "y": -Infinity, "z": 1e999}]}',
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "a", "x": ' + '9' * 10_000 + '}]}',
        '\ufeff{"title": "T", "home_page_url": "https://p.example/", "items": [{"id": "a"}]}',
    ],
    ids=['duplicate keys', 'not a number', 'huge number', 'no version'],
)
def test_odd_but_readable_documents_are_read(document):
    feed = parsed(document)

    assert ([one.entry.guid for one in feed.items], feed.failed) == (['a'], False)


@pytest.mark.parametrize(
    ('document', 'rule', 'told'),
    [
        ('{"version": "https://jsonfeed.org/version/1.1",\n"items": [', 'malformed', 'line 2'),
        ('{"a": ' * 100_000, 'unreadable', 'nested'),
        ('{"items": ' + '[' * 100_000, 'unreadable', 'nested'),
        ('{"error": "no such feed"}', 'not-a-feed', 'no such feed'),
        ('{"items": []}', 'not-a-feed', 'JSON'),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": {}}', 'not-a-feed', 'JSON'),
        ('[]', 'not-a-feed', 'JSON'),
        ('', 'not-a-feed', 'empty'),
    ],
)
def test_what_cannot_be_read_fails_and_says_why(document, rule, told):
    feed = parsed(document)

    assert (feed.failed, feed.items, feed.faults[0].rule) == (True, (), rule)
    assert told in feed.faults[0].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = 'id url title content_html content_text summary image date_published authors author tags attachments'.split()  # noqa: SIM905  # a list of words


@given(
    st.lists(st.dictionaries(st.sampled_from(KEYS), JSON)),
    st.dictionaries(st.sampled_from([*HEAD, 'hubs', 'icon']), JSON),
)
def test_values_of_any_type_are_survived(items, head):
    parsed(json.dumps({**HEAD, **head, 'items': items}))
