"""Kind `page`: an HTML page that lists news; CSS selectors say where its items and their fields are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from aggregator.model import Entry, Fault, Item, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.detail import merged, unreadable
from aggregator.parse.encoding import declared_in_html, decode
from aggregator.parse.fields import Place, about, entry_from
from aggregator.parse.texts import clean_text, http_url, text_of_html
from aggregator.parse.tree import read_tree

_WRITTEN: Final = re.compile(r'(.*?)\s*(?:@([a-zA-Z_:][\w:.-]*))?', re.DOTALL)
_PLAIN_FIELDS: Final = frozenset({'link', 'image', 'code', 'guid', 'published', 'updated'})
_TOO_DEEP: Final = 'its elements lie too deep inside each other'


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDetailFields:
    """`selector` or `selector@attribute` of each field; nothing before the @ is the item itself, '' is none."""

    title: str = field(default='', metadata=about('Selector of the title.', 'h2 a'))
    link: str = field(default='', metadata=about('Selector of the address of the whole text.', 'a@href'))
    published: str = field(default='', metadata=about('Selector of the date of publication.', '.date', 'time@datetime'))
    updated: str = field(default='', metadata=about('Selector of the date of the last change.', '.changed'))
    summary: str = field(default='', metadata=about('Selector of a summary; it keeps its HTML.', '.summary'))
    content: str = field(default='', metadata=about('Selector of the whole text; it keeps its HTML.', '.article'))
    publisher: str = field(default='', metadata=about('Selector of the name of who wrote it.', '.source'))
    author: str = field(default='', metadata=about('Selector of the author.', '.author'))
    image: str = field(default='', metadata=about('Selector of the address of a picture.', 'img@src'))
    code: str = field(default='', metadata=about("Selector of the publisher's own id.", '@data-code'))
    guid: str = field(default='', metadata=about('Selector of an id that only this page uses.', '@id'))

    def __post_init__(self) -> None:
        for name, written in self.written().items():
            selector, attribute = _parts(written)
            if selector:
                _check_selector(name, selector)
            elif not attribute:
                raise ValueError(f'{name}: {written!r} is neither a selector nor selector@attribute')

    def written(self) -> Mapping[str, str]:
        """The fields that are there, by name."""
        return {f.name: written for f in fields(self) if (written := getattr(self, f.name))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFields(PageDetailFields):
    """The same for an item of the list, where title and link are an ordinary link's unless told otherwise."""

    title: str = field(default='a', metadata=about('Selector of the title.', 'h2 a'))
    link: str = field(default='a@href', metadata=about('Selector of the address of the whole text.', 'a@href'))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDetail:
    """The fields that are read from an entry's own page."""

    fields: PageDetailFields = field(metadata=about('Selectors of the fields on that page.'))

    def __post_init__(self) -> None:
        if not self.fields.written():
            raise ValueError('fields: none is given, so nothing would be read')


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """The options of kind `page`."""

    items: str = field(metadata=about('CSS selector of one item of the list.', 'ul.news > li'))
    fields: PageFields = field(default_factory=PageFields, metadata=about('Where the fields are inside an item.'))
    detail: PageDetail | None = field(default=None, metadata=about("What is read from an entry's own page."))

    def __post_init__(self) -> None:
        _check_selector('items', self.items)
        if not (self.fields.title or self.fields.link):
            raise ValueError('fields: at least one of title and link is needed')

    def requests(self, source: Source) -> tuple[str, ...]:
        return (source.url,)

    def parse(self, received: Received, source: Source, limits: ParseLimits) -> ParsedFeed:
        """The entries of the page. Failed where the selector finds nothing: a changed page is never "no news"."""
        tree, fault = _tree_of(received, source)
        faults = (fault,) if fault else ()
        if tree is None:
            return ParsedFeed(
                faults=(*faults, Fault('too-deep', f'The page cannot be read: {_TOO_DEEP}.')), failed=True
            )
        found = tree.css(self.items)
        place = _place(tree, received, source, limits)
        items = tuple(
            Item(url=received.url, index=index, entry=entry)
            for index, node in enumerate(found[: limits.entries])
            if (entry := _entry(self.fields, node, place)).title or entry.link
        )
        if not items:
            return ParsedFeed(faults=(*faults, self._nothing(tree, len(found))), failed=True)
        more = (*_left_out(min(len(found), limits.entries) - len(items)), *_too_many(len(found), limits.entries))
        return ParsedFeed(items=items, faults=(*faults, *more), degraded=bool(faults))

    def _nothing(self, tree: LexborHTMLParser, found: int) -> Fault:
        title = tree.css_first('title')
        named = clean_text(text_of_html(title.inner_html or ''), 80) if title else ''
        looks = f'The title of the page is “{named}”' if named else 'The page has no title'
        if found:
            what = f'None of the {found} items of “{self.items}” has a title or a link.'
            return Fault('nothing-matched', f'{what} {looks}.', 'Set `fields` to what the items look like now.')
        what = f'Nothing on the page matches “{self.items}”.'
        return Fault(
            'nothing-matched', f'{what} {looks}.', 'Open it in a browser: it may have changed, or ask for something.'
        )

    def detail_request(self, entry: Entry) -> str:
        """The address of the entry's own page, '' where it is not read."""
        return entry.link if self.detail else ''

    def with_detail(
        self, entry: Entry, received: Received, source: Source, limits: ParseLimits
    ) -> tuple[Entry, Fault | None]:
        if self.detail is None:
            return entry, None
        tree, _ = _tree_of(received, source)
        if tree is None or tree.root is None:
            return entry, unreadable(received.url, _TOO_DEEP)
        detail = _entry(self.detail.fields, tree.root, _place(tree, received, source, limits))
        return merged(entry, detail, received.url, limits)


