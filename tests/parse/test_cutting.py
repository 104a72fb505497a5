"""Items that were seen are left out, before parsing where a feed can be cut: the others are read as in all of it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse.cutting import cut
from aggregator.parse.feed import parse_feed
from aggregator.parse.kinds import parse_document
from aggregator.parse.shield import shield

NOW = datetime(2022, 4, 12, 6, 30, tzinfo=UTC)
URL = 'https://feeds.example/d/feed.xml'
LIMITS = ParseLimits(entries=50)


def parsed(document, seen=frozenset(), *, source=None, limits=LIMITS, url=URL, **options):
    received = Received(url=url, body=document.encode(), fetched_at=NOW)
    return parse_feed(received, source or Source(name='s'), limits, seen, **options)


def rss(*items, head='', between='', tail=''):
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
        f'<link>https://page.example/</link>{head}{between.join(items)}{tail}</channel></rss>'
    )


def item(inside, attributes=''):
    return f'<item{attributes}>{inside}</item>'


def atom(*entries, head=''):
    entries = ''.join(f'<entry>{inside}</entry>' for inside in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link href="https://p.example/"/>{head}{entries}</feed>'


A, B, C = (item(f'<title>{name}</title><link>{name}</link>') for name in 'abc')


def titles(feed):
    return [(one.index, one.entry.title) for one in feed.items]


# ------------------------------------------------ what is left out


def test_items_that_were_seen_are_left_out_and_the_others_keep_their_places():
    before = parsed(rss(A, C))

    after = parsed(rss(B, A, item('<title>d</title>'), C), frozenset(before.marks))

    assert titles(after) == [(0, 'b'), (2, 'd')]
    assert (after.marks[1], after.marks[3]) == before.marks
    assert after.items[0].entry.link == 'https://page.example/b'


def test_a_document_of_which_all_is_seen_gives_its_head():
    seen = frozenset(parsed(rss(A, B)).marks)

    feed = parsed(rss(A, B, head='<lastBuildDate>Tue, 12 Apr 2022 05:57:24 +0800</lastBuildDate>'), seen)

    assert (feed.items, feed.failed, len(feed.marks)) == ((), False, 2)
    assert feed.head.title == 'T'
    assert feed.head.updated.at == datetime(2022, 4, 11, 21, 57, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        (rss(A), rss(A, head='<!-- made at 10:00 -->')),
        (rss(A, head='<ttl>5</ttl>'), rss(A, head='<ttl>6</ttl>')),
        (rss(A), rss(A, head='<dc:date>2022</dc:date>', tail='<!-- 10:00 -->')),
        (rss(A, B), rss(A, B, between='\n<!-- x -->\n')),
        (atom('<id>1</id>', head='<updated>2022</updated>'), atom('<id>1</id>', head='<updated>2023</updated>')),
    ],
)
def test_what_a_channel_says_of_now_makes_no_item_new(before, after):
    assert parsed(before).marks == parsed(after).marks != ()


@pytest.mark.parametrize(
    'document',
    [
        rss(A, head='<language>de</language>'),
        rss(A).replace('https://page', 'https://other'),
        rss(A).replace('<rss ', '<rss xml:lang="de" '),
        rss(A).replace('<rss ', '<rss xmlns:x="https://x.example/" '),
        rss(A + ' ').replace('<title>a', '<title>b'),
    ],
)
def test_what_may_change_how_an_item_is_read_makes_it_new(document):
    assert set(parsed(document).marks).isdisjoint(parsed(rss(A)).marks)


def test_marks_hold_for_one_way_of_reading():
    others = (
        parsed(rss(A), url='https://feeds.example/e/'),
        parsed(rss(A), source=Source(name='s', timezone='UTC')),
        parsed(rss(A), limits=replace(LIMITS, title=10)),
    )

    assert all(set(other.marks).isdisjoint(parsed(rss(A)).marks) for other in others)


def test_equal_items_have_equal_marks():
    first, second = parsed(rss(A, A)).marks

    assert first == second


def test_only_feeds_have_marks_and_a_worker_is_told_what_was_seen():
    received = Received(url=URL, body=rss(A, B).encode(), fetched_at=NOW)
    marks = parse_document(received, Source(name='s'), LIMITS).marks

    assert titles(parse_document(received, Source(name='s'), LIMITS, frozenset(marks[:1]))) == [(1, 'b')]


# ------------------------------------------------ where nothing is cut

UNCUT = {
    'no items': rss(),
    'an empty item': rss('<item/>'),
    'nested': rss(item(f'<title>x</title>{A}')),
    'an item inside of its text': rss(item(f'<description>{A}</description>')),
    'text between items': rss(A, B, between='x'),
    'an element between items': rss(A, B, between='<ttl>1</ttl>'),
    'elements after the items': rss(A, tail='<title>late</title>'),
    'a processing instruction': rss(A, head='<?x <item> ?>'),
    'a base below the root': rss(item('<title xml:base="https://b.example/">x</title>')),
    'a namespace in an item': rss(item('<x:y xmlns:x="https://x.example/"/>')),
    'an end too many': rss(A, '</item>'),
    'an item that never ends': rss(A, '<item>'),
    'two kinds of items': rss(A, '<entry/>'),
    'an end of another name': rss('<item></entry>'),
    'the slash of an attribute': rss(item('', ' a="/>"')),
    'something after the root': rss(A) + 'x',
    'a comment that never ends': rss(A, tail='<!-- '),
}


@pytest.mark.parametrize('document', UNCUT.values(), ids=UNCUT)
def test_where_it_is_not_plain_nothing_is_cut(document):
    assert cut(shield(document)) is None


@pytest.mark.parametrize(
    'document',
    [
        rss(A, item('<title><![CDATA[</item><item>]]></title>'), B),
        rss(A, '<!-- <item>x</item> -->', B),
        rss(A, item('<title>]]&gt;</title><description><![CDATA[]] ]> <!-- ]]></description>')),
        rss(item('<title>x</title><items>y</items>', ' a=">"'), '<item \n>x</item\n>'),
    ],
)
def test_what_only_looks_like_an_item_is_none(document):
    pieces = cut(shield(document))

    assert len(pieces.items) == len(parsed(document, quick=False).items)


@pytest.mark.parametrize(
    'document',
    [
        rss(A, head='<x:item xmlns:x="http://purl.org/rss/1.0/"><title>z</title></x:item>'),
        rss(A, head='<Item><title>z</title></Item>'),
        rss(A, item('<title>x<b>y</b></title>')),
        rss(A, item('<hour>3</hour>')),
        rss(A, item('<title>x')),
    ],
)
def test_where_the_count_or_the_extractor_objects_all_is_read(document):
    marks = cut(shield(rss(A))).marks(f'Asia/Shanghai\x00{URL}\x00{LIMITS}')

    feed = parsed(document, frozenset(marks))

    assert replace(feed, marks=()) == parsed(document, quick=False)


# ------------------------------------------------ what cannot be cut is known again once it is parsed

BASED = item('<title>x</title><link xml:base="https://b.example/">c</link>')
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [%s]}'
ONE, TWO = (f'{{"id": "{name}", "content_text": "{name}"}}' for name in 'ab')
UNCUTTABLE = {
    'a base below the root': (rss(BASED, A), rss(BASED, A, B)),
    'malformed': (rss(A, tail='<b>'), rss(A, B, tail='<b>')),
    'an item that speaks for its channel': (rss(A, tail='<title>late</title>'), rss(A, B, tail='<title>late</title>')),
    'JSON Feed': (JSON % ONE, JSON % f'{ONE}, {TWO}'),
}


@pytest.mark.parametrize(('before', 'after'), UNCUTTABLE.values(), ids=UNCUTTABLE)
def test_what_was_parsed_and_seen_makes_no_entry_again(before, after):
    first, whole = parsed(before), parsed(after, quick=False)

    feed = parsed(after, frozenset(first.marks))

    assert titles(feed) == [(len(whole.items) - 1, 'b')]
    assert feed == replace(whole, items=whole.items[-1:], marks=feed.marks)
    assert feed.marks[:-1] == first.marks


@pytest.mark.parametrize('before', [before for before, _ in UNCUTTABLE.values()], ids=UNCUTTABLE)
def test_what_is_read_in_another_way_is_read_again(before):
    others = (
        parsed(before.replace('https://page.example/', 'https://other.example/'), url='https://feeds.example/e/'),
        parsed(before, source=Source(name='s', timezone='UTC')),
        parsed(before, limits=replace(LIMITS, title=10)),
    )

    assert all(set(other.marks).isdisjoint(parsed(before).marks) for other in others)


def test_the_language_of_a_json_feed_is_that_of_its_items():
    german = parsed((JSON % ONE).replace('"title"', '"language": "de", "title"'))

    assert set(german.marks).isdisjoint(parsed(JSON % ONE).marks)


def test_more_items_than_wanted_are_read_as_ever():
    document = rss(*([A] * 60))

    assert replace(parsed(document), marks=()) == parsed(document, quick=False)


# ------------------------------------------------ the law


def holds(document, choose):
    """Whatever was seen, the rest is read as in the whole document. Returns whether anything could be left out."""
    whole = parsed(document, quick=False)
    first = parsed(document)
    assert replace(first, marks=()) == whole
    seen = frozenset(mark for mark in first.marks if choose())
    part = parsed(document, seen)
    unseen = tuple(one for one, mark in zip(whole.items, first.marks, strict=False) if mark not in seen)
    assert part == replace(whole, items=unseen if first.marks else whole.items, marks=first.marks)
    return bool(seen)


_TEXTS = ('x', ' ', '&lt;p&gt;y&lt;/p&gt;', '<![CDATA[<item>]]>', '<!-- <entry> -->', '数字经济', '<b>z</b>')
_NAMES = 'title link guid description author category pubDate dc:creator image hour media x item'
_LEAF = st.tuples(
    st.sampled_from(_NAMES.split()),
    st.sampled_from(('', '', '', ' xml:lang="de"', ' xml:base="b/"', ' isPermaLink="false"')),
    st.sampled_from(_TEXTS),
).map(lambda leaf: f'<{leaf[0]}{leaf[1]}>{leaf[2]}</{leaf[0]}>')
_ITEM = st.lists(_LEAF, max_size=4).map(lambda leaves: f'<item>{"".join(leaves)}</item>')
_HEAD = st.lists(_LEAF, max_size=2).map(''.join)
_PIECES = st.lists(st.one_of(_ITEM, _ITEM, _ITEM, _LEAF, st.sampled_from(('', '\n', '<!-- <item> -->'))), max_size=5)


@given(_HEAD, _PIECES, st.randoms(use_true_random=False))
def test_unseen_items_are_read_as_in_the_whole_document(head, pieces, chance):
    holds(rss(*pieces, head=head), lambda: chance.random() < 0.5)


@pytest.mark.shared
@pytest.mark.slow
def test_unseen_items_of_real_feeds_are_read_as_in_the_whole_document(shared):
    folder = shared / 'corpus' / 'feeds'
    if not folder.is_dir():
        pytest.skip('the corpus of real feeds is absent')
    rows = [json.loads(line) for line in (folder / 'manifest.jsonl').read_text(encoding='utf-8').splitlines()]
    chance, left_out = random.Random(4), 0
    for row in rows[::3]:
        body = (folder / row['file']).read_bytes()
        try:
            left_out += holds(body.decode(), lambda: chance.random() < 0.8)
        except UnicodeDecodeError:
            continue
    assert left_out > 150


@pytest.mark.parametrize('mark', ['<!--', '<![CDATA[', '<?', '<item', '<item ', '<item a="', '</item', ' <!-- ]]>'])
def test_what_never_ends_is_looked_through_once(mark):
    assert cut(rss(A, tail=mark * 200_000).removesuffix('</channel></rss>')) is None  # it would take minutes
