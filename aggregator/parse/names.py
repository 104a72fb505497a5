"""What an element of a tree is called: the name under which feedparser looks for its own way to read it.

feedparser knows namespaces by their address, in any case and whatever their prefix: `{http://purl.org/dc/elements/1.1/}
creator` is `dc_creator`, an element of Atom or RSS has its bare name, one of an unknown namespace that of its prefix.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aggregator.parse.bounds import MAX_NAMESPACES, Strict

_KNOWN: Final[dict[str, str]] = {uri.lower(): prefix for uri, prefix in Strict.namespaces.items()}
_OWN: Final = frozenset(prefix.lower() for prefix in _KNOWN.values())
_USERLAND: Final = 'backend.userland.com/rss'
_XLINK: Final = 'http://www.w3.org/1999/xlink'
# The version of a document shows by the first of these that is declared; RSS 0.90 only as the default namespace.
_VERSIONS: Final = {'http://purl.org/rss/1.0/': 'rss10', 'http://www.w3.org/2005/atom': 'atom10'}
_RSS_090: Final = 'http://my.netscape.com/rdf/simple/0.9/'

Declared = Iterable[tuple[str, str]]
"""Prefix ('' for none) and address of each declaration, in document order."""


class Doubt(Exception):  # no error: feedparser reads the document
    """Something that we do not claim to read as feedparser does."""


class Names:
    """The names of one document. `root` are the declarations of its root element, `rest` all others."""

    def __init__(self, root: Declared, rest: Declared) -> None:
        self.version = ''  # as the declarations of the root show it
        self._prefixes: dict[str, str] = {}  # as declared -> feedparser's own
        self._in_use: dict[str, str] = {}  # feedparser's own, or as declared where it has none -> address
        self._defaults: set[str] = set()  # unknown addresses that stood without a prefix
        self._found: dict[str, str] = {}
        for prefix, uri in root:
            self.version = self.version or _version(prefix, uri.lower())
            self._declare(prefix, uri)
        for prefix, uri in dict.fromkeys(rest):
            self._check(prefix, uri)
            self._declare(prefix, uri)
        if (
            len(self._in_use) > MAX_NAMESPACES // 2
            or self._prefixes.get('rdf', 'rdf') != 'rdf'
            or 'rdf' in self._foreign()
        ):
            raise Doubt

    def of(self, tag: str) -> str:
        """`dc_creator` of an element that the tree calls `{http://purl.org/dc/elements/1.1/}creator`."""
        name = self._found.get(tag)
        if name is None:
            name = self._found[tag] = self._name(tag)
        return name

    def _name(self, tag: str) -> str:
        uri, local = split_tag(tag)
        prefix = _known(uri)
        if prefix is None:
            prefix = next((name for name, value in self._in_use.items() if name and value == uri), '') if uri else ''
        prefix = prefix.lower()
        prefix = self._prefixes.get(prefix, prefix) if prefix else ''
        return f'{prefix}_{local}' if prefix else local

    def _declare(self, prefix: str, uri: str) -> None:
        if not uri:
            return
        if uri.split() != [uri]:
            raise Doubt
        known = _known(uri)
        if known is None:
            self._in_use[prefix] = uri
            if not prefix:
                self._defaults.add(uri)
            return
        if prefix:
            self._prefixes[prefix] = known
        self._in_use[known] = uri

    def _check(self, prefix: str, uri: str) -> None:
        """A declaration below the root must not change what an element before or after it is called."""
        known, own = _known(uri), prefix.lower() in _OWN
        if prefix and known is None:
            changes = own or prefix in self._prefixes or uri in self._defaults or self._in_use.get(prefix, uri) != uri
        elif prefix:
            changes = own and (prefix != known or self._prefixes.get(prefix, known) != known)
            changes = changes or not self._foreign().isdisjoint((prefix, known)) or uri == _XLINK
        else:
            changes = known in self._foreign()
        if changes:
            raise Doubt

    def _foreign(self) -> set[str | None]:
        """Prefixes of addresses that feedparser does not know."""
        return {prefix for prefix, uri in self._in_use.items() if prefix and _known(uri) is None}


def prefix_of(uri: str) -> str:
    """The prefix that feedparser has for an address, '' for the feed formats and for those that it does not know."""
    return _known(uri) or ''


def split_tag(tag: str) -> tuple[str, str]:
    """Namespace and local name of an element or attribute as the tree calls it, the local name in lower case."""
    if tag[0] != '{':
        return '', tag.lower()
    uri, _, local = tag[1:].rpartition('}')
    return uri, local.lower()


def _known(uri: str) -> str | None:
    lower = uri.lower()
    return '' if _USERLAND in lower else _KNOWN.get(lower)


def _version(prefix: str, uri: str) -> str:
    return 'rss090' if (prefix, uri) == ('', _RSS_090) else _VERSIONS.get(uri, '')
