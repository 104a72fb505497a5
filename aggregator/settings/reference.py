"""The reference of all keys, in Markdown, from the same shapes that judge the files; docs/configuration.md ends in it.

python -m aggregator.settings.reference [PAGE]    prints it, or puts it into the page below its mark
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from aggregator.model import Site, Source
from aggregator.parse.kinds import KINDS
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.places import shapes_in
from aggregator.settings.rows import ROWS, FeedsShape, row_keys
from aggregator.settings.shape import DefaultsShape, SiteShape, SourceShape
from aggregator.settings.units import DURATION_PATTERN, SIZE_PATTERN, duration_text

MARK = '<!-- Made by `python -m aggregator.settings.reference docs/configuration.md` from here on; do not edit. -->'

# What a key means that was not written. The shapes cannot say it: there an absent key is None.
_BUILT_IN: Mapping[type, object] = {SiteShape: Site(), DefaultsShape: Source(name='')}
_NOT_OF_THE_MODEL: Mapping[tuple[type, str], str] = {
    (SiteShape, 'authority'): 'host of `url`, year of the first run',
    (DefaultsShape, 'timezone'): '`site.timezone`',
    (DefaultsShape, 'category'): '`{from: publisher}`',
    (DefaultsShape, 'key'): '',
}
_HEAD = '| key | type | default | meaning |\n|---|---|---|---|'


def reference() -> str:
    """Every key of feeds.yml and every setting of config/aggregator.yml: type, default, sentence, example."""
    parts = [MARK, '## Every key of feeds.yml', *_feeds(), '## Every setting of config/aggregator.yml', *_knobs()]
    return '\n\n'.join(parts) + '\n'


def with_reference(page: str) -> str:
    """The page with what stands below its mark made anew."""
    return page.partition(MARK)[0] + reference()


# ------------------------------------------------ sections


def _feeds() -> Iterator[str]:
    seen: set[type] = set()
    yield _table(FeedsShape)
    for key, annotation in _annotations(FeedsShape).items():
        if key == 'sources':
            yield from _sources(seen)
            continue
        for shape in shapes_in(annotation):
            yield from _section(key, shape, seen)


def _sources(seen: set[type]) -> Iterator[str]:
    """What all kinds share and `defaults` has not, then what each kind adds."""
    own = [key for key in _annotations(SourceShape) if key not in DefaultsShape.model_fields]
    kinds = ', '.join(f'`{kind}`' for kind in KINDS)
    yield '### `sources`: every kind'
    yield 'All keys of `defaults`, these, and those of the kind.'
    yield f'{_table(SourceShape, own)}\n| `kind` | one of {kinds} | `feed` | How the source is read. |'
    for kind, row in ROWS.items():
        yield f'### `sources`: kind `{kind}`'
        yield KINDS[kind].sentence
        keys = [key for key in _annotations(row) if key in row_keys(kind)]
        yield _table(row, keys)
        for key in keys:
            for shape in shapes_in(row.model_fields[key].annotation):
                yield from _section(f'{key}` of kind `{kind}', shape, seen)


def _knobs() -> Iterator[str]:
    seen: set[type] = set()
    yield _table(KnobsShape)
    for key, annotation in _annotations(KnobsShape).items():
        for shape in shapes_in(annotation):
            yield from _section(key, shape, seen)


def _section(path: str, shape: type, seen: set[type]) -> Iterator[str]:
    """A shape with those inside it; one that was shown before is not shown again."""
    if shape in seen:
        return
    seen.add(shape)
    yield f'### `{path}`'
    yield ' '.join((shape.__doc__ or '').split())
    yield _table(shape)
    name, of, kind = path.partition('` of kind `')
    for key, annotation in _annotations(shape).items():
        for inner in shapes_in(annotation):
            yield from _section(f'{name}.{key}{of}{kind}', inner, seen)


def _annotations(shape: type) -> dict[str, Any]:
    """Keys as they are written in the file, in the order of the shape."""
    if issubclass(shape, BaseModel):
        return {info.alias or name: info.annotation for name, info in shape.model_fields.items()}
    return get_type_hints(shape)


# ------------------------------------------------ rows


def _table(shape: type, keys: Iterable[str] | None = None) -> str:
    whole = TypeAdapter(shape).json_schema(by_alias=True)
    schema = whole['$defs'][shape.__name__] if '$ref' in whole else whole  # a shape that holds itself is a definition
    properties, required = schema.get('properties', {}), schema.get('required', ())
    wanted = [*(properties if keys is None else keys)]
    rows = [
        _row(key, properties[key], _default(shape, key, properties[key], required), _about(shape, key))
        for key in wanted
    ]
    return '\n'.join([_HEAD, *rows]) if rows else 'It has no keys of its own.'


def _row(key: str, schema: Mapping[str, Any], default: str, about: str) -> str:
    examples = schema.get('examples', ())
    shown = f' Such as {_code(examples[0])}.' if examples and _code(examples[0]) != default else ''
    return f'| `{key}` | {_type(schema)} | {default} | {schema.get("description", about)}{shown} |'


def _about(shape: type, key: str) -> str:
    """The sentence of a key whose value is a shape: where both say the same, the schema leaves it out."""
    infos = shape.model_fields if issubclass(shape, BaseModel) else {}
    return next((info.description or '' for name, info in infos.items() if (info.alias or name) == key), '')


def _default(shape: type, key: str, schema: Mapping[str, Any], required: Iterable[str]) -> str:
    if key in required:
        return 'required'
    if (shape, key) in _NOT_OF_THE_MODEL:
        return _NOT_OF_THE_MODEL[shape, key]
    value = getattr(_BUILT_IN.get(shape), key, schema.get('default'))
    if value is None or (not value and not isinstance(value, bool | int)):
        return ''
    return _code(value)


def _type(schema: Mapping[str, Any]) -> str:  # noqa: C901, PLR0911  # a table: one line a form
    match schema:
        case {'enum': [only]} | {'const': only}:
            return f'`{only}`'
        case {'enum': choices}:
            return 'one of ' + ', '.join(f'`{choice}`' for choice in choices)
        case {'anyOf': choices} | {'oneOf': choices}:
            return ' or '.join(dict.fromkeys(_type(c) for c in choices if c.get('type') != 'null'))
        case {'type': 'array', 'items': {'type': 'string'}}:
            return 'list of texts'
        case {'type': 'array'}:
            return 'list of mappings'
        case {'type': 'object', 'additionalProperties': {'type': 'string'}}:
            return 'texts by name'
        case {'pattern': str(pattern)}:
            return {DURATION_PATTERN: 'duration', SIZE_PATTERN: 'size'}.get(pattern, 'text')
        case {'type': 'integer' | 'number' as kind}:
            return {'integer': 'whole number', 'number': 'number'}[kind] + _range(schema)
        case {'type': 'boolean'}:
            return '`true` or `false`'
        case {'type': 'string'}:
            return 'text'
    return 'mapping'


def _range(schema: Mapping[str, Any]) -> str:
    least, most = schema.get('minimum', schema.get('exclusiveMinimum')), schema.get('maximum')
    if least is None or most is None:
        return ''
    return f', {"above " if "exclusiveMinimum" in schema else ""}{least:,} to {most:,}'


def _code(value: Any) -> str:
    """A value as YAML in one line, fit for a cell of a table."""
    return '`' + _flow(value).replace('|', '\\|') + '`'


def _flow(value: Any) -> str:
    match value:
        case timedelta():
            return duration_text(value)
        case dict():
            return '{' + ', '.join(f'{key}: {_flow(each)}' for key, each in value.items()) + '}'
        case list() | tuple():
            return '[' + ', '.join(map(_flow, value)) + ']'
        case str():
            return value
    return json.dumps(value)


def _main(arguments: list[str]) -> None:
    if not arguments:
        sys.stdout.write(reference())
    for name in arguments:
        page = Path(name)
        page.write_text(with_reference(page.read_text('utf-8')), 'utf-8')


if __name__ == '__main__':
    _main(sys.argv[1:])
