"""feedparser's two parsers, held to bounds: how deep, how many attributes, tags and entries, and none of its guesses.

Its sanitiser, its resolver of links inside HTML, its reader of dates and its search for addresses are not used: they
are where its time goes, and where a few kilobytes can hold it for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.util import FeedParserDict

from aggregator.parse.texts import http_url

MAX_DEPTH: Final = 100
MAX_ATTRIBUTES: Final = 64
MAX_NAMESPACES: Final = 64
MAX_PEOPLE: Final = 50  # authors of one entry
MAX_LINKS: Final = 200  # links of one entry, and pieces of media

_PAIR: Final = 2  # namespace and local name

_Attributes = list[tuple[str, str]]


class Enough(Exception):  # no error: the entries wanted are there
    """Ends the parsing."""


class Bounds:
    """The changes that both parsers get; it stands before feedparser's own classes in their order of look-up."""

    resolve_relative_uris = False
    sanitize_html = False
    # A guid is kept as sent; links are resolved against an xml:base alone, the rest is for whoever knows the feed.
    can_be_relative_uri: Final = frozenset({'link', 'href', 'url', 'icon', 'logo'})

    def __init__(self, url: str, max_entries: int, max_tags: int) -> None:
        super().__init__('', None, 'utf-8')  # type: ignore[call-arg]  # feedparser's parsers come after this class
        self.url = url
        self.max_entries = max_entries
        self.max_tags = max_tags
        self.stumbled = 0
        self.too_deep = False

    def unknown_starttag(self: Any, tag: str, attrs: _Attributes) -> None:
        attrs = [self._based(name, value) for name, value in attrs[:MAX_ATTRIBUTES] if name.lower() != 'base']
        try:
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]  # feedparser's
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            self.stumbled += 1

    def unknown_endtag(self: Any, tag: str) -> None:
        try:
            super().unknown_endtag(tag)  # type: ignore[misc]  # feedparser's
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            self.stumbled += 1

    def _based(self: Any, name: str, value: str) -> tuple[str, str]:
        if name.lower() == 'xml:base':
            return name, http_url(value, self.baseuri or self.url)
        return name, value

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < MAX_NAMESPACES:
            super().track_namespace(prefix, uri)  # type: ignore[misc]  # feedparser's

    def _start_item(self: Any, attrs: Mapping[str, str]) -> None:
        if len(self.entries) >= self.max_entries:
            raise Enough
        super()._start_item(attrs)  # type: ignore[misc]  # feedparser's

    _start_entry = _start_item

    def _start_author(self: Any, attrs: Mapping[str, str]) -> None:
        if len(self._get_context().get('authors', ())) < MAX_PEOPLE:
            super()._start_author(attrs)  # type: ignore[misc]  # feedparser's

    _start_managingeditor = _start_author
    _start_dc_creator = _start_author
    _start_dc_author = _start_author
    _start_itunes_author = _start_author

    def _start_link(self: Any, attrs: dict[str, str]) -> None:
        if len(self._get_context().get('links', ())) < MAX_LINKS:
            super()._start_link(attrs)  # type: ignore[misc]  # feedparser's

    def _start_media_content(self: Any, attrs: dict[str, str]) -> None:
        if len(self._get_context().get('media_content', ())) < MAX_LINKS:
            super()._start_media_content(attrs)  # type: ignore[misc]  # feedparser's

    def _end_guid(self: Any) -> None:
        self.pop('id')
        self._save('guidislink', bool(self.guidislink), overwrite=True)

    _end_id = _end_guid

    def _add_tag(self: Any, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault('tags', [])
        if len(tags) < self.max_tags:
            tags.append(FeedParserDict(term=term, scheme=scheme, label=label))

    def _sync_author_detail(self: Any, key: str = 'author') -> None:
        """The whole field as the name: feedparser's search for an address in it is quadratic."""
        context = self._get_context()
        people = context.get(f'{key}s')
        if people and not people[-1] and context.get(key):
            people[-1]['name'] = context[key]

    # Dates stay as they are written; dc:date is no update, whatever feedparser says.

    def _end_published(self: Any) -> None:
        self.pop('published')

    _end_issued = _end_pubdate = _end_dcterms_issued = _end_published

    def _end_updated(self: Any) -> None:
        self.pop('updated')

    _end_modified = _end_lastbuilddate = _end_dcterms_modified = _end_updated

    def _end_created(self: Any) -> None:
        self.pop('created')

    _end_dcterms_created = _end_created

    def _end_expirationdate(self: Any) -> None:
        self.pop('expired')

    def _start_dc_date(self: Any, _attrs: Mapping[str, str]) -> None:
        self.push('dc_date', 1)

    def _end_dc_date(self: Any) -> None:
        self.pop('dc_date')

    def _start_dcterms_valid(self: Any, _attrs: Mapping[str, str]) -> None:
        self.push('validity', 1)

    def _end_dcterms_valid(self: Any) -> None:
        self.pop('validity')

    # Second descriptions stay beside the first: feedparser would call them its content.

    def _start_media_description(self: Any, attrs: Mapping[str, str]) -> None:
        self.push_content('media_description', attrs, 'text/html', 1)

    def _end_media_description(self: Any) -> None:
        self.pop_content('media_description')

    def _start_itunes_summary(self: Any, attrs: Mapping[str, str]) -> None:
        self.push_content('itunes_summary', attrs, 'text/html', 1)

    def _end_itunes_summary(self: Any) -> None:
        self.pop_content('itunes_summary')

    def _start_dc_description(self: Any, attrs: Mapping[str, str]) -> None:
        self.push_content('dc_description', attrs, 'text/html', 1)

    def _end_dc_description(self: Any) -> None:
        self.pop_content('dc_description')

    # skipHours and skipDays, of which feedparser keeps the last one only.

    def _start_hour(self: Any, _attrs: Mapping[str, str]) -> None:
        self.push('hour', 0)

    def _end_hour(self: Any) -> None:
        self._listed('skip_hours', self.pop('hour'))

    def _start_day(self: Any, _attrs: Mapping[str, str]) -> None:
        self.push('day', 0)

    def _end_day(self: Any) -> None:
        self._listed('skip_days', self.pop('day'))

    def _listed(self: Any, key: str, value: str | None) -> None:
        values = self.feeddata.setdefault(key, [])
        if value and len(values) < MAX_ATTRIBUTES:
            values.append(value)


class Strict(Bounds, StrictFeedParser):  # type: ignore[misc]  # feedparser has no types
    """For well-formed documents: elements that stand too deep are left out, with all that is in them."""

    skipping = 0
    open_elements = 0

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802  # SAX's name
        if self.skipping or self.open_elements >= MAX_DEPTH:
            self.too_deep = True
            self.skipping += 1
            return
        self.open_elements += 1
        names = attrs.getNames()
        if len(names) > MAX_ATTRIBUTES or any(len(key) != _PAIR for key in names):
            attrs = AttributesNSImpl({key: attrs[key] for key in names[:MAX_ATTRIBUTES] if len(key) == _PAIR}, {})
        super().startElementNS(_pair(name), qname, attrs)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802  # SAX's name
        if self.skipping:
            self.skipping -= 1
            return
        self.open_elements -= 1
        super().endElementNS(_pair(name), qname)

    def characters(self, text: str) -> None:
        if not self.skipping:
            super().characters(text)


def _pair(name: tuple[str, ...]) -> tuple[str | None, str]:
    """Namespace and local name; a namespace with blanks in it, which Python splits, is none."""
    return (name[0], name[1]) if len(name) == _PAIR else (None, name[-1])


class Loose(Bounds, LooseFeedParser):  # type: ignore[misc]  # feedparser has no types
    """For broken documents: tags that stand too deep are not seen, their text is."""

    def unknown_starttag(self, tag: str, attrs: _Attributes) -> None:
        if len(self.basestack) >= MAX_DEPTH * 4:
            self.too_deep = True
            return
        super().unknown_starttag(tag, attrs)

    def handle_charref(self, ref: str) -> None:
        try:
            super().handle_charref(ref)
        except (ValueError, OverflowError):  # a surrogate, or beyond Unicode
            self.handle_data('\ufffd')
