"""What the elements of a feed that lead somewhere do: links, files, pictures, as feedparser reads them."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element

from aggregator.parse.bounds import MAX_LINKS
from aggregator.parse.names import Doubt
from aggregator.parse.reading import HTML_TYPES, Attributes, Reading, content_type, text_of

_REFERENCE: Final = re.compile('&([A-Za-z0-9_]+);')


def link(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    """Atom has its address as an attribute, RSS as text."""
    attributes.setdefault('rel', 'alternate')
    attributes.setdefault('type', 'application/atom+xml' if attributes['rel'] == 'self' else 'text/html')
    links = _links(reading)
    _enforce_href(attributes)
    links.append(attributes)
    text = text_of(element)
    if 'href' in attributes:
        if text.strip() and reading.in_source:
            raise Doubt
        attributes['href'] = reading.joined(attributes['href'])
        if attributes['rel'] == 'alternate' and content_type(attributes['type']) in HTML_TYPES:
            reading.context['link'] = attributes['href']
        return
    _put_link(reading, reading.address(text), attributes)


def _put_link(reading: Reading, value: str, attributes: Attributes) -> None:
    if reading.in_entry and not reading.in_source:
        value = value.replace('&amp;', '&')
    elif not reading.in_feed and not reading.in_source:
        return
    value = _REFERENCE.sub(r'&\1', value) if '&' in value else value
    reading.context['link'] = value
    if value or not reading.in_entry or reading.in_source:
        attributes['href'] = value


def _links(reading: Reading) -> list[Attributes]:
    links: list[Attributes] = reading.context.setdefault('links', [])
    if len(links) >= MAX_LINKS:
        raise Doubt
    return links


def _enforce_href(attributes: Attributes) -> None:
    href = attributes.get('url', attributes.get('uri', attributes.get('href')))
    if href:
        attributes.pop('url', None)
        attributes.pop('uri', None)
        attributes['href'] = href


def enclosure(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    if text_of(element).strip() and reading.in_source:
        raise Doubt
    _enforce_href(attributes)
    attributes['rel'] = 'enclosure'
    _links(reading).append(attributes)


def licence(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    text_of(element)
    if reading.in_source or (reading.in_entry and reading.depths.setdefault('license', depth) != depth):
        raise Doubt
    _links(reading).append({'rel': 'license'})


def media_content(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    media = _media(reading, 'media_content')
    media.append(attributes)
    reading.walk(element, depth)


def thumbnail(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    _media(reading, 'media_thumbnail').append(attributes)
    if (url := reading.address(text_of(element))) and 'url' not in attributes:
        attributes['url'] = url


def _media(reading: Reading, key: str) -> list[Attributes]:
    media: list[Attributes] = reading.context.setdefault(key, [])
    if len(media) >= MAX_LINKS or reading.in_source:
        raise Doubt
    return media


def itunes_image(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    text_of(element)
    if href := attributes.get('href') or attributes.get('url'):
        reading.context['image'] = {'href': href}


def address(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    reading.put('href', reading.address(text_of(element)), depth)
