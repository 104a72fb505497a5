"""Markup that stands in a feed as elements -> the text that feedparser makes of it."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from aggregator.parse.bounds import MAX_ATTRIBUTES, MAX_DEPTH
from aggregator.parse.judged import JUDGED
from aggregator.parse.names import Doubt, Names, split_tag

_XML: Final = 'http://www.w3.org/XML/1998/namespace'
_IN_XML: Final = {f'{{{_XML}}}lang': 'xml:lang', f'{{{_XML}}}space': 'xml:space', f'{{{_XML}}}id': 'xml:id'}
_FOREIGN: Final = frozenset({'svg', 'math'})
_QUOTED: Final = {'"': '&quot;'}


def markup_of(element: Element, names: Names, depth: int, *, without_div: bool) -> str:
    """What stands inside of an element at that depth. The <div> that Atom wants around it can go (RFC 4287, 3.1.1)."""
    pieces: list[str] = []
    _add(element, names, depth, pieces)
    if without_div:
        pieces = _without_div(pieces)
    return ''.join(pieces)


def _add(parent: Element, names: Names, depth: int, pieces: list[str]) -> None:
    if depth >= MAX_DEPTH and len(parent):
        raise Doubt
    if parent.text:
        pieces.append(escape(parent.text))
    for element in parent:
        tag = split_tag(element.tag)[1]
        if names.of(element.tag) in JUDGED or tag in _FOREIGN:
            raise Doubt
        pieces.append(f'<{tag}{_attributes(element) if element.attrib else ""}>')
        _add(element, names, depth + 1, pieces)
        pieces.append(f'</{tag}>')
        if element.tail:
            pieces.append(escape(element.tail))


def _attributes(element: Element) -> str:
    given: dict[str, str] = element.attrib
    if len(given) > MAX_ATTRIBUTES // 2:
        raise Doubt
    found: dict[str, str] = {}
    for name, value in given.items():
        known = _IN_XML.get(name, name.lower())
        if known[0] == '{':
            raise Doubt
        found[known] = value.lower() if known in {'rel', 'type'} else value
    found.pop('base', None)
    return ''.join(f' {name}="{escape(value, _QUOTED)}"' for name, value in found.items())


def _without_div(pieces: list[str]) -> list[str]:
    """The pieces without a <div> around all of them."""
    first, last = 0, len(pieces)
    while last - first > 1 and not pieces[last - 1].strip():
        last -= 1
    while last - first > 1 and not pieces[first].strip():
        first += 1
    pieces = pieces[first:last]
    if not pieces or not (pieces[0] == '<div>' or pieces[0].startswith('<div ')) or pieces[-1] != '</div>':
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith('</'):
            depth -= 1
            if not depth:
                return pieces
        elif piece.startswith('<') and not piece.endswith('/>'):
            depth += 1
    return pieces[1:-1]