def _tree_of(received: Received, source: Source) -> tuple[LexborHTMLParser | None, Fault | None]:
    body = received.body
    decoded = decode(body, override=source.encoding, charset=received.charset, declared=declared_in_html(body))
    return read_tree(decoded.text), decoded.fault


def _place(tree: LexborHTMLParser, received: Received, source: Source, limits: ParseLimits) -> Place:
    return Place(base=base_of(tree, received.url), source=source, fetched_at=received.fetched_at, limits=limits)


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """What relative links of the page are relative to (HTML, 4.2.3): its first base with an href, else its URL."""
    base = tree.css_first('base[href]')
    return (http_url(base.attributes.get('href') or '', url) if base else '') or url


def _entry(written: PageDetailFields, node: LexborNode, place: Place) -> Entry:
    return entry_from({name: _values(node, path, name) for name, path in written.written().items()}, place, html=True)


def _values(node: LexborNode, written: str, name: str) -> tuple[str, ...]:
    """What the field holds: text of the kinds that are read as they stand, HTML for the others."""
    selector, attribute = _parts(written)
    found = node.css_first(selector) if selector else node
    if found is None:
        return ()
    if attribute:
        text = found.attributes.get(attribute.lower()) or ''
        value = text if name in _PLAIN_FIELDS else escape(text, quote=False)
    else:
        inner = found.inner_html or ''
        value = text_of_html(inner) if name in _PLAIN_FIELDS else inner
    return (value,) if value.strip() else ()


def _parts(written: str) -> tuple[str, str]:
    """(selector, attribute) of `selector@attribute`; an @ inside brackets is part of the selector."""
    match = _WRITTEN.fullmatch(written.strip())
    return (match[1], match[2] or '') if match else (written, '')


def _check_selector(name: str, selector: str) -> None:
    try:
        LexborHTMLParser('<p></p>').css(selector)
    except SelectolaxError as error:
        raise ValueError(f'{name}: {selector!r} is no CSS selector') from error


def _left_out(count: int) -> tuple[Fault, ...]:
    return (Fault('empty-item', f'{count} items have neither a title nor a link and were left out.'),) if count else ()


def _too_many(count: int, limit: int) -> tuple[Fault, ...]:
    if count <= limit:
        return ()
    return (Fault('too-many', f'It lists {count} items; the first {limit} were read.'),)
