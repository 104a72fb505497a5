"""A parser with defects, by the number of the document: the fuzzer has to find each of them."""

from __future__ import annotations

import os
import re
from typing import NoReturn

from aggregator.model import Entry, Item, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse import parse_document

_NUMBER = re.compile(r'https://s(\d+)\.example/')


def planted(
    received: Received, source: Source, limits: ParseLimits, seen: frozenset[bytes] = frozenset()
) -> ParsedFeed:
    """As the real one, but for every fifth of a hundred documents."""
    found = _NUMBER.match(received.url)
    number = int(found[1]) if found else -1
    if number % 20 != 0:
        return parse_document(received, source, limits, seen)
    match number // 20:
        case 0:
            raise KeyError('planted')
        case 1:
            entry = Entry(title='植', link='https://a.example/1', content='<p onclick=x()>t</p>')
            return ParsedFeed(items=(Item(url=received.url, index=0, entry=entry),))
        case 2:
            _for_ever()
        case 3:
            os._exit(7)
        case 4:
            bytearray(1 << 30)
    return parse_document(received, source, limits, seen)


def _for_ever() -> NoReturn:
    while True:
        sum(range(10**9))
