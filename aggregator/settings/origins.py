"""What holds, and where it comes from: a line of feeds.yml or config/aggregator.yml, or nowhere, which is built in.

Values stand as the files say them (`15m`, `{param: infoCode}`), so that a person can copy them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from aggregator.model import Site, Source
from aggregator.rules.answers import may_be_secret
from aggregator.rules.cadence import own_interval
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.load import Loaded
from aggregator.settings.places import shapes_in
from aggregator.settings.rows import ROWS, row_keys
from aggregator.settings.shape import DefaultsShape, Shape, SiteShape
from aggregator.settings.tree import Listing, Mapping, Node, data_of
from aggregator.settings.units import duration_text

Origin = Literal['source', 'defaults', 'site', 'settings', 'built-in']
WITHHELD = '(not shown)'
_OF_A_SOURCE = ('polling', 'parsing.limits', 'retention')  # settings that bound what becomes of it
_LABELS = ('category', 'categories')


@dataclass(frozen=True, slots=True)
class Effective:
    """A key with the value that holds. `file` and `line` say where it is written, '' and 0 where it is built in."""

    key: str
    value: Any  # as JSON knows it
    origin: Origin = 'built-in'
    file: str = ''
    line: int = 0
    note: str = ''


def of_source(loaded: Loaded, source: Source) -> Iterator[Effective]:
    """Every key of the source, then the settings that bound it."""
    row = _row(loaded.feeds, source.order)
    for key in _keys(source.kind, row):
        yield _noted(_of_row(loaded, row, key, source.kind), loaded, source)
    yield from (one for one in of_settings(loaded) if one.key.startswith(_OF_A_SOURCE))


def of_site(loaded: Loaded) -> Iterator[Effective]:
    """Every key of `site`."""
    site = _below(loaded.feeds, 'site')
    for key in SiteShape.model_fields:
        built_in = Effective(f'site.{key}', getattr(Site(), key))
        yield _written(site, key, f'site.{key}', 'site', loaded.feeds_file) or built_in


def of_settings(loaded: Loaded) -> Iterator[Effective]:
    """Every setting of config/aggregator.yml, by its path."""
    return _knobs(KnobsShape, loaded.knobs, '', loaded.knobs_file)


def _knobs(shape: type[Shape], node: Node | None, path: str, file: str) -> Iterator[Effective]:
    for name, info in shape.model_fields.items():
        key = info.alias or name
        inner = shapes_in(info.annotation)
        if inner:
            yield from _knobs(inner[0], _below(node, key), f'{path}{key}.', file)
        else:
            yield _written(node, key, f'{path}{key}', 'settings', file) or Effective(f'{path}{key}', info.default)


# ------------------------------------------------ a source


def _keys(kind: str, row: Node | None) -> list[str]:
    """In the order in which a person would write them; of the two ways to say labels the one that counts."""
    labels = 'categories' if _is_written(row, 'categories') else 'category'
    own = [key for key in ROWS[kind].model_fields if key in row_keys(kind)]
    return ['name', 'kind', *own, labels, *(key for key in DefaultsShape.model_fields if key not in _LABELS)]


def _of_row(loaded: Loaded, row: Node | None, key: str, kind: str) -> Effective:
    defaults = _below(loaded.feeds, 'defaults') if key in DefaultsShape.model_fields else None
    site = _below(loaded.feeds, 'site') if key == 'timezone' else None
    file = loaded.feeds_file
    return (
        _written(row, key, key, 'source', file)
        or _written(defaults, key, key, 'defaults', file)
        or _written(site, key, key, 'site', file)
        or Effective(key, _built_in(key, kind))
    )


def _built_in(key: str, kind: str) -> Any:
    if key == 'category':
        return {'from': 'publisher'}
    if key == 'key':
        return None
    if key in DefaultsShape.model_fields:
        return _plain(getattr(Source(name=''), key))
    info: FieldInfo = ROWS[kind].model_fields[key]
    return None if info.default is PydanticUndefined else _plain(info.default)


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return duration_text(value)
        case tuple():
            return list(value)
    return value


def _noted(one: Effective, loaded: Loaded, source: Source) -> Effective:
    """What the value means here, where it does not say so itself."""
    note = ''
    if one.key == 'every' and not (source.cron or source.adaptive):
        wait = own_interval(source, loaded.settings.polling)
        note = f'asked every {duration_text(wait)}, by polling.min_interval' if wait > source.every else ''
    if one.key == 'path' and one.value != source.url:
        note = source.url
    return Effective(one.key, one.value, one.origin, one.file, one.line, note)


# ------------------------------------------------ what is written


def _row(feeds: Node | None, order: int) -> Node | None:
    rows = _below(feeds, 'sources')
    return rows.items[order] if isinstance(rows, Listing) else None


def _below(node: Node | None, key: str) -> Node | None:
    return node.pairs[key][1] if isinstance(node, Mapping) and key in node.pairs else None


def _is_written(node: Node | None, key: str) -> bool:
    """A key with nothing behind it counts as left out."""
    found = _below(node, key)
    return found is not None and data_of(found) is not None


def _written(node: Node | None, key: str, name: str, origin: Origin, file: str) -> Effective | None:
    if not isinstance(node, Mapping) or not _is_written(node, key):
        return None
    place, value = node.pairs[key]
    return Effective(name, _shown(key, data_of(value)), origin, file, place.mark.line)


def _shown(key: str, value: Any) -> Any:
    if key != 'headers' or not isinstance(value, dict):
        return value
    return {name: WITHHELD if may_be_secret(name) else text for name, text in value.items()}
