"""What an entry is told to be: its fields, dates, publisher, categories by every kind of rule, slugs."""

import json
import re

import pytest

pytestmark = pytest.mark.slow

ENTRY = ['id', 'title', 'url', 'published', 'updated', 'publisher', 'categories', 'slugs', 'carriers', 'replaces']
SOURCE = ['name', 'kind', 'url', 'state', 'error', 'last_poll_at', 'next_poll_at', 'entries']
UTC = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)')
PUBLISHER = {'from': 'publisher', 'label': '{publisher}新闻'}
LIST = {
    'kind': 'json',
    'items': 'data.list',
    'fields': {
        'title': 't',
        'link': 'u',
        'published': 'd',
        'publisher': 'm',
        'summary': 's',
        'author': 'a',
        'tags': 'g',
    },
}
# What an item of the list `open` says, and the labels that come of it.
OPEN = {
    '自报': ({'m': '证券时报网'}, ['证券时报网新闻']),
    '别名': ({'m': '证券时报'}, ['证券时报网新闻']),
    '全角': ({'s': '<p>正文</p><p class="m">（文章来源：<b>新华社</b>）</p>'}, ['新华社新闻']),
    '半角': ({'s': '正文(文章来源:中新网)'}, ['中新网新闻']),
    '混角': ({'s': '正文（文章来源: 中国网)'}, ['中国网新闻']),
    '自报在先': ({'m': '自己', 's': '（文章来源：别人）'}, ['自己新闻']),
    '没有': ({}, ['open新闻']),
}
# What an item of the list `ruled` says, and its labels by the rules below; None is dropped.
RULED = {
    '数字经济一': ({'m': '好网'}, {'底', '数字'}),
    '数字经济二': ({'m': '某网'}, {'底'}),
    '股票': ({'u': 'https://r.example/stock/1'}, {'底', '股', '要闻'}),
    '正文': ({'s': '<p>这里有<b>机</b>密</p>'}, {'底', '密'}),
    '作者': ({'a': '张三'}, {'底', '张'}),
    '标签': ({'g': ['宏观', '其他']}, {'底', '宏'}),
    '去底': ({}, {'要闻'}),
    '广告一则': ({}, None),
}
RULES = [
    {'when': {'all': [{'title': '数字经济'}, {'not': {'publisher': '^某网$'}}]}, 'add': '数字'},
    {'when': {'any': [{'url': '/stock/'}, {'title': '^去底$'}]}, 'add': ['要闻']},
    {'when': {'url': '/stock/'}, 'add': '股'},
    {'when': {'text': '有机密'}, 'add': '密'},
    {'when': {'author': '张'}, 'add': '张'},
    {'when': {'tag': '^宏观$'}, 'add': '宏'},
    {'when': {'title': '去底', 'source': '^ruled$'}, 'remove': '底'},
    {'when': {'source': '^ruled$', 'title': '广告'}, 'drop': True},
    {'when': {'source': '^ruled', 'title': '^(a+)+$'}, 'add': '慢'},
]
# A date as sent, and the UTC that it means in Asia/Shanghai.
DATES = {
    '2024-04-12T08:00:00+02:00': '2024-04-12T06:00:00Z',
    'Fri, 12 Apr 2024 08:00:00 CST': '2024-04-12T00:00:00Z',
    '2024年11月22日': '2024-11-21T16:00:00Z',
    '2024/11/22': '2024-11-21T16:00:00Z',
    '2024年11月22日 09:30': '2024-11-22T01:30:00Z',
    '1712880000': '2024-04-12T00:00:00Z',
    '1712880000000': '2024-04-12T00:00:00Z',
    '2024-04-12 08:00:00:123': '2024-04-12T00:00:00Z',
}
LABELS = {'重庆': 'chongqing', '银行': 'yinhang', '证券时报网新闻': 'zhengquanshibaowang', '给定': 'given-1'}
POST = """---
layout: post
title: "旧文"
date: 2022-04-12 05:57:24 +0800
categories: jiumingzi
tags: 旧站专栏
---
<p>旧文正文</p>
"""


def rows(place):
    """The documents. -> the rows of feeds.yml"""
    o = place.origin
    made = []

    def listed(name, cases, **options):
        base = {'d': '2024-04-12 08:00:00'}
        o.list(f'/{name}', *[base | {'t': t, 'u': f'https://{name}.example/{n}'} | m for n, (t, m) in enumerate(cases)])
        made.append(place.source(name, f'/{name}', **LIST, **options))

    listed('open', [(t, m) for t, (m, _) in OPEN.items()], category=PUBLISHER)
    listed('ruled', [(t, m) for t, (m, _) in RULED.items()] + [('a' * 40 + '!', {})], category='底')
    limited = PUBLISHER | {'labels': ['要闻'], 'allow': ['甲报', '乙报'], 'deny': ['乙报']}
    listed(
        'limited', [('准', {'m': '甲报'}), ('禁', {'m': '乙报'}), ('外', {'m': '丙报'}), ('无', {})], category=limited
    )
    listed('tagged', [('有签', {'g': ['一签', '二签']})], category={'from': 'tags', 'labels': ['固定']})
    listed('several', [('多类', {})], categories=['类一', '类二'])
    listed('dated', [(raw, {'d': raw}) for raw in DATES] + [('荒唐', {'d': '3024-04-12'}), ('无期', {'d': '不久'})])
    made[-1]['category'] = '日期'
    for label in [*LABELS, '事实', '实事', 'C++ 与 Go/语言']:
        listed(f'slug{len(made)}', [(f'名{label}', {})], category=label)
    (place.folder / 'posts').mkdir()
    (place.folder / 'posts' / '2022-04-12-NW202204122339013090.md').write_text(POST, encoding='utf-8')
    made.append({'name': '旧站', 'kind': 'posts', 'path': 'posts/', 'category': {'from': 'tags'}})
    return made


