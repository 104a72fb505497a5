"""Codes: a publisher's own id of an entry, read where the source's `key` says it stands (rule 1 of the design).

Patterns run on RE2, in time linear in the text, so that no text can hang one. RE2 has no look-around and no
back-references; a pattern that it refuses never matches here, and settings/ reports it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import re2

from aggregator.model import Entry, Key, UrlRules
from aggregator.rules import urls

MAX_CODE = 256  # characters of a code field without a pattern

_NO_CODE = re.compile(r'[0-9]{23}')  # what caifuhao.eastmoney.com counts its posts by: a date and time with a serial
_PARAM_VALUE = re.compile(r'[A-Za-z0-9._-]{1,64}')


class CompiledPattern:
    """A pattern ready for use. Lone surrogates in a text count as question marks."""

    __slots__ = ('_regexp',)

    def __init__(self, regexp: Any) -> None:
        self._regexp = regexp

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        return self._regexp.search(text.encode('utf-8', 'replace')) is not None

    def span(self, text: str) -> tuple[int, int] | None:
        """Where in the text it is found first, in characters."""
        raw = text.encode('utf-8', 'replace')
        found = self._regexp.search(raw)
        if found is None:
            return None
        start, end = found.span()
        return len(raw[:start].decode('utf-8', 'replace')), len(raw[:end].decode('utf-8', 'replace'))

    def first_group(self, text: str) -> str:
        """What the first group caught (the whole match where the pattern has no group); '' where nothing is found.

        Digits that go on outside the group are a longer number, not a code: 18 of 23 digits name nothing.
        """
        raw = text.encode('utf-8', 'replace')
        group = min(1, self._regexp.groups)
        found = next((m for m in self._regexp.finditer(raw) if not _cuts_a_number(raw, *m.span(group))), None)
        caught: bytes | None = found and found.group(group)
        return (caught or b'').decode('utf-8', 'replace')


def _cuts_a_number(raw: bytes, start: int, end: int) -> bool:
    before, after = raw[max(0, start - 1) : start + 1], raw[end - 1 : end + 1]
    return start < end and ((len(before) > 1 and before.isdigit()) or (len(after) > 1 and after.isdigit()))


def code_of(entry: Entry, key: Key, rules: UrlRules) -> str:
    """The code in upper case, bare digits with the key's prefix; '' where the entry shows none.

    Looked for in this order, and the first found wins: the code field, a parameter of the link (opened where it is
    wrapped), the path of the link, the guid as sent.
    """
    if not entry.code and not (key.param or key.path or key.guid):
        return ''
    found = _from_field(entry.code, key.code) or _from_link(entry.link, key, rules) or _caught(key.guid, entry.guid)
    code = ''.join(found.split()).upper()
    if _NO_CODE.fullmatch(code):
        return ''
    return key.prefix.upper() + code if code.isascii() and code.isdigit() else code


def compile_pattern(pattern: str) -> CompiledPattern:
    """The pattern, compiled once. Raises ValueError with a sentence for people where RE2 refuses it."""
    return CompiledPattern(_compile(pattern))


def found_in(pattern: str, text: str) -> bool:
    """Whether a pattern of the configuration is found in the text; False where the pattern cannot be used."""
    compiled = _usable(pattern)
    return compiled is not None and compiled.matches(text)


def place_in(pattern: str, text: str) -> tuple[int, int] | None:
    """Where it is found first, in characters; None where it is not."""
    compiled = _usable(pattern)
    return compiled.span(text) if compiled else None


def _from_field(code: str, pattern: str) -> str:
    if pattern:
        return _caught(pattern, code)
    return code if len(code) <= MAX_CODE else ''


def _from_link(link: str, key: Key, rules: UrlRules) -> str:
    if not link or not (key.param or key.path):
        return ''
    parts = urls.opened(link, rules)
    if parts is None:
        return ''
    return _from_query(parts.query, key.param) or _from_path(parts.path, key.path)


def _from_query(query: str, param: str) -> str:
    if not param or not query:
        return ''
    return next((v for v in map(str.strip, urls.query_values(query, param)) if _PARAM_VALUE.fullmatch(v)), '')


def _from_path(path: str, patterns: tuple[str, ...]) -> str:
    plain = unquote(path)  # some write the comma of /news/1355,2022….html as %2C
    return next((code for pattern in patterns if (code := _caught(pattern, plain))), '')


def _caught(pattern: str, text: str) -> str:
    if not pattern or not text:
        return ''
    compiled = _usable(pattern)
    return compiled.first_group(text.strip()).strip() if compiled else ''


@lru_cache(maxsize=1024)
def _usable(pattern: str) -> CompiledPattern | None:
    try:
        return compile_pattern(pattern)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False  # it would write to stderr
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_sentence(pattern, error)) from error


def _sentence(pattern: str, error: Exception) -> str:
    said = error.args[0] if len(error.args) == 1 else 'it is not valid Unicode'
    reason = said.decode('utf-8', 'replace') if isinstance(said, bytes) else str(said)
    if re.search(r'\(\?<?[=!]|\\[1-9]', pattern):
        reason = 'look-around and back-references do not exist in RE2, which cannot hang'
    return f'the regular expression {pattern[:80]!r} cannot be used: {reason}'
