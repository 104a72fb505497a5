"""Kind `posts`: front matter as it is written by hand and by broken templates, and what stands below it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry, ParseLimits, Received, Source, Stated
from aggregator.parse import parse_document
from aggregator.parse.frontmatter import read_front_matter
from aggregator.parse.postbody import PostBody, html_of_body, read_body
from aggregator.parse.posts import PostsOptions

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PATH = '/posts/2022-04-12-NW1.md'
SOURCE = Source(name='旧站', kind='posts', url='/posts', timezone='Asia/Shanghai', options=PostsOptions(path='/posts'))
POST = """---
layout: post
title: "某地出台措施 加快产业转型"
date: 2022-04-12 05:57:24 +0800
categories: moumouwang
tags: 某某网新闻
---
<p>第一段。</p>
 <p>第二段，A &amp; B。</p><p class="em_media">（文章来源：某某网）</p>

<http://news.example/share.html?a=1&infoCode=NW1>

[返回某某网新闻](//old.example/category/moumouwang.html)｜[返回首页](//old.example/)"""


def read(text, path=PATH):
    body = text if isinstance(text, bytes) else text.encode()
    return parse_document(Received(path, body, NOW, 'text/markdown'), SOURCE, ParseLimits())


def entry_of(text, path=PATH):
    return read(text, path).items[0].entry


def test_a_whole_post():
    parsed = read(POST)
    assert (parsed.faults, parsed.degraded, len(parsed.items)) == ((), False, 1)
    assert (parsed.items[0].url, parsed.items[0].index) == (PATH, 0)
    assert parsed.items[0].entry == Entry(
        title='某地出台措施 加快产业转型',
        link='http://news.example/share.html?a=1&infoCode=NW1',
        published=Stated('2022-04-12 05:57:24 +0800', datetime(2022, 4, 11, 21, 57, 24, tzinfo=UTC), 480),
        publisher='某某网',
        content='<p>第一段。</p>\n <p>第二段，A &amp; B。</p><p class="em_media">（文章来源：某某网）</p>',
        tags=('某某网新闻',),
        slug='moumouwang',
    )


@pytest.mark.parametrize(
    'post',
    [
        '\ufeff' + POST,
        POST.replace('\n', '\r\n'),
        POST.replace('\n', '\r'),
        POST.encode('gbk'),
        POST.encode('utf-16'),
        POST + '\n\n',
        POST.replace('---\n', '---  \n'),
        POST.replace('tags: 某某网新闻', 'tags: [某某网新闻]'),
        POST.replace('tags: 某某网新闻', 'tags:\n  - 某某网新闻'),
        POST.replace('tags: 某某网新闻', 'tags: "某某网新闻"  # label'),
    ],
)
def test_the_same_post_written_otherwise(post):
    assert entry_of(post) == entry_of(POST)


# ---------------------------------------------------------------- front matter


@pytest.mark.parametrize(
    ('line', 'value'),
    [
        ('k: a', 'a'),
        ('k:   a b  ', 'a b'),
        ('k: ""', ''),
        ('k:', ''),
        ('k: ~', ''),
        ('k: null', ''),
        ('k: "a: b"', 'a: b'),
        ('k: a: b', 'a: b'),
        ('k: ""特高压+"提速 某某科技"', '"特高压+"提速 某某科技'),
        ('k: "提速"特高压+""', '提速"特高压+"'),
        ('k: "a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        ('k: "\\u4e2d\\/\\q"', '中/\\q'),
        ("k: 'it''s'", "it's"),
        ('k: "', '"'),
        ('k: a # comment', 'a'),
        ('k: a#b', 'a#b'),
        ('k: "a # b"', 'a # b'),
        ('k: "a" # b', 'a'),
        ('k: [a, b]', ('a', 'b')),
        ('k: ["a, b", \'c\', d e,]', ('a, b', 'c', 'd e')),
        ('k: []', ()),
        ('k: [a, b] # two', ('a', 'b')),
        ('k: [a', '[a'),
        ('k: [a,\n  b]', ('a', 'b')),
        ('k:\n- a\n- "b: c"\n-\n', ('a', 'b: c')),
        ('k:\n  - a b\n  - c', ('a b', 'c')),
        ('k:\n  x: 1\n  y: 2', ''),
        ('k: |\n  a\n  b', 'a b'),
        ('k: >-\n  a\n  b', 'a b'),
        ('k: a\n  b', 'a b'),
        ('中文: x\nk: y', 'y'),
        ('k: 1\nk: 2', '2'),
    ],
)
def test_values(line, value):
    front = read_front_matter(f'---\nother: 1\n{line}\nlast: 2\n---\nbody\n')
    assert front.values['k'] == value
    assert (front.values['last'], front.body, front.fault) == ('2', 'body\n', None)


@pytest.mark.parametrize(
    ('text', 'values', 'body'),
    [
        ('no front matter', {}, 'no front matter'),
        ('', {}, ''),
        ('---\ntitle: a\n\nbody\n', {'title': 'a'}, '\nbody\n'),
        ('---\ntitle: a\n<p>b', {'title': 'a'}, '<p>b'),
        ('---', {}, ''),
    ],
)
def test_front_matter_that_is_not_there_or_never_ends(text, values, body):
    front = read_front_matter(text)
    assert (front.values, front.body) == (values, body)
    assert front.fault.rule == 'front-matter'


@given(st.text(alphabet='-\n: []"\'#\\ta,|>', max_size=80))
def test_front_matter_never_raises(text):
    front = read_front_matter('---\n' + text)
    assert all(isinstance(value, str | tuple) for value in front.values.values())


@given(st.text(alphabet=st.characters(codec='utf-8', exclude_categories=['C', 'Z']), min_size=1, max_size=20))
def test_a_title_in_quotes_comes_back(title):
    escaped = title.replace('\\', '\\\\').replace('"', '\\"')
    assert read_front_matter(f'---\ntitle: "{escaped}"\n---\n').text('title') == title


# ---------------------------------------------------------------- what an entry takes from them


@pytest.mark.parametrize(
    ('date', 'path', 'stated'),
    [
        ('date:  +0800', '/p/-NW1.md', None),
        ('date:', '/p/x.md', None),
        ('layout: post', '/p/x.md', None),
        ('date:  +0800', PATH, Stated('2022-04-12', datetime(2022, 4, 11, 16, tzinfo=UTC), 480, day_only=True)),
        ('layout: post', PATH, Stated('2022-04-12', datetime(2022, 4, 11, 16, tzinfo=UTC), 480, day_only=True)),
        (
            'date: 2022-04-12 08:40:29',
            PATH,
            Stated('2022-04-12 08:40:29', datetime(2022, 4, 12, 0, 40, 29, tzinfo=UTC), 480),
        ),
        ('date: 某日', PATH, Stated('某日')),
    ],
)
def test_dates(date, path, stated):
    assert entry_of(f'---\ntitle: t\n{date}\n---\nx', path).published == stated


@pytest.mark.parametrize(
    ('tags', 'labels', 'publisher'),
    [
        ('东方新闻', ('东方新闻',), '东方'),
        ('界面新闻新闻', ('界面新闻新闻',), '界面新闻'),
        ('21世纪经济报道 21财经APP新闻', ('21世纪经济报道 21财经APP新闻',), '21世纪经济报道 21财经APP'),
        ('新闻', ('新闻',), ''),
        ('数字经济', ('数字经济',), ''),
        ('[东方新闻, 数字经济]', ('东方新闻', '数字经济'), ''),
        ('[甲, 甲, ""]', ('甲',), ''),
        ('', (), ''),
    ],
)
def test_tags_are_labels_as_they_stand(tags, labels, publisher):
    entry = entry_of(f'---\ntitle: t\ntags: {tags}\n---\nx')
    assert (entry.tags, entry.publisher) == (labels, publisher)


def test_an_empty_title_is_made_from_the_text():
    entry = entry_of('---\ntitle: ""\n---\n> 截至当日收盘，放大31%。\n\n<p>全文。</p>')
    assert entry.title_made
    assert entry.title.startswith('截至当日收盘，放大31%。')
    assert entry.content == '<blockquote><p>截至当日收盘，放大31%。</p></blockquote>\n\n<p>全文。</p>'


def test_without_front_matter_the_file_still_gives_an_entry():
    parsed = read('<p>全文</p>\n\n<http://x.example/1>\n')
    assert parsed.items[0].entry == Entry(
        title='全文',
        title_made=True,
        link='http://x.example/1',
        published=Stated('2022-04-12', datetime(2022, 4, 11, 16, tzinfo=UTC), 480, day_only=True),
        content='<p>全文</p>',
    )
    assert parsed.degraded
    assert parsed.faults[0].message == '2022-04-12-NW1.md: The post has no front matter.'


@pytest.mark.parametrize('body', [b'', b'---\n---\n', b'---\nlayout: post\n---\n\n[\xe8\xbf\x94\xe5\x9b\x9e](/)'])
def test_a_file_that_says_nothing_gives_none(body):
    parsed = read(body)
    assert parsed.items == ()
    assert parsed.faults[-1].message.endswith('The post says nothing.')


def test_nothing_of_a_post_is_trusted():
    entry = entry_of(
        '---\ntitle: "a\\u0000<b>\\ud800"\n---\n<p onclick="x()">a</p><script>1</script>[x](javascript:1)\n\n<http://\x01>'
    )
    assert entry.title == 'a <b>'
    assert entry.content == '<p>a</p>[x](javascript:1)'


def test_an_empty_path_is_refused():
    with pytest.raises(ValueError, match='path: it is empty'):
        PostsOptions(path=' ')


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ('body', 'read'),
    [
        (
            '<p>a</p>\n\n<http://x.example/1>\n\n[返回甲](//o/a.html)｜[返回首页](//o/)',
            PostBody('<p>a</p>', 'http://x.example/1'),
        ),
        ('<p>a</p>\n\n<http://x.example/1>\n', PostBody('<p>a</p>', 'http://x.example/1')),
        ('<p>a</p>\n\n[返回首页](//o/)', PostBody('<p>a</p>', '')),
        (
            '<p>a</p>\n\n\n\n<p>b</p>\n\n<https://x.example/1>',
            PostBody('<p>a</p>\n\n\n\n<p>b</p>', 'https://x.example/1'),
        ),
        ('<http://x.example/1>', PostBody('', 'http://x.example/1')),
        (
            '<http://x.example/1>\n\n<p>a</p>',
            PostBody('<p><a href="http://x.example/1">http://x.example/1</a></p>\n\n<p>a</p>', ''),
        ),
        ('', PostBody('', '')),
    ],
)
def test_the_original_link_and_the_way_back(body, read):
    assert read_body(body) == read


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('a\nb\n\nc', '<p>a\nb</p>\n\n<p>c</p>'),
        ('[t](http://x.example/?a=1&b=2)', '<p><a href="http://x.example/?a=1&amp;b=2">t</a></p>'),
        ('![p](/p.png)', '<p><img src="/p.png" alt="p"></p>'),
        ('see <http://x.example/>', '<p>see <a href="http://x.example/">http://x.example/</a></p>'),
        ('a **b** *c* 2*3*4', '<p>a <strong>b</strong> <em>c</em> 2*3*4</p>'),
        ('## 标题 ##', '<h2>标题</h2>'),
        ('# a\nb', '<p># a\nb</p>'),
        ('> a\n> b', '<blockquote><p>a\nb</p></blockquote>'),
        (' <p>*a*</p>\n> b', ' <p>*a*</p>\n> b'),
        ('[a](b "c") [] [x]', '<p>[a](b "c") [] [x]</p>'),
    ],
)
def test_a_little_markdown(text, html):
    assert html_of_body(text) == html


@pytest.mark.parametrize('piece', ['[', '[a](', '**', '*a', '<http://', '# ', '\n \n', '> ', '`', '![', '](', '#'])
def test_bodies_of_one_mark_are_read_at_once(piece):
    entry_of(f'---\ntitle: t\n---\nx{piece * 20_000}x')


@pytest.mark.parametrize('word', ['false', 'False', 'no', 'off', '"false"', 'false  # not yet'])
def test_a_draft_gives_none_and_is_no_fault(word):
    parsed = read(POST.replace('layout: post', f'published: {word}'))
    assert (parsed.items, parsed.faults, parsed.failed) == ((), (), False)


@pytest.mark.parametrize('word', ['true', '', '2022-04-12', 'falsely'])
def test_whatever_else_published_says_a_post_is_read(word):
    assert read(POST.replace('layout: post', f'published: {word}')).items
