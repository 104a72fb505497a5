"""Where each value that holds comes from: every key, the right line, and what `Settings` says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import Source
from aggregator.parse.kinds import KINDS
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.load import load_with_trees
from aggregator.settings.origins import WITHHELD, of_settings, of_site, of_source
from aggregator.settings.places import keys_below
from aggregator.settings.rows import row_keys
from aggregator.settings.shape import DefaultsShape
from aggregator.settings.units import duration_text

FEEDS = """site:
  timezone: Asia/Tokyo
  title: &t 标题
defaults:
  every: 30s
  content: summary
  headers: {Authorization: Bearer precious, Accept-Language: zh-CN}
  category: 共同
sources:
  - name: 甲
    url: https://a.example/
    content:
    key: {param: infoCode}
    private: true
  - {name: 乙, kind: json, url: 'https://b.example/', items: list, fields: {title: t, link: l},
     categories: [要闻, 股市], timezone: UTC, every: 1h, group: *t}
  - name: 丙
    kind: page
    url: https://c.example/
    items: li
    fields: {title: a}
    category: {from: publisher}
    every: adaptive
  - name: 丁
    kind: posts
    path: posts/
    every: "*/10 9-15 * * 1-5"
"""


@pytest.fixture
def loaded(tmp_path):
    (tmp_path / 'feeds.yml').write_text(FEEDS, 'utf-8')
    (tmp_path / 'config').mkdir()
    (tmp_path / 'config' / 'aggregator.yml').write_text('polling:\n  fetch: {body: 2MB}\nserving:\n', 'utf-8')
    return load_with_trees(tmp_path / 'feeds.yml')


@pytest.fixture
def of(loaded):
    """The keys of a source, by name."""
    sources = {source.name: source for source in loaded.settings.sources}
    return lambda name: {one.key: one for one in of_source(loaded, sources[name])}


def told(one):
    return one.value, one.origin, one.line


@pytest.mark.parametrize(
    ('name', 'key', 'value', 'origin', 'line'),
    [
        ('甲', 'url', 'https://a.example/', 'source', 11),
        ('甲', 'kind', 'feed', 'built-in', 0),
        ('甲', 'content', 'summary', 'defaults', 6),  # nothing is written in its own line
        ('甲', 'key', {'param': 'infoCode'}, 'source', 13),
        ('甲', 'private', True, 'source', 14),
        ('甲', 'timezone', 'Asia/Tokyo', 'site', 2),
        ('甲', 'category', '共同', 'defaults', 8),
        ('甲', 'group', '', 'built-in', 0),
        ('甲', 'headers', {'Authorization': WITHHELD, 'Accept-Language': 'zh-CN'}, 'defaults', 7),
        ('乙', 'timezone', 'UTC', 'source', 16),
        ('乙', 'categories', ['要闻', '股市'], 'source', 16),
        ('乙', 'group', '标题', 'source', 16),
        ('乙', 'pages', 1, 'built-in', 0),
        ('丙', 'every', 'adaptive', 'source', 23),
        ('丁', 'path', 'posts/', 'source', 26),
        ('丁', 'polling.fetch.body', '2MB', 'settings', 2),
        ('丁', 'polling.fetch.total', '30s', 'built-in', 0),
    ],
)
def test_a_value_and_where_it_stands(of, name, key, value, origin, line):
    assert told(of(name)[key]) == (value, origin, line)


def test_without_any_word_the_publisher_makes_the_category(tmp_path):
    (tmp_path / 'feeds.yml').write_text('sources: [{name: 甲, url: "https://a.example/"}]\n', 'utf-8')
    loaded = load_with_trees(tmp_path / 'feeds.yml')
    found = {one.key: told(one) for one in of_source(loaded, loaded.settings.sources[0])}
    assert found['category'] == ({'from': 'publisher'}, 'built-in', 0)
    assert found['timezone'] == (loaded.settings.sources[0].timezone, 'built-in', 0)
    assert {one.origin for one in of_settings(loaded)} == {'built-in'}


def test_what_is_asked_less_often_than_written_says_so(of):
    assert of('甲')['every'].note == 'asked every 60s, by polling.min_interval'
    assert [of(name)['every'].note for name in '乙丙丁'] == ['', '', '']


def test_a_folder_is_told_in_full(of, tmp_path):
    assert of('丁')['path'].note == str(tmp_path / 'posts')


@pytest.mark.parametrize('name', '甲乙丙丁')
def test_every_key_of_a_source_is_told_once(loaded, of, name):
    kind = next(source.kind for source in loaded.settings.sources if source.name == name)
    other = {'categories', 'category'} - of(name).keys()
    wanted = {'name', 'kind', 'categories', *row_keys(kind), *DefaultsShape.model_fields} - other
    assert len(other) == 1
    assert {key for key in of(name) if '.' not in key} == wanted


def test_all_kinds_are_looked_at(loaded):
    assert {source.kind for source in loaded.settings.sources} == set(KINDS)


def test_built_in_values_are_those_of_the_model(of):
    plain = Source(name='')
    for key in ('content', 'group', 'encoding', 'private'):
        built_in = [of(name)[key].value for name in '甲乙丙丁' if of(name)[key].origin == 'built-in']
        assert set(built_in) <= {getattr(plain, key)}
    assert duration_text(timedelta(minutes=15)) == duration_text(plain.every)


def test_every_setting_is_told(loaded):
    keys = [one.key for one in of_settings(loaded)]
    assert len(keys) == len(set(keys))
    assert {part for key in keys for part in key.split('.')} == keys_below(KnobsShape)


def test_every_key_of_the_site_is_told(loaded):
    found = {one.key: told(one) for one in of_site(loaded)}
    assert found['site.title'] == ('标题', 'site', 3)
    assert found['site.language'] == (loaded.settings.site.language, 'built-in', 0)
    assert found['site.noindex'] == (True, 'built-in', 0)
