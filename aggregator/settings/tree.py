"""A YAML file as a tree that knows where every key and value stands; and what a scalar means.

Plain scalars are read by the core schema of YAML 1.2.2 (10.3.2): yes, no, on and off are texts, 012 is the number 12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Mark:
    """Where something stands. Line and column count from 1; `width` is 0 where it goes on to the next line."""

    line: int
    column: int
    width: int = 1
    end: int = 0  # index of the character behind it, from 0, in the whole text


@dataclass(slots=True)
class Scalar:
    mark: Mark
    text: str
    plain: bool = False  # written without quotes: may be a number, true, false or nothing
    size: int = 1
    height: int = 0  # of lists and mappings, itself included


@dataclass(slots=True)
class Listing:
    mark: Mark
    items: list[Node] = field(default_factory=list)
    flow: bool = False
    size: int = 1
    height: int = 1
    open: bool = True


@dataclass(slots=True)
class Mapping:
    mark: Mark
    pairs: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 1
    open: bool = True
    pending: Scalar | None = None


Node = Scalar | Listing | Mapping


def lines_of(text: str) -> list[str]:
    """The lines as YAML counts them (YAML 1.2.2, 5.4): other breaks of Unicode are ordinary characters."""
    return re.split(r'\r\n|\r|\n', text)


# ------------------------------------------------ values


# Bounded, so that no number is too large to be shown or compared with a float; a longer one is read as infinite.
_INT = re.compile(r'[-+]?[0-9]{1,300}|0o[0-7]{1,60}|0x[0-9a-fA-F]{1,60}')
_FLOAT = re.compile(
    r'[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)'
)
_WORDS_OF = {
    **dict.fromkeys(('', '~', 'null', 'Null', 'NULL')),
    **dict.fromkeys(('true', 'True', 'TRUE'), True),
    **dict.fromkeys(('false', 'False', 'FALSE'), False),
}


def value_of(scalar: Scalar) -> str | int | float | bool | None:
    """What a scalar means in the core schema (YAML 1.2.2, 10.3.2)."""
    text = scalar.text
    if not scalar.plain:
        return text
    if text in _WORDS_OF:
        return _WORDS_OF[text]
    if text[0] not in '+-.0123456789':
        return text
    if _INT.fullmatch(text):
        return int(text, {'0o': 8, '0x': 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace('.inf', 'inf').replace('.nan', 'nan'))
    return text


def data_of(node: Node) -> Any:
    """The tree as plain lists, dictionaries and values."""
    match node:
        case Scalar():
            return value_of(node)
        case Listing():
            return [data_of(item) for item in node.items]
        case Mapping():
            return {key: data_of(value) for key, (_, value) in node.pairs.items()}
