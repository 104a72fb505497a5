"""The schemas for editors and the file of all settings, written from the same shapes that judge the files.

Pydantic speaks the 2020-12 draft; editors promise draft 7 and below, so plain keywords are kept: definitions instead
of $defs, nothing beside a $ref, and one shape for all kinds of source with if/then for what a kind needs.
"""

from __future__ import annotations

import json
from functools import reduce
from operator import or_
from typing import Any, get_args

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from aggregator.parse.kinds import KINDS
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.places import shapes_in
from aggregator.settings.rows import ROWS, FeedsShape, row_keys
from aggregator.settings.shape import Shape, SourceShape

_DRAFT = 'http://json-schema.org/draft-07/schema#'


def feeds_schema() -> dict[str, Any]:
    """JSON Schema (draft 7) of feeds.yml."""
    one: Any = _every_kind()
    sources: Any = (list[one], FeedsShape.model_fields['sources'])
    whole = create_model('feeds.yml', __base__=FeedsShape, sources=sources)
    schema = _plain(whole, FeedsShape.__doc__ or '')
    source = schema['definitions']['source']
    source['allOf'] = [_needs(kind) for kind in ROWS]
    return schema


def settings_schema() -> dict[str, Any]:
    """JSON Schema (draft 7) of config/aggregator.yml."""
    return _plain(KnobsShape, KnobsShape.__doc__ or '')


def settings_text() -> str:
    """config/aggregator.yml: every setting with its default and a sentence."""
    head = [
        '# yaml-language-server: $schema=aggregator.schema.json',
        '# How the aggregator runs: every setting with its default. Leave out what you do not change.',
        '# Durations: 500ms, 30s, 15m, 1h30m, 1d. Sizes: 512B, 64KiB, 2MB.',
    ]
    return '\n'.join([*head, *_section_lines(KnobsShape, '')]) + '\n'


def editor_files() -> dict[str, str]:
    """The files of config/ that are made from the shapes: name and text."""
    return {
        'feeds.schema.json': _schema_text(feeds_schema()),
        'aggregator.schema.json': _schema_text(settings_schema()),
        'aggregator.yml': settings_text(),
    }


def _schema_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + '\n'


# ------------------------------------------------ schemas


def _every_kind() -> type[Shape]:
    """One shape with the keys of all kinds: editors complete it better than a choice of shapes."""
    kinds: Any = Field('feed', description='How the source is read: ' + ' '.join(_kind_sentence(k) for k in KINDS))
    from_kinds: dict[str, Any] = {}
    for key in sorted({key for kind in ROWS for key in row_keys(kind)}):
        infos = [ROWS[kind].model_fields[key] for kind in ROWS if key in row_keys(kind)]
        # Kinds may share a key and not its shape: any of them may stand there.
        either = reduce(or_, dict.fromkeys(info.annotation for info in infos))
        notes = Field(default=None, description=infos[0].description, examples=infos[0].examples)
        from_kinds[key] = (either, notes)
    return create_model('source', __base__=SourceShape, kind=(str, kinds), **from_kinds)


def _kind_sentence(kind: str) -> str:
    return f'{kind}: {KINDS[kind].sentence.rstrip(".")}.'


def _needs(kind: str) -> dict[str, Any]:
    """What a row of this kind must have, and what it must not: the keys of other kinds."""
    named: dict[str, Any] = {'properties': {'kind': {'const': kind}}}
    if kind != 'feed':
        named['required'] = ['kind']
    needed = sorted(key for key in row_keys(kind) if ROWS[kind].model_fields[key].is_required())
    foreign = sorted({key for other in ROWS for key in row_keys(other)} - row_keys(kind))
    return {'if': named, 'then': {'required': needed, 'properties': dict.fromkeys(foreign, False)}}


def _plain(shape: type[Shape], title: str) -> dict[str, Any]:
    schema: dict[str, Any] = _simplified(shape.model_json_schema(ref_template='#/definitions/{model}'))
    definitions = schema.pop('$defs', {})
    kinds = definitions.get('source', {}).get('properties', {}).get('kind')
    if kinds is not None:
        kinds['enum'] = list(KINDS)
    return {'$schema': _DRAFT, **schema, 'title': title.split(':', maxsplit=1)[0], 'definitions': definitions}


def _simplified(node: Any) -> Any:
    """Without the titles and the nulls that pydantic adds; what stands beside a $ref moves around it."""
    if isinstance(node, list):
        return [_simplified(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not _noise(key, value)}
    out = {key: _inner(key, value) for key, value in kept.items()}
    return _beside_ref(_without_null(out))


def _noise(key: str, value: Any) -> bool:
    return (key == 'title' and isinstance(value, str)) or (key == 'default' and value is None)


def _inner(key: str, value: Any) -> Any:
    match key:
        case 'properties' | '$defs':
            return {name: _simplified(inner) for name, inner in value.items()}
        case 'examples' | 'default' | 'enum' | 'required':
            return value
    return _simplified(value)


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    choices = node.get('anyOf')
    if choices is None:
        return node
    kept = [choice for choice in choices if choice != {'type': 'null'}]
    rest = {key: value for key, value in node.items() if key != 'anyOf'}
    return {**kept[0], **rest} if len(kept) == 1 else {**rest, 'anyOf': kept}


def _beside_ref(node: dict[str, Any]) -> dict[str, Any]:
    if '$ref' not in node or len(node) == 1:
        return node
    rest = {key: value for key, value in node.items() if key != '$ref'}
    return {**rest, 'allOf': [{'$ref': node['$ref']}]}


# ------------------------------------------------ the file of all settings


def _section_lines(shape: type[Shape], indent: str) -> list[str]:
    lines = []
    for name, info in shape.model_fields.items():
        inner = shapes_in(info.annotation)
        key = info.alias or name
        if inner:
            lines += [] if indent else ['']
            lines += [f'{indent}# {info.description}', f'{indent}{key}:', *_section_lines(inner[0], indent + '  ')]
            continue
        lines += [f'{indent}# {_sentence(info)}', f'{indent}{key}: {_value_text(info)}']
    return lines


def _value_text(info: FieldInfo) -> str:
    value = info.default
    return value if isinstance(value, str) and value else json.dumps(value)


def _sentence(info: FieldInfo) -> str:
    choices = [choice for choice in get_args(info.annotation) if isinstance(choice, str)]
    return f'{info.description} One of: {", ".join(choices)}.' if choices else str(info.description)
