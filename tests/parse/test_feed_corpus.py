"""Feeds on two corpora: real documents against feedparser alone, and synthetic ones against what is true of each item."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

import feedparser
import pytest

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse.feed import parse_feed
from aggregator.parse.texts import clean_text, text_of_html

pytestmark = [pytest.mark.shared, pytest.mark.slow]

NOW = datetime(2026, 4, 13, tzinfo=UTC)
LIMITS = ParseLimits(entries=10_000)
# What the manifest calls a feed, and why it is none for us.
NO_FEEDS = {'c18cd4b97b-rss-bridge-feed-common.json': 'a test fixture with the parts of a feed, in no format'}


@cache
def real_documents(folder):
    if not folder.is_dir():
        pytest.skip('the corpus of real feeds is absent')
    rows = [json.loads(line) for line in (folder / 'manifest.jsonl').read_text(encoding='utf-8').splitlines()]
    return [(row, parsed((folder / row['file']).read_bytes())) for row in rows]


def parsed(body, url='https://feeds.example/d/feed.xml', content_type='', charset=''):
    received = Received(url=url, body=body, fetched_at=NOW, content_type=content_type, charset=charset)
    return parse_feed(received, Source(name='s', timezone='Asia/Shanghai'), LIMITS)


def test_every_real_feed_gives_the_entries_that_feedparser_gives(shared):
    short = {
        row['file'].removeprefix('files/'): (row['entries'], len(feed.items))
        for row, feed in real_documents(shared / 'corpus' / 'feeds')
        if len(feed.items) != row['entries'] or feed.failed
    }

    assert short.keys() == NO_FEEDS.keys()


def test_the_dates_of_real_feeds_are_read(shared):
    stated = [
        date
        for _, feed in real_documents(shared / 'corpus' / 'feeds')
        for item in feed.items
        for date in (item.entry.published, item.entry.updated)
        if date
    ]

    unread = {date.raw for date in stated if date.at is None}
    assert unread == {'No date found.', 'null', 'Mon, 28 Nov 2005 09:57:00 Eastern Standard Time'}
    assert len(stated) > 10_000


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_titles_and_guids_are_those_of_feedparser(shared):
    folder = shared / 'corpus' / 'feeds'
    different, compared = defaultdict(set), 0
    for row, feed in real_documents(folder)[::5]:
        if row['format'] == 'jsonfeed':
            continue
        judge = feedparser.parse((folder / row['file']).read_bytes(), sanitize_html=False, resolve_relative_uris=False)
        for item, said in zip(feed.items, judge.entries, strict=True):
            compared += 1
            title = clean_text(text_of_html(said.get('title', '')), LIMITS.title)
            if title and title != item.entry.title:
                different['title'].add((row['file'], item.index))
            if dict.get(said, 'id', '') != item.entry.guid:
                different['guid'].add((row['file'], item.index))

    assert compared > 2000
    assert len(different['title']) <= 0.002 * compared  # escaped twice, or words in angle brackets: ours keeps both
    assert len(different['guid']) == 0


@cache
def synthetic_items(folder):
    if not folder.is_dir():
        pytest.skip('the synthetic corpus is absent')
    inputs = [json.loads(line) for line in (folder / 'inputs.jsonl').read_text(encoding='utf-8').splitlines()]
    truth = defaultdict(list)
    for line in (folder / 'truth' / 'items.jsonl').read_text(encoding='utf-8').splitlines():
        item = json.loads(line)
        truth[item['file']].append(item)
    return [
        (item, feed.items[item['index']].entry)
        for row in inputs
        if row['file'].startswith('feeds/')
        for feed in [_as_served(folder, row)]
        for item in truth[row['file']]
    ]


def _as_served(folder, row):
    media_type, _, parameter = row['content_type'].partition(';')
    return parsed((folder / row['file']).read_bytes(), row['source'], media_type, parameter.partition('=')[2])


@pytest.mark.parametrize(
    ('key', 'said'),
    [
        ('carried_title', lambda entry: entry.title),
        ('url', lambda entry: entry.link),
        ('stated', lambda entry: _utc(entry.published or entry.updated)),
        ('item_media', lambda entry: entry.publisher or None),
    ],
)
def test_every_synthetic_item_says_what_is_true(shared, key, said):
    items = synthetic_items(shared / 'corpus' / 'finews')

    wrong = [(item['file'], item['index'], item[key], said(entry)) for item, entry in items if said(entry) != item[key]]
    assert wrong == []
    assert len(items) > 1000


def test_every_synthetic_guid_is_as_sent(shared):
    items = synthetic_items(shared / 'corpus' / 'finews')

    # An Atom entry needs an id: where the truth knows none, its link stands there.
    assert [item for item, entry in items if entry.guid != item['guid'] and entry.guid not in {'', item['link']}] == []
    assert all(entry.guid == item['guid'] for item, entry in items if item['guid'])


def _utc(stated):
    return stated.at.strftime('%Y-%m-%dT%H:%M:%SZ') if stated and stated.at else None
