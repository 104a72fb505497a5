"""What pydantic found, in words: its locations become lines and columns, its types become sentences with an example."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.model import ConfigFault
from aggregator.settings.faults import Page, did_you_mean, listed, mark_of, shown
from aggregator.settings.places import Place, flow, place_of
from aggregator.settings.rows import ROWS, row_keys
from aggregator.settings.tree import Listing, Mapping, Node, Scalar, value_of

_LONG = 40  # characters of a number that a message repeats
UNKNOWN_KEY = ('extra_forbidden', 'unexpected_keyword_argument')


def faults_of(
    error: ValidationError,
    tree: Node,
    page: Page,
    root: type[BaseModel],
    *,
    only: Callable[[tuple[int | str, ...]], bool] = lambda _loc: True,
) -> list[ConfigFault]:
    """One fault for each error: at an unknown key, at a wrong value, at the mapping where a key is missing."""
    told = [found for found in error.errors(include_url=False) if only(found['loc'])]
    return [_fault(found, place_of(found['loc'], tree, root), page) for found in told]


def number_fault(scalar: Scalar, page: Page) -> ConfigFault | None:
    """A key or text that YAML reads as a number, a truth value or nothing: 000001 would lose its zeros."""
    value = value_of(scalar)
    if isinstance(value, str):
        return None
    quoted = json.dumps(scalar.text, ensure_ascii=False)
    if value is None:
        return page.fault(scalar.mark, 'expected a text, found nothing', 'write one, or remove the key')
    if isinstance(value, bool):
        return page.fault(scalar.mark, f'{scalar.text} is read as a truth value; put it in quotes: {quoted}')
    plain = f'{value:.15g}' if isinstance(value, float) else str(value)
    read = f'the number {plain[:20]}' if plain != scalar.text else 'a number'
    advice = f'put it in quotes: {quoted}' if len(quoted) < _LONG else 'put it in quotes'
    return page.fault(scalar.mark, f'{shown(scalar.text)[1:-1]} is read as {read}; {advice}')


# ------------------------------------------------ what


def _fault(found: Any, place: Place, page: Page) -> ConfigFault:
    kind, context = str(found['type']), found.get('ctx', {})
    if kind in UNKNOWN_KEY:
        return _unknown_key(place, page)
    if kind == 'missing':
        return _missing(str(found['loc'][-1]), place, page)
    if kind == 'wrong':
        at_key = found['loc'][-1] == '[key]' and place.key is not None
        return page.fault(
            place.key.mark if at_key and place.key else mark_of(place.node), context['message'], context['hint']
        )
    if place.node is not place.parent and isinstance(place.node, Scalar) and kind == 'string_type':
        return number_fault(place.node, page) or _unexpected(found, place, page)
    if kind == 'literal_error':
        return _choice(context['expected'], place, page)
    return _unexpected(found, place, page)


def _unknown_key(place: Place, page: Page) -> ConfigFault:
    key = place.key
    if key is None:
        return page.fault(mark_of(place.node), 'unknown key')
    if slip := _glued(key.text, place.keys):
        return page.fault(key.mark, *slip)
    others = [kind for kind in ROWS if place.kind and key.text in row_keys(kind)] if len(place.steps) == 3 else []  # noqa: PLR2004  # sources, row, key
    if others:
        return page.fault(
            key.mark,
            f'{key.text!r} is a key of kind {listed(others)}, not of kind {place.kind!r}',
            'mend the kind, or remove the key',
        )
    if key.text == '<<':
        return page.fault(
            key.mark, "merge keys ('<<') are no part of YAML 1.2", 'what holds for all sources stands in defaults:'
        )
    known = f'known here: {", ".join(place.keys)}'
    return page.fault(key.mark, f'unknown key {shown(key.text)}', did_you_mean(key.text, place.keys, known))


def _glued(key: str, keys: tuple[str, ...]) -> tuple[str, str] | None:
    """A key that swallowed its value, for the colon was full-width or no blank followed it."""
    if '：' in key:
        return (full_width(key), '')
    name, colon, value = key.partition(':')
    if colon and value and (name in keys or '/' not in value):
        return (no_blank(name, value), '')
    return None


def full_width(text: str) -> str:
    return f"{shown(text)} looks like a full-width colon (：); YAML needs ':' and a blank"


def no_blank(name: str, value: str) -> str:
    return f'{shown(f"{name}:{value}")} has no blank after the colon; write {shown(f"{name}: {value}")}'


def _missing(key: str, place: Place, page: Page) -> ConfigFault:
    owner = 'this source has' if place.in_row else 'there is'
    hint = f'add {key}: {place.example}'.rstrip() if place.example else f'add {key}:'
    return page.fault(mark_of(place.node), f'{owner} no {key!r}', hint)


def _choice(expected: str, place: Place, page: Page) -> ConfigFault:
    words = re.findall(r"'([^']*)'", expected)
    written = place.node.text if isinstance(place.node, Scalar) else ''
    if isinstance(place.node, Scalar) and written:
        message = f'expected {listed(words)}, found {shown(written)}'
        return page.fault(place.node.mark, message, did_you_mean(written, words))
    return page.fault(mark_of(place.node), f'expected {listed(words)}, found {_form(place.node)}')


def _form(node: Node) -> str:
    match node:
        case Listing():
            return 'a list'
        case Mapping():
            return 'keys and values (a mapping)'
    value = value_of(node)
    if value is None:
        return 'nothing'
    if isinstance(value, bool):
        return f'the truth value {node.text}'
    return f'the number {node.text[:20]}' if isinstance(value, int | float) else f'the text {shown(node.text)}'


_EXPECTED = {
    'string_type': 'a text',
    'bool_type': 'true or false',
    'bool_parsing': 'true or false',
    'list_type': 'a list',
    'tuple_type': 'a list',
    'dict_type': 'keys and values (a mapping)',
    'mapping_type': 'keys and values (a mapping)',
    'model_type': 'keys and values (a mapping)',
    'model_attributes_type': 'keys and values (a mapping)',
    'dataclass_type': 'keys and values (a mapping)',
    'int_type': 'a whole number',
    'int_parsing': 'a whole number',
    'int_from_float': 'a whole number',
    'float_type': 'a number',
    'float_parsing': 'a number',
}
_BOUNDS = {
    'greater_than_equal': ('at least', 'ge'),
    'greater_than': ('above', 'gt'),
    'less_than_equal': ('at most', 'le'),
    'less_than': ('below', 'lt'),
}


def _unexpected(found: Any, place: Place, page: Page) -> ConfigFault:
    kind, context, node = str(found['type']), found.get('ctx', {}), place.node
    mark = mark_of(node)
    if kind in _BOUNDS:
        word, bound = _BOUNDS[kind]
        return page.fault(
            mark, f'expected a number {word} {context[bound]:.15g}, found {_form(node).removeprefix("the number ")}'
        )
    if kind == 'too_short':
        return page.fault(mark, 'this list is empty', f'such as {place.example}' if place.example else 'remove the key')
    expected = _EXPECTED.get(kind)
    if expected is None:
        return _refused(node, str(found['msg']).removeprefix('Value error, '), page)
    if 'mapping' in expected and isinstance(node, Scalar) and (slip := _glued(node.text, place.keys)):
        return page.fault(mark, *slip)
    return page.fault(mark, f'expected {expected}, found {_form(node)}', _hint(expected, place))


def _refused(node: Node, message: str, page: Page) -> ConfigFault:
    """What an options class says of a mapping: 'pages: 99 is too many' is shown at the value of pages."""
    key, colon, rest = message.partition(': ')
    if colon and isinstance(node, Mapping) and key in node.pairs:
        return page.fault(mark_of(node.pairs[key][1]), rest)
    return page.fault(mark_of(node), message)


def _hint(expected: str, place: Place) -> str:
    match expected, place.node:
        case 'true or false', Scalar() as scalar if scalar.text.lower() in ('yes', 'y', 'on', '1'):
            return 'write true'
        case 'true or false', Scalar() as scalar if scalar.text.lower() in ('no', 'n', 'off', '0'):
            return 'write false'
        case 'a list', Scalar() as scalar if scalar.text:
            return f'write [{flow(scalar.text)}]'
    return f'such as {place.example}' if place.example else ''
