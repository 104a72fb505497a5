"""The extractor is feedparser, or has no opinion: on documents by hand, on made-up ones, and on all of a corpus."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse.bounded import read_raw
from aggregator.parse.elements import HANDLERS
from aggregator.parse.encoding import declared_in_xml, decode
from aggregator.parse.extractor import extracted
from aggregator.parse.feed import parse_feed
from aggregator.parse.judged import JUDGED
from aggregator.parse.shield import shield

NOW = datetime(2022, 4, 12, 6, 30, tzinfo=UTC)
URL = 'https://feeds.example/d/feed.xml'
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:a="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:odd="https://odd.example/ns" xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"'
)
# What is read of an entry or a channel; feedparser says more.
_WORDS = (
    'title id links link published created dc_date updated publisher authors author summary content tags media_content '
    'media_thumbnail image language rights source guidislink feedburner_origlink dc_description itunes_summary '
    'media_description subtitle icon logo ttl skip_hours skip_days sy_updateperiod sy_updatefrequency'
)
KEYS = _WORDS.split()
DETAILS = ('title', 'summary', 'rights', 'subtitle', 'dc_description', 'itunes_summary', 'media_description')


def rss(items='', channel='', version='2.0', attributes=''):
    return f'<rss version="{version}" {SPACES} {attributes}><channel><title>T</title>{channel}{items}</channel></rss>'


def item(inside, attributes=''):
    return rss(f'<item>{inside}</item><item><title>next</title></item>', attributes=attributes)


def atom(entries='', head='', attributes=''):
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES} {attributes}><title>T</title>{head}{entries}</feed>'


def entry(inside, attributes=''):
    return atom(f'<entry {attributes}>{inside}</entry><entry><title>next</title></entry>')


def rdf(inside, attributes=''):
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {SPACES} '
        f'{attributes}>{inside}</rdf:RDF>'
    )


def told(raw):
    """Everything of feedparser's dictionaries that is read, as plain values."""
    return (raw.version, raw.cut, raw.stumbled, raw.too_deep, plain(raw.feed), [plain(e) for e in raw.entries])


def plain(fields):
    kept = {key: _bare(value) for key in KEYS if (value := dict.get(fields, key)) is not None}
    for key in ('links', 'authors', 'tags', 'content', 'media_content', 'media_thumbnail'):
        if isinstance(kept.get(key), list):
            kept[key] = [{k: v for k, v in dict.items(one) if k != 'base64'} for one in kept[key]]
            if key == 'links':  # licences are nobody's links
                kept[key] = [{**one, 'href': ''} if one.get('rel') == 'license' else one for one in kept[key]]
            if key == 'content':
                kept[key] = [{k: v for k, v in one.items() if k != 'src'} for one in kept[key]]
    if isinstance(kept.get('source'), dict):
        kept['source'] = plain(kept['source']) | {'href': dict.get(fields['source'], 'href')}
    if isinstance(kept.get('image'), dict):
        kept['image'] = dict.get(fields['image'], 'href')
    for key in DETAILS:
        detail = dict.get(fields, f'{key}_detail')
        if isinstance(detail, dict):
            kept[f'{key}_detail'] = {name: dict.get(detail, name) for name in ('type', 'language', 'base')}
    return kept


def _bare(value):
    """Without attributes under the prefix that they were given; they are there under feedparser's as well."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return {k: v for k, v in dict.items(value) if ':' not in k} if isinstance(value, dict) else value


def compared(document, max_entries=50, max_tags=12):
    """Whether the extractor has an opinion; it is feedparser's."""
    text = shield(document)
    ours = extracted(text, URL, max_entries, max_tags)
    if ours is None:
        return False
    assert told(ours) == told(read_raw(text, URL, max_entries, max_tags))
    return True


# ------------------------------------------------ what it reads

