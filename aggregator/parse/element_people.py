"""What the elements of a feed that name people and subjects do, as feedparser reads them."""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import Element

from aggregator.parse.bounds import MAX_PEOPLE
from aggregator.parse.judged import JUDGED, is_read
from aggregator.parse.names import Doubt
from aggregator.parse.reading import Attributes, Fields, Handler, Reading, mended, text_around, text_of, value_of

ITUNES: Final = 'http://www.itunes.com/'
_MEDIA: Final = 'http://search.yahoo.com/mrss/category_schema'


def author(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    """RSS has the name as text, Atom as an element."""
    people = reading.context.setdefault('authors', [])
    if len(people) >= MAX_PEOPLE:
        raise Doubt
    people.append({})
    text = text_around(element)
    for child in element:
        _person(reading, child, depth + 1)
    reading.put('author', mended(text.strip()), depth)
    _name_last(reading.context)


def owner(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
    """iTunes: feedparser gives what it says to the last author."""
    for child in element:
        name = _plain_child(reading, child)
        if name in {'name', 'itunes_name'}:
            _say(reading.context, 'name', text_of(child).strip())
        elif name in {'email', 'itunes_email'}:
            _say(reading.context, 'email', text_of(child).strip())
        elif name in JUDGED:
            raise Doubt


def contributor(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
    """Nobody reads who they are."""
    for child in element:
        name = _plain_child(reading, child)
        if (name in JUDGED and name not in _OF_PERSON) or reading.in_source:
            raise Doubt


_OF_PERSON: Final = frozenset({'name', 'email', 'uri', 'url', 'homepage', 'itunes_name', 'itunes_email'})


def _person(reading: Reading, child: Element, depth: int) -> None:
    name = _plain_child(reading, child)
    if name in {'name', 'itunes_name'}:
        _say(reading.context, 'name', text_of(child).strip())
    elif name in {'email', 'itunes_email'}:
        _say(reading.context, 'email', text_of(child).strip())
    elif name in {'uri', 'url', 'homepage'}:
        address = reading.address(text_of(child))
        reading.put('href', address, depth)
        _say(reading.context, 'href', address)
    elif name in JUDGED:
        raise Doubt


def _plain_child(reading: Reading, child: Element) -> str:
    """The name of a child that is nothing but itself; what nobody knows must not even hold a text."""
    name = reading.names.of(child.tag)
    known = name in _OF_PERSON
    if len(child) or any(key[0] == '{' for key in child.attrib) or (not known and (child.text or '').strip()):
        raise Doubt
    if not known and is_read(name):
        raise Doubt
    return name


def _say(context: Fields, key: str, value: str) -> None:
    _name_last(context)
    context.setdefault('authors', [{}])[-1][key] = value


def _name_last(context: Fields) -> None:
    people, name = context.get('authors'), context.get('author')
    if people and not people[-1] and name:
        people[-1]['name'] = name


# ------------------------------------------------ tags


def category(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    scheme = attributes.get('scheme', attributes.get('domain'))
    _tag(reading, element, attributes.get('term'), scheme, attributes.get('label'))


def media_category(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    attributes.setdefault('scheme', _MEDIA)
    category(reading, element, attributes, depth)


def itunes_category(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    """It may hold another one; feedparser gives the text of the outer one last."""
    if any(reading.names.of(child.tag) != 'itunes_category' for child in element):
        raise Doubt
    _add_tag(reading, attributes.get('text'), ITUNES, None)
    text = text_around(element)
    reading.walk(element, depth)
    _name_tag(reading, mended(text.strip()))


def keywords(scheme: str | None) -> Handler:
    def handle(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
        if attributes:
            raise Doubt
        for word in value_of(element).split(','):
            if word.strip():
                _add_tag(reading, word.strip(), scheme, None)

    return handle


def _tag(reading: Reading, element: Element, term: str | None, scheme: str | None, label: str | None) -> None:
    _add_tag(reading, term, scheme, label)
    _name_tag(reading, value_of(element))


def _name_tag(reading: Reading, value: str) -> None:
    if not value:
        return
    tags = reading.context['tags']
    if tags and not tags[-1]['term']:
        tags[-1]['term'] = value
    else:
        _add_tag(reading, value, None, None)


def _add_tag(reading: Reading, term: str | None, scheme: str | None, label: str | None) -> None:
    tags: list[dict[str, Any]] = reading.context.setdefault('tags', [])
    if len(tags) < reading.max_tags:
        tags.append({'term': term, 'scheme': scheme, 'label': label})
