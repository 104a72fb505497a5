"""A shielded document -> what feedparser makes of it, within bounds.

The strict parser reads well-formed documents. What is broken gets its ampersands mended and a second chance, and then
the tolerant parser, which finds entries in anything and takes its time.
"""

from __future__ import annotations

import xml.sax
from dataclasses import dataclass, field, replace
from typing import Any, Final
from xml.sax.expatreader import ExpatParser
from xml.sax.handler import feature_external_ges, feature_namespaces, property_lexical_handler

from aggregator.parse.bounds import Enough, Loose, Strict
from aggregator.parse.shield import mended, without_comments

TEXT_BUFFER: Final = 64 * 1024  # bytes of a text that come at once


@dataclass(frozen=True, slots=True)
class Raw:
    """What feedparser made of a document, in plain dictionaries: its own give `published` for a missing `updated`."""

    feed: dict[str, Any] = field(default_factory=dict)
    entries: tuple[dict[str, Any], ...] = ()
    version: str = ''  # '' is no feed
    broken: str = ''  # what is malformed, '' where nothing is
    line: int = 0  # where, from 1, in the shielded text
    column: int = 0
    cut: bool = False  # there were more entries than wanted
    stumbled: int = 0  # elements that feedparser could not take
    too_deep: bool = False


def read_raw(text: str, url: str, max_entries: int, max_tags: int) -> Raw:
    """The shielded document as feedparser reads it. Raises whatever feedparser raises where even that fails."""
    parser = Strict(url, max_entries, max_tags)
    try:
        return _raw(parser, cut=_strictly(parser, text))
    except xml.sax.SAXException as error:
        broken = error
    parser = Strict(url, max_entries, max_tags)
    try:
        again = mended(text)
        if again != text:
            return _broken(_raw(parser, cut=_strictly(parser, again)), broken)
    except xml.sax.SAXException:
        pass  # the first error is the one to show
    parser = Loose(url, max_entries, max_tags)
    return _broken(_raw(parser, cut=_loosely(parser, without_comments(text))), broken)


def _raw(parser: Any, *, cut: bool) -> Raw:
    return Raw(
        feed=_plain(parser.feeddata),
        entries=tuple(map(_plain, parser.entries[: parser.max_entries])),
        version=parser.version or '',
        cut=cut,
        stumbled=parser.stumbled,
        too_deep=parser.too_deep,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in dict.items(value)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _broken(raw: Raw, error: xml.sax.SAXException) -> Raw:
    if not isinstance(error, xml.sax.SAXParseException):
        return replace(raw, broken=str(error)[:200])
    line, column = error.getLineNumber() or 0, error.getColumnNumber() or 0
    return replace(raw, broken=str(error.getMessage())[:200], line=line, column=column + 1)


def _strictly(parser: Any, text: str) -> bool:
    """Parses; whether it stopped before the end because there were entries enough."""
    reader = _Reader()
    reader.setFeature(feature_namespaces, True)
    reader.setFeature(feature_external_ges, False)
    reader.setProperty(property_lexical_handler, _NoDoctype())
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    try:
        reader.feed(text)
        reader.close()
    except Enough:
        return True
    return False


def _loosely(parser: Any, text: str) -> bool:
    try:
        parser.feed(text)
    except Enough:
        return True
    return False


class _Reader(ExpatParser):
    """Expat, which gives a text at once: by itself it gives one piece for each line and each reference."""

    _parser: Any

    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = True
        self._parser.buffer_size = TEXT_BUFFER


class _NoDoctype:
    """A lexical handler that refuses a DOCTYPE which slipped through the shield; with it go all entities."""

    def startDTD(self, name: str, *_: str | None) -> None:  # noqa: N802  # SAX's name
        raise xml.sax.SAXException(f'a DOCTYPE {name[:20]} where none may be')

    def endDTD(self) -> None: ...  # noqa: N802  # SAX's name

    def comment(self, text: str) -> None: ...

    def startCDATA(self) -> None: ...  # noqa: N802  # SAX's name

    def endCDATA(self) -> None: ...  # noqa: N802  # SAX's name
