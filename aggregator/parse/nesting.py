"""Whether a parser reads serialised HTML as the tree that was written, so that cleaning it again changes nothing.

Only what is plain: elements that nest well, and of which none closes another by itself or is moved (HTML, 13.2.6.4.7).
"""

from __future__ import annotations

import re
from typing import Final

# A tag as it is serialised. No angle bracket may stand in an attribute, so that each one in the text begins a tag.
_TAG: Final = re.compile(r'<(/?[a-z][a-z0-9]*)(?: [a-z-]+="[^"<>]*")*>')
_DEEPEST: Final = 50  # each tag looks at all that are open around it
_NEWLINE_IN_PRE: Final = re.compile(r'<pre(?: [^<>]*)?>\n')

_PHRASING_WORDS: Final = (
    'a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup time tt u var'
)
# They close a paragraph that is open around them.
_BLOCK_WORDS: Final = (
    'article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p '
    'pre section ul'
)
_PHRASING: Final = frozenset(_PHRASING_WORDS.split())
_BLOCKS: Final = frozenset(_BLOCK_WORDS.split())
_VOID: Final = frozenset({'br', 'img', 'wbr'})
_ITEMS: Final = {'li': frozenset({'ol', 'ul'}), 'dd': frozenset({'dl'}), 'dt': frozenset({'dl'})}
_HOLD_NO_BLOCK: Final = frozenset({'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p'})


def reads_as_written(html: str) -> bool:
    """True only where it is sure. The HTML is serialised: text and attributes are escaped, elements are closed."""
    tags = _TAG.findall(html)
    if len(tags) != html.count('<') or ('<pre' in html and _NEWLINE_IN_PRE.search(html)):
        return False
    around: list[str] = []
    return all(_goes_on(tag, around) for tag in tags) and not around


def _goes_on(tag: str, around: list[str]) -> bool:
    """Whether it is sure what this tag means inside of those that are open, which it then opens or closes."""
    if tag[0] == '/':
        return bool(around) and around.pop() == tag[1:]
    if tag in _VOID:
        return True
    if len(around) == _DEEPEST or not _may_stand(tag, around):
        return False
    if tag != 'hr':
        around.append(tag)
    return True


def _may_stand(tag: str, around: list[str]) -> bool:
    """Whether it leaves those open that are. Between two items only a list keeps the second from closing the first."""
    if tag in _PHRASING:
        return tag != 'a' or 'a' not in around
    if tag not in _BLOCKS or not _HOLD_NO_BLOCK.isdisjoint(around):
        return False
    return tag not in _ITEMS or (bool(around) and around[-1] in _ITEMS[tag])
