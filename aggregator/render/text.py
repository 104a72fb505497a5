"""Which characters may stand in a document, and plain text out of HTML. What an entry shows is decided in shown.py."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

EXCERPT = 200  # characters

# What XML 1.0 (2.2, Char) forbids, the C1 controls that HTML forbids as well, and the noncharacters U+FDD0..U+FDEF,
# which rss.py needs for itself and nobody may send (Unicode 23.7).
_FORBIDDEN = re.compile('[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]')
# Nearly every text is of nothing else, which is seen in a quarter of the time that it takes to look for the rest.
_FIT = re.compile('[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]*+')
_BREAKS = re.compile('\r\n?|\x85|\u2028|\u2029')
_BLANKS = re.compile('[ \t\n]+')
# A tag holds no second '<': each search ends at the next one, so a text of nothing but '<' costs linear time.
_BLOCK = re.compile(
    r'</?(?:p|div|br|hr|li|[uod]l|d[td]|h[1-6]|table|t[rdh]|pre|blockquote|section|article|figure)\b[^<>]*>',
    re.IGNORECASE,
)
_TAG = re.compile(r'<[^<>]*(?:>|$)')


def scrub(text: str) -> str:
    """The text without the characters that no document of ours may hold; line ends become newlines."""
    return text if _FIT.fullmatch(text) else _FORBIDDEN.sub('', _BREAKS.sub('\n', text))


def one_line(text: str) -> str:
    """A title, a name, a label: scrubbed, on one line, without blanks around it. Ideographic spaces inside stay."""
    return _BLANKS.sub(' ', scrub(text)).strip()


def scrubbed(value: Any) -> Any:
    """A value of lists, dicts and scalars with every string in it scrubbed."""
    match value:
        case str():
            return scrub(value)
        case list() | tuple():
            return [scrubbed(one) for one in value]
        case dict():
            return {key: scrubbed(one) for key, one in value.items()}
        case _:
            return value


def without_tags(markup: str) -> str:
    """What stands between the tags, as it is written there."""
    return _TAG.sub('', markup)


def plain_of(markup: str) -> str:
    """What HTML says, as one line of plain text."""
    return one_line(html.unescape(_TAG.sub('', _BLOCK.sub(' ', scrub(markup)))))


@lru_cache(maxsize=32)  # each format of an entry asks for the same
def excerpt_of(markup: str, length: int = EXCERPT) -> str:
    """The beginning of what HTML says, as plain text of at most `length` characters and an ellipsis."""
    text = plain_of(markup[: length * 20])  # tags included; nobody needs all of a long text for its beginning
    return text if len(text) <= length else text[:length].rstrip() + '…'
