"""Atom: the whole document, its joints with feedgen, and what each kind of source may show."""

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree

from aggregator.model import Enclosure, Fault, Person
from aggregator.render import atom
from aggregator.render.shown import shown_of

NS = {'a': 'http://www.w3.org/2005/Atom'}


def texts(body, path):
    return etree.fromstring(body).xpath(path, namespaces=NS)


def test_the_whole_document(feed, golden, unfolded):
    rendered = atom.render(feed)
    assert unfolded(rendered.body) == golden('category.atom')
    assert rendered.faults == ()


def test_the_joined_fragments_are_what_feedgen_writes_in_one_go(feed):
    whole = atom.feed_writer(feed)
    for entry in feed.entries:
        shown = shown_of(entry, feed.sources.get(entry.source), feed.site)
        whole.add_entry(atom.entry_writer(shown, feed), order='append')
    assert atom.render(feed).body == whole.atom_str()


def test_a_fragment_does_not_depend_on_the_feed_around_it(feed, entry):
    other = replace(feed, slug='', title='全部', entries=(), hubs=(), updated_at=feed.updated_at + timedelta(1))
    assert atom.entry_fragment(entry, feed) == atom.entry_fragment(entry, other)


def test_a_kept_fragment_is_taken_as_it_is(feed):
    body = atom.render(feed, lambda entry, _: f'<entry><id>{entry.id}</id></entry>'.encode()).body
    assert texts(body, '//a:entry/a:id/text()') == [entry.id for entry in feed.entries]


def test_the_feed_of_everything_has_its_own_address_and_the_front_page(feed):
    body = atom.render(replace(feed, slug='')).body
    assert texts(body, '/a:feed/a:id/text()') == ['https://news.example/all.atom']
    assert texts(body, '/a:feed/a:link[@rel="alternate"]/@href') == ['https://news.example/']


def test_the_feed_is_never_older_than_its_newest_entry(feed, feed_of, at):
    late = feed_of(published_at=at + timedelta(days=2))
    assert texts(atom.render(late).body, '//a:updated[not(ancestor::a:source)]/text()') == ['2022-04-13T21:57:24Z'] * 2


@pytest.mark.parametrize(
    ('content', 'tag', 'says_all'),
    [('full', 'content', True), ('summary', 'summary', False), ('link', 'summary', False)],
)
def test_a_source_decides_how_much_is_shown(feed_of, content, tag, says_all):
    feed = feed_of(summary='', content=f'<p>{"长" * 400}末</p>')
    feed = replace(feed, sources={'甲报': replace(feed.sources['甲报'], content=content)})
    said = texts(atom.render(feed).body, f'//a:entry/a:{tag}[@type="html"]/text()')[0]
    assert ('末' in said) is says_all
    assert ('长' in said) is (content != 'link')
    assert said.endswith('>甲报</a></p>')


def test_enclosures_keep_type_and_length_and_lose_what_is_no_web_address(feed_of):
    feed = feed_of(
        enclosures=(
            Enclosure('javascript:alert(1)', 'audio/mpeg'),
            Enclosure('https://a.example/1.mp3', 'not a type', 7),
            Enclosure('https://a.example/1.mp3', 'audio/mpeg', 7),
            Enclosure('https://a.example/2.mp3', 'audio/ogg', -1),
        )
    )
    links = texts(atom.render(feed).body, '//a:entry/a:link[@rel="enclosure"]')
    assert [dict(link.attrib) for link in links] == [
        {'href': 'https://a.example/1.mp3', 'rel': 'enclosure', 'type': 'application/octet-stream', 'length': '7'},
        {'href': 'https://a.example/2.mp3', 'rel': 'enclosure', 'type': 'audio/ogg'},
    ]


def test_authors_keep_their_address_and_page(feed_of):
    people = (Person('王五', 'w@a.example', 'javascript:1'), Person('', 'x@a.example'), Person('赵六', 'nobody'))
    body = atom.render(feed_of(authors=people)).body
    assert texts(body, '//a:entry/a:author/*/text()') == ['王五', 'w@a.example', '赵六']


def test_an_entry_with_an_unusable_id_is_left_out_and_told(feed, entry):
    rendered = atom.render(replace(feed, entries=(replace(entry, id='no id'), entry)))
    assert texts(rendered.body, '//a:entry/a:id/text()') == [entry.id]
    assert [fault.rule for fault in rendered.faults] == ['render']


def test_an_id_stands_once_in_a_feed(feed, entry):
    rendered = atom.render(replace(feed, entries=(entry, replace(entry, title='again'))))
    assert texts(rendered.body, '//a:entry/a:title/text()') == [entry.title]
    assert len(rendered.faults) == 1


def test_an_entry_that_breaks_the_writer_costs_nobody_else(feed, entry):
    def broken(one, feed):
        if one.id == entry.id:
            raise ValueError('boom')
        return atom.entry_fragment(one, feed)

    rendered = atom.render(feed, broken)
    assert len(texts(rendered.body, '//a:entry')) == 2
    assert rendered.faults == (Fault('render', f'entry {entry.id!r} was left out: ValueError: boom'),)


def test_a_reader_finds_everything(feed, entry):
    parsed = feedparser.parse(atom.render(feed).body)
    first = parsed.entries[0]
    assert not parsed.bozo
    assert (first.id, first.link, first.title_detail.type) == (entry.id, entry.link, 'text/plain')
    assert [(tag.term, tag.label) for tag in first.tags] == list(zip(entry.slugs, entry.labels, strict=True))
    assert first.source.id == 'tag:a.example,2020:feed'
