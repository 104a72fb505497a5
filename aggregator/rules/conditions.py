"""Conditions of `rules:`: whether one holds for an entry (rule 8 of the design)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

from aggregator.model import AllOf, AnyOf, Condition, Match, Not
from aggregator.rules.codes import found_in

_TAG = re.compile(r'<[^<>]*>')  # stops at the next '<', so that a text of '<' alone takes linear time


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a condition may look at. The plain text is made of `html` only when a condition asks for it."""

    title: str = ''
    html: str = ''  # summary and content
    url: str = ''
    authors: tuple[str, ...] = ()
    publisher: str = ''
    sources: tuple[str, ...] = ()  # names of the sources that carry the entry
    tags: tuple[str, ...] = ()


def holds(when: Condition, subject: Subject) -> bool:
    """Patterns are searched as they are written, `(?i)` for any case; a list matches where any of its members does.

    `all` of nothing holds, `any` of nothing does not. A pattern that RE2 refuses is found nowhere.
    """
    match when:
        case Match(name, pattern):
            return any(found_in(pattern, value) for value in values_of(name, subject))
        case AllOf(of):
            return all(holds(condition, subject) for condition in of)
        case AnyOf(of):
            return any(holds(condition, subject) for condition in of)
        case Not(of):
            return not holds(of, subject)


def plain_text(markup: str) -> str:
    """HTML without tags, entities resolved. Tags leave nothing behind, so that <b>数字</b>经济 reads 数字经济."""
    return html.unescape(_TAG.sub('', markup))


def values_of(name: str, subject: Subject) -> tuple[str, ...]:
    """What a pattern on this field is searched in."""
    match name:
        case 'text':
            return (_kept_text(subject.html),)
        case 'author' | 'source' | 'tag':
            several: tuple[str, ...] = getattr(subject, f'{name}s')
            return several
        case _:
            return (getattr(subject, name),)


_kept_text = lru_cache(maxsize=2)(plain_text)  # all rules ask about one entry before the next one comes
