"""Kind `json`: a list behind an address, as programs of web sites fetch it; JMESPath says where its fields are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from aggregator.model import Entry, Fault, Item, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.detail import merged, unreadable
from aggregator.parse.encoding import decode
from aggregator.parse.fields import Place, about, entry_from, says_nothing
from aggregator.parse.jsontext import Json, NoJson, read_json
from aggregator.parse.texts import MAX_URL, clean_text

MAX_PAGES: Final = 50
MAX_VALUES: Final = 100  # of one field of one item
_PLACEHOLDER: Final = re.compile(r'\{([^{}]*)\}')
_OF_ENTRY: Final = ('code', 'guid', 'link')


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Where the fields of an item are: JMESPath from the item on, '' where it has none."""

    title: str = field(default='', metadata=about('JMESPath of the title.', 'title'))
    link: str = field(default='', metadata=about('JMESPath of the address of the whole text.', 'uniqueUrl || url'))
    code: str = field(default='', metadata=about("JMESPath of the publisher's own id.", 'infoCode'))
    guid: str = field(default='', metadata=about('JMESPath of an id that only this list uses.', 'id'))
    published: str = field(default='', metadata=about('JMESPath of the date of publication.', 'showTime'))
    updated: str = field(default='', metadata=about('JMESPath of the date of the last change.', 'updateTime'))
    publisher: str = field(default='', metadata=about('JMESPath of the name of who wrote it.', 'mediaName'))
    summary: str = field(default='', metadata=about('JMESPath of a summary, plain or HTML.', 'summary'))
    content: str = field(default='', metadata=about('JMESPath of the whole text, plain or HTML.', 'content'))
    author: str = field(default='', metadata=about('JMESPath of one author or a list of them.', 'author'))
    tags: str = field(default='', metadata=about('JMESPath of one tag or a list of them.', 'tags[].name'))
    image: str = field(default='', metadata=about('JMESPath of the address of a picture.', 'cover'))

    def __post_init__(self) -> None:
        for name, path in self.written().items():
            _check_path(name, path)

    def written(self) -> Mapping[str, str]:
        """The fields that are there, by name."""
        return {f.name: path for f in fields(self) if (path := getattr(self, f.name))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Where the whole text of an entry is, when the list has none."""

    url: str = field(metadata=about('Address with {code}, {guid} or {link}.', 'https://example.org/text?id={code}'))
    fields: Fields = field(metadata=about('JMESPath of the fields in the answer.'))

    def __post_init__(self) -> None:
        names = _PLACEHOLDER.findall(self.url)
        if unknown := [name for name in names if name not in _OF_ENTRY]:
            raise ValueError(f'url: there is no {{{unknown[0]}}}; it may hold {{code}}, {{guid}} and {{link}}')
        if not names:
            raise ValueError('url: it holds none of {code}, {guid} and {link}, so every entry would get the same text')
        if not self.fields.written():
            raise ValueError('fields: none is given, so nothing would be read')


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonOptions:
    """The options of kind `json`. With more pages than one the address holds {page}, counted from 1."""

    items: str = field(metadata=about('JMESPath of the list in the document.', 'data.list'))
    fields: Fields = field(metadata=about('JMESPath of the fields in one item.'))
    pages: int = field(default=1, metadata=about('How many pages are read in a round, 1 to 50.'))
    detail: Detail | None = field(default=None, metadata=about('Where the whole text is, when the list has none.'))

    def __post_init__(self) -> None:
        _check_path('items', self.items)
        if not 1 <= self.pages <= MAX_PAGES:
            raise ValueError(f'pages: {self.pages} is not between 1 and {MAX_PAGES}')
        if not (self.fields.title or self.fields.link or self.fields.code):
            raise ValueError('fields: at least one of title, link and code is needed')

    def requests(self, source: Source) -> tuple[str, ...]:
        pages = (source.url.replace('{page}', str(number)) for number in range(1, self.pages + 1))
        return tuple(dict.fromkeys(pages))

    def parse(self, received: Received, source: Source, limits: ParseLimits) -> ParsedFeed:
        """The entries of one page. Failed where there is no list at `items`, or none of its items says anything."""
        decoded = decode(received.body, override=source.encoding, charset=received.charset)
        faults = [decoded.fault] if decoded.fault else []
        match read_json(decoded.text):
            case NoJson(message):
                return ParsedFeed(faults=(*faults, Fault('not-json', f'{message}.', _HINT)), failed=True)
            case Json(document, cut):
                faults += [Fault('trailing', 'Something that is no JSON follows the list.')] if cut else []
                place = Place(base=received.url, source=source, fetched_at=received.fetched_at, limits=limits)
                return self._entries(document, received.url, place, tuple(faults))

    def _entries(self, document: Any, url: str, place: Place, faults: tuple[Fault, ...]) -> ParsedFeed:
        found = search(self.items, document)
        if not isinstance(found, list):
            return ParsedFeed(faults=(*faults, _no_list(self.items, document)), failed=True)
        rows = found[: place.limits.entries]
        items = tuple(
            Item(url=url, index=index, entry=entry)
            for index, row in enumerate(rows)
            if not says_nothing(entry := _entry(self.fields, row, place))
        )
        if rows and not items:
            return ParsedFeed(faults=(*faults, _nothing_said(self.items, rows)), failed=True)
        more = (*_left_out(len(rows) - len(items)), *_too_many(len(found), len(rows)))
        return ParsedFeed(items=items, faults=(*faults, *more), degraded=bool(faults))

    def detail_request(self, entry: Entry) -> str:
        """The address of the entry's text; '' where none is wanted, or where the entry lacks what it is made of."""
        if self.detail is None:
            return ''
        if self.detail.url == '{link}':
            return entry.link
        named = {name: getattr(entry, name) for name in _OF_ENTRY}
        if not all(named[name] for name in _PLACEHOLDER.findall(self.detail.url)):
            return ''
        url = _PLACEHOLDER.sub(lambda found: quote(named[found[1]], safe=''), self.detail.url)
        return url if len(url) <= MAX_URL else ''

    def with_detail(
        self, entry: Entry, received: Received, source: Source, limits: ParseLimits
    ) -> tuple[Entry, Fault | None]:
        if self.detail is None:
            return entry, None
        decoded = decode(received.body, override=source.encoding, charset=received.charset)
        match read_json(decoded.text):
            case NoJson(message):
                return entry, unreadable(received.url, message)
            case Json(document, _):
                place = Place(base=received.url, source=source, fetched_at=received.fetched_at, limits=limits)
                return merged(entry, _entry(self.detail.fields, document, place), received.url, limits)


_HINT: Final = 'Open the address in a browser: it may ask for a login, or the list may have moved.'


def search(path: str, value: Any) -> Any:
    """What is there; None where there is nothing, or where the functions of the expression cannot work on it."""
    try:
        return _compiled(path).search(value)
    except (JMESPathError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return None


@lru_cache(maxsize=1024)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _check_path(name: str, path: str) -> None:
    """Raise ValueError where the path is no JMESPath, or uses a function that there is not."""
    try:
        _compiled(path).search({})
    except JMESPathTypeError:  # a function that does not work on an empty item may work on others
        return
    except JMESPathError as error:
        place = f': see its character {error.lex_position + 1}' if hasattr(error, 'lex_position') else f': {error}'
        raise ValueError(f'{name}: {path!r} is no JMESPath{clean_text(place, 200)}') from error


def _entry(paths: Fields, row: Any, place: Place) -> Entry:
    if not isinstance(row, dict | list):
        return Entry()
    return entry_from({name: texts_of(search(path, row)) for name, path in paths.written().items()}, place, html=False)


def texts_of(value: Any) -> Sequence[str]:
    """A value as texts: null, objects and empty texts are none, a list is each of its own."""
    if isinstance(value, list):
        return tuple(text for each in value[:MAX_VALUES] if not isinstance(each, list) for text in texts_of(each))
    text = _text_of(value)
    return (text,) if text.strip() else ()


def _text_of(value: Any) -> str:
    """Numbers are written without an exponent, and without the `.0` that some programs give to whole ones."""
    match value:
        case str():
            return value
        case bool():
            return 'true' if value else 'false'
        case int():
            return str(value)
        case float() if isfinite(value):
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), 'f')
    return ''