@pytest.fixture(scope='module')
def world(make_place):
    place = make_place()
    categories = [{'label': '给定', 'slug': 'given-1', 'title': '给定的题'}]
    place.write(*rows(place), categories=categories, aliases={'证券时报': '证券时报网'}, rules=RULES)
    trace = place.poll()
    return {
        'place': place,
        'trace': trace,
        'said': place.polled.said,
        'entries': place.entries(),
        'files': place.files(),
    }


@pytest.fixture(scope='module')
def by_title(world):
    return {entry['title']: entry for entry in world['entries']}


def test_entries_have_these_fields_newest_first(world):
    entries = world['entries']
    assert {tuple(entry) for entry in entries} == {tuple(ENTRY)}
    assert {tuple(carrier) for entry in entries for carrier in entry['carriers']} == {('source', 'url', 'guid')}
    assert all(UTC.fullmatch(entry[key]) for entry in entries for key in ('published', 'updated'))
    assert len({entry['id'] for entry in entries}) == len(entries)
    assert all(len(entry['slugs']) == len(entry['categories']) for entry in entries)
    dates = [entry['published'] for entry in entries if entry['title'] not in DATES]
    assert dates == sorted(dates, reverse=True)


def test_sources_have_these_fields(world):
    place = world['place']
    by_name = place.sources()
    assert {tuple(row) for row in by_name.values()} == {tuple(SOURCE)}
    assert list(by_name['open'].values())[:5] == ['open', 'json', place.origin.base + '/open', 'ok', '']
    assert UTC.fullmatch(by_name['open']['last_poll_at'])
    assert UTC.fullmatch(by_name['open']['next_poll_at'])
    assert by_name['open']['entries'] == len(OPEN)
    assert by_name['旧站']['kind'] == 'posts'


@pytest.mark.parametrize('raw', DATES)
def test_dates_are_read_in_the_zone_of_the_source(by_title, raw):
    assert by_title[raw]['published'] == DATES[raw]


def test_an_absurd_date_sorts_by_first_seen(world):
    first = {entry['title'] for entry in world['entries'][:3]}
    assert {'无期'} <= first | {world['entries'][3]['title']}
    items = [item['title'] for item in json.loads(world['files']['category/riqi.json'])['items']]
    assert set(items[:2]) == {'荒唐', '无期'}


@pytest.mark.parametrize('title', OPEN)
def test_a_label_comes_from_the_publisher(by_title, title):
    assert by_title[title]['categories'] == OPEN[title][1]


def test_the_publisher_is_told(by_title):
    assert by_title['自报']['publisher'] == '证券时报网'
    assert by_title['别名']['publisher'] == '证券时报网'
    assert by_title['全角']['publisher'] == '新华社'


def test_allow_and_deny_bound_what_makes_a_label(by_title):
    labels = {title: set(by_title[title]['categories']) for title in ('准', '禁', '外', '无')}
    assert labels == {'准': {'甲报新闻', '要闻'}, '禁': {'要闻'}, '外': {'要闻'}, '无': {'要闻'}}


@pytest.mark.parametrize('title', RULED)
def test_rules_add_remove_and_drop(by_title, title):
    labels = RULED[title][1]
    assert (set(by_title[title]['categories']) if title in by_title else None) == labels


def test_a_dropped_entry_is_in_no_output_and_a_pattern_cannot_hang(world, by_title):
    assert not [name for name, data in world['files'].items() if '广告一则'.encode() in data]
    assert [line['outcome'] for line in world['trace'] if line['source'] == 'ruled'].count('dropped') == 1
    assert set(by_title['a' * 40 + '!']['categories']) == {'底'}


def test_tags_and_several_labels(by_title, world):
    assert set(by_title['有签']['categories']) == {'一签', '二签', '固定'}
    assert set(by_title['多类']['categories']) == {'类一', '类二'}
    assert '多类'.encode() in world['files']['category/leiyi.atom']
    assert '多类'.encode() in world['files']['category/leier.atom']


@pytest.mark.parametrize('label', LABELS)
def test_a_slug_is_given_or_pinyin(by_title, label):
    assert by_title[f'名{label}']['slugs'] == [LABELS[label]]


def test_slugs_that_collide_get_a_suffix(by_title):
    slugs = by_title['名事实']['slugs'] + by_title['名实事']['slugs']
    assert 'shishi' in slugs
    assert len(set(slugs)) == 2
    assert all(slug.startswith('shishi') for slug in slugs)
    [odd] = by_title['名C++ 与 Go/语言']['slugs']
    assert re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', odd)


def test_slugs_that_collide_are_reported(world):
    assert re.search('shishi.*实事|实事.*shishi', world['said'])


def test_a_category_names_itself_in_atom_by_slug_label_and_scheme(world):
    atom = world['files']['category/given-1.atom'].decode()
    [element] = set(re.findall(r'<category [^>]*/>', atom))
    assert 'term="given-1"' in element
    assert 'label="给定"' in element
    assert 'scheme="https://news.example.org/category/"' in element
    assert '给定的题' in atom


def test_a_post_is_read_with_the_slug_of_its_front_matter(world, by_title):
    post = by_title['旧文']
    assert post['categories'] == ['旧站专栏']
    assert post['slugs'] == ['jiumingzi']
    assert post['published'] == '2022-04-11T21:57:24Z'
    assert '旧文正文' in world['files']['category/jiumingzi.json'].decode()
    [line] = [line for line in world['trace'] if line['source'] == '旧站']
    assert line['url'].endswith('2022-04-12-NW202204122339013090.md')
