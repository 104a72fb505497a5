"""An HTML document as a tree, unless its markup is made to take minutes: the parser's time is quadratic in depth."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from aggregator.parse.texts import without_controls

MAX_DEPTH: Final = 1000  # 5,000 nested elements take 20 ms, 20,000 take 400, 1,000,000 more than ten minutes
MAX_STYLED: Final = 200  # open <b>, <i>, …: each block repeats those that its own kind did not close (HTML, 13.2.4.3)
MAX_BLANKS: Final = 4000  # in a tag, so as many attributes: 20,000 of them take 800 ms

_STYLED: Final = frozenset(('b', 'big', 'code', 'em', 'font', 'i', 'nobr', 's', 'small', 'strike', 'strong', 'tt', 'u'))
# An end tag closes nothing outside the innermost of these (HTML, 13.2.4.2).
_SCOPES: Final = frozenset(('table', 'object', 'applet', 'marquee', 'caption', 'template', 'svg', 'math', 'button'))
# Elements that hold nothing, or that the next of their kind closes: they do not nest by themselves.
_FLAT: Final = frozenset(
    (
        *('a', 'area', 'base', 'body', 'br', 'col', 'dd', 'dt', 'embed', 'head', 'hr', 'html', 'img', 'input', 'li'),
        *('link', 'meta', 'option', 'p', 'param', 'rb', 'rp', 'rt', 'source', 'tbody', 'td', 'tfoot', 'th', 'thead'),
        *('tr', 'track', 'wbr'),
    ),
)
_NAME: Final = re.compile(r'<[a-zA-Z][^\s/>]{0,40}')
# Scripts, styles and comments, in which no tag is one; or a tag.
_TAG: Final = re.compile(
    r'<(?:script|style)\b(?:[^<]++|<(?!/(?:script|style)))*|<!--(?:[^-]++|-(?!->))*|<(/?)([a-zA-Z][^\s/>]{0,40})',
    re.IGNORECASE,
)
# A tag as HTML reads it: quotes count after `=` only. It matches from every `<`, so nothing is read twice.
_WHOLE_TAG: Final = re.compile(r'<[a-zA-Z](?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|\'[^\']*+(?:\'|\Z))?)*')
_BLANK: Final = re.compile(r'[\s/]')


def read_tree(text: str) -> LexborHTMLParser | None:
    """The document, never without a root; None where it nests more than is sane. Never raises.

    Tags with thousands of attributes keep their name only.
    """
    bare = without_controls(text)
    if _too_deep(bare):
        return None
    return LexborHTMLParser(_WHOLE_TAG.sub(_slim, bare) or '<html></html>')


def _slim(tag: re.Match[str]) -> str:
    if tag.end() - tag.start() <= MAX_BLANKS or len(_BLANK.findall(tag[0])) <= MAX_BLANKS:
        return tag[0]
    name = _NAME.match(tag[0])
    return name[0] if name else ''


def _too_deep(html: str) -> bool:
    """Whether elements nest too deep. Counts a little too much, never too little, in one pass."""
    if html.count('<') <= MAX_STYLED:
        return False
    scopes: list[tuple[str, dict[str, int]]] = [('', {})]
    depth = styled = 0
    for tag in _TAG.finditer(html):
        name = (tag[2] or '').lower()
        if not name or name in _FLAT:
            continue
        inner, opened = scopes[-1]
        if not tag[1]:
            depth += 1
            styled += name in _STYLED
            if name in _SCOPES:
                scopes.append((name, {}))
            else:
                opened[name] = opened.get(name, 0) + 1
            if depth > MAX_DEPTH or styled > MAX_STYLED:
                return True
        elif name == inner:
            depth -= 1 + sum(opened.values())
            styled -= sum(count for each, count in opened.items() if each in _STYLED)
            scopes.pop()
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
            styled -= name in _STYLED
    return False
