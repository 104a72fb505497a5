"""A feed cut into its items without parsing it, so that only items not seen before are read.

Works on shielded text, at the speed of a search. An item can be left out only where the others are read the same
without it; wherever that is not plain, there is no cut: nested or empty items, anything but blanks between them,
bases and namespaces that change below the root, an item that speaks for its channel.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from aggregator.parse.marking import marks_of, unseen

_COMMENT: Final = r'<!--(?:[^-]++|-(?!->))*-->'
_ROOT: Final = re.compile(r'<[A-Za-z_][^\s<>"\'/]*+(?:[^<>"\']++|"[^"<]*+"|\'[^\'<]*+\')*>')
# In CDATA and comments no tag is one. Named are what forbids a cut (an instruction; CDATA or a comment that never ends,
# and would be looked through again from each of thousands), and the slash of an end tag.
_MARKS: Final = {
    name: re.compile(
        rf'<(?:!\[CDATA\[(?:[^\]]++|\](?!\]>))*\]\]>|{_COMMENT[1:]}|(?P<odd>\?|!--|!\[CDATA\[)|(?P<end>/?){name}(?=[\s/>]))'
    )
    for name in ('item', 'entry')
}
_BETWEEN: Final = re.compile(rf'(?:\s++|{_COMMENT})*')
_AFTER: Final = re.compile(rf'(?:\s++|</[^\s<>]++\s*+>|{_COMMENT})*')
# What a channel says of now and not of its items; it changes with every answer.
_FLEETING: Final = re.compile(
    rf'{_COMMENT}|<(lastBuildDate|pubDate|updated|modified|dc:date|ttl|generator)>[^<>]*+</\1\s*+>'
)


@dataclass(frozen=True, slots=True)
class Cut:
    """`head + items + tail` says what the document says."""

    head: str
    items: tuple[str, ...]
    tail: str

    def marks(self, way: str) -> tuple[bytes, ...]:
        """What each item is known by, together with all of the head that an item may depend on.

        `way` is what else decides how an item is read: the source's zone, the limits.
        """
        frame = f'{way}\x00{_FLEETING.sub("", self.head)}\x00{_FLEETING.sub("", self.tail)}'
        return marks_of(self.items, frame)

    def without(self, marks: tuple[bytes, ...], seen: Container[bytes]) -> tuple[str, tuple[int, ...]]:
        """The document without the items of those marks, and where in the whole one those stand that are left."""
        left = unseen(marks, seen)
        return ''.join((self.head, *(self.items[index] for index in left), self.tail)), left


def cut(text: str) -> Cut | None:
    """The document in pieces, None where there are no items or where it is not plain how to cut."""
    root = _ROOT.match(text)
    if root is None or text.find('xml:base', root.end()) >= 0:
        return None
    spans = _spans(text, 'item' if text.find('<item', root.end()) >= 0 else 'entry', root.end())
    if not spans or text.find('xmlns:', spans[0][0], spans[-1][1]) >= 0:
        return None
    if not all(_BETWEEN.fullmatch(text, before[1], after[0]) for before, after in pairwise(spans)):
        return None
    first, last = spans[0][0], spans[-1][1]
    if not _AFTER.fullmatch(text, last):
        return None
    return Cut(text[:first], tuple(text[start:end] for start, end in spans), text[last:])


def _spans(text: str, name: str, place: int) -> list[tuple[int, int]]:
    """Where the items start and end; none where that is not plain.

    An item of another name, or with a prefix, is not seen here. Whoever counts what was parsed notices.
    """
    spans: list[tuple[int, int]] = []
    start = -1
    for found in _MARKS[name].finditer(text, place):
        end_tag = found['end']
        if end_tag is None:
            if found['odd']:
                return []
            continue
        after = text.find('>', found.end())
        if (start >= 0) is not bool(end_tag) or after < 0 or text[after - 1] == '/':
            return []
        if end_tag:
            spans.append((start, after + 1))
            start = -1
        else:
            start = found.start()
    return [] if start >= 0 else spans
