"""JSON Feed 1.1: the whole document, and what stands in it whatever an entry says."""

import json
from dataclasses import replace

from aggregator.render import jsonfeed


def parsed(feed):
    return json.loads(jsonfeed.render(feed).body)


def test_the_whole_document(feed, golden):
    rendered = jsonfeed.render(feed)
    assert rendered.body.decode() == golden('category.json')
    assert rendered.faults == ()


def test_a_feed_without_entries_is_still_a_feed(feed):
    assert parsed(replace(feed, entries=()))['items'] == []


def test_characters_stand_as_they_are_and_forbidden_ones_do_not(feed_of):
    body = jsonfeed.render(feed_of(title='深圳\ud800\x00\x1b')).body
    assert '"title":"深圳"'.encode() in body


def test_fields_of_ours_start_with_an_underscore(feed):
    allowed = {'id', 'url', 'title', 'content_html', 'summary', 'image', 'date_published', 'date_modified'}
    allowed |= {'authors', 'tags', 'language', 'attachments'}
    data = parsed(feed)
    assert {key for item in data['items'] for key in item if not key.startswith('_')} <= allowed
    assert data['items'][0]['_aggregator']['source']['url'] == 'https://a.example/rss?x=1&y=2'
    assert data['items'][0]['_aggregator']['carriers'][0]['guid'] == 'NW202204120000000001'


def test_every_item_has_content_even_when_only_a_link_may_be_shown(feed):
    assert [bool(item['content_html']) for item in parsed(feed)['items']] == [True, True, True]
