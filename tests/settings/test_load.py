"""What a valid feeds.yml means: defaults, paths, categories, rules; and config/aggregator.yml beside it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ConfigError
from aggregator.model import (
    AllOf,
    AnyOf,
    CategoryDef,
    CategoryRule,
    ConfigFault,
    Key,
    Match,
    Not,
    Rule,
    Settings,
    Site,
    UrlRules,
)
from aggregator.settings import load_settings, show_faults

SHAPE = """\
site:
  title: 财经新闻聚合
  url: http://127.0.0.1:8000
  authority: news.example.org,2026   # of ids
  language: zh-CN
  timezone: Asia/Tokyo
defaults: {every: 1h30m, content: summary, group: g, private: true, encoding: gb18030, headers: {X: y}, speaks_for: [B.org]}
sources:
  - name: 证券时报网
    url: https://example.org/rss.xml
    category: 证券时报网新闻
  - name: 东方财富
    kind: json
    url: https://example.org/list?page={page}
    pages: 2
    items: data.list
    fields: {title: title, link: uniqueUrl || url, code: code,      # JMESPath
             published: showTime, publisher: mediaName, summary: summary}
    detail: {url: "https://example.org/text?id={code}", fields: {content: text}}
    key: {param: infoCode, path: ['/a/(\\d{18})\\.html', '/news/\\d+,(\\d{18})\\.html'], code: '^((?:NW)?\\d{18})$', prefix: NW}
    category: {from: publisher, label: "{publisher}快讯", labels: [快讯], allow: [a], deny: [b], cap: 7}
    every: 5m
    timezone: UTC
    content: full
    group: h
    private: false
    headers: {}
    speaks_for: []
  - name: 旧站
    kind: posts
    path: posts/
    categories: [a, b, a]
  - {name: 页, kind: page, url: 'https://example.org/news', items: 'ul > li', key: {path: '/(\\d+)'}}
urls: {drop: [spm_id], unwrap: {go.example.org/out: to}}
categories:
  - {label: 证券时报网新闻, slug: zhengquanshibaowang, title: 证券}
aliases: {证券时报: 证券时报网}
rules:
  - {when: {all: [{title: 数字经济}, {not: {publisher: 某网}}]}, add: 数字经济}
  - {when: {tag: '\\p{Han}', any: [{url: a}, {source: b}]}, add: [x, y], remove: z}
  - {when: {text: 广告}, drop: true}
