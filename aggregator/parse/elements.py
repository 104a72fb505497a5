"""What each element of a feed does, as feedparser does it. What feedparser handles and is not here is a Doubt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element

from aggregator.parse import element_links as links
from aggregator.parse import element_people as people
from aggregator.parse import element_texts as texts
from aggregator.parse.bounds import Enough
from aggregator.parse.judged import JUDGED, KEPT, is_read
from aggregator.parse.names import Doubt
from aggregator.parse.reading import Attributes, Fields, Handler, Reading, mended, text_around, text_of

# ------------------------------------------------ entries, and what is around them


def channel(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    _no_cdf(attributes)
    if reading.in_feed or reading.in_entry:
        raise Doubt
    reading.in_feed = True
    reading.walk(element, depth)
    reading.in_feed = False


def _item(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    _no_cdf(attributes)
    if reading.in_entry:
        raise Doubt
    if len(reading.entries) >= reading.max_entries:
        raise Enough
    entry: Fields = {}
    reading.entries.append(entry)
    reading.context, reading.depths, reading.in_entry, reading.title_depth = entry, {}, True, -1
    if about := attributes.get('rdf:about'):
        entry['id'] = about
    reading.walk(element, depth)
    reading.context, reading.in_entry, reading.has_content = reading.feed, False, False


def _source(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    """RSS has its title as text, Atom its elements."""
    if not reading.in_entry or reading.in_source:
        raise Doubt
    entry, source = reading.context, {'href': attributes['url']} if 'url' in attributes else {}
    reading.context, reading.in_source, reading.title_depth = source, True, -1
    title = mended(text_around(element).strip())
    reading.walk(element, depth)
    if title:
        source['title'] = title
    reading.context, reading.in_source = entry, False
    entry['source'] = source


def image(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    """A channel's picture. An entry's says nothing, unless it has elements, which feedparser gives to the channel."""
    if reading.in_entry and (len(element) or reading.in_source):
        raise Doubt
    reading.title_depth = -1
    picture = reading.context if reading.in_entry else reading.feed.setdefault('image', {})
    for name, child in _children(reading, element, _IN_IMAGE):
        _title_inside(reading, name, child, depth)
        if name == 'url' and reading.in_feed:
            picture['href'] = reading.address(text_of(child))


def text_input(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    if reading.in_entry:
        raise Doubt
    reading.title_depth = -1
    for name, child in _children(reading, element, _IN_TEXT_INPUT):
        _title_inside(reading, name, child, depth)


_IN_IMAGE: Final = frozenset({'title', 'link', 'description', 'url', 'width', 'height'})
_IN_TEXT_INPUT: Final = frozenset({'title', 'link', 'description', 'name'})


def _title_inside(reading: Reading, name: str, child: Element, depth: int) -> None:
    if text_of(child).strip() and name == 'title':
        reading.title_depth = depth + 1


def _group(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    reading.walk(element, depth)


def _no_cdf(attributes: Attributes) -> None:
    if 'lastmod' in attributes or 'href' in attributes:
        raise Doubt


def _children(reading: Reading, element: Element, allowed: frozenset[str]) -> list[tuple[str, Element]]:
    children = [(reading.names.of(child.tag), child) for child in element]
    if any(name not in allowed or any(key[0] == '{' for key in child.attrib) for name, child in children):
        raise Doubt
    return children


# ------------------------------------------------ what nobody reads


def _nothing(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    if text_of(element).strip() and attributes and reading.in_source:
        raise Doubt  # the text would go to the title of the source


def unknown(reading: Reading, name: str, element: Element, attributes: Attributes, depth: int) -> None:
    """Its text is kept under its name, or its attributes are; what is inside of it is read as if it stood outside."""
    if name in JUDGED:
        raise Doubt
    if is_read(name):
        if name not in KEPT:
            raise Doubt
        _keep(reading, name, element, attributes, depth)
    elif len(element):
        if reading.in_source or not (reading.in_feed or reading.in_entry):
            raise Doubt
        reading.walk(element, depth)
    if attributes and reading.in_source and (element.text or '').strip():
        raise Doubt  # the text would go to the title of the source


def _keep(reading: Reading, name: str, element: Element, attributes: Attributes, depth: int) -> None:
    text = text_of(element)
    if attributes:
        reading.context[name] = attributes
    elif name in {'icon', 'logo'}:
        reading.put(name, reading.address(text), depth)
    else:
        reading.put(name, mended(text.strip()), depth)


_SILENT_WORDS: Final = (
    'generator cloud width height name email media_rating media_credit media_restriction media_player '
    'info feedburner_browserfriendly expirationdate dcterms_valid itunes_block itunes_explicit '
    'georss_point georss_line georss_polygon georss_box dc_contributor'
)

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        **dict.fromkeys(('item', 'entry'), _item),
        'source': _source,
        'image': image,
        'textinput': text_input,
        'media_group': _group,
        **dict.fromkeys(('title', 'dc_title'), texts.title),
        'media_title': texts.media_title,
        'description': texts.description,
        'abstract': texts.abstract,
        'summary': texts.summary,
        'content': texts.content,
        **dict.fromkeys(('content_encoded', 'fullitem'), texts.encoded),
        **dict.fromkeys(('subtitle', 'tagline', 'itunes_subtitle'), texts.text('subtitle', 'text/plain')),
        **dict.fromkeys(('rights', 'copyright', 'dc_rights'), texts.text('rights', 'text/plain')),
        **{name: texts.text(name, 'text/html') for name in ('media_description', 'itunes_summary', 'dc_description')},
        **dict.fromkeys(('published', 'issued', 'pubdate', 'dcterms_issued'), texts.field('published')),
        **dict.fromkeys(('updated', 'modified', 'lastbuilddate', 'dcterms_modified'), texts.field('updated')),
        **dict.fromkeys(('created', 'dcterms_created'), texts.field('created')),
        'dc_date': texts.field('dc_date'),
        **dict.fromkeys(('language', 'dc_language'), texts.field('language')),
        **dict.fromkeys(('webmaster', 'dc_publisher'), texts.field('publisher')),
        **dict.fromkeys(('guid', 'id'), texts.guid),
        'hour': texts.listed('skip_hours'),
        'day': texts.listed('skip_days'),
        'link': links.link,
        **dict.fromkeys(('url', 'uri', 'homepage'), links.address),
        'enclosure': links.enclosure,
        **dict.fromkeys(('cc_license', 'creativecommons_license', 'creativeCommons_license'), links.licence),
        'media_content': links.media_content,
        'media_thumbnail': links.thumbnail,
        **dict.fromkeys(('itunes_image', 'itunes_link'), links.itunes_image),
        **dict.fromkeys(('author', 'managingeditor', 'dc_creator', 'dc_author', 'itunes_author'), people.author),
        'itunes_owner': people.owner,
        'contributor': people.contributor,
        **dict.fromkeys(('category', 'keywords', 'dc_subject'), people.category),
        'media_category': people.media_category,
        'itunes_category': people.itunes_category,
        'itunes_keywords': people.keywords(people.ITUNES),
        'media_keywords': people.keywords(None),
        **dict.fromkeys(_SILENT_WORDS.split(), _nothing),
    },
)
