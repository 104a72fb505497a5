"""A shielded, well-formed feed -> what feedparser would make of it, several times faster; or no opinion.

The tree is expat's; reading.py and elements.py fill the dictionaries that bounds.Strict would. A differential test
holds both equal. Whatever is not known to be the same is left to feedparser: broken XML, other roots, markup that
claims to be escaped, names that would be read in another way.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from aggregator.parse.bounded import Raw
from aggregator.parse.bounds import Enough
from aggregator.parse.elements import HANDLERS, channel, image, text_input, unknown
from aggregator.parse.names import Doubt, Names
from aggregator.parse.reading import Handler, Reading

MAX_TAGS: Final = 200_000  # of a document; the tree takes some hundred bytes for each

_ROOT: Final = re.compile(r'<[A-Za-z_][^\s<>"\'/]*+(?:[^<>"\']++|"[^"<]*+"|\'[^\'<]*+\')*>')
_RSS: Final = {'0.91': 'rss091u', '0.92': 'rss092', '0.93': 'rss093', '0.94': 'rss094'}
_ATOM: Final = {'0.1': 'atom01', '0.2': 'atom02', '0.3': 'atom03'}


def extracted(text: str, url: str, max_entries: int, max_tags: int) -> Raw | None:
    """The document as feedparser reads it, None where we cannot be sure that we do the same."""
    try:
        root, names = _tree(text)
        reading = Reading(names, url, max_entries, max_tags, HANDLERS, unknown)
        return Raw(cut=_read(reading, root), feed=reading.feed, entries=tuple(reading.entries), version=reading.version)
    except (Doubt, ParseError):
        return None


class _Tree(TreeBuilder):
    """A tree, and the namespaces that it declares on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.declared: list[tuple[str, str]] = []

    def start_ns(self, prefix: str | None, uri: str | None) -> None:
        self.declared.append((prefix or '', uri or ''))


def _tree(text: str) -> tuple[Element, Names]:
    start = _ROOT.match(text)
    if start is None or text.count('<') > MAX_TAGS:
        raise Doubt
    tree = _Tree()
    parser = XMLParser(target=tree)  # noqa: S314  # no DOCTYPE can stand behind the root's start, so no entities
    parser.feed(text[: start.end()])
    ours = len(tree.declared)
    parser.feed(text[start.end() :])
    root: Element = parser.close()
    return root, Names(tree.declared[:ours], tree.declared[ours:])


def _read(reading: Reading, root: Element) -> bool:
    """Reads; whether there were more entries than wanted."""
    attributes = reading.attributes(root) if root.attrib else {}
    reading.context = reading.feed
    name, declared = reading.names.of(root.tag), attributes.get('version', '')
    reading.version = reading.names.version
    language = reading.lang.replace('_', '-') if reading.lang and name in {'rss', 'feed'} else ''
    if language:
        reading.feed['language'] = language
    try:
        match name:
            case 'feed':
                reading.version = reading.version or _ATOM.get(declared, 'atom')
                reading.in_feed = True
                reading.walk(root, 1)
            case 'rss':
                if not reading.version.startswith('rss'):
                    reading.version = _RSS.get(declared) or ('rss20' if declared.startswith('2.') else 'rss')
                reading.walk(root, 1, _AROUND)
            case 'rdf_rdf' if reading.version:
                reading.walk(root, 1, _AROUND)
            case _:
                raise Doubt
    except Enough:
        return True
    return False


# Outside of the channel stand entries (RSS 1.0, 5.2) and pictures.
_AROUND: Final[dict[str, Handler]] = {
    'channel': channel,
    'image': image,
    'textinput': text_input,
    'item': HANDLERS['item'],
}