READ = {
    'a plain item': item(
        '<title>数字 &amp; 经济</title><link>https://x.example/1</link><guid isPermaLink="false">g</guid>'
        '<pubDate>Tue, 12 Apr 2022 05:57:24 +0800</pubDate><description>&lt;p&gt;x&lt;/p&gt;</description>'
    ),
    'guid before the link': item('<guid>https://x.example/1</guid><link>https://x.example/2</link>'),
    'content and two descriptions': item(
        '<description>a</description><description>b</description><content:encoded><![CDATA[<p>c</p>]]></content:encoded>'
    ),
    'content before the description': item('<content:encoded>c</content:encoded><description>b</description>'),
    'a second description': item(
        '<description>a</description><description type="html">&lt;b&gt;x&lt;/b&gt;</description>'
    ),
    'a title that looks like HTML': item('<title>&lt;b&gt;x&lt;/b&gt; &amp;amp; y</title>'),
    'a title that was encoded twice': item(
        '<title>Ã¤Â\x80Â</title><description>\x93quoted\x94 æ\x96°é\x97»</description>'
    ),
    'tags': item(
        '<category domain="d">a</category><category/><dc:subject>b</dc:subject><category term="t" label="l">c</category>'
        '<media:category scheme="s">d</media:category><media:keywords>e, f,,</media:keywords><itunes:keywords>g,h</itunes:keywords>'
    ),
    'too many tags': item('<category>t</category>' * 20),
    'nested podcast categories': rss(
        channel='<itunes:category text="Arts"><itunes:category text="Design"/></itunes:category>'
    ),
    'people': item('<author>a@x.example (A)</author><dc:creator>B</dc:creator><itunes:author>C</itunes:author>'),
    'people of Atom after those of RSS': item(
        '<author>A</author><a:author><a:uri>u</a:uri><a:name>B</a:name></a:author>'
    ),
    'an empty author': item('<author/><dc:creator>B</dc:creator><author> </author>'),
    'owner': rss(
        channel='<itunes:owner><itunes:name>O</itunes:name><itunes:email>o@x.example</itunes:email></itunes:owner>'
        '<itunes:author>A</itunes:author>'
    ),
    'media': item(
        '<media:group><media:title>m</media:title><media:content url="https://x.example/a.jpg" type="image/jpeg" medium="image">'
        '<media:title type="html">deep</media:title><media:thumbnail url="https://x.example/t.jpg"/>'
        '<media:description>d</media:description></media:content></media:group><title>t</title><media:thumbnail>https://x.example/u</media:thumbnail>'
    ),
    'enclosures': item('<enclosure url="https://x.example/a.mp3" type="Audio/MPEG" length="12"/><enclosure/>'),
    'source of RSS': item('<title>t</title><source url="https://y.example/feed">Y</source><title>after</title>'),
    'image of an item': item(
        '<image>https://x.example/i.png</image><title>t</title><itunes:image href="https://x.example/j.png"/>'
    ),
    'channel': rss(
        channel='<link>https://x.example/?a=1&amp;b=2</link><a:link rel="self" href="https://x.example/f"/><language>zh</language>'
        '<image><url>https://x.example/i.png</url><title>deep</title><link>https://x.example/</link></image><title>late</title>'
        '<ttl>60</ttl><skipHours><hour>1</hour><hour> 2 </hour></skipHours><skipDays><day>Monday</day></skipDays>'
        '<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><copyright>©</copyright>'
        '<textInput><title>s</title><description>d</description><name>n</name><link>l</link></textInput><webMaster>w</webMaster>'
        '<itunes:image href="https://x.example/k.png"/><itunes:subtitle>s</itunes:subtitle><cloud domain="c"/><generator>g</generator>'
    ),
    'unknown elements': item(
        '<odd:x>1</odd:x><odd:y a="b"><title>inside</title></odd:y><odd:z><odd:z q="1"/></odd:z><foo/>'
    ),
    'a namespace of its own below the root': item('<q:x xmlns:q="https://q.example/">1</q:x><title>t</title>'),
    'the names of namespaces in another case': rss().replace('www.itunes.com/dtds', 'www.itunes.com/DTDs'),
    'RSS 0.91': rss('<item><title>&lt;i&gt;x&lt;/i&gt;</title></item>', version='0.91'),
    'items beside the channel': '<rss><channel><title>T</title></channel><item><title>t</title></item></rss>',
    'RSS 1.0': rdf(
        '<channel rdf:about="c"><title>T</title><items><rdf:Seq><rdf:li resource="x"/></rdf:Seq></items><image rdf:resource="i"/>'
        '</channel><image><title>i</title><url>https://x.example/i</url></image><item rdf:about="https://x.example/1">'
        '<title>a</title><dc:date>2022-04-12</dc:date><dc:language>zh</dc:language></item><item><title>b</title></item>'
    ),
    'RSS 0.90': rdf('<channel><title>T</title></channel><item><title>b</title></item>').replace(
        'xmlns="http://purl.org/rss/1.0/"', 'xmlns="http://my.netscape.com/rdf/simple/0.9/"'
    ),
    'Atom': entry(
        '<id>tag:x.example,2022:1</id><title type="html">&lt;b&gt;x&lt;/b&gt;</title><updated>2022-04-12T05:57:24Z</updated>'
        '<link href="https://x.example/1"/><link rel="enclosure" type="audio/mpeg" href="https://x.example/a.mp3" length="1"/>'
        '<author><name>A</name><uri>https://x.example/a</uri><email>a@x.example</email></author><contributor><name>C</name></contributor>'
        '<category term="t" scheme="s" label="l"/><summary>s &lt;b&gt;</summary><content type="html">&lt;p&gt;x&lt;/p&gt;</content>'
    ),
    'XHTML': entry(
        '<title type="xhtml"><h:div>x <h:em class="a">y</h:em></h:div></title>'
        '<content type="xhtml" xml:lang="de_AT"><div xmlns="http://www.w3.org/1999/xhtml">\n<p Class="q" xml:lang="fr">1 &lt; 2<br/></p> tail'
        '<!-- c --> more</div> </content>'
    ),
    'XHTML with two divisions': entry('<content type="xhtml"><h:div>a</h:div><h:div>b</h:div></content>'),
    'XHTML without elements': entry('<content type="xhtml">a &amp; b</content>'),
    'Atom source': entry(
        '<title>t</title><source><title>S</title><id>s</id><updated>2022</updated><link href="https://y.example/"/>'
        '<link rel="self" href="https://y.example/f"/><author><name>N</name><uri>https://y.example/n</uri></author></source><title>u</title>'
    ),
    'Atom 0.3': '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title mode="escaped">&lt;b&gt;T&lt;/b&gt;</title><entry>'
    '<issued>2022-04-12</issued><modified>2022-04-13</modified><created>2022-04-11</created><summary type="text/html">s</summary></entry></feed>',
    'xml:base': atom(
        '<entry xml:base="e/"><link href="1"/><content type="html" xml:base="../c/">x</content><icon>i</icon></entry>'
        '<entry><link href="2"/></entry>',
        '<logo>l.png</logo><icon xml:base="y/">i.png</icon>',
        attributes='xml:base="https://b.example/x/" xml:lang="en_GB"',
    ),
    'xml:base that nobody takes back': atom(
        '<entry><content type="html" xml:base="https://c.example/x/">x</content></entry><entry><link href="2"/></entry>'
    ),
    'languages': item(
        '<title xml:lang="de">t</title><description lang="fr">d</description>', attributes='xml:lang="zh_CN"'
    ),
    'licences': item('<cc:license>https://l.example/</cc:license>'),
    'attributes in capitals': '<RSS Version="2.0"><Channel><Item><Guid IsPermaLink="false">g</Guid><Link HREF="https://x.example/"/></Item></Channel></RSS>',
    'more entries than wanted': rss('<item><title>t</title></item>' * 60),
}