def _no_list(path: str, document: Any) -> Fault:
    place, value = _way(path, document)
    has = f'{place} has: {_keys(value)}' if isinstance(value, dict) else 'the document is itself a list'
    return Fault(
        'no-list',
        f'There is no list at {path}; {has}.',
        'Set `items` to where the list is now, or see what the answer says.',
    )


def _way(path: str, document: Any) -> tuple[str, Any]:
    """How far a plain path leads into the document: the last object on it, and what to call that."""
    at, value = 0, document
    parts = path.split('.')
    while at < len(parts) and isinstance(value, dict) and isinstance(value.get(parts[at]), dict):
        value = value[parts[at]]
        at += 1
    return '.'.join(parts[:at]) or 'the document', value


def _nothing_said(path: str, rows: Sequence[Any]) -> Fault:
    first = next((row for row in rows if isinstance(row, dict)), None)
    has = 'they are no objects' if first is None else f'an item has: {_keys(first)}'
    return Fault(
        'nothing-matched',
        f'None of the {len(rows)} items at {path} has a field that is asked for; {has}.',
        'Set `fields` to what the items hold now.',
    )


def _keys(value: Mapping[Any, Any]) -> str:
    names = [clean_text(str(key), 40) for key in list(value)[:12]]
    return ', '.join(names) + (', …' if len(value) > len(names) else '') if names else 'nothing'


def _left_out(count: int) -> tuple[Fault, ...]:
    return (Fault('empty-item', f'{count} items say nothing and were left out.'),) if count else ()


def _too_many(count: int, read: int) -> tuple[Fault, ...]:
    return (Fault('too-many', f'It lists {count} items; the first {read} were read.'),) if count > read else ()
