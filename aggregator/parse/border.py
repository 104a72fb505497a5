"""How values cross into the worker processes and back: as their fields, and not field by field looked up by name.

What Python does for frozen dataclasses with slots takes longer than the rest of the way.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, Final

from aggregator.model import (
    CategoryRule,
    Enclosure,
    Entry,
    Fault,
    FeedHead,
    Item,
    Key,
    Origin,
    ParsedFeed,
    ParseLimits,
    Person,
    Received,
    Source,
    Stated,
)

CROSSING: Final[tuple[type, ...]] = (
    *(CategoryRule, Enclosure, Entry, Fault, FeedHead, Item, Key, Origin, ParsedFeed, ParseLimits, Person, Received),
    *(Source, Stated),
)


def open_border() -> None:
    """For each process that sends them; calling it again changes nothing."""
    for cls in CROSSING:
        copyreg.pickle(cls, _taken_apart(cls, attrgetter(*(field.name for field in fields(cls)))))


def _taken_apart(cls: type, values_of: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: (_put_together, (cls, *values_of(value)))


def _put_together(cls: type, *values: Any) -> Any:
    """A value of the same fields; frozen ones are set by their slots."""
    value: Any = object.__new__(cls)
    for set_field, one in zip(_setters(cls), values, strict=True):
        set_field(value, one)
    return value


@cache
def _setters(cls: Any) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(cls.__dict__[field.name].__set__ for field in fields(cls))
