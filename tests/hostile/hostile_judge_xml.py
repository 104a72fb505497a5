"""Of the judge: Atom, RSS and OPML. Two strict parsers read each; every element and attribute is on a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from xml.etree import ElementTree as ET

from hostile_judge_html import fragment_faults
from hostile_judge_text import dates_822, dates_3339, id_faults, language_faults, plain_faults, text_faults, url_faults
from lxml import etree

_ATOM = '{http://www.w3.org/2005/Atom}'
_DC = '{http://purl.org/dc/elements/1.1/}'
_CONTENT = '{http://purl.org/rss/1.0/modules/content/}encoded'
_LANG = '{http://www.w3.org/XML/1998/namespace}lang'

Judge = Callable[[str, str], Iterator[str]]


def _none(_what: str, text: str) -> Iterator[str]:
    if text.strip():
        yield f'{_what} holds a text: {text[:40]!r}'


def _number(what: str, text: str) -> Iterator[str]:
    if not re.fullmatch('[0-9]{1,15}', text):
        yield f'{what} is no number: {text[:40]!r}'


def _language(_what: str, text: str) -> Iterator[str]:
    yield from language_faults(text)


def _media_type(what: str, text: str) -> Iterator[str]:
    if not re.fullmatch(r'[\w.+-]+/[\w.+-]+', text, re.ASCII):
        yield f'{what} is no media type: {text[:40]!r}'


def _slug(what: str, text: str) -> Iterator[str]:
    if not re.fullmatch('[a-z0-9]+(?:-[a-z0-9]+)*', text):
        yield f'{what} is no slug: {text[:40]!r}'


def _one_of(*words: str) -> Judge:
    def judge(what: str, text: str) -> Iterator[str]:
        if text not in words:
            yield f'{what} is {text[:40]!r}'

    return judge


# What the text of an element is, by its name; whatever is not here may not be there.
_ATOM_TEXTS: Mapping[str, Judge] = MappingProxyType(
    {
        'feed': _none, 'entry': _none, 'author': _none, 'source': _none, 'link': _none, 'category': _none,
        'id': id_faults, 'title': plain_faults, 'rights': plain_faults, 'name': plain_faults, 'email': plain_faults,
        'generator': plain_faults, 'uri': url_faults, 'icon': url_faults, 'updated': dates_3339,
        'published': dates_3339, 'content': fragment_faults, 'summary': fragment_faults,
    }
)  # fmt: skip
_RSS_TEXTS: Mapping[str, Judge] = MappingProxyType(
    {
        'rss': _none, 'channel': _none, 'item': _none, 'enclosure': _none, f'{_ATOM}link': _none,
        'title': plain_faults, 'link': url_faults, 'description': fragment_faults, 'docs': url_faults,
        'generator': plain_faults, 'language': _language, 'lastBuildDate': dates_822, 'pubDate': dates_822,
        'ttl': _number, 'guid': id_faults, 'category': plain_faults, 'source': plain_faults, 'comments': url_faults,
        _CONTENT: fragment_faults, f'{_DC}creator': plain_faults, f'{_DC}rights': plain_faults,
    }
)  # fmt: skip
_OPML_TEXTS: Mapping[str, Judge] = MappingProxyType(
    {
        'opml': _none, 'head': _none, 'body': _none, 'outline': _none, 'title': plain_faults,
        'dateModified': dates_822, 'docs': url_faults,
    }
)  # fmt: skip
# What an attribute is, by element and name; `*` is any element.
_ATTRIBUTES: Mapping[tuple[str, str], Judge] = MappingProxyType(
    {
        ('*', _LANG): _language,
        ('link', 'href'): url_faults,
        ('link', 'rel'): _one_of('alternate', 'self', 'enclosure', 'hub'),
        ('link', 'type'): _media_type,
        ('link', 'length'): _number,
        ('category', 'term'): _slug,
        ('category', 'label'): plain_faults,
        ('category', 'scheme'): url_faults,
        ('category', 'domain'): url_faults,
        ('content', 'type'): _one_of('html'),
        ('summary', 'type'): _one_of('html'),
        ('title', 'type'): _one_of('text'),
        ('generator', 'uri'): url_faults,
        ('generator', 'version'): plain_faults,
        ('rss', 'version'): _one_of('2.0'),
        ('guid', 'isPermaLink'): _one_of('true', 'false'),
        ('enclosure', 'url'): url_faults,
        ('enclosure', 'length'): _number,
        ('enclosure', 'type'): _media_type,
        ('source', 'url'): url_faults,
        ('opml', 'version'): _one_of('2.0'),
        ('outline', 'text'): plain_faults,
        ('outline', 'title'): plain_faults,
        ('outline', 'type'): _one_of('rss', 'link'),
        ('outline', 'xmlUrl'): url_faults,
        ('outline', 'htmlUrl'): url_faults,
        ('outline', 'url'): url_faults,
    }
)
# Titles of RSS are read as HTML by half the readers: the profile's two references mean the same to both.
_AMBIGUOUS = re.compile(rb'<(title|category|source|dc:creator|dc:rights|generator)\b[^>]*>[^<]*&(?:lt|amp|#60|#38);')


def atom_faults(body: bytes, site: str) -> Iterator[str]:
    root, faults = _read(body)
    yield from faults
    if root is None:
        return
    if root.tag != f'{_ATOM}feed':
        yield f'the root is {root.tag}'
    yield from _element_faults(root, lambda tag: tag.removeprefix(_ATOM) if tag.startswith(_ATOM) else tag, _ATOM_TEXTS)
    for entry in root.iter(f'{_ATOM}entry'):
        for name in ('id', 'title', 'updated', 'author', 'source'):
            if len(entry.findall(f'{_ATOM}{name}')) < 1:
                yield f'an entry without {name}'
    ids = [one.findtext(f'{_ATOM}id') for one in root.findall(f'{_ATOM}entry')]
    yield from _twice(ids)
    del site


def rss_faults(body: bytes, site: str) -> Iterator[str]:
    root, faults = _read(body)
    yield from faults
    if root is None:
        return
    yield from _element_faults(root, lambda tag: tag, _RSS_TEXTS)
    for guid in root.iter('guid'):
        if guid.get('isPermaLink', 'true') != 'false':
            yield from url_faults('a permanent link', guid.text or '', site)
    yield from _twice([one.findtext('guid') for one in root.iter('item')])
    if found := _AMBIGUOUS.search(body):
        yield f'{found[1].decode()} can be read in two ways: {found[0][:80]!r}'


def opml_faults(body: bytes) -> Iterator[str]:
    root, faults = _read(body)
    yield from faults
    if root is not None:
        yield from _element_faults(root, lambda tag: tag, _OPML_TEXTS)


def _twice(ids: list[str | None]) -> Iterator[str]:
    if len(set(ids)) < len(ids):
        yield 'an id stands twice'


def _read(body: bytes) -> tuple[etree._Element | None, list[str]]:
    """By libxml2 and by expat, both strict."""
    try:
        ET.fromstring(body)  # of our own making, and what we look for is what is wrong with it
        root = etree.fromstring(body, _strict())
    except (ET.ParseError, etree.XMLSyntaxError, ValueError) as error:
        return None, [f'not well-formed: {error}']
    told = root.getroottree().docinfo
    return root, ['it has a DOCTYPE'] if told.doctype else []


def _strict() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False, huge_tree=False)


def _element_faults(root: etree._Element, name_of: Callable[[str], str], texts: Mapping[str, Judge]) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield f'a comment or an instruction: {str(element)[:60]}'
            continue
        name = name_of(element.tag)
        judge = texts.get(name)
        if judge is None:
            yield f'<{name}>'
            continue
        yield from judge(name, element.text or '')
        yield from _none(f'after {name}', element.tail or '')
        for key, value in element.attrib.items():
            yield from _attribute_faults(name.rpartition('}')[2], str(key), str(value))


def _attribute_faults(name: str, key: str, value: str) -> Iterator[str]:
    judge = _ATTRIBUTES.get((name, key)) or _ATTRIBUTES.get(('*', key))
    if judge is None:
        yield f'<{name} {key}>'
        return
    yield from text_faults(f'{name}@{key}', value)
    yield from judge(f'{name}@{key}', value)
