"""Values of the model <-> JSON, for the columns that nobody searches in. Exact both ways; defaults are left out.

An instant is ISO 8601 with its offset, a timedelta an integer of microseconds, a frozenset a sorted list. Fields that
a later version dropped are passed over when read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar('T')
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_READABLE = json.JSONEncoder(ensure_ascii=False, separators=(',', ':')).encode  # json.dumps makes one for every call


class _Pair(NamedTuple):
    """How values of one type are written and read."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


class _Slot(NamedTuple):
    """A field of a dataclass: its name, its default (called where it is a factory) and the pair of its type."""

    name: str
    default: Any
    pair: _Pair


def dumps(value: object) -> str:
    """JSON of a dataclass, compact, with equal text for equal values."""
    return as_json(encode(value))


def loads(cls: type[T], text: str) -> T:
    """The value that `dumps` wrote."""
    return decode(cls, json.loads(text))


def encode(value: object) -> Any:
    cls: Any = type(value)
    return _pair(cls).encode(value)


def decode(cls: type[T], data: Any) -> T:
    tp: Any = cls
    value: T = _pair(tp).decode(data)
    return value


def as_json(data: object) -> str:
    """Readable UTF-8; escaped where a text holds a lone surrogate, which SQLite would refuse."""
    text = _READABLE(data)
    return text if is_storable(text) else json.dumps(data, separators=(',', ':'))


def storable(text: str) -> str:
    """The text as SQLite takes it: a lone surrogate becomes U+FFFD."""
    return (
        text
        if text.isascii() or is_storable(text)
        else text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    )


def is_storable(text: str) -> bool:
    """Whether it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def to_us(at: datetime) -> int:
    """Microseconds since 1970 UTC, without the rounding of a float."""
    return (at - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def _same(value: Any) -> Any:
    return value


_AS_IT_IS = _Pair(_same, _same)  # text, numbers, literals, and what is None where it is written
_PLAIN = {
    datetime: _Pair(datetime.isoformat, datetime.fromisoformat),
    timedelta: _Pair(lambda value: value // MICROSECOND, lambda data: data * MICROSECOND),
}


@cache
def _pair(tp: Any) -> _Pair:
    origin, args = get_origin(tp), get_args(tp)
    if is_dataclass(tp) and isinstance(tp, type):
        return _dataclass_pair(tp)
    if origin in (Union, UnionType):
        return _optional_pair(args)
    if origin in (tuple, frozenset):
        return _sequence_pair(origin, _pair(args[0]))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_pair(_pair(args[1]))
    return _PLAIN.get(tp, _AS_IT_IS)


def _optional_pair(args: tuple[Any, ...]) -> _Pair:
    (inner,) = (_pair(arg) for arg in args if arg is not NoneType)
    return _Pair(
        lambda value: None if value is None else inner.encode(value),
        lambda data: None if data is None else inner.decode(data),
    )


def _sequence_pair(make: Callable[[Any], Any], inner: _Pair) -> _Pair:
    arrange = sorted if make is frozenset else list
    return _Pair(
        lambda value: arrange(inner.encode(one) for one in value), lambda data: make(inner.decode(one) for one in data)
    )


def _mapping_pair(inner: _Pair) -> _Pair:
    return _Pair(
        lambda value: {key: inner.encode(one) for key, one in sorted(value.items())},
        lambda data: {key: inner.decode(one) for key, one in data.items()},
    )


def _dataclass_pair(cls: type[Any]) -> _Pair:
    hints = get_type_hints(cls)
    slots = [_Slot(one.name, _default(one), _pair(hints[one.name])) for one in fields(cls)]
    readers = {slot.name: slot.pair.decode for slot in slots}

    def write(value: Any) -> dict[str, Any]:
        said = ((slot, getattr(value, slot.name)) for slot in slots)
        return {slot.name: slot.pair.encode(one) for slot, one in said if one != slot.default}

    def read(data: Mapping[str, Any]) -> Any:
        return cls(**{name: readers[name](one) for name, one in data.items() if name in readers})

    return _Pair(write, read)


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default
