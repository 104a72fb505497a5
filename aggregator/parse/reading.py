"""The state of reading a well-formed feed as feedparser reads it: whose fields are filled, and by which rules.

The rules are feedparser's, its surprises included; where we would have to guess one, it is a Doubt. What each element
does is in elements.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from feedparser.html import _cp1252 as letters_of_c1
from feedparser.urls import _urljoin, make_safe_absolute_uri

from aggregator.parse.bounds import MAX_ATTRIBUTES, MAX_DEPTH, Strict
from aggregator.parse.inline import markup_of
from aggregator.parse.names import Doubt, Names, prefix_of, split_tag
from aggregator.parse.texts import http_url

XHTML: Final = 'application/xhtml+xml'
HTML_TYPES: Final = frozenset({XHTML, 'text/html'})

_TYPES: Final = {'text': 'text/plain', 'plain': 'text/plain', 'html': 'text/html', 'xhtml': XHTML} | {
    kind: kind for kind in ('text/plain', 'text/html', XHTML)
}
_C1: Final = re.compile('[\x80-\x9f]')

Fields = dict[str, Any]
Attributes = dict[str, str]
Handler = Callable[['Reading', Element, Attributes, int], None]
"""Takes an element with its attributes and its depth; the root has depth 1."""


@dataclass(slots=True)
class Reading:
    """`context` is what fields belong to at the moment: the feed, an entry, or the feed that an entry is from."""

    names: Names
    url: str
    max_entries: int
    max_tags: int
    handlers: Mapping[str, Handler]
    unknown: Callable[[Reading, str, Element, Attributes, int], None]
    version: str = ''
    feed: Fields = field(default_factory=dict)
    entries: list[Fields] = field(default_factory=list)
    known: dict[str, Handler | None] = field(default_factory=dict)  # of each tag met, what handles it
    context: Fields = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)  # of the fields of the entry: a deeper one changes none
    in_feed: bool = False
    in_entry: bool = False
    in_source: bool = False
    has_content: bool = False
    title_depth: int = -1
    base: str = ''
    lang: str | None = None

    def walk(self, parent: Element, depth: int, handlers: Mapping[str, Handler] | None = None) -> None:
        """Read the children of an element that stands at that depth, by the handlers of these where given."""
        depth += 1
        if depth > MAX_DEPTH:
            raise Doubt
        base, lang, known = self.base, self.lang, {} if handlers else self.known
        handlers = handlers or self.handlers
        for element in parent:
            tag = element.tag
            if tag in known:
                handler = known[tag]
            else:
                handler = known[tag] = handlers.get(self.names.of(tag))
            attributes = self.attributes(element) if element.attrib else {}
            if handler is not None:
                handler(self, element, attributes, depth)
            else:
                self.unknown(self, self.names.of(tag), element, attributes, depth)
            self.lang = lang
            if base:
                self.base = base

    def attributes(self, element: Element) -> Attributes:
        """In lower case; xml:base and xml:lang take effect."""
        given: dict[str, str] = element.attrib
        if len(given) > MAX_ATTRIBUTES // 2:
            raise Doubt
        found = {name.lower(): value for name, value in given.items()}
        if '{' in ''.join(found):
            found = _with_prefixes(given)
        found.pop('base', None)
        if 'rel' in found:
            found['rel'] = found['rel'].lower()
        if 'type' in found:
            found['type'] = found['type'].lower()
        if 'xml:base' in found:
            found['xml:base'] = http_url(found['xml:base'], self.base or self.url)
            self._rebase(found['xml:base'])
        lang = found.get('xml:lang', found.get('lang'))
        if lang is not None:
            self.lang = lang or None
        return found

    def _rebase(self, base: str) -> None:
        base = base or self.base
        self.base = (make_safe_absolute_uri(self.base, base) or self.base) if self.base else _urljoin('', base)
        if self.base and make_safe_absolute_uri(self.base, self.base) != self.base:
            raise Doubt  # it would change again with every element inside

    def put(self, key: str, value: str, depth: int) -> None:
        """What an element says goes into the context; in an entry the one that stands highest wins."""
        if self.in_entry and not self.in_source:
            before = self.depths.get(key)
            if before is None or depth <= before:
                self.depths[key] = depth
                self.context[key] = value
        elif self.in_feed or self.in_source:
            self.context[key] = value

    def put_detail(self, key: str, detail: Fields) -> None:
        if self.in_entry or self.in_feed:
            self.context[f'{key}_detail'] = detail

    def joined(self, address: str) -> str:
        """The address against an xml:base alone."""
        if not self.base and ':///' not in address:
            return address
        joined: str = _urljoin(self.base, address)
        return joined

    def address(self, written: str) -> str:
        """An address of the feed's own elements: resolved against an xml:base alone."""
        text = written.strip()
        return mended(self.joined(text)) if text else ''

    def content(self, element: Element, attributes: Attributes, default: str, depth: int) -> tuple[str, Fields]:
        """The value of an element that may hold markup, and its detail: type, language, base."""
        kind = content_type(attributes.get('type', default))
        if attributes.get('mode') == 'base64' or not (kind.startswith('text/') or kind.endswith(('+xml', '/xml'))):
            raise Doubt
        language = self.lang.replace('_', '-') if self.lang else self.lang
        detail: Fields = {'type': kind, 'language': language, 'base': self.base}
        text = (self._inline(element, depth) if kind == XHTML else text_of(element)).strip()
        if kind == 'text/plain' and ('<' in text or '&' in text) and not self.version.startswith('atom'):
            detail['type'] = 'text/html' if Strict.looks_like_html(text) else kind
        return mended(text), detail

    def _inline(self, element: Element, depth: int) -> str:
        if not len(element):
            return escape(element.text or '')
        return markup_of(element, self.names, depth, without_div=self.version == 'atom10')


def text_of(element: Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise Doubt
    return element.text or ''


def text_around(element: Element) -> str:
    """The text of an element, which has nothing but blanks between its elements if it has some."""
    if not len(element):
        return element.text or ''
    pieces = [element.text, *(child.tail for child in element)]
    if any(piece and not piece.isspace() for piece in pieces):
        raise Doubt
    return ''


def value_of(element: Element) -> str:
    """The same as a field's value."""
    return mended(text_of(element).strip())


def content_type(declared: str) -> str:
    known = _TYPES.get(declared)
    return known or _TYPES.get(declared.lower(), declared.lower())


def mended(text: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded again, and the letters of Windows that stand as controls."""
    if text.isascii():
        return text
    try:  # noqa: SIM105  # a context manager costs more than all the rest
        text = text.encode('latin-1').decode()
    except UnicodeError:
        pass  # as it should be
    return text.translate(letters_of_c1) if _C1.search(text) else text


def _with_prefixes(given: Attributes) -> Attributes:
    """Attributes of a namespace have feedparser's prefix for it, if any; those without one win."""
    found = {}
    for name, value in given.items():
        uri, local = split_tag(name)
        prefix = prefix_of(uri)
        found[f'{prefix}:{local}' if prefix else local] = value
    return found | {name.lower(): value for name, value in given.items() if name[0] != '{'}
