"""Mutations that know a grammar: JSON stays JSON, front matter stays lines of keys, so that what is inside is reached."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any, Final

from fuzz_mutate import LARGEST_BYTES, VALUES, Mutation
from hostile_html import VECTORS

_ODD: Final = (
    None, True, False, 0, -1, 10**400, 10**19, 1.5, 1e308, '', ' ', '\x00', '\ud800', '\udfff\ud800', '\ufffe', '\x1b[31m', '\u202e', [], {}, [[]], {'': ''},
    {'name': 1}, [None, 1, 'a', {}], 'NaN', '9' * 5000, 'x' * 3000, '<b>' * 300, '&#xD800;', 'javascript:alert(1)', 'https://a.example/', 'https://[', '今天 08:00', '2026-11-25', 1795561200, 1795561200000, 99999999999999999999, -1795561200,
)  # fmt: skip
_YAML: Final = (
    '[' * 300, '{' * 300, '&a [*a, *a]', '*a', '!!python/object/apply:os.system [id]', '!<tag:yaml.org,2002:js/function> x', '"\\u0000\\ud800"', '"\\x1b[2J"', "'", '"', '|', '>', '|2-', '>+9', '- - - -', '? x', '%YAML 9', '<<: *a', '---', '...',
    '\t', '# x', '@', '`', '0o777', '.inf', '.nan', '2026-11-25T99:99:99', '1_000', '~', 'yes', '[a, [b, [c]]', '{a: {b: c}}', '"' + 'x' * 5000, "'" * 999, '/etc/passwd', '../../x', 'a: b: c', '新' * 400, '[' + 'x, ' * 2000 + ']',
)  # fmt: skip


def json_changed(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """One to three values or keys somewhere in the document are others."""
    head, text, tail = _around(body.decode('utf-8', 'replace'))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return body
    for _count in range(dice.choice((1, 1, 2, 3))):
        value = _changed(value, dice, 0)
    encoder = json.JSONEncoder(ensure_ascii=dice.random() < 0.5, indent=dice.choice((None, 1)))
    return f'{head}{_written(encoder, value)}{tail}'.encode('utf-8', 'surrogatepass')


def _written(encoder: json.JSONEncoder, value: Any) -> str:
    """As much of it as a document may have: copies of copies are gigabytes."""
    made, length = [], 0
    for piece in encoder.iterencode(value):
        made.append(piece)
        length += len(piece)
        if length > LARGEST_BYTES:
            break
    return ''.join(made)


def _around(text: str) -> tuple[str, str, str]:
    """What stands before and after the value, as in JSONP."""
    start, end = text.find('{'), text.rfind('}') + 1
    return (text[:start], text[start:end], text[end:]) if 0 <= start < end else ('', text, '')


def _changed(value: Any, dice: Random, depth: int) -> Any:
    if depth < 6 and value and isinstance(value, dict | list) and dice.random() < 0.85:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = dice.choice(keys)
        match dice.randrange(8):
            case 0 if isinstance(value, dict):
                return {k: v for k, v in value.items() if k != key}
            case 1 if isinstance(value, dict):
                return {**value, dice.choice(keys): value[key], f'{key}\x00': 1}
            case 2 if isinstance(value, list):
                return [*value, *[value[key]] * dice.choice((1, 5, 60))]
        if isinstance(value, dict):
            return {**value, key: _changed(value[key], dice, depth + 1)}
        return [*value[:key], _changed(value[key], dice, depth + 1), *value[key + 1 :]]
    return _odd(dice)


def _odd(dice: Random) -> Any:
    match dice.randrange(5):
        case 0:
            return dice.choice(VECTORS)
        case 1:
            return dice.choice(VALUES).decode('utf-8', 'surrogateescape')
        case 2:
            return _deep(dice.choice((3, 50, 400)))
        case _:
            return dice.choice(_ODD)


def _deep(levels: int) -> Any:
    value: Any = 'x'
    for level in range(levels):
        value = [value] if level % 2 else {'a': value}
    return value


def json_spoiled(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """What JSON's grammar does not allow and its readers often do, and the other way round."""
    at = dice.choice([n for n, byte in enumerate(body[:20_000]) if byte in b'{}[]:,"'] or [0])
    pieces = (
        b'NaN', b'-Infinity', b'1e9999', b'"\\ud800"', b'"a":1,"a":2,', b',,', b'//x\n', b'/*x*/', b'\x00', b'\xef\xbb\xbf', b'while(1);', b"'a'", b'undefined', b'[' * 3000, b'{"a":' * 2000,
        b');alert(1);(', b'})', b'\\', b'"\\u00', b'-', b'9' * 6000, b'\xe2\x80\xa8', b'"\t"', b'true', b'<!--', b'</script>',
    )  # fmt: skip
    return body[:at] + dice.choice(pieces) + body[at:]


def lines_changed(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """Front matter or YAML: a line is twice there, gone, deeper, or holds another value."""
    lines = body.decode('utf-8', 'replace').split('\n')
    at = dice.randrange(len(lines))
    line = lines[at]
    indent = len(line) - len(line.lstrip())
    match dice.randrange(6):
        case 0:
            lines.insert(at, line)
        case 1:
            del lines[at]
        case 2:
            lines[at] = dice.choice(('  ', '\t', ' ' * 200)) + line
        case 3:
            lines[at] = f'{line[:indent]}{dice.choice(_YAML)}'
        case _:
            key = line.partition(':')[0]
            value = dice.choice(_YAML) if dice.random() < 0.6 else dice.choice(VALUES).decode('utf-8', 'replace')
            lines[at] = f'{key}: {value}'
    return '\n'.join(lines).encode('utf-8', 'surrogatepass')


GRAMMARS: Final[Mapping[str, tuple[Mutation, ...]]] = MappingProxyType(
    {
        'json': (json_changed, json_changed, json_spoiled),
        'list': (json_changed, json_changed, json_spoiled),
        'post': (lines_changed,),
        'settings': (lines_changed,),
        'headers': (lines_changed,),
    }
)