@pytest.mark.parametrize('document', READ.values(), ids=READ)
def test_what_is_read_is_read_as_feedparser_does(document):
    assert compared(document)


# ------------------------------------------------ what it leaves alone

LEFT = {
    'broken': rss('<item><title>x</item>'),
    'another root': '<entry xmlns="http://www.w3.org/2005/Atom"><title>t</title></entry>',
    'no version': '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel/><item/></rdf:RDF>',
    'nested items': item('<item><title>x</title></item>'),
    'nested channels': rss('<channel><item/></channel>'),
    'markup in a title': item('<title>a <b>b</b></title>'),
    'markup in a description': item('<description><p>b</p></description>'),
    'HTML that is not escaped': entry('<content type="html"><div>x</div></content>'),
    'base64': entry('<content type="image/png">AAAA</content>'),
    'base64 by mode': entry('<content type="text/plain" mode="base64">AAAA</content>'),
    'inline elements that feedparser reads': entry('<content type="xhtml"><h:div><title>x</title></h:div></content>'),
    'drawings': entry('<content type="xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></content>'),
    'an image with elements in an item': item('<image><url>https://x.example/i</url></image>'),
    'a name that is read under another': item('<date>2022</date>'),
    'a name that feedparser uses itself': item('<authors>x</authors><author>y</author>'),
    'a prefix of another namespace': rss().replace('xmlns:odd="https://odd', 'xmlns:rdf="https://odd'),
    'a prefix that changes': item('<odd:x xmlns:odd="https://other.example/"/>'),
    'a known prefix that changes': item('<media:x xmlns:media="http://purl.org/dc/elements/1.1/"/>'),
    'a namespace with blanks': rss().replace('https://odd', 'https://o dd'),
    'too deep': item('<odd:x>' * 99 + '</odd:x>' * 99),
    'too many attributes': item('<odd:x ' + ' '.join(f'a{n}="1"' for n in range(70)) + '/>'),
    'too many people': item('<author>a</author>' * 60),
    'shapes of places': item('<where><gml:point xmlns:gml="http://www.opengis.net/gml"/></where>'),
    'a DOCTYPE': '<!-- x --><!DOCTYPE rss [<!ENTITY a "b">]>' + rss('<item><title>&a;'),
}


@pytest.mark.parametrize('document', LEFT.values(), ids=LEFT)
def test_what_is_doubtful_is_left_to_feedparser(document):
    assert extracted(shield(document), URL, 50, 12) is None


