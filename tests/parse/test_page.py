"""Kind `page`: selectors, what they hold, and pages that changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry, ParseLimits, Person, Received, Source, Stated
from aggregator.parse import detail_request, parse_document, with_detail
from aggregator.parse.page import PageDetail, PageDetailFields, PageFields, PageOptions
from aggregator.parse.tree import MAX_DEPTH, MAX_STYLED, read_tree

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LIMITS = ParseLimits()
URL = 'http://www.example/news/'


def source(items='li', **options):
    return Source(name='s', kind='page', url=URL, timezone='Asia/Shanghai', options=PageOptions(items=items, **options))


def read(html, where=None, limits=LIMITS):
    body = html if isinstance(html, bytes) else html.encode()
    return parse_document(Received(URL, body, NOW, 'text/html'), where or source(), limits)


def test_a_plain_list_needs_no_fields():
    parsed = read('<ul><li><a href="1.html">甲 &amp; <b>乙</b></a><li><a href="/2.html">丙</a></ul>')
    assert [(item.index, item.entry.title, item.entry.link) for item in parsed.items] == [
        (0, '甲 & 乙', 'http://www.example/news/1.html'),
        (1, '丙', 'http://www.example/2.html'),
    ]
    assert (parsed.faults, parsed.failed, parsed.degraded) == ((), False, False)


def test_every_field():
    fields = PageFields(
        title='h3@title',
        link='h3 > a@href',
        published='.date',
        updated='time@datetime',
        summary='.sum',
        content='.text',
        publisher='.from',
        author='.by',
        image='img@src',
        code='@data-code',
        guid='@ID',
    )
    html = (
        '<div class=n data-code="NW 1" id=g1><h3 title="5 < 6 & <b>7</b>"><a href=a.html>no</a></h3><i class=date> 2022年4月12日<br>08:30 </i>'
        '<time datetime=2022-04-12T09:00:00Z></time><p class=sum>a <em onclick=x>b</em><div class=text><p>x</p><script>1</script></div>'
        '<span class=from>证券<b>时报</b>网</span><span class=by>张三</span><img src=p.png></div>'
    )
    parsed = read(html, source('.n', fields=fields))
    assert parsed.items[0].entry == Entry(
        title='5 < 6 & 7',
        link='http://www.example/news/a.html',
        code='NW 1',
        guid='g1',
        published=Stated('2022年4月12日 08:30', datetime(2022, 4, 12, 0, 30, tzinfo=UTC), 480),
        updated=Stated('2022-04-12T09:00:00Z', datetime(2022, 4, 12, 9, tzinfo=UTC), 0),
        publisher='证券时报网',
        authors=(Person('张三'),),
        summary='a <em>b</em>',
        content='<p>x</p>',
        image='http://www.example/news/p.png',
    )


def test_the_item_itself_may_be_the_link():
    assert (
        read('<p><a href=1>x</a> <a href=2>y</a>', source('p > a')).items[1].entry.link == 'http://www.example/news/2'
    )


@pytest.mark.parametrize(
    ('base', 'link'),
    [
        ('<base href="/sub/">', 'http://www.example/sub/1'),
        ('<base href="//cdn.example/x/">', 'http://cdn.example/x/1'),
        ('<base target=_top><base href="http://y.example/">', 'http://y.example/1'),
        ('<base href="javascript:x">', 'http://www.example/news/1'),
    ],
)
def test_the_base_of_the_page(base, link):
    assert read(f'<head>{base}</head><li><a href=1>x</a>').items[0].entry.link == link


def test_a_page_in_gbk_says_so_itself():
    html = '<meta charset=gb2312><li><a href=1>大力发展数字经济</a>'
    assert read(html.encode('gbk')).items[0].entry.title == '大力发展数字经济'


@pytest.mark.parametrize(
    ('html', 'message'),
    [
        (
            '<title>Just a &amp; moment</title><p>',
            'Nothing on the page matches “li”. The title of the page is “Just a & moment”.',
        ),
        ('', 'Nothing on the page matches “li”. The page has no title.'),
        ('{"json": true}', 'Nothing on the page matches “li”. The page has no title.'),
        ('<li>x<li>y', 'None of the 2 items of “li” has a title or a link. The page has no title.'),
    ],
)
def test_nothing_matched_is_never_no_news(html, message):
    parsed = read(html)
    assert parsed.failed
    assert (parsed.faults[0].rule, parsed.faults[0].message) == ('nothing-matched', message)
    assert parsed.faults[0].hint


def test_items_without_title_and_link_are_counted():
    parsed = read('<li>x<li><a href=1>y</a><li>')
    assert [item.index for item in parsed.items] == [1]
    assert parsed.faults[0].message == '2 items have neither a title nor a link and were left out.'


def test_no_more_than_the_limit():
    parsed = read('<li><a href=1>y</a>' * 9, limits=ParseLimits(entries=4))
    assert len(parsed.items) == 4
    assert [f.rule for f in parsed.faults] == ['too-many']


def test_scripts_do_not_get_in():
    parsed = read('<li><a href="javascript:x">t</a><li><a href=2><script>evil()</script>t</a>')
    assert [(item.entry.title, item.entry.link) for item in parsed.items] == [
        ('t', ''),
        ('t', 'http://www.example/news/2'),
    ]


@pytest.mark.parametrize(
    ('make', 'says'),
    [
        (lambda: source('li['), "items: 'li[' is no CSS selector"),
        (lambda: source(''), 'items: '),
        (lambda: PageFields(title='a:nope'), 'title: '),
        (lambda: PageFields(link='!!@href'), 'link: '),
        (lambda: PageDetailFields(link='@'), 'link: '),
        (lambda: source(fields=PageFields(title='', link='')), 'at least one of title and link'),
        (lambda: PageDetail(fields=PageDetailFields()), 'nothing would be read'),
    ],
)
def test_bad_options_are_refused_with_a_sentence(make, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        make()


def test_an_at_sign_in_a_selector():
    fields = PageFields(title='a[href*="@"]', link='a[href*="@"]@href')
    assert (
        read('<li><a href=x>no</a><a href=/@me>me</a>', source(fields=fields)).items[0].entry.link
        == 'http://www.example/@me'
    )


# ---------------------------------------------------------------- details

DETAILED = source(detail=PageDetail(fields=PageDetailFields(content='.text', publisher='.from', published='time')))


def test_the_own_page_of_an_entry():
    entry = Entry(title='t', link='http://www.example/1')
    assert detail_request(entry, DETAILED) == 'http://www.example/1'
    assert detail_request(entry, source()) == ''
    html = '<div class=text><p>全文<img src=p.png></div><b class=from>甲</b><time>2022-04-12 08:00</time>'
    got, fault = with_detail(entry, Received('http://www.example/1', html.encode(), NOW), DETAILED, LIMITS)
    assert fault is None
    assert (got.content, got.publisher) == ('<p>全文<img src="http://www.example/p.png"></p>', '甲')
    assert got.published.at == datetime(2022, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize('html', ['', '<p>x', '<div>' * 5000 + '<p class=text>x'])
def test_a_page_that_says_nothing_changes_nothing(html):
    entry = Entry(title='t', link='http://www.example/1')
    got, fault = with_detail(entry, Received('http://www.example/1', html.encode(), NOW), DETAILED, LIMITS)
    assert got == entry
    assert fault.rule == 'detail'


# ---------------------------------------------------------------- hostile pages


@pytest.mark.parametrize(
    'html',
    [
        '<div>' * (MAX_DEPTH + 1),
        '<div><table></div></table>' * (MAX_DEPTH + 1),
        '<b a>' * (MAX_STYLED + 1),
        '<DIV><object></DIV>' * (MAX_DEPTH + 1),
    ],
)
def test_pages_that_nest_too_deep_are_refused(html):
    assert read_tree(html) is None
    parsed = read(html + '<li><a href=1>x</a>')
    assert (parsed.failed, parsed.faults[-1].rule) == (True, 'too-deep')


@pytest.mark.parametrize(
    'html',
    [
        '<div><p><b>x</b></div>' * 3000,
        '<li><a href=1>x' * 3000,
        '<table><tr><td><div></table>' * 3000,
        '<script>' + '"<div>";' * 3000 + '</script>',
        '<!--' + '<div>' * 3000 + '-->',
        '<style>' + '<div>' * 3000 + '</style>',
        '<br>' * 9000,
        '<svg><path/></svg>' * 3000,
    ],
)
def test_ordinary_pages_are_not(html):
    tree = read_tree(html + '<i id=last></i>')
    assert tree is not None
    assert tree.css_first('#last') is not None


@pytest.mark.parametrize('tag', ['<p {}>', '<p a=">" {}>', "<p a='>' {}>", '<p a = ">" {}>', '<p ="> <q {}> ">'])
def test_tags_with_thousands_of_attributes_lose_them(tag):
    tree = read_tree(tag.format(' '.join(f'a{n}' for n in range(9000))))
    assert max(len(node.attributes) for node in tree.css('p, q')) < 10


def test_a_long_value_is_no_crowd_of_attributes():
    tree = read_tree('<p data-x="{}" id=a>'.format('x' * 90_000))
    assert len(tree.css_first('p').attributes) == 2


@given(st.text(alphabet='<>/="\' abdivp!-', max_size=80))
def test_any_markup_gives_a_tree(html):
    assert read_tree(html).root is not None
