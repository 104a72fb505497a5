"""Values of the model <-> JSON, for the columns that nobody searches in. Exact both ways; defaults are left out.

An instant is ISO 8601 with its offset, a timedelta an integer of microseconds, a frozenset a sorted list. Integers have
64 bits. Fields that a later version dropped are passed over when read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

T = TypeVar('T')
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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
    return decode(cls, from_json(text))


def encode(value: object) -> Any:
    cls: Any = type(value)
    return _pair(cls).encode(value)


def encode_after(value: T, before: T, known: Mapping[str, Any]) -> dict[str, Any]:
    """`encode(value)`, of a dataclass, given that of the one `before`: what is the same object is not encoded again."""
    data: dict[str, Any] = {}
    cls: Any = type(value)
    slots, values_of = _slots(cls)
    for (name, default, pair), one, was in zip(slots, values_of(value), values_of(before), strict=True):
        if one is was and name in known:
            data[name] = known[name]
        elif one is not default and one != default:
            data[name] = pair.encode(one)
    return data


def decode(cls: type[T], data: Any) -> T:
    tp: Any = cls
    value: T = _pair(tp).decode(data)
    return value


def as_json(data: object) -> str:
    """Readable UTF-8; escaped where a text holds a lone surrogate, which SQLite would refuse."""
    try:
        return orjson.dumps(data).decode()
    except orjson.JSONEncodeError:
        return json.dumps(data, separators=(',', ':'))


def from_json(text: str) -> Any:
    """What `as_json` wrote."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def storable(text: str) -> str:
    """The text as SQLite takes it: a lone surrogate becomes U+FFFD."""
    if text.isascii() or is_storable(text):
        return text
    return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def is_storable(text: str) -> bool:
    """Whether it holds no lone surrogate."""
    if text.isascii():
        return True
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
    arrange: Callable[[Any], Any] = sorted if make is frozenset else list
    if inner is _AS_IT_IS:
        return _Pair(arrange, make)
    return _Pair(lambda value: arrange(map(inner.encode, value)), lambda data: make(map(inner.decode, data)))


def _mapping_pair(inner: _Pair) -> _Pair:
    if inner is _AS_IT_IS:
        return _Pair(lambda value: dict(sorted(value.items())), dict)
    return _Pair(
        lambda value: {key: inner.encode(one) for key, one in sorted(value.items())},
        lambda data: {key: inner.decode(one) for key, one in data.items()},
    )


def _dataclass_pair(cls: type[Any]) -> _Pair:
    tp: Any = cls
    slots, values_of = _slots(tp)
    readers = {slot.name: slot.pair.decode for slot in slots}
    writers = [(slot.name, slot.default, None if slot.pair is _AS_IT_IS else slot.pair.encode) for slot in slots]

    def write(value: Any) -> dict[str, Any]:
        return {
            name: one if encode is None else encode(one)
            for (name, default, encode), one in zip(writers, values_of(value), strict=True)
            if one is not default and one != default
        }

    def read(data: Mapping[str, Any]) -> Any:
        return cls(**{name: readers[name](one) for name, one in data.items() if name in readers})

    return _Pair(write, read)


@cache
def _slots(cls: Any) -> tuple[list[_Slot], Callable[[Any], tuple[Any, ...]]]:
    """The fields, and what gives all their values of an instance in one go."""
    hints = get_type_hints(cls)
    slots = [_Slot(one.name, _default(one), _pair(hints[one.name])) for one in fields(cls)]
    names = [slot.name for slot in slots]
    return slots, attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, n) for n in names)


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default
