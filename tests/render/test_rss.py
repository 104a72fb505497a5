"""RSS: the whole document, its joints with feedgen, and the profile's rules for plain text, dates and enclosures."""

import locale
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from aggregator.render import rss
from aggregator.render.mending import with_plain_text
from aggregator.render.shown import shown_of

NS = {
    'dc': 'http://purl.org/dc/elements/1.1/',
    'content': 'http://purl.org/rss/1.0/modules/content/',
    'atom': 'http://www.w3.org/2005/Atom',
}


def texts(body, path):
    return etree.fromstring(body).xpath(path, namespaces=NS)


def test_the_whole_document(feed, golden, unfolded):
    rendered = rss.render(feed)
    assert unfolded(rendered.body) == golden('category.rss')
    assert rendered.faults == ()


def test_the_joined_fragments_are_what_feedgen_writes_in_one_go(feed):
    whole = rss.feed_writer(feed)
    for entry in feed.entries:
        shown = shown_of(entry, feed.sources.get(entry.source), feed.site)
        whole.add_entry(rss.entry_writer(shown, feed), order='append')
    assert rss.render(feed).body == with_plain_text(whole.rss_str())


def test_a_fragment_does_not_depend_on_the_feed_around_it(feed, entry):
    other = replace(feed, slug='', title='全部', entries=(), hubs=(), ttl=timedelta(hours=2))
    assert rss.entry_fragment(entry, feed) == rss.entry_fragment(entry, other)


def test_plain_text_uses_the_hexadecimal_references_of_the_profile(feed_of):
    body = rss.render(feed_of(title='AT&T < <b>', publisher='R&D', authors=(), labels=('a&b', 'c<d'))).body
    for written in (
        '<title>AT&#x26;T &#x3C; &#x3C;b&gt;</title>',
        '<dc:creator>R&#x26;D</dc:creator>',
        '>a&#x26;b</category>',
    ):
        assert written.encode() in body
    assert texts(body, '//item/title/text()') == ['AT&T < <b>']


def test_the_two_stand_ins_cannot_be_smuggled_in(feed_of):
    body = rss.render(feed_of(title='a\ufdd0b\ufdd1c', content='<p>\ufdd1script\ufdd0</p>')).body
    assert texts(body, '//item/title/text()') == ['abc']
    assert '\ufdd0' not in body.decode()
    assert '<p>script</p>' in texts(body, '//content:encoded/text()')[0]


def test_the_locale_of_the_process_is_left_alone(feed):
    """An audit of calls, since feedgen's own function puts the locale back and only another thread sees the change."""
    before, seen = locale.setlocale(locale.LC_ALL, None), []
    sys.setprofile(
        lambda frame, event, arg: seen.append(arg) if event == 'c_call' else seen.append(frame.f_code.co_name)
    )
    try:
        rss.render(feed)
    finally:
        sys.setprofile(None)
    assert 'rss_entry' in seen
    assert 'setlocale' not in seen
    assert locale.setlocale(locale.LC_ALL, None) == before


@pytest.mark.parametrize(
    ('ttl', 'minutes'), [(timedelta(0), '1'), (timedelta(seconds=90), '1'), (timedelta(hours=2), '120')]
)
def test_ttl_is_in_minutes(feed, ttl, minutes):
    assert texts(rss.render(replace(feed, ttl=ttl)).body, '//ttl/text()') == [minutes]


def test_items_come_last_and_in_order(feed):
    channel = etree.fromstring(rss.render(feed).body)[0]
    tags = [child.tag for child in channel]
    assert tags[-3:] == ['item'] * 3
    assert tags.count('item') == 3
    assert [item.findtext('guid') for item in channel.iter('item')] == [entry.id for entry in feed.entries]


def test_without_a_summary_the_description_is_the_beginning_of_the_text(feed_of):
    body = rss.render(feed_of(summary='', content=f'<p>1 &lt; 2 &amp; {"长" * 400}</p>')).body
    description = texts(body, '//item/description/text()')[0]
    assert description.startswith('1 &lt; 2 &amp; 长')
    assert description.endswith('长…')
    assert '来源：' in texts(body, '//content:encoded/text()')[0]


def test_hubs_are_web_addresses_only(feed):
    body = rss.render(replace(feed, hubs=('javascript:1', 'https://h.example/'))).body
    assert texts(body, '//atom:link[@rel="hub"]/@href') == ['https://h.example/']
