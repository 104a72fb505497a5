"""The reference of all keys, in Markdown, from the same shapes that judge the files; docs/configuration.md ends in it.

python -m aggregator.settings.reference [PAGE]    prints it, or puts it into the page below its mark
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter

from aggregator.model import Site, Source
from aggregator.parse.kinds import KINDS
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.rows import ROWS, FeedsShape, row_keys
from aggregator.settings.shape import DefaultsShape, Shape, SiteShape, SourceShape
from aggregator.settings.units import DURATION_PATTERN, SIZE_PATTERN, duration_text
from aggregator.settings.values import shapes_in

MARK = '<!-- From here on made by `python -m aggregator.settings.reference docs/configuration.md`; do not edit. -->'

# What a key means that was not written. The shapes cannot say it: there an absent key is None.
_BUILT_IN: dict[type, Mapping[str, Any]] = {
    SiteShape: asdict(Site()),
    DefaultsShape: asdict(Source(name=''))
    | {'timezone': 'site.timezone', 'key': '', 'category': {'from': 'publisher'}},
}
_HEAD = '| key | type | default | meaning |\n|---|---|---|---|'


def reference() -> str:
    """Every key of feeds.yml and every setting of config/aggregator.yml: type, default, sentence, example."""
    parts = [MARK, '## Every key of feeds.yml', *_feeds(), '## Every setting of config/aggregator.yml', *_knobs()]
    return '\n\n'.join(parts) + '\n'


def with_reference(page: str) -> str:
    """The page with its part below the mark made anew."""
    return page.partition(MARK)[0] + reference()


# ------------------------------------------------ sections


def _feeds() -> Iterator[str]:
    seen: set[type] = set()
    yield _table(FeedsShape)
    for key, info in FeedsShape.model_fields.items():
        if key == 'sources':
            yield from _sources(seen)
            continue
        for shape in shapes_in(info.annotation):
            yield from _section(f'{key}[]' if 'list' in str(info.annotation) else key, shape, seen)


def _sources(seen: set[type]) -> Iterator[str]:
    """What all kinds share and `defaults` has not, then what each kind adds."""
    own = [key for key in _properties(SourceShape) if key not in DefaultsShape.model_fields]
    yield '### `sources[]`'
    yield 'All keys of `defaults`, and these. `kind` says which of the following sections holds besides.'
    kinds = ', '.join(f'`{kind}`' for kind in KINDS)
    yield f'{_table(SourceShape, own)}\n| `kind` | one of {kinds} | `feed` | How the source is read. |'
    for kind, row in ROWS.items():
        yield f'### `sources[]` of kind `{kind}`'
        yield KINDS[kind].sentence
        keys = [key for key in _properties(row) if key in row_keys(kind)]
        yield _table(row, keys)
        for key in keys:
            for shape in shapes_in(row.model_fields[key].annotation):
                yield from _section(f'{kind}: {key}', shape, seen)


def _knobs() -> Iterator[str]:
    for key, info in KnobsShape.model_fields.items():
        yield from _section(key, shapes_in(info.annotation)[0], set())


def _section(path: str, shape: type, seen: set[type]) -> Iterator[str]:
    if shape in seen:
        return
    seen.add(shape)
    yield f'### `{path}`'
    if shape.__doc__:
        yield shape.__doc__.strip()
    yield _table(shape)
    for key, annotation in _annotations(shape).items():
        for inner in shapes_in(annotation):
            yield from _section(f'{path}.{key}', inner, seen)


def _annotations(shape: type) -> dict[str, Any]:
    if issubclass(shape, Shape):
        return {info.alias or name: info.annotation for name, info in shape.model_fields.items()}
    return {name: field.type for name, field in shape.__pydantic_fields__.items()} if False else _hints(shape)


def _hints(shape: type) -> dict[str, Any]:
    from typing import get_type_hints

    return get_type_hints(shape)


# ------------------------------------------------ rows


def _properties(shape: type) -> dict[str, Any]:
    found: dict[str, Any] = TypeAdapter(shape).json_schema(by_alias=True).get('properties', {})
    return found
