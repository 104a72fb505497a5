"""What each element of a feed does, as feedparser does it. What feedparser handles and is not here is a Doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import Element

from feedparser.util import FeedParserDict

from aggregator.parse.bounds import MAX_ATTRIBUTES, MAX_LINKS, MAX_PEOPLE, Enough
from aggregator.parse.inline import JUDGED
from aggregator.parse.names import Doubt
from aggregator.parse.reading import (
    HTML_TYPES,
    Attributes,
    Fields,
    Handler,
    Reading,
    content_type,
    joined,
    mended,
    text_of,
    value_of,
)

_REFERENCE: Final = re.compile('&([A-Za-z0-9_]+);')
_ITUNES: Final = 'http://www.itunes.com/'
_MEDIA: Final = 'http://search.yahoo.com/mrss/category_schema'

# Fields that we read and feedparser fills with whatever an element of that name says.
_KEPT: Final = frozenset({'icon', 'logo', 'ttl', 'feedburner_origlink', 'sy_updateperiod', 'sy_updatefrequency'})
# Fields that someone reads, so that an unknown element must not have such a name.
_READ: Final = _KEPT | frozenset(
    'author authors content contributors created dc_date dc_description guidislink href id image itunes_summary '
    'language license link links media_content media_credit media_description media_license media_player media_rating '
    'media_restriction media_thumbnail psc_chapters published publisher publishers rights skip_days skip_hours source '
    'subtitle summary tags textinput title updated where'.split(),  # noqa: SIM905  # a table of words
)
_RENAMED: Final[Mapping[str, str]] = {
    name: key for name, key in FeedParserDict.keymap.items() if isinstance(key, str)
} | {'url': 'href', 'description': 'summary'}


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
    title = mended(_text_around(element).strip())
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


def _text_around(element: Element) -> str:
    """The text of an element, which has nothing but blanks between its elements if it has some."""
    if not len(element):
        return element.text or ''
    pieces = [element.text, *(child.tail for child in element)]
    if any(piece and not piece.isspace() for piece in pieces):
        raise Doubt
    return ''


def _children(reading: Reading, element: Element, allowed: frozenset[str]) -> list[tuple[str, Element]]:
    children = [(reading.names.of(child.tag), child) for child in element]
    if any(name not in allowed or any(key[0] == '{' for key in child.attrib) for name, child in children):
        raise Doubt
    return children


# ------------------------------------------------ texts


def _title(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    """One that stands deeper than the last one, as in a picture, is none of the entry's."""
    value, detail = reading.content(element, attributes, 'text/plain', depth)
    if not -1 < reading.title_depth <= depth:
        reading.put('title', value, depth)
        reading.put_detail('title', detail)
    if value:
        reading.title_depth = depth


