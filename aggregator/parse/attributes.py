"""Attributes that hold a number or one of a few words keep no others: what stands there means nothing to a browser.

A text in quotes runs nothing, but whoever reads our HTML with less care than a browser must not find an address in it.
"""

from __future__ import annotations

import re

_LENGTH = r'\d{1,7}(?:\.\d{1,7})?(?:px|%)?'  # HTML, 2.3.4.4; px, as it is often written
_COUNT = r'\d{1,5}'
_ORDINAL = r'-?\d{1,9}'
_VALUES = {
    'width': _LENGTH,
    'height': _LENGTH,
    'span': _COUNT,
    'colspan': _COUNT,
    'rowspan': _COUNT,
    'start': _ORDINAL,
    'value': _ORDINAL,
    'align': r'(?i:left|center|right|justify|char|top|middle|bottom)',
    'dir': r'(?i:ltr|rtl|auto)',
    'scope': r'(?i:row|col|rowgroup|colgroup)',
    'controls': r'(?i:controls|true)?',
    'reversed': r'(?i:reversed|true)?',
    'lang': r'[A-Za-z0-9-]{0,40}',
    'type': r'[^"<>:]{0,100}',  # a letter or a numeral of a list, else a media type with its codecs
    'datetime': r'[\dP+-][\w:.+ -]{0,60}',  # HTML, 2.3.5
}
# From the beginning of a tag on, so that a long text is passed through at once.
_ODD = re.compile(
    '<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")*? (?:' + '|'.join(f'{n}="(?!{value}")' for n, value in _VALUES.items()) + ')'
)
_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")+>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


def without_odd_values(html: str) -> str:
    """Of HTML as it was serialised just now: every value in double quotes, `<` and `>` in none of them."""
    return _TAG.sub(_tag, html) if _ODD.search(html) else html


def _tag(tag: re.Match[str]) -> str:
    return _ATTRIBUTE.sub(lambda one: one[0] if _fits(one[1], one[2]) else '', tag[0])


def _fits(name: str, value: str) -> bool:
    return name not in _VALUES or re.fullmatch(_VALUES[name], value) is not None
