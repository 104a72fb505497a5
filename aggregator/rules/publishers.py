"""Publishers: who wrote an entry, from its own field or from the line of attribution in its text (rule 8).

The line reads （文章来源：证券时报网）, brackets and colon of either width, or is a paragraph of its own. Only the end
of a text is looked at, and never the words of a link around the line: that is the title of another article.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from aggregator.model import Entry

MAX_PUBLISHER = 100  # characters
MAX_ATTRIBUTED = 40  # of a name found in a text
TAIL = 1000  # characters of text in which the line is looked for
TAIL_HTML = 16_384  # characters of HTML that are read for them

LAST_LINES = 200  # characters at the end in which it needs no brackets

_PAIRS = {'）': '（(', ')': '（(', '］': '［[', ']': '［[', '】': '【'}
_CLOSING = frozenset(_PAIRS)
_OPENING = frozenset('（([［【')
# No pattern has two neighbouring repeats that can share a character, so each runs in linear time.
_TAG = re.compile(r'<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>|<[^<>]*>')
_LEAD = re.compile(
    r'(?:文章|稿件|新闻|消息|本文)?来源 {0,4}[:：]'
)  # 资料来源 and 图片来源 are told of charts and pictures
_NEXT_FIELD = re.compile(r'(?:作者|记者|编辑|责编|责任编辑|校对|时间|日期|原标题) {0,4}[:：]')
_STOP = re.compile(r'[\n，,。；;|｜<>]|https?:|www\.')
_BLOCK_TAGS = 'p div br li tr td h1 h2 h3 h4 h5 h6 section article blockquote footer ul ol table pre hr'
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_LINK, _LINK_END = '\x02', '\x03'
_MARKS = str.maketrans('', '', _LINK + _LINK_END)


def publisher_of(entry: Entry, aliases: Mapping[str, str]) -> str:
    """The item's own field, else the attribution in its content, else in its summary; cleaned, aliases followed."""
    name = _cleaned(entry.publisher) or attribution(entry.content) or attribution(entry.summary)
    return meant(name, aliases)


def attribution(markup: str) -> str:
    """The name in the last line of attribution near the end of a text in HTML; '' where there is none."""
    if '来源' not in markup[-TAIL_HTML:]:
        return ''
    text = _tail(markup)
    return next((name for lead in reversed([*_LEAD.finditer(text)]) if (name := _attributed(text, lead))), '')


def _tail(markup: str) -> str:
    """The end of the text: blocks as lines, links between two marks, all other tags gone, entities resolved."""
    end = markup[-TAIL_HTML:]
    if len(markup) > TAIL_HTML:
        end = end[end.find('<') + 1 :].partition('>')[2]  # the cut may have gone through a tag
    spaced = ' '.join(end.translate(_MARKS).split())
    return html.unescape(_TAG.sub(_mark, spaced)).rstrip()[-TAIL:]


def _mark(tag: re.Match[str]) -> str:
    name = (tag[2] or '').lower()
    if name == 'a':
        return _LINK_END if tag[1] else _LINK
    return '\n' if name in _BLOCKS else ''


def _attributed(text: str, lead: re.Match[str]) -> str:
    before = text[: lead.start()]
    if before.rfind(_LINK) > before.rfind(_LINK_END):
        return ''
    rest = text[lead.end() : lead.end() + 4 * MAX_ATTRIBUTED]
    before = before.translate(_MARKS).rstrip(' ')
    if before[-1:] in _OPENING:
        said = _to_bracket(rest)
    elif before[-1:] in {'', '\n'} and len(text) - lead.start() <= LAST_LINES:
        said = rest
    else:
        return ''
    name = _cleaned(_NEXT_FIELD.split(_STOP.split(said.translate(_MARKS).lstrip(), maxsplit=1)[0], maxsplit=1)[0])
    return name if len(name) <= MAX_ATTRIBUTED else ''


def _to_bracket(text: str) -> str:
    """Up to the bracket that closes the one before `text`; '' if none does in the same paragraph."""
    depth = 1
    for at, char in enumerate(text.partition('\n')[0]):
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth == 0:
            return text[:at]
    return ''


def _cleaned(name: str) -> str:
    """White space folded, brackets without a partner gone."""
    return ' '.join(_balanced(name[:MAX_PUBLISHER]).split()).strip('：:，,。 ') if name else ''


def _balanced(text: str) -> str:
    lonely: set[int] = set()
    waiting: list[int] = []
    for at, char in enumerate(text):
        if char in _OPENING:
            waiting.append(at)
        elif char in _CLOSING and waiting and text[waiting[-1]] in _PAIRS[char]:
            waiting.pop()
        elif char in _CLOSING:
            lonely.add(at)
    lonely.update(waiting)
    return ''.join(char for at, char in enumerate(text) if at not in lonely)


def meant(name: str, aliases: Mapping[str, str]) -> str:
    """The end of the chain of aliases; in a circle, the name from which the next step would lead back."""
    if name not in aliases:
        return name
    passed = {name}
    while (following := aliases.get(name, name)) not in passed:
        passed.add(following)
        name = following
    return name
