"""What the elements of a feed that hold words do: titles, texts, dates, ids, as feedparser reads them."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from aggregator.parse.bounds import MAX_ATTRIBUTES
from aggregator.parse.names import Doubt
from aggregator.parse.reading import HTML_TYPES, Attributes, Fields, Handler, Reading, content_type, text_of, value_of


def title(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    """One that stands deeper than the last one, as in a picture, is none of the entry's."""
    value, detail = reading.content(element, attributes, 'text/plain', depth)
    if not -1 < reading.title_depth <= depth:
        reading.put('title', value, depth)
        reading.put_detail('title', detail)
    if value:
        reading.title_depth = depth


def media_title(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    before = reading.title_depth
    title(reading, element, attributes, depth)
    reading.title_depth = before


def description(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    summary(reading, element, attributes, depth, default='text/html')


def abstract(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    value, detail = reading.content(element, attributes, 'text/plain', depth)
    _put_summary(reading, value, detail, depth)


def summary(
    reading: Reading, element: Element, attributes: Attributes, depth: int, default: str = 'text/plain'
) -> None:
    """A second one is the content, unless there is one."""
    if 'summary' in reading.context and not reading.has_content:
        content(reading, element, attributes, depth)
        return
    value, detail = reading.content(element, attributes, default, depth)
    if default == 'text/plain' and (not reading.in_entry or reading.in_source):
        raise Doubt
    _put_summary(reading, value, detail, depth)


def _put_summary(reading: Reading, value: str, detail: Fields, depth: int) -> None:
    key = 'summary' if reading.in_entry and not reading.in_source else 'subtitle'
    reading.put(key, value, depth)
    reading.put_detail(key, detail)


def content(
    reading: Reading, element: Element, attributes: Attributes, depth: int, default: str = 'text/plain'
) -> None:
    """It is the summary as well where there is none."""
    if not reading.in_entry or reading.in_source:
        raise Doubt
    reading.has_content = True
    copied = content_type(attributes.get('type', default)) in _COPIED
    value, detail = reading.content(element, attributes, default, depth)
    reading.context.setdefault('content', []).append({**detail, 'value': value})
    if copied:
        reading.context.setdefault('summary', value)


_COPIED: Final = HTML_TYPES | {'text/plain'}


def encoded(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    content(reading, element, attributes, depth, 'text/html')


def text(key: str, default: str) -> Handler:
    def handle(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
        value, detail = reading.content(element, attributes, default, depth)
        reading.put(key, value, depth)
        reading.put_detail(key, detail)

    return handle


def field(key: str) -> Handler:
    def handle(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
        reading.put(key, value_of(element), depth)

    return handle


def guid(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    reading.put('id', value_of(element), depth)
    reading.context['guidislink'] = attributes.get('ispermalink', 'true') == 'true'


def listed(key: str) -> Handler:
    def handle(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
        if reading.in_entry:
            raise Doubt  # it would speak for the channel
        value, values = text_of(element).strip(), reading.feed.setdefault(key, [])
        if value and len(values) < MAX_ATTRIBUTES:
            values.append(value)

    return handle
