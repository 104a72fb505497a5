"""The front matter of a Jekyll post, read line by line: posts whose YAML is broken are the ones that need reading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aggregator.model import Fault

MAX_KEYS: Final = 200
MAX_LIST: Final = 200

_KEY: Final = re.compile(r'([^\s:#"\'\[\]{}-][^:\n]{0,99}?)[ \t]*:(?:[ \t]+(.*)|[ \t]*)')
_ELEMENT: Final = re.compile(r'[ \t]*-(?:[ \t]+(.*)|[ \t]*)')
_COMMENT: Final = re.compile(r'(?:^|[ \t])#.*')
_ESCAPE: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(.))')
_WORDS: Final = {'n': '\n', 't': '\t', 'r': ' ', '0': ''}
_NULLS: Final = frozenset({'~', 'null', 'Null', 'NULL'})
_WHOLE_QUOTED: Final = re.compile(r'("(?:[^"\\]++|\\.)*"|\'(?:[^\']++|\'\')*\')[ \t]+#.*')
_IN_LIST: Final = re.compile(r'\s*("(?:[^"\\]++|\\.)*"|\'(?:[^\']++|\'\')*\'|[^,]*)\s*(?:,|\Z)')

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Values as texts, lists as tuples; `body` is what follows the front matter, line ends are newlines."""

    values: Mapping[str, Value] = field(default_factory=dict)
    body: str = ''
    fault: Fault | None = None

    def text(self, key: str) -> str:
        """The value of the key; the first of a list, '' where there is none."""
        value = self.values.get(key, '')
        return value if isinstance(value, str) else next(iter(value), '')

    def texts(self, key: str) -> tuple[str, ...]:
        """A list's values; a text is one, blanks and all."""
        value = self.values.get(key, '')
        return value if isinstance(value, tuple) else (value,) if value else ()


def read_front_matter(text: str) -> FrontMatter:
    """The front matter (jekyllrb.com/docs/front-matter) and the rest. Never raises.

    A value in quotes may hold quotes that are not escaped: the first and the last are the ones that count. Maps inside
    are passed over. Without a closing line the lines that look like front matter are taken for it.
    """
    lines = text.removeprefix('\ufeff').replace('\r\n', '\n').replace('\r', '\n').split('\n')
    if lines[0].rstrip() != '---':
        return FrontMatter({}, '\n'.join(lines), Fault('front-matter', 'The post has no front matter.', _HINT))
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in {'---', '...'}), 0)
    if end:
        return FrontMatter(_values(lines[1:end]), '\n'.join(lines[end + 1 :]))
    end = next((n for n, line in enumerate(lines[1:], 1) if not _is_front(line)), len(lines))
    fault = Fault('front-matter', 'The front matter of the post never ends.', _HINT)
    return FrontMatter(_values(lines[1:end]), '\n'.join(lines[end:]), fault)


_HINT: Final = 'A post begins with a line `---`, lines like `title: …`, and another line `---`.'


def _is_front(line: str) -> bool:
    return bool(line.strip()) and (_KEY.fullmatch(line) or _ELEMENT.fullmatch(line)) is not None


def _values(lines: Sequence[str]) -> dict[str, Value]:
    """Each key with its value. A line that begins none continues the one before: more text, or of its list."""
    values: dict[str, Value] = {}
    raw: dict[str, list[str]] = {}
    key = ''
    for line in lines:
        found = _KEY.fullmatch(line)
        if found and len(raw) < MAX_KEYS:
            key = found[1]
            raw[key] = [(found[2] or '').strip()]
        elif key and line.strip() and (line[0] in ' \t' or _ELEMENT.fullmatch(line)):
            raw[key].append(line)
    for name, (head, *more) in raw.items():
        values[name] = _value(head, more)
    return values


def _value(head: str, more: Sequence[str]) -> Value:
    elements = [found for line in more[:MAX_LIST] if (found := _ELEMENT.fullmatch(line))]
    if not _COMMENT.sub('', head) and elements:
        return tuple(filter(None, (_scalar((found[1] or '').strip()) for found in elements)))
    if not head and more:
        return ''  # a map inside
    if head[:1] in {'|', '>'}:
        return ' '.join(line.strip() for line in more)
    if head.startswith('['):
        return _flow_list(' '.join([head, *(line.strip() for line in more)]))
    return _scalar(' '.join([head, *(line.strip() for line in more)]))


def _flow_list(text: str) -> Value:
    inner = _COMMENT.sub('', text).strip() if not text.endswith(']') else text
    if not inner.endswith(']'):
        return _scalar(text)
    found = _IN_LIST.finditer(inner[1:-1], 0)
    values = [_scalar(each[1].strip()) for _, each in zip(range(MAX_LIST), found, strict=False)]
    return tuple(filter(None, values))


def _scalar(text: str) -> str:
    if commented := _WHOLE_QUOTED.fullmatch(text):
        text = commented[1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_unescaped, text[1:-1])
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    bare = _COMMENT.sub('', text).strip()
    return '' if bare in _NULLS else bare


def _unescaped(found: re.Match[str]) -> str:
    """An escape of a double-quoted scalar (YAML 1.2, 5.7); what is none stays as it stands."""
    if found[1]:
        return chr(int(found[1], 16))
    return found[2] if found[2] in '"\\/ ' else _WORDS.get(found[2], found[0])
