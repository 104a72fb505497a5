"""Kind `json`: wrappers, values, faults and details of lists."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Entry, ParseLimits, Person, Received, Source, Stated
from aggregator.parse import detail_request, parse_document, with_detail
from aggregator.parse.jsonlist import Detail, Fields, JsonOptions, search, texts_of
from aggregator.parse.jsontext import Json, NoJson, read_json

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LIMITS = ParseLimits()
URL = 'http://api.example/list'
ALL = Fields(
    title='t',
    link='l',
    code='c',
    guid='g',
    published='p',
    updated='u',
    publisher='m',
    summary='s',
    content='x',
    author='a',
    tags='k',
    image='i',
)


def source(fields=ALL, items='data', **more):
    url = more.pop('url', URL)
    return Source(
        name='s',
        kind='json',
        url=url,
        timezone='Asia/Shanghai',
        options=JsonOptions(items=items, fields=fields, **more),
    )


def read(value, where=None, limits=LIMITS):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return parse_document(Received(URL, body, NOW), where or source(), limits)


def only(item, **more):
    parsed = read({'data': [item]}, **more)
    assert not parsed.faults
    return parsed.items[0].entry


# ---------------------------------------------------------------- the JSON in a document


@pytest.mark.parametrize(
    'text',
    [
        '{"a": [1]}',
        '\ufeff{"a": [1]}',
        ' \n{"a": [1]} \n',
        'callback({"a": [1]})',
        'jQuery351_16({"a": [1]});',
        '/**/ cb({"a": [1]}) ;',
        'var ajaxResult={"a": [1]}',
        'var x = {"a": [1]};',
        'window.x = {"a": [1]}; // done',
        ')]}\',\n{"a": [1]}',
        'while(1);{"a": [1]}',
        '{"a": [1,],}',
        '{"a": [1 , \n ] , }',
        '{"a": [1]},',
    ],
)
def test_wrappers_and_slips_are_taken_off(text):
    assert read_json(text.removeprefix('\ufeff')) == Json({'a': [1]})


def test_commas_inside_strings_stay():
    assert read_json('{"a": [",]", "\\",}",],}') == Json({'a': [',]', '",}']})


def test_a_raw_line_break_in_a_string_is_kept():
    assert read_json('{"a": "1\n2"}') == Json({'a': '1\n2'})


def test_what_follows_the_value_is_told():
    assert read_json('{"a": 1} {"a": 2}') == Json({'a': 1}, cut=True)


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('', 'empty'),
        ('  \n', 'empty'),
        ('null', 'begins with “null”'),
        ('<html><script>var a = {"a": 1}</script>', 'begins with “<html>'),
        ('x' * 400 + '{"a": 1}', 'begins with'),
        ('{"a": 1', 'line 1, column 8'),
        ('{"a"\n: tru}', 'line 2'),
        ('[' * 101 + ']' * 101, 'deep'),
        ('[' * 1_000_000, 'deep'),
        ('{"a":' * 5000, 'deep'),
        ("{'a': 1}", 'line 1'),
    ],
)
def test_no_json(text, says):
    answer = read_json(text)
    assert isinstance(answer, NoJson)
    assert says in answer.message
    assert len(answer.message) < 200


def test_brackets_in_strings_are_not_depth():
    assert read_json(json.dumps({'a': '[' * 5000 + '\\"'})) == Json({'a': '[' * 5000 + '\\"'})


def test_numbers_are_bounded():
    digits = '9' * 10_000
    assert read_json(f'[{digits}, 1e999, NaN, -Infinity, 12]') == Json([digits, float('inf'), None, None, 12])


@given(st.text(alphabet='{}[]",:\\ 1a\n', max_size=60))
def test_json_that_is_sound_is_read_as_json_reads_it(text):
    try:
        expected = json.loads(text, strict=False)
    except ValueError:
        expected = None
    answer = read_json(text)
    if isinstance(expected, dict | list):
        assert answer == Json(expected)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(-(10**20), 10**20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_written_is_read(value):
    assert read_json(json.dumps([value]) + ');') == Json([value])


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ('value', 'texts'),
    [
        (None, ()),
        ('', ()),
        (' ', ()),
        ('a', ('a',)),
        (True, ('true',)),
        (0, ('0',)),
        (202204122336113908, ('202204122336113908',)),
        (10**40, ('1' + '0' * 40,)),
        (1.5, ('1.5',)),
        (1649712438000.0, ('1649712438000',)),
        (1e22, ('1' + '0' * 22,)),
        (1e-7, ('0.0000001',)),
        (float('inf'), ()),
        ({'a': 1}, ()),
        ([], ()),
        (['a', None, 2, {'b': 1}, ['c']], ('a', '2')),
    ],
)
def test_values_as_texts(value, texts):
    assert texts_of(value) == texts


def test_an_item_becomes_an_entry():
    entry = only(
        {
            't': '“<em>特高压</em>+”&nbsp;A&amp;B',
            'l': '/a/1.html',
            'c': 202204122336113908,
            'g': ' x:1 ',
            'p': '2022-04-12 02:37:03:123',
            'u': 1649712438000,
            'm': '<b>证券时报</b>网',
            's': 'A & B < C',
            'x': '<p onclick="x()">全文<script>1</script></p>',
            'a': ['张三', '李四', '张三'],
            'k': ['科技', '', '财经'],
            'i': '//img.example/1.png',
        }
    )
    assert entry == Entry(
        title='“特高压+” A&B',
        link='http://api.example/a/1.html',
        code='202204122336113908',
        guid='x:1',
        published=Stated('2022-04-12 02:37:03:123', datetime(2022, 4, 11, 18, 37, 3, 123000, tzinfo=UTC), 480),
        updated=Stated('1649712438000', datetime(2022, 4, 11, 21, 27, 18, tzinfo=UTC), 480),
        publisher='证券时报网',
        summary='A &amp; B &lt; C',
        content='<p>全文</p>',
        authors=(Person('张三'), Person('李四')),
        tags=('科技', '财经'),
        image='http://img.example/1.png',
    )


@pytest.mark.parametrize(
    ('summary', 'html'),
    [
        ('甲\r\n乙\n\n丙', '<p>甲<br>乙</p><p>丙</p>'),
        ('a &lt;b&gt; c', 'a &lt;b&gt; c'),
        ('<b>x</b>', '<b>x</b>'),
        ('1 < 2 && 3 > 2', '1 &lt; 2 &amp;&amp; 3 &gt; 2'),
        ('<img src=//x.example/1 onerror=alert(1)>', '<img src="http://x.example/1">'),
    ],
)
def test_a_summary_may_be_plain_or_html(summary, html):
    assert only({'t': 't', 's': summary}).summary == html


def test_a_missing_title_is_made_from_the_text():
    entry = only({'t': None, 's': '据西泽有关部门介绍，' * 20})
    assert entry.title_made
    assert entry.title.startswith('据西泽有关部门介绍')
    assert len(entry.title) <= 60


@pytest.mark.parametrize(
    'link', ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'http://[', {'a': 1}]
)
def test_a_link_that_is_no_web_address_is_none(link):
    assert only({'t': 't', 'l': link}).link == ''


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'gbk', 'gb18030', 'utf-16'])
def test_encodings(encoding):
    body = json.dumps({'data': [{'t': '大力发展数字经济'}]}, ensure_ascii=False).encode(encoding)
    assert read(body).items[0].entry.title == '大力发展数字经济'


def test_long_ids_are_none_not_cut():
    entry = only({'t': 't', 'c': 'x' * 3000, 'g': '中' * 700})
    assert (entry.code, entry.guid) == ('', '')


# ---------------------------------------------------------------- lists


def test_items_keep_their_place():
    parsed = read({'data': [{'t': 'a'}, 'text', {}, None, {'t': 'b'}]})
    assert [(item.url, item.index, item.entry.title) for item in parsed.items] == [(URL, 0, 'a'), (URL, 4, 'b')]
    assert [(f.rule, f.message) for f in parsed.faults] == [('empty-item', '3 items say nothing and were left out.')]
    assert not parsed.failed


def test_an_empty_list_is_no_news():
    parsed = read({'data': []})
    assert (parsed.items, parsed.faults, parsed.failed) == ((), (), False)


@pytest.mark.parametrize(
    ('document', 'message'),
    [
        (
            {'code': 403, 'message': '请登录', 'x' * 90: 1},
            f'There is no list at data; the document has: code, message, {"x" * 39}….',
        ),
        ({'data': {'list': []}}, 'There is no list at data; data has: list.'),
        ({}, 'There is no list at data; the document has: nothing.'),
        ([1], 'There is no list at data; the document is itself a list.'),
        (
            {str(n): n for n in range(50)},
            'There is no list at data; the document has: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ….',
        ),
    ],
)
def test_no_list(document, message):
    parsed = read(document)
    assert parsed.failed
    assert (parsed.faults[0].rule, parsed.faults[0].message) == ('no-list', message)
    assert parsed.faults[0].hint


@pytest.mark.parametrize(
    ('items', 'document', 'has'),
    [
        ('data.list', {'data': {'rows': []}}, 'data has: rows'),
        ('data.list.rows', {'data': {'list': {'no': 1}}}, 'data.list has: no'),
        ('data.list', {'data': [], 'x': 1}, 'the document has: data, x'),
        ('data[0].list', {'data': [{'x': 1}]}, 'the document has: data'),
        ('data.list', {'data': {}}, 'data has: nothing'),
    ],
)
def test_no_list_says_what_is_where_the_way_ends(items, document, has):
    where = Source(name='s', kind='json', url=URL, options=JsonOptions(items=items, fields=Fields(title='t')))
    assert read(document, where).faults[0].message == f'There is no list at {items}; {has}.'


def test_fields_that_are_gone_are_never_no_news():
    parsed = read({'data': [{'headline': 'a'}, {'headline': 'b'}]})
    assert parsed.failed
    assert (
        parsed.faults[0].message == 'None of the 2 items at data has a field that is asked for; an item has: headline.'
    )
    assert read({'data': [1, 2]}).faults[0].message.endswith('they are no objects.')


def test_no_more_than_the_limit():
    parsed = read({'data': [{'t': str(n)} for n in range(9)]}, limits=ParseLimits(entries=3))
    assert [item.entry.title for item in parsed.items] == ['0', '1', '2']
    assert parsed.faults[0].rule == 'too-many'


def test_no_json_is_a_failure():
    parsed = read(b'<html><title>Login</title>')
    assert parsed.failed
    assert parsed.faults[0].rule == 'not-json'


def test_a_list_of_arrays():
    parsed = read({'data': [['a', 'http://x.example/1']]}, source(Fields(title='[0]', link='[1]')))
    assert parsed.items[0].entry.link == 'http://x.example/1'


@pytest.mark.parametrize(
    'path',
    [
        'data.list',
        'data[].x | [0]',
        '@',
        'sort_by(data, &n)',
        'max(data)',
        "join(',', data)",
        'data[?n > `1`]',
        'to_number(data)',
        'length(data)',
    ],
)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(['data', 'list', 'n', 'x']), inner),
    )
)
def test_searching_never_raises(path, value):
    search(path, value)


# ---------------------------------------------------------------- options


def test_pages_are_counted_from_one():
    where = source(url='http://api.example/list?page={page}&x={y}', pages=3)
    assert where.options.requests(where) == tuple(f'http://api.example/list?page={n}&x={{y}}' for n in (1, 2, 3))
    once = source(pages=3)
    assert once.options.requests(once) == (URL,)


@pytest.mark.parametrize(
    ('make', 'says'),
    [
        (lambda: Fields(title='a..b'), 'title: '),
        (lambda: Fields(link='nope(a)'), 'link: '),
        (lambda: Fields(link='length(a, b)'), 'link: '),
        (lambda: source(items='data['), 'items: '),
        (lambda: source(items=''), 'items: '),
        (lambda: source(items='#'), 'items: '),
        (lambda: source(pages=0), 'pages: 0 is not between 1 and 50'),
        (lambda: source(pages=51), 'pages: 51'),
        (lambda: source(Fields(summary='s')), 'fields: at least one of title, link and code'),
        (lambda: Detail(url='http://x.example/{id}', fields=ALL), 'there is no {id}'),
        (lambda: Detail(url='http://x.example/', fields=ALL), 'holds none of'),
        (lambda: Detail(url='http://x.example/{code}', fields=Fields()), 'nothing would be read'),
    ],
)
def test_bad_options_are_refused_with_a_sentence(make, says):
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        make()

    assert '\n' not in str(caught.value)


def test_a_function_that_needs_a_value_is_fine():
    assert Fields(title="join(' ', names)").written() == {'title': "join(' ', names)"}


# ---------------------------------------------------------------- details


DETAILED = source(
    detail=Detail(
        url='https://x.example/t?id={code}',
        fields=Fields(title='t', content='data.text', summary='s', published='p', publisher='m'),
    )
)


@pytest.mark.parametrize(
    ('template', 'entry', 'url'),
    [
        (
            'https://x.example/t?id={code}',
            Entry(code='AN 1&x=/../é'),
            'https://x.example/t?id=AN%201%26x%3D%2F..%2F%C3%A9',
        ),
        ('https://x.example/t?id={code}', Entry(title='t'), ''),
        ('https://x.example/{guid}/{code}', Entry(guid='g'), ''),
        (
            'https://x.example/?u={link}',
            Entry(link='http://y.example/?a=1'),
            'https://x.example/?u=http%3A%2F%2Fy.example%2F%3Fa%3D1',
        ),
        ('{link}', Entry(link='http://y.example/?a=1'), 'http://y.example/?a=1'),
        ('{link}', Entry(), ''),
        ('https://x.example/{guid}', Entry(guid='é' * 3000), ''),
    ],
)
def test_the_address_of_a_detail(template, entry, url):
    assert detail_request(entry, source(detail=Detail(url=template, fields=ALL))) == url


def detailed(entry, value):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return with_detail(entry, Received('https://x.example/t', body, NOW), DETAILED, LIMITS)


def test_a_detail_fills_what_the_list_left_empty_and_wins_for_the_text():
    entry = Entry(title='标题', publisher='甲', content='short', published=Stated('?', None))
    answer = {'t': 'other', 'm': '乙', 's': 'sum', 'p': '2022-04-12', 'data': {'text': '<p>long</p>'}}
    got, fault = detailed(entry, answer)
    assert fault is None
    assert (got.title, got.publisher, got.summary, got.content) == ('标题', '甲', 'sum', '<p>long</p>')
    assert got.published == Stated('2022-04-12', datetime(2022, 4, 11, 16, tzinfo=UTC), 480, day_only=True)


def test_a_made_title_gives_way():
    entry = Entry(title='据有关…', title_made=True, summary='据有关部门')
    got, _ = detailed(entry, {'t': '真标题'})
    assert (got.title, got.title_made) == ('真标题', False)
    again, _ = detailed(entry, {'data': {'text': '全文'}})
    assert again.title_made
    assert again.content == '全文'


@pytest.mark.parametrize('body', [b'', b'<html>', b'[1]', b'{}', b'{"data": 5, "t": null}', b'[' * 9000])
def test_an_answer_that_says_nothing_changes_nothing(body):
    entry = Entry(title='标题', summary='s')
    got, fault = detailed(entry, body)
    assert got == entry
    assert fault.rule == 'detail'
    assert 'https://x.example/t' in fault.message