"""


def loaded(folder: Path, text: str, **more) -> Settings:
    (folder / 'feeds.yml').write_text(text, 'utf-8')
    return load_settings(folder / 'feeds.yml', **more)


@pytest.fixture
def settings(tmp_path):
    return loaded(tmp_path, SHAPE)


def test_tabs_at_the_end_of_a_line_mean_nothing(tmp_path):
    feeds = tmp_path / 'feeds.yml'
    feeds.write_bytes(b'sources:\t\r\n\t\n  - name: A\t\n    url: "https://a.example/"  \t \n  \t')
    assert [(s.name, s.url) for s in load_settings(feeds).sources] == [('A', 'https://a.example/')]


def test_the_site(settings):
    assert settings.site == Site(
        title='财经新闻聚合',
        url='http://127.0.0.1:8000/',
        authority='news.example.org,2026',
        language='zh-CN',
        timezone='Asia/Tokyo',
        noindex=True,
    )
    assert settings.policy.authority == 'news.example.org,2026'


def test_defaults_flow_to_sources(settings):
    first = settings.sources[0]
    assert (first.every, first.content, first.group, first.private) == (timedelta(minutes=90), 'summary', 'g', True)
    assert (first.encoding, first.headers, first.speaks_for) == ('gb18030', {'X': 'y'}, ('b.org',))
    assert first.timezone == 'Asia/Tokyo'
    assert (first.order, first.line, first.kind, first.key) == (0, 9, 'feed', Key())


def test_a_source_overrides_defaults(settings):
    second = settings.sources[1]
    assert (second.every, second.content, second.group, second.private) == (timedelta(minutes=5), 'full', 'h', False)
    assert (second.headers, second.speaks_for, second.timezone) == ({}, (), 'UTC')
    assert second.options.pages == 2
    assert second.options.fields.link == 'uniqueUrl || url'
    assert second.options.detail.fields.content == 'text'
    assert second.key == Key(
        param='infoCode',
        path=(r'/a/(\d{18})\.html', r'/news/\d+,(\d{18})\.html'),
        code=r'^((?:NW)?\d{18})$',
        prefix='NW',
    )


def test_categories_of_sources(settings):
    assert [source.category for source in settings.sources] == [
        CategoryRule(labels=('证券时报网新闻',)),
        CategoryRule(labels=('快讯',), origin='publisher', label='{publisher}快讯', allow=('a',), deny=('b',), cap=7),
        CategoryRule(labels=('a', 'b')),
        CategoryRule(origin='publisher'),
    ]


def test_a_default_category_serves_sources_without_one(tmp_path):
    text = 'defaults: {category: {from: tags}}\nsources: [{name: A, url: "http://a"}, {name: B, url: "http://b", categories: [x]}]'
    assert [source.category for source in loaded(tmp_path, text).sources] == [
        CategoryRule(origin='tags'),
        CategoryRule(labels=('x',)),
    ]


def test_a_folder_of_posts_starts_at_the_folder_of_feeds_yml(settings, tmp_path):
    posts = settings.sources[2]
    assert posts.url == posts.options.path == str(tmp_path / 'posts')


def test_the_policy(settings):
    policy = settings.policy
    assert policy.sources == {source.name: source for source in settings.sources}
    assert policy.urls == UrlRules(drop=('spm_id',), unwrap={'go.example.org/out': 'to'})
    assert policy.aliases == {'证券时报': '证券时报网'}
    assert policy.categories == (CategoryDef(label='证券时报网新闻', slug='zhengquanshibaowang', title='证券'),)


def test_rules(settings):
    assert settings.policy.rules == (
        Rule(when=AllOf((Match('title', '数字经济'), Not(Match('publisher', '某网')))), add=('数字经济',)),
        Rule(
            when=AllOf((Match('tag', r'\p{Han}'), AnyOf((Match('url', 'a'), Match('source', 'b'))))),
            add=('x', 'y'),
            remove=('z',),
        ),
        Rule(when=Match('text', '广告'), drop=True),
    )


def test_sections_without_content_are_as_good_as_absent(tmp_path):
    settings = loaded(tmp_path, 'site:\ndefaults:\nsources:\nurls:\ncategories:\naliases:\nrules:\n')
    assert settings.sources == ()
    assert settings.site == Site()


def test_a_byte_order_mark_and_windows_line_ends_are_welcome(tmp_path):
    text = '\ufeffsources:\r\n  - name: A\r\n    url: http://a\r\n'
    assert [(source.name, source.line) for source in loaded(tmp_path, text).sources] == [('A', 2)]


def test_yes_is_a_text_and_quoted_numbers_are(tmp_path):
    text = 'sources: [{name: "000001", url: "http://a", category: yes}]'
    (source,) = loaded(tmp_path, text).sources
    assert (source.name, source.category.labels) == ('000001', ('yes',))


def test_an_anchor_serves_several_sources(tmp_path):
    text = "sources:\n- {name: A, url: 'http://a', key: &k {param: x}}\n- {name: B, url: 'http://b', key: *k}\n"
    assert [source.key for source in loaded(tmp_path, text).sources] == [Key(param='x')] * 2


def test_paths(tmp_path, monkeypatch):
    (tmp_path / 'feeds.yml').write_text('sources: []')
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path('feeds.yml'))
    assert (settings.path, settings.data) == (tmp_path / 'feeds.yml', tmp_path / 'data')
    assert load_settings(Path('feeds.yml'), data=Path('other')).data == tmp_path / 'other'


# ------------------------------------------------ config/aggregator.yml


def test_settings_beside_feeds_yml_are_found(tmp_path):
    (tmp_path / 'config').mkdir()
    (tmp_path / 'config' / 'aggregator.yml').write_text(
        'polling: {min_interval: 5s, host_spacing: 0, max_revisions: 3, fetch: {total: 2s, body: 2MB}}\nserving: {port: 0}\n'
    )
    settings = loaded(tmp_path, 'sources: []')
    assert settings.polling.min_interval == timedelta(seconds=5)
    assert settings.polling.host_spacing == timedelta(0)
    assert (settings.polling.fetch.total_s, settings.polling.fetch.body_bytes) == (2.0, 2_000_000)
    assert settings.policy.max_revisions == 3
    assert settings.serving.port == 0


def test_a_settings_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, 'sources: []', settings_file=tmp_path / 'x.yml')
    assert [(fault.file, fault.message) for fault in caught.value.faults] == [('x.yml', 'there is no such file')]


def test_an_empty_settings_file_is_all_defaults(tmp_path):
    (tmp_path / 'x.yml').write_text('# nothing yet\n')
    plain = loaded(tmp_path, 'sources: []')
    assert loaded(tmp_path, 'sources: []', settings_file=tmp_path / 'x.yml') == plain


KNOB_FAULTS = {
    'polling: {min_intervall: 1s}': "unknown key 'min_intervall' did you mean 'min_interval'?",
    'polling: {min_interval: 60}': '60 needs a unit, such as 15m ',
    'polling: {min_interval: 2d}': 'min_interval is longer than max_interval the least interval must not be above the greatest',
    'polling: {host_concurrency: 0}': 'expected a number at least 1, found 0 ',
    'polling: {threads: 1.5}': 'expected a whole number, found the number 1.5 such as 16',
    'polling: {fetch: {body: 10}}': '10 needs a unit, such as 2MB ',
    'polling: {fetch: {body: 2 mb}}': "'2 mb' is no size write 512B, 64KiB or 2MB",
    'polling: {contact: "a\\nb"}': "'a\\nb' is no contact write an address of the web or of mail: https://news.example.org/about",
    'publishing: {source_share: 2}': 'expected a number at most 1, found 2 ',
    'serving: {port: 65536}': 'expected a number at most 65535, found 65536 ',
    'logging: {level: warn}': "expected 'debug', 'info', 'warning' or 'error', found 'warn' did you mean 'warning'?",
    'retention: 5': 'expected keys and values (a mapping), found the number 5 ',
}


@pytest.mark.parametrize(('text', 'expected'), KNOB_FAULTS.items(), ids=KNOB_FAULTS)
def test_faults_of_settings(tmp_path, text, expected):
    (tmp_path / 'x.yml').write_text(text)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, 'sources: []', settings_file=tmp_path / 'x.yml')
    assert [f'{fault.message} {fault.hint}' for fault in caught.value.faults] == [expected]


def test_faults_of_both_files_come_together_and_in_order(tmp_path):
    (tmp_path / 'config').mkdir()
    (tmp_path / 'config' / 'aggregator.yml').write_text('serving: {port: x}\npoling: {}\n')
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, 'sites: {}\nsources: 5\n')
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [
        ('feeds.yml', 1),
        ('feeds.yml', 2),
        ('config/aggregator.yml', 1),
        ('config/aggregator.yml', 2),
    ]


# ------------------------------------------------ laws

WORDS = [
    'sources',
    'name',
    'url',
    'site',
    'rules',
    'when',
    'key',
    'category',
    'http://a',
    '新闻',
    '000001',
    '：',
    ':',
    ': ',
]
MARKS = [
    '\n',
    '\n  ',
    '\n  - ',
    '\t',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!x ',
    '|\n',
    '? ',
    '---\n',
    '%',
    '@',
    '\\',
    '<<: ',
]
SOUP = st.lists(st.sampled_from(WORDS + MARKS) | st.text(max_size=3), max_size=40).map(''.join)


def faults_of(path: Path) -> tuple[ConfigFault, ...]:
    try:
        load_settings(path)
    except ConfigError as error:
        return error.faults
    return ()


@given(SOUP.map(lambda text: text.encode('utf-8', 'surrogatepass')) | st.binary(max_size=60))
def test_any_text_gives_settings_or_faults(tmp_path_factory, body):
    path = tmp_path_factory.getbasetemp() / 'soup.yml'
    path.write_bytes(body)
    for fault in faults_of(path):
        assert min(fault.line, fault.column, fault.width) >= 1
        assert fault.message
        assert show_faults([fault])


@given(st.data())
def test_any_damage_to_a_good_file_gives_settings_or_faults(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / 'damaged.yml'
    start = data.draw(st.integers(0, len(SHAPE)))
    end = data.draw(st.integers(start, min(start + 30, len(SHAPE))))
    path.write_text(SHAPE[:start] + data.draw(SOUP) + SHAPE[end:], 'utf-8', 'replace')
    lines = [fault.line for fault in faults_of(path)]
    assert lines == sorted(lines)


@pytest.mark.slow
def test_ten_thousand_sources_load(tmp_path):
    rows = ''.join(
        f'  - name: 来源{n}\n    url: https://example.org/{n}.xml\n    category: 新闻\n' for n in range(10_000)
    )
    settings = loaded(tmp_path, 'sources:\n' + rows)
    assert [(source.order, source.line) for source in settings.sources[-2:]] == [(9998, 29996), (9999, 29999)]


@pytest.mark.shared
def test_the_generated_feeds_yml_loads(shared, tmp_path):
    command = [sys.executable, shared / 'tools' / 'finews.py', 'config', shared / 'corpus' / 'finews']
    command += ['--base', 'http://127.0.0.1:8901', '--posts-dir', tmp_path / 'posts']
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    settings = loaded(tmp_path, text)
    assert {source.kind for source in settings.sources} == {'feed', 'json', 'posts'}
    assert all(source.group == 'eastmoney' and source.private for source in settings.sources)
    posts = settings.sources[-1]
    assert (posts.name, posts.url) == ('旧站', str(tmp_path / 'posts'))
    assert posts.category == replace(CategoryRule(), origin='tags')
