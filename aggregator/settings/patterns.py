"""Are these regular expressions that the engine can run? The engine is RE2, which is safe on any text.

RE2 itself belongs to rules/. Here its dialect is turned into Python's, whose compiler says where a pattern is broken.
Only syntax is judged; no pattern is ever searched with Python's engine, which could hang.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache

MAX_PATTERN = 2000  # characters
_MAX_REPEAT = 1000  # RE2 refuses more

# A part of a pattern: an escape, the edge of a class, the head of a group, a quantifier, or any other character.
_PART = re.compile(
    r"""\\[pP]\{\^?\w{1,40}\}|\\x\{[0-9a-fA-F]{1,6}\}|\\Q.*?(?:\\E|\Z)|\\.|\[:\^?\w{1,12}:\]|\[\^?\]?|\]
      |\(\?P?<\w+>|\(\?P[=>]|\(\?<?[=!]|\(\?>|\(\?\(|\(\?\#|\(\?[a-zA-Z-]*[:)]|\{\d*,?\d*\}\+?|[*+?]\+|.""",
    re.VERBOSE | re.DOTALL,
)
_REFUSED = (
    (re.compile(r'\(\?<?[=!]'), 'look-around'),
    (re.compile(r'\(\?P=|\\[1-9]'), 'a back-reference'),
    (re.compile(r'\(\?>|(?:[*+?]|\{\d*,?\d*\})\+'), 'an atomic group or possessive quantifier'),
    (re.compile(r'\(\?\(|\(\?P>'), 'a conditional or recursive group'),
    (re.compile(r'\(\?#'), 'a comment'),
    (re.compile(r'\\[uUN]'), r'an escape of Python; write the character itself or \x{…}'),
    (re.compile(r'\\Z'), r'an escape of Python; write \z'),
    (re.compile(r'\(\?(?![imsU]*(?:-[imsU]+)?[:)])[a-zA-Z-]*[:)]'), 'a flag'),
)


@lru_cache(maxsize=4096)
def pattern_fault(pattern: str, *, one_group: bool = False) -> str:
    """Why RE2 cannot use this pattern, as a sentence without its subject; '' where it can.

    With `one_group` the pattern must capture exactly one thing, the code.
    """
    if len(pattern) > MAX_PATTERN:
        return f'is longer than {MAX_PATTERN} characters'
    parts = _PART.findall(pattern)
    return _refused(parts) or _broken(parts, one_group=one_group)


def _refused(parts: list[str]) -> str:
    in_class = False
    for part in parts:
        in_class = part != ']' and (in_class or part in ('[', '[^', '[]', '[^]'))
        if in_class and not part.startswith('\\'):
            continue
        if name := next((name for refused, name in _REFUSED if refused.fullmatch(part)), ''):
            return f'uses {name} ({part}), which the engine (RE2) does not have'
        if part.startswith('{') and any(int(n) > _MAX_REPEAT for n in re.findall(r'\d{1,9}', part)):
            return f'repeats more than {_MAX_REPEAT} times ({part})'
    return ''


def _broken(parts: list[str], *, one_group: bool) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # notes on future syntax of Python's engine
            groups = re.compile(''.join(map(_in_python, parts))).groups
    except re.error as error:
        return f'is no regular expression: {error.msg}'
    except (OverflowError, RecursionError, MemoryError, ValueError) as error:
        return f'is too complex ({type(error).__name__})'
    if one_group and groups != 1:
        return f'must have exactly one group (…) around the code; it has {groups}'
    return ''


_IN_PYTHON: tuple[tuple[str, Callable[[str], str]], ...] = (
    (r'\\[pPC].*', lambda _: r'\w'),
    (r'\\x\{.*', lambda part: f'\\U{min(int(part[3:-1], 16), 0x10FFFF):08x}'),
    (r'\\Q.*', lambda part: re.escape(part[2:].removesuffix('\\E'))),
    (r'\\z', lambda _: r'\Z'),
    (r'\[:.*', lambda _: 'a'),
    (r'\(\?<\w+>', lambda part: '(?P<' + part[3:]),
    (r'\(\?[a-zA-Z-]*:', lambda _: '(?:'),
    (r'\(\?[a-zA-Z-]*\)', lambda _: '(?:)'),
)


def _in_python(part: str) -> str:
    r"""What RE2 writes differently: \p{Han}, \x{4e00}, \z, \Q…\E, [:alpha:], (?<name>…) and flags in the middle."""
    if len(part) == 1:
        return part
    return next((turn(part) for form, turn in _IN_PYTHON if re.fullmatch(form, part, re.DOTALL)), part)
