"""OPML: both lists whole, and what they are when there is little to list."""

from dataclasses import replace

from lxml import etree

from aggregator.render.opml import categories_opml, sources_opml


def outlines(body):
    return [dict(one.attrib) for one in etree.fromstring(body).iter('outline')]


def test_the_list_of_categories(site, categories, at, golden):
    assert categories_opml(site, categories, at).decode() == golden('feeds.opml')


def test_the_list_of_sources(site, sources, at, golden):
    assert sources_opml(site, sources, at).decode() == golden('sources.opml')


def test_without_categories_the_feed_of_everything_stands_in(site, at):
    assert [one['xmlUrl'] for one in outlines(categories_opml(site, [], at))] == ['https://news.example/all.atom']


def test_sources_without_a_web_address_are_left_out_and_passwords_cut(site, sources, at):
    rows = [replace(sources[0], url='file:///etc/passwd'), replace(sources[0], url='https://me:secret@a.example/rss')]
    assert [one['xmlUrl'] for one in outlines(sources_opml(site, rows, at))] == ['https://a.example/rss']


def test_hostile_names_make_no_hostile_file(site, sources, at):
    body = sources_opml(site, [replace(sources[0], name='"><x>\x00\ud800&')], at)
    assert [one['text'] for one in outlines(body)] == ['"><x>&']