def _media_title(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    before = reading.title_depth
    _title(reading, element, attributes, depth)
    reading.title_depth = before


def _description(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    _summary(reading, element, attributes, depth, default='text/html')


def _abstract(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    value, detail = reading.content(element, attributes, 'text/plain', depth)
    _put_summary(reading, value, detail, depth)


def _summary(
    reading: Reading, element: Element, attributes: Attributes, depth: int, default: str = 'text/plain'
) -> None:
    """A second one is the content, unless there is one."""
    if 'summary' in reading.context and not reading.has_content:
        _content(reading, element, attributes, depth)
        return
    value, detail = reading.content(element, attributes, default, depth)
    if default == 'text/plain' and (not reading.in_entry or reading.in_source):
        raise Doubt
    _put_summary(reading, value, detail, depth)


def _put_summary(reading: Reading, value: str, detail: Fields, depth: int) -> None:
    key = 'summary' if reading.in_entry and not reading.in_source else 'subtitle'
    reading.put(key, value, depth)
    reading.put_detail(key, detail)


def _content(
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


def _encoded(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    _content(reading, element, attributes, depth, 'text/html')


def _text(key: str, default: str) -> Handler:
    def handle(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
        value, detail = reading.content(element, attributes, default, depth)
        reading.put(key, value, depth)
        reading.put_detail(key, detail)

    return handle


def _address(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    reading.put('href', reading.address(text_of(element)), depth)


def _field(key: str) -> Handler:
    def handle(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
        reading.put(key, value_of(element), depth)

    return handle


def _guid(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    reading.put('id', value_of(element), depth)
    reading.context['guidislink'] = attributes.get('ispermalink', 'true') == 'true'


def _listed(key: str) -> Handler:
    def handle(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
        value, values = text_of(element).strip(), reading.feed.setdefault(key, [])
        if value and len(values) < MAX_ATTRIBUTES:
            values.append(value)

    return handle


# ------------------------------------------------ links and pictures


def _link(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
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
        attributes['href'] = joined(reading.base, attributes['href'])
        if attributes['rel'] == 'alternate' and content_type(attributes['type']) in HTML_TYPES:
            reading.context['link'] = attributes['href']
        return
    _put_link(reading, reading.address(text), attributes)


def _put_link(reading: Reading, value: str, attributes: Attributes) -> None:
    if reading.in_entry and not reading.in_source:
        value = value.replace('&amp;', '&')
    elif not reading.in_feed and not reading.in_source:
        return
    value = _REFERENCE.sub(r'&\1', value)
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


def _enclosure(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    if text_of(element).strip() and reading.in_source:
        raise Doubt
    _enforce_href(attributes)
    attributes['rel'] = 'enclosure'
    _links(reading).append(attributes)


def _license(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    text_of(element)
    if reading.in_source or (reading.in_entry and reading.depths.setdefault('license', depth) != depth):
        raise Doubt
    _links(reading).append({'rel': 'license'})


def _media_content(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    media = _media(reading, 'media_content')
    media.append(attributes)
    reading.walk(element, depth)


def _thumbnail(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    _media(reading, 'media_thumbnail').append(attributes)
    if (url := reading.address(text_of(element))) and 'url' not in attributes:
        attributes['url'] = url


def _media(reading: Reading, key: str) -> list[Attributes]:
    media: list[Attributes] = reading.context.setdefault(key, [])
    if len(media) >= MAX_LINKS or reading.in_source:
        raise Doubt
    return media


def _itunes_image(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    text_of(element)
    if href := attributes.get('href') or attributes.get('url'):
        reading.context['image'] = {'href': href}


# ------------------------------------------------ people


def _author(reading: Reading, element: Element, _attributes: Attributes, depth: int) -> None:
    """RSS has the name as text, Atom as an element."""
    people = reading.context.setdefault('authors', [])
    if len(people) >= MAX_PEOPLE:
        raise Doubt
    people.append({})
    text = _text_around(element)
    for child in element:
        _person(reading, child, depth + 1)
    reading.put('author', mended(text.strip()), depth)
    _name_last(reading.context)


def _owner(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
    """iTunes: feedparser gives what it says to the last author."""
    for child in element:
        name = _plain_child(reading, child)
        if name in {'name', 'itunes_name'}:
            _say(reading.context, 'name', text_of(child).strip())
        elif name in {'email', 'itunes_email'}:
            _say(reading.context, 'email', text_of(child).strip())
        elif name in JUDGED:
            raise Doubt


def _contributor(reading: Reading, element: Element, _attributes: Attributes, _depth: int) -> None:
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
    if not known and (_RENAMED.get(name, name) in _READ or name.endswith('_detail')):
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


def _category(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    scheme = attributes.get('scheme', attributes.get('domain'))
    _tag(reading, element, attributes.get('term'), scheme, attributes.get('label'))


def _media_category(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    attributes.setdefault('scheme', _MEDIA)
    _category(reading, element, attributes, depth)


def _itunes_category(reading: Reading, element: Element, attributes: Attributes, depth: int) -> None:
    """It may hold another one; feedparser gives the text of the outer one last."""
    if any(reading.names.of(child.tag) != 'itunes_category' for child in element):
        raise Doubt
    _add_tag(reading, attributes.get('text'), _ITUNES, None)
    text = _text_around(element)
    reading.walk(element, depth)
    _name_tag(reading, mended(text.strip()))


def _keywords(scheme: str | None) -> Handler:
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


# ------------------------------------------------ what nobody reads


def _nothing(reading: Reading, element: Element, attributes: Attributes, _depth: int) -> None:
    if text_of(element).strip() and attributes and reading.in_source:
        raise Doubt  # the text would go to the title of the source


def unknown(reading: Reading, name: str, element: Element, attributes: Attributes, depth: int) -> None:
    """feedparser keeps the text under the element's name, or its attributes, and reads what is inside of it."""
    if name in JUDGED or name.endswith('_detail'):
        raise Doubt
    if _RENAMED.get(name, name) in _READ:
        if name not in _KEPT:
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


_SILENT: Final = (
    'generator cloud width height name email media_rating media_credit media_restriction media_player '
    'info feedburner_browserfriendly expirationdate dcterms_valid itunes_block itunes_explicit '
    'georss_point georss_line georss_polygon georss_box dc_contributor'
).split()

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        **dict.fromkeys(('item', 'entry'), _item),
        'source': _source,
        'image': image,
        **dict.fromkeys(('textinput',), text_input),
        'media_group': _group,
        **dict.fromkeys(('title', 'dc_title'), _title),
        'media_title': _media_title,
        'description': _description,
        'abstract': _abstract,
        'summary': _summary,
        'content': _content,
        **dict.fromkeys(('content_encoded', 'fullitem'), _encoded),
        **dict.fromkeys(('subtitle', 'tagline', 'itunes_subtitle'), _text('subtitle', 'text/plain')),
        **dict.fromkeys(('rights', 'copyright', 'dc_rights'), _text('rights', 'text/plain')),
        **{name: _text(name, 'text/html') for name in ('media_description', 'itunes_summary', 'dc_description')},
        **dict.fromkeys(('published', 'issued', 'pubdate', 'dcterms_issued'), _field('published')),
        **dict.fromkeys(('updated', 'modified', 'lastbuilddate', 'dcterms_modified'), _field('updated')),
        **dict.fromkeys(('created', 'dcterms_created'), _field('created')),
        'dc_date': _field('dc_date'),
        **dict.fromkeys(('language', 'dc_language'), _field('language')),
        **dict.fromkeys(('webmaster', 'dc_publisher'), _field('publisher')),
        **dict.fromkeys(('guid', 'id'), _guid),
        'hour': _listed('skip_hours'),
        'day': _listed('skip_days'),
        'link': _link,
        **dict.fromkeys(('url', 'uri', 'homepage'), _address),
        'enclosure': _enclosure,
        **dict.fromkeys(('cc_license', 'creativecommons_license', 'creativeCommons_license'), _license),
        'media_content': _media_content,
        'media_thumbnail': _thumbnail,
        **dict.fromkeys(('itunes_image', 'itunes_link'), _itunes_image),
        **dict.fromkeys(('author', 'managingeditor', 'dc_creator', 'dc_author', 'itunes_author'), _author),
        'itunes_owner': _owner,
        'contributor': _contributor,
        **dict.fromkeys(('category', 'keywords', 'dc_subject'), _category),
        'media_category': _media_category,
        'itunes_category': _itunes_category,
        'itunes_keywords': _keywords(_ITUNES),
        'media_keywords': _keywords(None),
        **dict.fromkeys(_SILENT, _nothing),
    },
)
