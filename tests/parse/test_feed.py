"""RSS and Atom documents -> entries: what each field is made of, and what becomes of what is broken."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Enclosure, ParseLimits, Person, Received, Source
from aggregator.parse.feed import parse_feed

NOW = datetime(2022, 4, 12, 6, 30, tzinfo=UTC)
URL = 'https://feeds.example/d/feed.xml'
LIMITS = ParseLimits()
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def parsed(document, *, limits=LIMITS, source=None, content_type='', charset='', url=URL):
    body = document if isinstance(document, bytes) else document.encode()
    received = Received(url=url, body=body, fetched_at=NOW, content_type=content_type, charset=charset)
    return parse_feed(received, source or Source(name='s'), limits)


def rss(items='', channel='<link>https://page.example/</link>'):
    return f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel><title>T</title>{channel}{items}</channel></rss>'


def atom(entries='', head='<link href="https://page.example/"/>', attributes=''):
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>T</title>{head}{entries}</feed>'


def item(inside, **options):
    """The only entry of an RSS document with that item."""
    (only,) = parsed(rss(f'<item>{inside}</item>'), **options).items
    return only.entry


def entry(inside, **options):
    """The only entry of an Atom document with that entry."""
    (only,) = parsed(atom(f'<entry>{inside}</entry>', **options)).items
    return only.entry


def rules(feed):
    return [fault.rule for fault in feed.faults]


# ------------------------------------------------ formats


RSS_090 = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    '<channel><title>T</title><link>https://page.example/</link></channel>'
    '<item><title>a</title><link>https://page.example/1</link></item></rdf:RDF>'
)
RSS_10 = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://page.example/rss"><title>T</title>'
    '<link>https://page.example/</link></channel><item rdf:about="https://page.example/1"><title>a</title>'
    '<link>https://page.example/1</link><dc:date>2022-04-12T05:57:24+08:00</dc:date></item></rdf:RDF>'
)
ATOM_03 = (
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><link rel="alternate" href="https://page.example/"/>'
    '<entry><title>a</title><link rel="alternate" type="text/html" href="https://page.example/1"/><id>i</id>'
    '<issued>2022-04-12T05:57:24+08:00</issued><modified>2022-04-12T06:57:24+08:00</modified></entry></feed>'
)
RSS_20 = rss('<item><title>a</title><link>https://page.example/1</link></item>')
ATOM_10 = atom('<entry><title>a</title><link href="https://page.example/1"/></entry>')


@pytest.mark.parametrize(
    'document',
    [RSS_090, RSS_10, RSS_20, RSS_20.replace('2.0', '0.91'), RSS_20.replace('2.0', '0.92'), ATOM_03, ATOM_10],
    ids=['0.90', '1.0', '2.0', '0.91', '0.92', 'atom 0.3', 'atom 1.0'],
)
def test_every_format_gives_its_entries(document):
    feed = parsed(document)

    assert (feed.head.title, feed.head.link, feed.failed, feed.degraded, feed.faults) == (
        'T',
        'https://page.example/',
        False,
        False,
        (),
    )
    assert [(one.url, one.index, one.entry.title, one.entry.link) for one in feed.items] == [
        (URL, 0, 'a', 'https://page.example/1')
    ]


def test_json_feed_is_handed_on():
    assert parsed('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}').head.title == 'T'


def test_a_feed_without_items_is_a_feed():
    feed = parsed(rss())

    assert (feed.failed, feed.degraded, feed.items, feed.faults) == (False, False, (), ())


# ------------------------------------------------ titles


@pytest.mark.parametrize(
    ('written', 'title'),
    [
        ('数字经济', '数字经济'),
        ('\n   数字经济　提速　\n', '数字经济 提速'),
        ('<![CDATA[数字 & 经济]]>', '数字 & 经济'),
        ('R&amp;D', 'R&D'),
        ('R&amp;amp;D', 'R&D'),
        ('R&amp;amp;amp;D', 'R&D'),
        ('&amp;ldquo;算力+&amp;rdquo;提速', '“算力+”提速'),
        ('<![CDATA[&ldquo;算力&rdquo;]]>', '“算力”'),
        ('&#8220;算力&#x201d;', '“算力”'),
        ('&lt;em&gt;数字&lt;/em&gt;经济', '数字经济'),
        ('&amp;lt;em&amp;gt;数字&amp;lt;/em&amp;gt;经济', '数字经济'),
        ('<![CDATA[<font color="red">数字</font>]]>', '数字'),
        ('1 &lt; 2', '1 < 2'),
        ('Use &amp;lt;b&amp;gt; in HTML', 'Use <b> in HTML'),
        ('Atomic&lt;T&gt;', 'Atomic<T>'),
        ('AT&amp;T ?a=1&amp;copy=2', 'AT&T ?a=1&copy=2'),
        ('x' * 600, 'x' * 499 + '…'),
    ],
)
def test_rss_titles_are_plain_text(written, title):
    assert item(f'<title>{written}</title>').title == title


@pytest.mark.parametrize(
    ('written', 'title'),
    [
        ('<title>a &lt;b&gt; c</title>', 'a <b> c'),
        ('<title type="text">a &amp;amp; b</title>', 'a & b'),
        ('<title type="html">a &amp;amp; &lt;b&gt;b&lt;/b&gt;</title>', 'a & b'),
        ('<title type="html">&lt;script&gt;x&lt;/script&gt;a</title>', 'a'),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <em>b</em> &lt;</div></title>', 'a b <'),
    ],
)
def test_atom_titles_are_read_by_their_type(written, title):
    assert entry(written).title == title


def test_a_missing_title_is_made_from_the_text_or_the_link():
    made = item('<description>&lt;p&gt;一段正文 &amp;amp; 更多&lt;/p&gt;</description>')
    bare = item('<link>https://page.example/1</link>')

    assert (made.title, made.title_made) == ('一段正文 & 更多', True)
    assert (bare.title, bare.title_made) == ('https://page.example/1', True)
    assert item('<title>a</title>').title_made is False


# ------------------------------------------------ links and guids


@pytest.mark.parametrize(
    ('inside', 'link'),
    [
        ('<link>https://x.example/1?a=1&amp;b=2</link>', 'https://x.example/1?a=1&b=2'),
        ('<link><![CDATA[ https://x.example/1?a=1&b=2 ]]></link>', 'https://x.example/1?a=1&b=2'),
        ('<link>/a/1.html</link>', 'https://page.example/a/1.html'),
        ('<link>//x.example/1</link>', 'https://x.example/1'),
        ('<link>javascript:alert(1)</link>', ''),
        ('<guid>https://x.example/1</guid>', 'https://x.example/1'),
        ('<guid isPermaLink="false">https://x.example/1</guid>', ''),
        ('<guid>NW202204122339013090</guid>', ''),
        ('<link>https://x.example/1</link><guid>https://x.example/2</guid>', 'https://x.example/1'),
        (
            '<link>https://feedproxy.example/~r/1</link><feedburner:origLink>https://x.example/1</feedburner:origLink>',
            'https://x.example/1',
        ),
        ('<atom:link rel="self" href="https://x.example/s"/><link>https://x.example/1</link>', 'https://x.example/1'),
        ('', ''),
    ],
)
def test_the_link_of_an_rss_item(inside, link):
    assert item(inside).link == link


@pytest.mark.parametrize(
    ('links', 'link'),
    [
        ('<link href="https://x.example/1"/>', 'https://x.example/1'),
        (
            '<link rel="enclosure" href="https://x.example/e"/><link rel="alternate" href="https://x.example/1"/>',
            'https://x.example/1',
        ),
        ('<link rel="self" href="https://x.example/s"/><link rel="edit" href="https://x.example/e"/>', ''),
        (
            '<link href="https://x.example/p" type="application/pdf"/><link href="https://x.example/1"/>',
            'https://x.example/1',
        ),
        ('<link href="https://x.example/1"/><link href="https://x.example/2"/>', 'https://x.example/1'),
        ('<link href="1.html"/>', 'https://page.example/1.html'),
    ],
)
def test_the_link_of_an_atom_entry(links, link):
    assert entry(links).link == link


@pytest.mark.parametrize(
    ('attributes', 'inside', 'link'),
    [
        ('xml:base="https://b.example/x/"', '<link href="1"/>', 'https://b.example/x/1'),
        ('xml:base="/y/"', '<link href="1"/>', 'https://feeds.example/y/1'),
        ('xml:base="https://b.example/x/"', '<link xml:base="z/" href="1"/>', 'https://b.example/x/z/1'),
        ('xml:base="javascript:x"', '<link href="1"/>', 'https://page.example/1'),
        ('base="https://b.example/"', '<link href="1"/>', 'https://page.example/1'),
    ],
)
def test_relative_links_follow_xml_base(attributes, inside, link):
    assert entry(inside, attributes=attributes).link == link


def test_without_a_page_links_are_relative_to_the_document():
    (only,) = parsed(rss('<item><link>1.html</link></item>', channel='')).items

    assert only.entry.link == 'https://feeds.example/d/1.html'


@pytest.mark.parametrize(
    'guid', ['NW202204122339013090', 'a/b', '?x', 'tag:a.example,2022:1', 'HTTP://X.example/%7e?a=1', '#1']
)
def test_guids_stay_as_sent(guid):
    assert item(f'<guid>\n {guid} </guid>').guid == guid
    assert entry(f'<id>\n {guid} </id>', attributes='xml:base="https://b.example/x/"').guid == guid


def test_a_guid_that_is_too_long_is_none():
    assert item(f'<guid>{"x" * 3000}</guid>').guid == ''


def test_items_that_share_a_guid_stay_apart():
    feed = parsed(rss('<item><title>a</title><guid>same</guid></item>' * 20))

    assert [(one.index, one.entry.guid) for one in feed.items] == [(index, 'same') for index in range(20)]


# ------------------------------------------------ dates


def utc(stated):
    return stated and stated.at and stated.at.isoformat()[:19]


def test_dates_are_read_in_the_zone_of_the_source():
    naive = '<pubDate>2022-04-12 05:57:24</pubDate>'
    american = '<pubDate>Tue, 12 Apr 2022 05:57:24 CST</pubDate>'

    assert utc(item(naive).published) == '2022-04-11T21:57:24'
    assert utc(item(naive, source=Source(name='s', timezone='UTC')).published) == '2022-04-12T05:57:24'
    assert utc(item(american).published) == '2022-04-11T21:57:24'
    assert item('<pubDate>2026年11月22日</pubDate>').published.raw == '2026年11月22日'
    assert utc(item('<pubDate>2026年11月22日</pubDate>').published) == '2026-11-21T16:00:00'
    assert utc(item('<pubDate>soon</pubDate>').published) is None
    assert item('').published is None


def test_which_date_is_which():
    both = entry('<published>2022-04-12T01:00:00Z</published><updated>2022-04-12T02:00:00Z</updated>')
    only = entry('<updated>2022-04-12T02:00:00Z</updated>')
    dublin = item('<dc:date>2022-04-12T03:00:00Z</dc:date>')

    assert (utc(both.published), utc(both.updated)) == ('2022-04-12T01:00:00', '2022-04-12T02:00:00')
    assert (only.published, utc(only.updated)) == (None, '2022-04-12T02:00:00')
    assert (utc(dublin.published), dublin.updated) == ('2022-04-12T03:00:00', None)
    (old,) = parsed(ATOM_03).items
    assert (utc(old.entry.published), utc(old.entry.updated)) == ('2022-04-11T21:57:24', '2022-04-11T22:57:24')


# ------------------------------------------------ texts


def test_a_short_description_is_a_summary_and_a_long_one_the_content():
    short, long, block = '一句话。', '长' * 501, '&lt;p&gt;一段&lt;/p&gt;'

    assert (
        item(f'<description>{short}</description>').summary,
        item(f'<description>{short}</description>').content,
    ) == (short, '')
    assert (item(f'<description>{long}</description>').summary, item(f'<description>{long}</description>').content) == (
        '',
        long,
    )
    assert item(f'<description>{block}</description>').content == '<p>一段</p>'


def test_summary_and_content_are_told_apart():
    both = item('<description>短</description><content:encoded><![CDATA[<p>长</p>]]></content:encoded>')
    other_order = item('<content:encoded><![CDATA[<p>长</p>]]></content:encoded><description>短</description>')
    alone = item('<content:encoded><![CDATA[<p>长</p>]]></content:encoded>')
    twice = item(
        '<description>&lt;p&gt;长&lt;/p&gt;</description><content:encoded>&lt;p&gt;长&lt;/p&gt;</content:encoded>'
    )

    assert (both.summary, both.content) == (other_order.summary, other_order.content) == ('短', '<p>长</p>')
    assert (alone.summary, alone.content) == (twice.summary, twice.content) == ('', '<p>长</p>')


@pytest.mark.parametrize(
    ('element', 'html'),
    [
        ('<content type="html">&lt;p&gt;a &amp;amp; b&lt;/p&gt;</content>', '<p>a &amp; b</p>'),
        ('<content>a &lt; b &amp;\n\nc</content>', '<p>a &lt; b &amp;</p><p>c</p>'),
        ('<content>&lt;p&gt;not declared&lt;/p&gt;</content>', '<p>not declared</p>'),
        ('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a<br/>b &lt;</div></content>', 'a<br>b &lt;'),
        ('<content type="text/html">&lt;p&gt;a&lt;/p&gt;</content>', '<p>a</p>'),
        ('<content type="markdown">a *b*</content>', '<p>a *b*</p>'),
        ('<content type="image/png">AAAA</content>', ''),
        ('<content src="https://x.example/e"/>', ''),
    ],
)
def test_atom_content_by_its_type(element, html):
    assert entry(element).content == html


def test_html_is_clean_and_its_links_absolute():
    inside = '&lt;p onclick="x"&gt;&lt;a href="/r"&gt;a&lt;/a&gt;&lt;script&gt;x&lt;/script&gt;&lt;/p&gt;'

    assert item(f'<description>{inside}</description>').content == '<p><a href="https://page.example/r">a</a></p>'
    based = entry(f'<content type="html" xml:base="https://b.example/z/">{inside.replace("/r", "r")}</content>')
    assert based.content == '<p><a href="https://b.example/z/r">a</a></p>'


def test_second_descriptions_stand_in_only_where_there_is_no_first():
    own, others = '<description>own</description>', '<media:description>picture</media:description>'

    assert (item(own + others).summary, item(own + others).content) == ('own', '')
    assert item(others).summary == 'picture'
    assert item('<itunes:summary>episode</itunes:summary>').summary == 'episode'


def test_texts_keep_to_their_limits():
    limits = replace(LIMITS, title=10, author=10, tag=5, tags=2, html_bytes=100)
    long = '<p>' + '长' * 900 + '</p>'
    inside = (
        f'<title>{"t" * 99}</title><author>{"n" * 99}</author><content:encoded><![CDATA[{long}]]></content:encoded>'
    )
    bounded = item(inside + '<category>abcdefgh</category><category>b</category><category>c</category>', limits=limits)

    assert (bounded.title, bounded.authors) == ('t' * 9 + '…', (Person('n' * 9 + '…'),))
    assert bounded.tags == ('abcd…', 'b')
    assert len(bounded.content.encode()) <= 100


# ------------------------------------------------ who and what


@pytest.mark.parametrize(
    ('inside', 'people'),
    [
        ('<author>a@b.example (王 小明)</author>', (Person('王 小明', 'a@b.example'),)),
        ('<author>王小明 &lt;a@b.example&gt;</author>', (Person('王小明', 'a@b.example'),)),
        ('<author>a@b.example</author>', (Person('', 'a@b.example'),)),
        ('<author>王小明</author>', (Person('王小明'),)),
        (
            '<dc:creator>A</dc:creator><dc:creator>B</dc:creator><itunes:author>A</itunes:author>',
            (Person('A'), Person('B')),
        ),
        ('<author></author>', ()),
        ('<author>' + 'a@' + 'a.' * 500 + '!</author>', (Person(('a@' + 'a.' * 500)[:199] + '…'),)),
        ('', ()),
    ],
)
def test_authors_of_rss(inside, people):
    assert item(inside).authors == people


def test_authors_of_atom():
    inside = '<author><name>A</name><email>a@b.example</email><uri>https://a.example/</uri></author><author><name>B</name></author>'

    assert entry(inside).authors == (Person('A', 'a@b.example', 'https://a.example/'), Person('B'))


def test_the_publisher_is_the_items_own_and_never_the_channels():
    channel = '<webMaster>w</webMaster><dc:publisher>channel</dc:publisher>'
    (bare,) = parsed(rss('<item><title>a</title></item>', channel=channel)).items
    source = item('<source url="https://s.example/rss">证券时报网</source><dc:publisher>d</dc:publisher>')

    assert bare.entry.publisher == ''
    assert (source.publisher, source.origin.title, source.origin.url) == (
        '证券时报网',
        '证券时报网',
        'https://s.example/rss',
    )
    assert item('<dc:publisher>某报</dc:publisher>').publisher == '某报'


def test_the_feed_that_an_atom_entry_was_copied_from():
    inside = (
        '<id>own</id><title>mine</title><source><id>urn:x</id><title>某报</title><link href="https://s.example/"/>'
        '<link rel="self" href="https://s.example/atom"/><updated>2000-01-01T00:00:00Z</updated></source>'
    )
    copied = entry(inside)

    assert (copied.guid, copied.title, copied.updated, copied.publisher) == ('own', 'mine', None, '某报')
    assert (copied.origin.id, copied.origin.link, copied.origin.url) == (
        'urn:x',
        'https://s.example/',
        'https://s.example/atom',
    )


def test_tags_once_each_by_their_label():
    inside = (
        '<category term="a" label="甲"/><category term="b"/><category term="b"/><category/>'
        '<category term="post" scheme="http://schemas.google.com/g/2005#kind"/>'
    )

    assert entry(inside).tags == ('甲', 'b')
    assert item(
        '<category>甲</category><category domain="x">R&amp;amp;D</category><dc:subject>c</dc:subject>'
    ).tags == ('甲', 'R&D', 'c')


def test_enclosures_and_pictures():
    inside = (
        '<enclosure url="/a.mp3" type="audio/mpeg" length="123"/><enclosure url="javascript:x" type="x"/>'
        '<media:content url="https://x.example/i.jpg" medium="image" type="image/jpeg" fileSize="5"/>'
        '<media:content url="https://page.example/a.mp3"/><enclosure url="https://x.example/b" length="-1"/>'
    )
    full = item(inside)

    assert full.enclosures == (
        Enclosure('https://page.example/a.mp3', 'audio/mpeg', 123),
        Enclosure('https://x.example/b', '', 0),
        Enclosure('https://x.example/i.jpg', 'image/jpeg', 5),
    )
    assert full.image == 'https://x.example/i.jpg'
    assert item('<media:thumbnail url="/t.png"/>').image == 'https://page.example/t.png'
    assert item('<itunes:image href="https://x.example/c.png"/>').image == 'https://x.example/c.png'


def test_language_and_rights():
    assert entry('<title xml:lang="zh-CN">a</title>').language == 'zh-CN'
    assert item('<dc:language>ja</dc:language>').language == 'ja'
    assert entry('<rights type="html">&amp;copy; A</rights>').rights == '© A'


# ------------------------------------------------ the head


def test_the_head_of_rss():
    channel = (
        '<link>https://page.example/</link><description>about &amp;amp; more</description><language>zh-cn</language>'
        '<copyright>c</copyright><lastBuildDate>Tue, 12 Apr 2022 05:57:24 +0800</lastBuildDate><ttl>90</ttl>'
        '<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>99</hour><hour>x</hour></skipHours>'
        '<skipDays><day>Saturday</day><day>sunday</day><day>Noday</day></skipDays>'
        '<image><url>/i.png</url><title>not this</title><link>https://no.example/</link></image>'
        '<atom:link rel="self" href="https://feeds.example/self"/><atom:link rel="hub" href="https://hub.example/"/>'
        '<atom:link rel="next" href="?page=2"/><managingEditor>e@x.example (E)</managingEditor>'
    )
    head = parsed(rss(channel=channel)).head

    assert (head.title, head.link, head.subtitle) == ('T', 'https://page.example/', 'about & more')
    assert (head.language, head.rights, utc(head.updated)) == ('zh-cn', 'c', '2022-04-11T21:57:24')
    assert (head.ttl, head.skip_hours, head.skip_days) == (timedelta(minutes=90), {0, 7}, {5, 6})
    assert (head.self_url, head.hubs, head.next_url) == (
        'https://feeds.example/self',
        ('https://hub.example/',),
        'https://feeds.example/d/feed.xml?page=2',
    )
    assert (head.icon, head.authors) == ('https://page.example/i.png', (Person('E', 'e@x.example'),))


@pytest.mark.parametrize(
    ('channel', 'ttl'),
    [
        ('<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>', timedelta(hours=1)),
        ('<sy:updatePeriod> hourly </sy:updatePeriod>', timedelta(hours=1)),
        ('<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>', timedelta(hours=6)),
        ('<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>', timedelta(days=1)),
        ('<ttl>999999999</ttl>', timedelta(days=31)),
        ('<ttl>' + '9' * 5000 + '</ttl>', None),
        ('<ttl>0</ttl>', None),
        ('<ttl>-5</ttl>', None),
        ('<ttl>soon</ttl>', None),
        ('', None),
    ],
)
def test_how_often_a_feed_wants_to_be_asked(channel, ttl):
    assert parsed(rss(channel=channel)).head.ttl == ttl


def test_the_head_of_atom():
    head_elements = (
        '<id>urn:f</id><subtitle>s</subtitle><icon>/f.ico</icon><rights>r</rights><link href="https://page.example/"/>'
        '<author><name>A</name></author><updated>2022-04-12T00:00:00Z</updated>'
    )
    head = parsed(atom(head=head_elements, attributes='xml:lang="en"')).head

    assert (head.id, head.subtitle, head.icon, head.rights) == ('urn:f', 's', 'https://page.example/f.ico', 'r')
    assert (head.language, head.authors, utc(head.updated)) == ('en', (Person('A'),), '2022-04-12T00:00:00')


# ------------------------------------------------ encodings


@pytest.mark.parametrize(
    ('declared', 'encoding'),
    [('gbk', 'gbk'), ('gb2312', 'gbk'), ('utf-8', 'gbk'), ('utf-16', 'utf-16'), ('big5', 'big5'), ('gbk', 'utf-8')],
)
def test_documents_of_any_encoding_are_read(declared, encoding):
    document = f'<?xml version="1.0" encoding="{declared}"?>' + rss('<item><title>新聞與經濟的報導</title></item>')[21:]
    feed = parsed(document.encode(encoding))

    assert ([one.entry.title for one in feed.items], feed.faults) == (['新聞與經濟的報導'], ())


def test_what_could_not_be_read_is_told():
    feed = parsed(rss(f'<item><title>{"新闻" * 50}X</title></item>').encode().replace(b'X', b'\xff'))

    assert (len(feed.items), rules(feed), feed.failed) == (1, ['encoding'], False)


# ------------------------------------------------ what is broken, and what is no feed


@pytest.mark.parametrize(
    'document',
    [
        rss('<item><title>a</title></item><item><title>b</title>').replace('</channel></rss>', ''),
        rss('<item><title>a & b</title><link>https://x.example/?a=1&b=2</link></item><item><title>b</title></item>'),
        rss('<item><title>a</title><br></item><item><title>b</title></item>'),
        rss('<item><title>a</title><x:y>z</x:y></item><item><title>b</title></item>'),
        rss('<item><title>a</title></item><item><title>b</title></item>') + '<script>x</script>',
        'Notice: undefined index<br/>\n' + rss('<item><title>a</title></item><item><title>b</title></item>'),
    ],
    ids=['cut off', 'ampersands', 'unclosed', 'no namespace', 'more behind', 'more before'],
)
def test_of_a_malformed_document_the_good_entries_are_kept(document):
    feed = parsed(document)

    assert (feed.failed, feed.degraded, len(feed.items), rules(feed)) == (False, True, 2, ['malformed'])
    assert feed.items[0].entry.title.startswith('a')
    assert '2 entries could be read' in feed.faults[0].message


def test_the_place_of_the_fault_is_told_in_lines_of_the_document():
    feed = parsed(
        '\n<?xml version="1.0"?>\n<!-- c -->\n<rss version="2.0"><channel>\n<title>a & b</title></channel></rss>'
    )

    assert 'at line 5, column 11' in feed.faults[0].message


@pytest.mark.parametrize(
    ('document', 'told'),
    [
        ('', 'is empty'),
        (' \n' * 1000, 'is empty'),
        (
            '<!DOCTYPE html><html><head><title>某站首页</title></head><body>x</body></html>',
            'HTML page with the title “某站首页”',
        ),
        ('<html><body><item>x</item></body></html>', 'an HTML page'),
        ('<div>x</div>', 'an HTML page'),
        ('{"code": 500, "message": "系统繁忙"}', '系统繁忙'),
        ('[1, 2]', 'is JSON'),
        ('{"a": ', 'is JSON'),
        ('Service unavailable', 'plain text, not a feed: “Service unavailable”'),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', 'root <urlset>'),
        ('<?xml version="1.0"?>', 'XML'),
        (b'\x00\x01\x02\xff' * 100, 'is no text'),
        (gzip.compress(rss('<item><title>a</title></item>').encode(), mtime=0), 'is no text'),
    ],
)
def test_what_is_no_feed_fails_and_says_what_it_looks_like(document, told):
    feed = parsed(document)

    assert (feed.failed, feed.items) == (True, ())
    assert feed.faults[0].rule == 'not-a-feed'
    assert told in feed.faults[0].message


@pytest.mark.parametrize(
    'sign', ['<title>Just a moment...</title>', '请完成安全验证', '<div id="captcha"></div>', 'var acw_sc__v2']
)
def test_a_guard_page_is_recognised(sign):
    feed = parsed(f'<!doctype html><html><head></head><body>{sign}</body></html>')

    assert 'bot protection' in feed.faults[0].hint


def test_a_plain_page_leads_to_add():
    assert 'aggregator add URL' in parsed('<html><body>x</body></html>').faults[0].hint


# ------------------------------------------------ bounds


def test_more_entries_than_wanted_are_left_out_and_told():
    feed = parsed(rss('<item><title>a</title></item>' * 12), limits=replace(LIMITS, entries=5))

    assert (len(feed.items), rules(feed), feed.degraded) == (5, ['too-many-entries'], False)
    assert '12 entries; the first 5' in feed.faults[0].message


def test_entities_are_never_expanded():
    bomb = '<!DOCTYPE r [<!ENTITY a "' + 'x' * 1000 + '"><!ENTITY b "&a;&a;&a;">]>'
    feed = parsed(bomb + rss('<item><title>&b; &nbsp;&hellip;</title><description>&b;</description></item>')[21:])

    assert (feed.items[0].entry.title, feed.degraded) == ('&b; …', False)


def test_no_file_is_read_by_an_entity():
    document = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + rss('<item><title>&x;</title></item>')[21:]

    assert parsed(document).items[0].entry.title == '&x;'


@pytest.mark.parametrize(
    'inside',
    [
        '<author>a@' + 'a.' * 20_000 + '!</author>',
        '<category>x</category>' * 5000,
        '<a ' + ' '.join(f'a{number}="1"' for number in range(5000)) + '/>',
        '<a>' * 5000 + '</a>' * 5000,
        '<description>' + '&lt;div&gt;' * 5000 + '</description>',
        '<description>&lt;p style="' + 'url(' * 5000 + '"&gt;</description>',
        '<description>' + '<!--' * 5000 + '</description>',
        '<description>' + '&lt;!--' * 5000 + '</description>',
        '<title>&#xD800;&#x110000;&#99999999999;&#' + '9' * 5000 + ';&#0;</title>',
        '<title>' + '&amp;a' * 5000 + '&lt;a ' * 5000 + '</title>',
        '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"><psc:chapter/></psc:chapters>',
        '<georss:point xmlns:georss="http://www.georss.org/georss">x</georss:point><cloud/><source/><image/><category/>',
        '<x:y xmlns:x="a b c" x:z="1"/>',
        '<links>x</links><authors>x</authors><tags>x</tags><media_content>x</media_content><content>x</content>',
        '<link/>' * 1000 + '<media:content url="x"/>' * 1000,
        '<author>a</author>' * 1000,
        '<a "' * 2000,
        '<![CDATA[' * 2000,
        '<' * 5000,
    ],
    ids=lambda inside: inside[:24],
)
def test_hostile_items_cost_little_and_the_feed_survives(inside):
    feed = parsed(rss(f'<item><title>good</title></item><item>{inside}</item>'))

    assert feed.failed is False
    assert feed.items[0].entry.title == 'good'


def test_blank_lines_before_the_root_cost_nothing():
    assert len(parsed('\n' * 200_000 + rss('<item><title>a</title></item>')[21:]).items) == 1


def test_deep_elements_are_left_out_and_told():
    feed = parsed(rss('<item><title>a</title>' + '<x>' * 300 + '</x>' * 300 + '<link>https://x.example/</link></item>'))

    assert (feed.items[0].entry.link, rules(feed)) == ('https://x.example/', ['too-deep'])
