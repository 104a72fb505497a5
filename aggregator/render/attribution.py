"""The visible line that says who wrote an entry and links to the original (design, section 7; conformance X4)."""

from __future__ import annotations

import re
from html import escape

from aggregator.render.text import plain_of, without_tags
from aggregator.render.words import Words

_TAIL = 2000  # characters of HTML at the end of a text in which its own attribution is looked for
_CLOSING = ' 　）)。.】]'
_LABEL = re.compile(r'(?:来源|來源|出处|出處|source)\s*[:：]\s*$', re.IGNORECASE)
_WORDS = ('来源', '來源', '出处', '出處', 'source')


def attributed(text: str, publisher: str, link: str, words: Words) -> str:
    """HTML with its attribution at the end: 来源：<a>publisher</a>.

    A text that already ends in an attribution to the same publisher is not told twice: it gets only the link, and
    nothing at all where that is there too (our own feeds, read back).
    """
    told, linked = _tells(text, publisher), _links(text, link)
    if told and (linked or not link):
        return text
    label = words.original if told else publisher
    anchor = f'<a href="{escape(link)}">{escape(label)}</a>' if link else escape(label)
    return f'{text}<p>{anchor}</p>' if told else f'{text}<p>{words.source}{anchor}</p>'


def _tells(text: str, publisher: str) -> bool:
    """True for a text that ends in （文章来源：publisher） or the like."""
    if not _may_tell(text[-_TAIL:]):
        return False
    tail = plain_of(text[-_TAIL:]).rstrip(_CLOSING)
    return bool(publisher) and tail.endswith(publisher) and bool(_LABEL.search(tail[: -len(publisher)][-20:]))


def _may_tell(tail: str) -> bool:
    """Whether one of the words may stand in it, perhaps spelt in numbers. Few texts hold one; that is quickly seen."""
    bare = without_tags(tail).casefold()
    return '&#' in bare or any(word in bare for word in _WORDS)


def _links(text: str, link: str) -> bool:
    return bool(link) and f'href="{escape(link)}"' in text[-_TAIL:]
