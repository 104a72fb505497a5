"""Every format under the same contract: no entry can break a document, and equal feeds give equal bytes."""

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from aggregator.model import CarrierView, CategoryState, Enclosure, Person
from aggregator.render import atom, front, jsonfeed, opml, rss
from aggregator.render.formats import FORMATS, documents_of, edition_of
from aggregator.render.posts import post_of

ROOT = Path(__file__).parents[2]

EVIL = [
    '\x00\x01\x0b\x1f\x7f\x9f',
    '\ud800\udc00 \udfff',
    ']]>',
    '<![CDATA[ ]]> -->',
    '<script>alert(1)</script>',
    '"\'><img src=x onerror=alert(1)>',
    '\u202e\u2066abc',
    '&lt;&amp;&#0;&nbsp;',
    '\ufdd0\ufdd1\ufffe\uffff',
    'javascript:alert(1)',
    'http://[',
    '',
    ' \n\t\u2028 ',
    '{{ x }}{% y %}',
    'x' * 5000,
]


def read(suffix, body):
    """Ids of the entries that an ordinary parser of this format finds."""
    match suffix:
        case 'atom':
            return etree.fromstring(body).xpath('//*[local-name()="entry"]/*[local-name()="id"]/text()')
        case 'rss':
            return etree.fromstring(body).xpath('//guid/text()')
        case 'json':
            return [item['id'] for item in json.loads(body)['items']]
        case _:
            return html.fromstring(body.decode()).xpath('//article')


def hostile(entry, text):
    """The entry with this text in every field that a source can fill."""
    return replace(
        entry,
        title=text,
        link=text,
        publisher=text,
        authors=(Person(text, text, text),),
        summary=text if '<' not in text else '',
        content='' if '<' in text else text,  # HTML is sanitised before it comes here
        labels=(text, text),
        slugs=(text, 'b'),
        enclosures=(Enclosure(text, text, 1),),
        image=text,
        language=text,
        rights=text,
        guid=text,
        carriers=(CarrierView(source=text, url=text, guid=text),),
    )


@pytest.mark.parametrize('suffix', FORMATS)
@pytest.mark.parametrize('text', EVIL, ids=ascii)
def test_no_text_breaks_a_document(feed, entry, suffix, text):
    view = replace(feed.sources['甲报'], url=text, link=text, title=text, id=text, icon=text, rights=text)
    bad = replace(
        feed,
        entries=(hostile(entry, text), feed.entries[1]),
        sources=feed.sources | {'甲报': view},
        title=text,
        hubs=(text,),
    )
    rendered = FORMATS[suffix].write(bad)
    assert rendered.faults == ()
    assert len(read(suffix, rendered.body)) == 2
    # A JSON string may hold a title of that kind, and a page has the one script of ours.
    body = rendered.body.lower().replace(b'"<script', b'').replace(b'<script defer src="/copy.js"', b'')
    assert b'<script' not in body
    assert b'href="javascript' not in rendered.body
    assert b'<img' not in rendered.body or suffix == 'json'


@given(text=st.text(st.characters()), number=st.integers(0, 3))
def test_any_text_leaves_every_format_readable(feed, entry, text, number):
    bad = replace(feed, entries=(replace(hostile(entry, text), content=''), feed.entries[1]), title=text)
    suffix = list(FORMATS)[number]
    assert len(read(suffix, FORMATS[suffix].render(bad))) == 2
    assert post_of(hostile(entry, text), feed.site).body.decode()


@pytest.mark.parametrize('text', EVIL, ids=ascii)
def test_no_identity_or_id_escapes(feed, entry, text):
    edition = edition_of(replace(feed, entries=(replace(entry, id=text, identity=text), entry)))
    assert [len(read(d.path.rsplit('.')[-1], d.body)) for d in edition.documents] in ([1] * 4, [2] * 4)
    assert '/' not in post_of(replace(entry, identity=text), feed.site).path


@pytest.mark.parametrize('ready', [(), (None, None, None), (b'<entry>first</entry>', b'<entry>again</entry>', None)])
def test_an_id_stands_once_whether_it_is_made_or_ready(feed, entry, ready):
    twice = replace(feed, entries=(entry, replace(entry, title='again'), feed.entries[1]))
    rendered = atom.render(twice, atom.entry_fragment, ready)
    assert [(fault.rule, 'stands twice' in fault.message) for fault in rendered.faults] == [('render', True)]
    assert rendered.body.count(b'<entry') == 2
    assert b'again' not in rendered.body


