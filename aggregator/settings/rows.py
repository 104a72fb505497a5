"""A shape for each kind of source, made from the options class of the kind; and the whole of feeds.yml."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import BeforeValidator, Discriminator, Field, Tag, create_model, model_validator

from aggregator.parse.kinds import KINDS
from aggregator.settings.addresses import Url
from aggregator.settings.shape import (
    CategoryDefShape,
    DefaultsShape,
    RuleShape,
    Shape,
    SiteShape,
    SourceShape,
    UrlsShape,
)
from aggregator.settings.values import Text

_URL = Field(..., description='Address of the feed or list.', examples=['https://example.org/feed.xml'])
_PATH = Field(..., description='Folder of the posts; relative to feeds.yml.', examples=['posts/'])


def _options(options: type) -> dict[str, Any]:
    """Fields of a kind's options class as fields of its row. Nested classes inherit that unknown keys are faults."""
    hints = get_type_hints(options, include_extras=True)
    return {f.name: (hints[f.name], _PATH if f.name == 'path' else _option(f)) for f in dataclasses.fields(options)}


def _option(field: dataclasses.Field[Any]) -> Any:
    notes: dict[str, Any] = {k: v for k, v in field.metadata.items() if k in ('description', 'examples')}
    if field.default is not dataclasses.MISSING:
        return Field(field.default, **notes)
    if field.default_factory is not dataclasses.MISSING:
        return Field(default_factory=field.default_factory, **notes)
    return Field(..., **notes)


def row_keys(kind: str) -> frozenset[str]:
    """The keys of a row that belong to its kind, and to no other thing."""
    own = frozenset(_options(KINDS[kind].options))
    return own if 'path' in own else own | {'url'}


class KindShape(SourceShape):
    """A source of a known kind: its options class has the last word on them."""

    @model_validator(mode='after')
    def _options_agree(self) -> Self:
        options_of(self)
        return self


def options_of(row: Any) -> Any:
    """The options of a row as its kind's class. Raises ValueError with the sentence of the class."""
    options = KINDS[row.kind].options
    values = {f.name: getattr(row, f.name) for f in dataclasses.fields(options)}
    try:
        return options(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    except TypeError as error:
        raise ValueError(str(error)) from error


def _row(kind: str) -> type[SourceShape]:
    fields = _options(KINDS[kind].options)
    if 'path' not in fields:
        fields = {'url': (Url, _URL), **fields}
    if kind == 'feed':
        written: Any = (Literal['feed'], Field('feed', description='How the source is read.'))
    else:
        written = (Literal[kind], Field(..., description='How the source is read.'))
    return create_model(f'{kind}-source', __base__=KindShape, __doc__=KINDS[kind].sentence, kind=written, **fields)


ROWS: dict[str, type[SourceShape]] = {kind: _row(kind) for kind in KINDS}
"""The shape of a source, by kind."""

UNKNOWN = 'unknown'
_KIND_NAMES: Any = Literal[tuple(KINDS)]
_ANY_OPTIONS: dict[str, Any] = {key: (Any, None) for kind in KINDS for key in row_keys(kind)}
_UNKNOWN_ROW = create_model('unknown-source', __base__=SourceShape, kind=(_KIND_NAMES, ...), **_ANY_OPTIONS)


def kind_of(row: Any) -> str:
    """The kind whose shape a row is held to. A row of no known kind is still read, for its other faults."""
    kind = row.get('kind', 'feed') if isinstance(row, dict) else 'feed'
    return kind if isinstance(kind, str) and kind in ROWS else UNKNOWN


_SOURCES: Any = tuple(Annotated[row, Tag(kind)] for kind, row in [*ROWS.items(), (UNKNOWN, _UNKNOWN_ROW)])
_union: Any = _SOURCES[0]
for _member in _SOURCES[1:]:
    _union = _union | _member
Row: Any = Annotated[_union, Discriminator(kind_of)]


def _none_yet(rows: Any) -> Any:
    """`sources:` with nothing below it: a file that `aggregator add` will fill."""
    return [] if rows is None else rows


class FeedsShape(Shape):
    """feeds.yml: what is polled, and what is made of it."""

    site: SiteShape = Field(default_factory=SiteShape, description='Who publishes, and where.')
    defaults: DefaultsShape = Field(default_factory=DefaultsShape, description='What holds for every source.')
    sources: Annotated[list[Row], BeforeValidator(_none_yet)] = Field(
        ..., description='What is polled, in order of rank.'
    )
    urls: UrlsShape = Field(default_factory=UrlsShape, description='How links are compared.')
    categories: list[CategoryDefShape] = Field(default=[], description='Slugs and titles of labels.')
    aliases: dict[Text, Text] = Field(
        default={}, description='Publisher as written: as meant.', examples=[{'证券时报': '证券时报网'}]
    )
    rules: list[RuleShape] = Field(default=[], description='Labels by content, in order.')


def row_shape(kind: str) -> type[Shape]:
    return ROWS.get(kind, _UNKNOWN_ROW)
