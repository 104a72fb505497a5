"""Subscription lists from anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse import OpmlRow, read_opml

A = '<outline text="甲 &amp; A" type="rss" xmlUrl="http://a.example/rss?x=1&amp;y=2"/>'
B = '<outline title="乙" xmlUrl="https://b.example/"/>'


def opml(body, declaration='<?xml version="1.0" encoding="UTF-8"?>'):
    return f'{declaration}<opml version="2.0"><head><title>t</title></head><body>{body}</body></opml>'


def rows(text):
    return list(read_opml(text if isinstance(text, bytes) else text.encode()).rows)


ROW_A = OpmlRow('甲 & A', 'http://a.example/rss?x=1&y=2')
ROW_B = OpmlRow('乙', 'https://b.example/')


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        (opml(A + B), [ROW_A, ROW_B]),
        (opml(A + B + A), [ROW_A, ROW_B]),
        (opml(A + B).encode('utf-16'), [ROW_A, ROW_B]),
        (opml(A + B, '<?xml version="1.0" encoding="gb2312"?>').encode('gbk'), [ROW_A, ROW_B]),
        (opml(A + B, ''), [ROW_A, ROW_B]),
        (
            opml(f'<outline text="科技">{A}<outline text="财经">{B}</outline></outline>'),
            [OpmlRow(ROW_A.title, ROW_A.url, ('科技',)), OpmlRow('乙', ROW_B.url, ('财经',))],
        ),
        (
            opml('<outline text="x" xmlUrl="http://x.example/" category="/a/b,c"/>'),
            [OpmlRow('x', 'http://x.example/', ('b', 'c'))],
        ),
        (opml('<outline xmlUrl="http://x.example/"/>'), [OpmlRow('', 'http://x.example/')]),
        (opml(A)[:-14], [ROW_A]),
        (opml(A + '<outline text="broken'), [ROW_A]),
        (opml(A + '</outline></outline>' + B), [ROW_A, ROW_B]),
        (opml(A.replace('&amp;', '&')), [ROW_A]),
        ('', []),
        ('http://127.0.0.1:1/', []),
        ('<html><body>no', []),
        ('{"json": 1}', []),
    ],
)
def test_lists(text, expected):
    assert rows(text) == expected


def test_what_is_left_out_is_told():
    read = read_opml(
        opml(A + '<outline text="x" xmlUrl="file:///etc/passwd"/><outline text="y" xmlUrl="feed.xml"/>').encode()
    )
    assert read.rows == (ROW_A,)
    assert [(f.rule, f.message) for f in read.faults] == [
        ('address', '2 sources without an http address were left out.')
    ]
    assert [f.rule for f in read_opml(b'').faults] == ['no-list']


@pytest.mark.parametrize(
    'doctype',
    [
        '<!DOCTYPE opml [<!ENTITY a "&b;&b;"><!ENTITY b "expanded">]>',
        '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    ],
)
def test_entities_are_not_expanded(doctype):
    text = opml('<outline text="x&a;" xmlUrl="http://x.example/"/>', f'<?xml version="1.0"?>{doctype}')
    assert rows(text) == [OpmlRow('x&a;', 'http://x.example/')]


@pytest.mark.parametrize(
    'piece',
    [
        '<outline text="a">',
        '<outline text="a" xmlUrl="http://x.example/">',
        '<!--',
        '<a ',
        '&',
        '</outline>',
        '<![CDATA[',
    ],
)
def test_hostile_lists_are_read_at_once(piece):
    assert len(rows(opml(A + piece * 20_000))) in {1, 2}


@pytest.mark.parametrize(
    'body',
    [
        ''.join(f'<outline text="{n}"><outline xmlUrl="http://x.example/"/></outline>' for n in range(9000)),
        '<outline xmlUrl="http://x.example/" category="' + ','.join(map(str, range(99_000))) + '"/>',
        ''.join(f'<outline xmlUrl="http://x.example/" category="{n},a{n},b{n}"/>' for n in range(9000)),
        '<x xmlns:f="http://xmlns.com/foaf/0.1/"><f:Agent>' + '<f:Document rdf:about="a"/><f:Person>' * 5000,
    ],
)
def test_what_listparser_takes_minutes_for(body):
    assert rows(opml(A + body))[0] == ROW_A


def test_no_control_characters_come_through():
    assert rows(opml('<outline text="a&#1;b&#xD800;" xmlUrl="http://x.example/&#10;y"/>'))[0].title.isprintable()


@given(st.binary(max_size=300) | st.text(alphabet='<outline xmlUrl="http:/.>&;#', max_size=300).map(str.encode))
def test_never_raises(body):
    read = read_opml(body)
    assert read.rows or read.faults


def test_an_address_of_which_a_part_cannot_be_seen_is_refused():
    row = '<outline text="a" type="rss" xmlUrl="https://a.example/{}"/>'
    body = (
        f'<opml version="2.0"><body>{row.format("x")}{row.format("&#xFDD0;y")}{row.format("&#x202E;z")}</body></opml>'
    )
    read = read_opml(body.encode())
    assert [r.url for r in read.rows] == ['https://a.example/x']
    assert '2 sources without an http address' in read.faults[0].message
