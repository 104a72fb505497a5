"""The files of config/ that are made from the shapes: equal to what is committed, complete, and fit for editors."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from aggregator.model import FetchLimits, Logging, ParseLimits, Parsing, Polling, Publishing, Retention, Serving
from aggregator.parse.kinds import KINDS
from aggregator.settings import feeds_schema, load_settings, settings_schema
from aggregator.settings.editors import editor_files
from aggregator.settings.knobs import FetchKnobs, KnobsShape, LimitKnobs
from aggregator.settings.schema import write_files

CONFIG = Path(__file__).parents[2] / 'config'


@pytest.mark.parametrize('name', editor_files())
def test_the_committed_file_is_the_one_that_would_be_written(name):
    assert (CONFIG / name).read_text('utf-8') == editor_files()[name]


def test_the_files_are_written(tmp_path):
    write_files(tmp_path)
    assert {path.name: path.read_text('utf-8') for path in tmp_path.iterdir()} == editor_files()


def test_the_committed_settings_are_the_defaults(tmp_path):
    feeds = tmp_path / 'feeds.yml'
    feeds.write_text('sources: []')
    settings = load_settings(feeds, settings_file=CONFIG / 'aggregator.yml')
    assert settings == load_settings(feeds)
    assert settings.polling == Polling()
    assert settings.parsing == Parsing()
    assert settings.publishing == Publishing()
    assert settings.serving == Serving()
    assert settings.retention == Retention()
    assert settings.logging == Logging()


@pytest.mark.parametrize(
    ('model', 'shape'),
    [
        *((model, KnobsShape.model_fields[model.__name__.lower()].annotation)
          for model in (Polling, Parsing, Publishing, Serving, Retention, Logging)),
        (FetchLimits, FetchKnobs),
        (ParseLimits, LimitKnobs),
    ],
)  # fmt: skip
def test_every_setting_of_the_model_can_be_set_and_is_documented(model, shape):
    assert set(shape.model_fields) == {field.name for field in dataclasses.fields(model)}
    text = (CONFIG / 'aggregator.yml').read_text('utf-8')
    for name, info in shape.model_fields.items():
        assert f' {info.alias or name}:' in text
        assert f'# {info.description}' in text


def test_the_first_line_names_the_schema():
    first = (CONFIG / 'aggregator.yml').read_text('utf-8').splitlines()[0]
    assert first == '# yaml-language-server: $schema=aggregator.schema.json'


@pytest.mark.parametrize('schema', [feeds_schema(), settings_schema()], ids=['feeds', 'settings'])
def test_only_words_of_draft_7(schema):
    text = json.dumps(schema)
    for word in ('$defs', 'prefixItems', 'discriminator', 'unevaluatedProperties', 'dependentRequired'):
        assert f'"{word}"' not in text
    for ref in _refs(schema):
        assert ref.removeprefix('#/definitions/') in schema['definitions']


def _refs(node):
    if isinstance(node, dict):
        if '$ref' in node:
            assert len(node) == 1
            yield node['$ref']
        for inner in node.values():
            yield from _refs(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _refs(inner)


def test_the_options_of_every_kind_are_in_the_schema_of_a_source():
    source = feeds_schema()['definitions']['source']
    options = {field.name for row in KINDS.values() for field in dataclasses.fields(row.options)}
    assert options | {'name', 'url', 'category', 'key'} <= source['properties'].keys()
    assert source['properties']['kind']['enum'] == list(KINDS)
    assert source['additionalProperties'] is False


def test_every_key_has_a_description():
    for schema in (feeds_schema(), settings_schema()):
        for definition in [schema, *schema['definitions'].values()]:
            for name, one in definition.get('properties', {}).items():
                assert 'description' in one or '$ref' in one, name
