"""Publishers: the line of attribution in its shapes, what is none, aliases."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry
from aggregator.rules.publishers import MAX_ATTRIBUTED, MAX_PUBLISHER, attribution, publisher_of


@pytest.mark.parametrize(
    ('markup', 'wanted'),
    [
        ('<p>…</p><p class="m">（文章来源：证券时报网）</p>', '证券时报网'),
        ('<p>…(文章来源:证券时报网)</p>', '证券时报网'),
        ('<p>…（来源: 财联社 ）</p>', '财联社'),
        ('<p>…【稿件来源：新华网】</p>', '新华网'),
        ('<p>…［来源：新华网］</p>', '新华网'),
        ('<p>（文章来源：上海<span id="k"><a href="http://q.example/1">证券</a></span>报）</p>', '上海证券报'),
        ('<p>（文章来源：<a href="http://p.example/">证券时报网</a>）</p>', '证券时报网'),
        ('<p>（文章来源：安信国际证券(香港)）</p>', '安信国际证券(香港)'),
        ('<p>（文章来源：21世纪经济报道 21财经APP）</p>', '21世纪经济报道 21财经APP'),
        ('<p>（文章来源：A）</p><p>（文章来源：B）</p>', 'B'),
        ('<p>（来源：A）</p><p>（来源：）</p>', 'A'),
        ('（文章来源：新华社\n  客户端）', '新华社 客户端'),
        ('<p>（文章来源：新华社 作者：张三）</p>', '新华社'),
        ('<p>（文章来源：新华社，记者张三）</p>', '新华社'),
        ('<p>正文</p><p>来源：新华社</p>', '新华社'),
        ('<p>正文</p>文章来源：新华社<br>编辑：李四', '新华社'),
        ('<p>正文</p><p>来源：新华社 责任编辑：李四</p>', '新华社'),
        ('（文章来源：&#20013;&amp;国）', '中&国'),
        ('<p>（文章来源：中国' + '<i></i>' * 20 + '网）</p>', '中国网'),
    ],
)
def test_attribution(markup, wanted):
    assert attribution(markup) == wanted


@pytest.mark.parametrize(
    'markup',
    [
        '',
        '<p>没有</p>',
        '<p>资金来源：自筹</p>',
        '<p>资料来源：Wind</p>',
        '<p>（资料来源：Wind）</p>',
        '<p>他说来源：某处</p>',
        '<p>相关：<a href="http://h.example/2">某股涨停（文章来源：别家）</a></p>',
        '<ul><li><a href="http://h.example/2">来源：别家</a></li></ul>',
        '<p>（文章来源：没有结束',
        '<p>（文章来源：一行</p><p>另一行）</p>',
        '<p>（文章来源：' + '长' * (MAX_ATTRIBUTED + 1) + '）</p>',
        '<p>来源：https://h.example/1</p>',
        '<p>（文章来源：别家）</p>' + '<p>很长的正文。</p>' * 300,
        '<p>来源：别家</p>' + '<p>很长的正文。</p>' * 50,
        '<p title="（文章来源：别家）">正文</p>',
    ],
)
def test_no_attribution(markup):
    assert attribution(markup) == ''


def test_only_the_end_of_a_long_text_is_read():
    assert attribution('<p>长</p>' * 100_000 + '<p>（文章来源：新华网）</p>') == '新华网'


@pytest.mark.parametrize(
    'piece', ['<', '<a', '<a>', '（', '来源：', '（来源：', '来源 ', '&', '（文章来源：<', '\x02', '<a href="', ')']
)
def test_hostile_repeats_are_read_in_linear_time(piece):
    assert len(attribution(piece * 100_000)) <= MAX_ATTRIBUTED


@given(
    st.lists(
        st.one_of(
            st.sampled_from(['（', '）', '(', '文章来源：', '来源:', '<a>', '</a>', '<p>', '\x02', '新华社', ' ']),
            st.text(max_size=5),
        )
    ).map(''.join)
)
def test_any_text_gives_a_short_clean_name(markup):
    name = attribution(markup)
    assert len(name) <= MAX_ATTRIBUTED
    assert name == ' '.join(name.split())
    assert not set(name) & set('\x02\x03\n')


def test_order_is_field_content_summary():
    entry = Entry(publisher=' 甲  报 ', content='（来源：乙）', summary='（来源：丙）')
    assert publisher_of(entry, {}) == '甲 报'
    assert publisher_of(Entry(content='（来源：乙）', summary='（来源：丙）'), {}) == '乙'
    assert publisher_of(Entry(content='正文', summary='（来源：丙）'), {}) == '丙'
    assert publisher_of(Entry(), {}) == ''


@pytest.mark.parametrize(
    ('name', 'wanted'),
    [('证券时报网）', '证券时报网'), ('（证券时报网', '证券时报网'), ('甲(乙', '甲乙'), ('甲(乙）', '甲(乙）'), (')(', ''), ('甲：', '甲'), ('x' * 500, 'x' * MAX_PUBLISHER)],
)  # fmt: skip
def test_own_field_is_cleaned(name, wanted):
    assert publisher_of(Entry(publisher=name), {}) == wanted


def test_aliases_are_followed_and_circles_end():
    aliases = {'证券时报': '证券时报网', '时报': '证券时报', 'a': 'b', 'b': 'c', 'c': 'b', 'x': 'x'}
    assert publisher_of(Entry(publisher='时报'), aliases) == '证券时报网'
    assert publisher_of(Entry(content='（来源：证券时报）'), aliases) == '证券时报网'
    assert publisher_of(Entry(publisher='a'), aliases) == 'c'
    assert publisher_of(Entry(publisher='x'), aliases) == 'x'


@pytest.mark.shared
def test_attributions_of_the_posts_in_the_corpus(shared):
    finews = shared / 'corpus' / 'finews'
    items = [json.loads(line) for line in (finews / 'truth' / 'items.jsonl').read_text('utf-8').splitlines()]
    posts = [item for item in items if item['file'].endswith('.md') and item['attribution']]
    assert len(posts) > 100
    assert [i['file'] for i in posts if attribution(_body(finews / i['file'])) != i['attribution']] == []


def _body(path):
    body = re.split(r'^---$', path.read_text('utf-8'), maxsplit=2, flags=re.MULTILINE)[2]
    return re.sub(r'<(https?:[^<>]*)>', r'<a href="\1">\1</a>', body)
