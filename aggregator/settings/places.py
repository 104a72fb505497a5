"""Where a location of pydantic leads in a file, and what may stand there: the neighbours of a key, an example."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aggregator.settings.rows import row_shape
from aggregator.settings.tree import Listing, Mapping, Node, Scalar


@dataclass(frozen=True, slots=True)
class Place:
    """Where a location of pydantic leads: the node there, its key, and what may stand there."""

    node: Node
    key: Scalar | None  # of the last step, where that was a key of a mapping
    parent: Node
    steps: tuple[int | str, ...]
    kind: str  # of the source it is in, '' outside
    keys: tuple[str, ...]  # that the mapping around it may have
    example: str

    @property
    def in_row(self) -> bool:
        """Directly in a source: sources, its place, the key."""
        return bool(self.kind) and len(self.steps) == 3  # noqa: PLR2004  # see above


def place_of(loc: tuple[int | str, ...], tree: Node, root: type[BaseModel]) -> Place:
    steps, kind = _untagged(loc)
    node, parent, key = tree, tree, None
    for step in steps:
        match node:
            case Mapping() if step in node.pairs:
                parent, (key, node) = node, node.pairs[str(step)]
            case Listing() if isinstance(step, int) and step < len(node.items):
                parent, key, node = node, None, node.items[step]
            case _:
                break
    keys, example = _allowed(steps, kind, root)
    return Place(node, key, parent, steps, kind, keys, example)


def _untagged(loc: tuple[int | str, ...]) -> tuple[tuple[int | str, ...], str]:
    """The location without the names of union members, and the kind of the source."""
    steps, kind = list(loc), ''
    if len(steps) > 2 and steps[0] == 'sources' and isinstance(steps[1], int):  # noqa: PLR2004  # sources, row, kind
        kind = str(steps.pop(2))
    for at in (1, 2):
        if steps[at : at + 1] == ['category'] and steps[at + 1 : at + 2] in (['text'], ['mapping']):
            del steps[at + 1]
    return tuple(step for step in steps if step != '[key]'), kind


def _allowed(steps: tuple[int | str, ...], kind: str, root: type[BaseModel]) -> tuple[tuple[str, ...], str]:
    """The keys of the mapping around the last step, and an example of a value for it."""
    shapes: list[type] = [root]
    keys, example = tuple(_fields(root)), ''
    for n, step in enumerate(steps):
        if isinstance(step, int):
            shapes = [row_shape(kind)] if kind and n == 1 else shapes
            continue
        fields = {name: field for shape in shapes for name, field in _fields(shape).items()}
        annotation, example = fields.get(step, (None, example))
        keys = tuple(fields)
        shapes = shapes_in(annotation)
    return keys, example


def _fields(shape: type) -> dict[str, tuple[Any, str]]:
    """Keys of a mapping: the annotation and an example of each."""
    if issubclass(shape, BaseModel):
        fields: dict[str, FieldInfo] = shape.model_fields
        return {info.alias or name: (info.annotation, _first(info.examples)) for name, info in fields.items()}
    hints = get_type_hints(shape)
    known: Any = dataclasses.fields(shape)  # type: ignore[arg-type]  # shapes_in gives dataclasses besides models
    return {f.name: (hints[f.name], _first(f.metadata.get('examples'))) for f in known}


def _first(examples: Sequence[Any] | None) -> str:
    return flow(examples[0]) if examples else ''


def flow(value: Any) -> str:
    """A value in YAML's flow style, as an example shows it."""
    if isinstance(value, dict):
        return '{' + ', '.join(f'{key}: {flow(item)}' for key, item in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(flow, value)) + ']'
    plain = re.fullmatch(r'[\w/][\w ./:,-]*', str(value))
    return str(value) if plain else "'" + str(value).replace("'", "''") + "'"


def keys_below(shape: type, seen: frozenset[type] = frozenset()) -> set[str]:
    """Every key that a shape knows, at any depth."""
    if shape in seen:
        return set()
    fields = _fields(shape)
    inner = (keys_below(one, seen | {shape}) for annotation, _ in fields.values() for one in shapes_in(annotation))
    return set(fields).union(*inner)


def shapes_in(annotation: Any) -> list[type]:
    """The shapes and options classes that an annotation mentions."""
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)):
        return [annotation]
    return [shape for argument in get_args(annotation) for shape in shapes_in(argument)]