def test_all_formats_carry_the_same_entries_in_the_same_order(feed):
    ids = [entry.id for entry in feed.entries]
    assert [read(suffix, FORMATS[suffix].render(feed)) for suffix in ('atom', 'rss', 'json')] == [ids] * 3


@pytest.mark.parametrize(
    ('slug', 'paths'),
    [
        ('x', ['category/x.atom', 'category/x.rss', 'category/x.json', 'category/x.html']),
        ('', ['all.atom', 'all.rss', 'all.json']),
        ('../../etc', []),
    ],
)
def test_paths(feed, slug, paths):
    assert [document.path for document in documents_of(replace(feed, slug=slug))] == paths


def test_media_types_are_those_of_the_server(feed):
    assert [document.media_type for document in documents_of(feed)] == [
        'application/atom+xml; charset=utf-8',
        'application/rss+xml; charset=utf-8',
        'application/feed+json',
        'text/html; charset=utf-8',
    ]


@pytest.mark.parametrize('suffix', FORMATS)
def test_a_row_of_the_table_is_complete(suffix):
    row = FORMATS[suffix]
    assert row.suffix == suffix
    assert all(getattr(row, field.name) for field in fields(row))
    assert row.sentence.endswith('.')


@pytest.mark.parametrize('suffix', FORMATS)
def test_a_feed_without_entries_is_a_document(feed, suffix):
    rendered = FORMATS[suffix].write(replace(feed, entries=(), label='', title=''))
    assert read(suffix, rendered.body) == []


def test_what_was_left_out_is_told_once_for_all_formats(feed, entry):
    edition = edition_of(replace(feed, entries=(replace(entry, id=''), entry)))
    assert len(edition.documents) == 4
    assert len(edition.faults) == 1


@pytest.mark.slow
def test_another_process_with_another_hash_seed_and_zone_writes_the_same_bytes():
    program = (
        'import sys, hashlib; sys.path.insert(0, "tests/render"); import conftest as c\n'
        'from aggregator.render.formats import documents_of\n'
        'print(hashlib.sha256(b"".join(d.body for d in documents_of(c.FEED))).hexdigest())'
    )
    found = {
        subprocess.run(
            [sys.executable, '-c', program],
            cwd=ROOT,
            env=os.environ | {'PYTHONHASHSEED': seed, 'TZ': zone, 'PYTHONPATH': str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (('1', 'Asia/Shanghai'), ('2', 'America/New_York'))
    }
    assert len(found) == 1


@pytest.fixture
def lists(at, categories, sources):
    return at, categories, sources


@pytest.mark.shared
@pytest.mark.slow
def test_the_validator_finds_nothing(shared, feed, lists, tmp_path):
    at, categories, sources = lists
    documents = {d.path: d.body for one in (feed, replace(feed, slug='')) for d in documents_of(one)}
    documents['feeds.opml'] = opml.categories_opml(feed.site, categories, at)
    documents['sources.opml'] = opml.sources_opml(feed.site, sources, at)
    documents['index.html'] = front.index_page(feed.site, categories, sources, front.newest_rows(feed))
    for path, body in documents.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(body)
    program = [
        sys.executable,
        str(shared / 'tools/validate_output.py'),
        '--strict',
        '--allow',
        'entries without link',
        str(tmp_path),
    ]
    result = subprocess.run(program, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert '0 failed' in result.stdout


def test_a_category_that_was_never_filled_can_be_listed(site, at):
    assert b'text="x"' in opml.categories_opml(site, [CategoryState(label='', slug='x', title='')], at)


TIMES = [
    '<updated>2000-01-01T00:00:00Z</updated>',
    '"updated":"2000-01-01T00:00:00Z"',
    'Sat, 01 Jan 2000 00:00:00 +0000',
]


@pytest.mark.parametrize('title', ['甲', *TIMES, ''])
@pytest.mark.parametrize('format_', [atom, rss, jsonfeed])
def test_a_head_that_was_made_once_is_what_is_made_each_time(feed, title, format_):
    """Also where a feed says what the head says of its time."""
    for hours in (0, 1):
        for slug, query in (('jiabao', ''), ('', ''), ('', 'x')):
            asked = replace(
                feed,
                title=title,
                label=title,
                slug=slug,
                query=query,
                updated_at=feed.updated_at + timedelta(hours=hours),
            )
            assert format_.render(asked).body.startswith(format_.head(asked))
