"""The JSON value in a document: wrappers of scripts taken off, small slips forgiven, depth and numbers bounded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from aggregator.parse.texts import clean_text

MAX_DEPTH: Final = 100  # arrays and objects inside each other
MAX_WRAPPER: Final = 300  # characters before the value: `callback(`, `var list =`, `)]}',`
MAX_DIGITS: Final = 30  # of a whole number; a longer one stays the text that it is

_START: Final = re.compile(r'[{\[]')
_STRING: Final = (
    r'"(?:[^"\\]++|\\.)*(?:"|\\?\Z)'  # a string that never ends goes to the end: no second try, no going back
)
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_NO_BRACKET: Final = re.compile(r'[^\[\]{}]+')
_STRING_OR_COMMA: Final = re.compile(rf'{_STRING}|,(?=[ \t\r\n]*[\]}}])', re.DOTALL)
_WRAPPER: Final = re.compile(r'[(=,;:\s]\Z')
_TAIL: Final = re.compile(r'[\s;,)]*(?://.*|/\*.*)?', re.DOTALL)
_STEP: Final = {'[': 1, '{': 1, ']': -1, '}': -1}


@dataclass(frozen=True, slots=True)
class Json:
    """`cut` says that something which is no JSON follows the value."""

    value: Any
    cut: bool = False


@dataclass(frozen=True, slots=True)
class NoJson:
    message: str


def read_json(text: str) -> Json | NoJson:
    """The array or object in the text (RFC 8259), also inside `name(…);` or `var name = …;`, and with trailing commas.

    Whole numbers of more than 30 digits come as their text, NaN and infinities as None. Never raises.
    """
    start = _START.search(text, 0, MAX_WRAPPER)
    if start is None or not _is_wrapper(text[: start.start()]):
        return NoJson(
            f'it is no JSON: it begins with “{clean_text(text[:200], 60)}”' if text.strip() else 'it is empty'
        )
    if _depth(text) > MAX_DEPTH:
        return NoJson(f'its values lie more than {MAX_DEPTH} deep inside each other')
    found = _value_at(text, start.start())
    if isinstance(found, NoJson):
        bare = _STRING_OR_COMMA.sub(lambda part: '' if part[0] == ',' else part[0], text[start.start() :])
        again = _value_at(bare, 0)
        return again if isinstance(again, Json) else found
    return found


def _is_wrapper(head: str) -> bool:
    """Whether what stands before the value is a script's way to hand it over, and not a page or a sentence."""
    return not head.strip() or ('<' not in head.replace('<!--', '') and _WRAPPER.search(head) is not None)


def _depth(text: str) -> int:
    if text.count('[') + text.count('{') <= MAX_DEPTH:
        return 0
    brackets = _NO_BRACKET.sub('', _STRINGS.sub('', text))
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _value_at(text: str, start: int) -> Json | NoJson:
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return NoJson(f'its JSON is broken at line {error.lineno}, column {error.colno}: {error.msg}')
    except (ValueError, RecursionError) as error:
        return NoJson(f'its JSON cannot be read: {clean_text(str(error), 100)}')
    return Json(value, cut=_TAIL.fullmatch(text, end) is None)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


_DECODER: Final = json.JSONDecoder(parse_int=_whole, parse_constant=lambda _: None, strict=False)
