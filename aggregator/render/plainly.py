"""What went wrong with a source, in the language of the site. Other rooms say it in English; here it is said again.

A sentence that is not in the table stands as it came, and is marked as English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.render.text import one_line
from aggregator.render.words import Words

_MOST = 240  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Told:
    """What happened and what to do, and the language of both."""

    what: str
    advice: str
    language: str


def told(error: str, hint: str, words: Words) -> Told:
    """In the language of the words where both sentences are known, else in English."""
    error, hint = one_line(error), one_line(hint)
    if words.language == 'en':
        return Told(_cut(error), _cut(hint), 'en')
    what, advice = _said(error, words), _said(hint, words)
    if what is None or (hint and advice is None):
        return Told(_cut(error), _cut(hint), 'en')
    return Told(_cut(what), _cut(advice or ''), words.tag)


def _said(sentence: str, words: Words) -> str | None:
    for pattern, form in words.sentences:
        if found := re.fullmatch(pattern, sentence):
            return found.expand(form)
    return None


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[:_MOST].rstrip() + '…'