def test_what_is_left_alone_is_read_by_feedparser():
    received = Received(url=URL, body=LEFT['markup in a title'].encode(), fetched_at=NOW)

    assert parse_feed(received, Source(name='s'), ParseLimits()).items[0].entry.title == 'a b'


def test_every_element_of_the_table_is_one_that_feedparser_reads():
    # Where feedparser has no reader of its own it keeps the text under the element's name, as we do for all others.
    assert {name for name in HANDLERS if name not in JUDGED} == set()


# ------------------------------------------------ made-up feeds

_NAMES = sorted(
    name.replace('_', ':', 1).replace('creativecommons:', 'cc:')
    for name in JUDGED
    if not name.startswith(('gml', 'psc', 'geo', 'xhtml', 'admin', 'dcterms', 'creativeCommons', 'cc_', 'where'))
)
_EXTRA = (
    'odd:thing foo a:link a:author a:id a:updated a:title icon logo ttl feedburner:origLink sy:updatePeriod h:div date'
)
_TEXTS = (
    '',
    ' ',
    'x',
    ' text &amp; more ',
    '&lt;p&gt;x&lt;/p&gt;',
    '<![CDATA[<b>y</b> &amp;]]>',
    '数字经济',
    '\x93Ã¤',
    'a/b?c=1&amp;d=2',
    'https://x.example/1',
)
_ATTRIBUTES = (
    *('type="html"', 'type="xhtml"', 'type="text"', 'type="application/xml"', 'href="h"', 'url="https://u.example/"'),
    *('rel="self"', 'rel="alternate"', 'xml:lang="de"', 'xml:base="b/"', 'xml:base="https://b.example/"', 'term="t"'),
    *('isPermaLink="false"', 'odd:href="o"', 'scheme="s"', 'label="l"', 'text="t"', 'version="0.3"', 'src="s"'),
)  # fmt: skip


def _element(inner):
    attributes = st.lists(st.sampled_from(_ATTRIBUTES), max_size=2, unique_by=lambda one: one.partition('=')[0])
    names = st.sampled_from(
        [*_NAMES, *_EXTRA.split()] + ['title', 'link', 'description', 'author', 'item', 'entry'] * 4
    )
    made = st.tuples(names, attributes, inner, st.sampled_from(('', '', '', ' ', 'tail')))
    return made.map(lambda one: f'<{one[0]} {" ".join(one[1])}>{one[2]}</{one[0]}>{one[3]}')


_LEAF = _element(st.sampled_from(_TEXTS))
_INSIDE = st.lists(st.one_of(_LEAF, _element(st.lists(_LEAF, max_size=2).map(''.join))), max_size=4).map(''.join)
_ITEMS = st.lists(_INSIDE, min_size=1, max_size=3)
_FEEDS = st.one_of(
    st.builds(lambda head, items: rss(''.join(f'<item>{i}</item>' for i in items), head), _INSIDE, _ITEMS),
    st.builds(lambda head, items: atom(''.join(f'<entry>{i}</entry>' for i in items), head), _INSIDE, _ITEMS),
    st.builds(
        lambda head, items: rdf(f'<channel>{head}</channel>' + ''.join(f'<item>{i}</item>' for i in items)),
        _INSIDE,
        _ITEMS,
    ),
)


@given(_FEEDS)
@settings(max_examples=150, deadline=None)
def test_a_feed_of_any_elements_is_read_as_feedparser_does_or_not_at_all(document):
    compared(document)


# ------------------------------------------------ real feeds


@pytest.mark.shared
@pytest.mark.slow
def test_most_real_feeds_are_read_and_all_of_them_equally(shared):
    documents = real_documents(shared / 'corpus' / 'feeds')
    accepted = [compared(document, 500, 80) for document in documents]

    assert sum(accepted) > 0.88 * len(accepted)


@pytest.mark.shared
@pytest.mark.slow
def test_what_becomes_of_real_feeds_is_equal(shared):
    for document in real_documents(shared / 'corpus' / 'feeds')[::7]:
        received = Received(url=URL, body=document.encode(), fetched_at=NOW)
        arguments = (received, Source(name='s'), ParseLimits())
        assert replace(parse_feed(*arguments), marks=()) == parse_feed(*arguments, quick=False)


def real_documents(folder):
    if not folder.is_dir():
        pytest.skip('the corpus of real feeds is absent')
    rows = [json.loads(line) for line in (folder / 'manifest.jsonl').read_text(encoding='utf-8').splitlines()]
    bodies = ((folder / row['file']).read_bytes() for row in rows if row['format'] != 'jsonfeed')
    return [decode(body, declared=declared_in_xml(body)).text for body in bodies]
