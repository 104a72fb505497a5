"""Slugs: the path name of a category, made once from its label and then stored for ever (rule 8 of the design).

A slug is [a-z0-9-], 1 to 80 characters. 证券时报网新闻 is zhengquanshibaowang: its publisher in pinyin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain

MAX_SLUG = 80
RESERVED = frozenset({'all', 'index'})

_MAX_LABEL = 300  # characters read of a label
_TRAILING = '新闻'
_OTHERS = re.compile(r'[^a-z0-9]+')
_UNDECOMPOSED = str.maketrans({'æ': 'ae', 'œ': 'oe', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'ł': 'l', 'þ': 'th', 'ı': 'i'})


def slug_of(label: str) -> str:
    """The slug that a label makes; equal labels make equal slugs. What no Latin letter can say is told by a digest."""
    name = unicodedata.normalize('NFKC', label[:_MAX_LABEL]).strip()
    name = name.removesuffix(_TRAILING).strip() or name
    plain = _latin(name if name.isascii() else _dictionaries[-1](name))
    slug = _dashed(plain)
    lost = any(char.isalnum() and not char.isascii() for char in plain)
    if slug and not lost and len(slug) <= MAX_SLUG and len(label) <= _MAX_LABEL:
        return slug
    return _ended(slug, f'c-{_digest(label)[:8]}')


def clean_slug(hint: str) -> str:
    """A slug that somebody asked for, made fit for a path; '' if nothing remains of it."""
    return _dashed(_latin(unicodedata.normalize('NFKC', hint[:_MAX_LABEL])))[:MAX_SLUG].strip('-')


def free_slug(wanted: str, taken: Container[str], label: str) -> str:
    """`wanted` (else the label's own) where it is free, else with -2, -3…; past -99 a digest of the label ends it."""
    base = clean_slug(wanted) or slug_of(label)
    digest = _digest(label)
    numbered = (f'{n}' for n in range(2, 100))
    told = (digest[:length] for length in (8, 16, 32))
    endless = (f'{digest[:32]}-{n}' for n in range(2, 1_000_000))
    candidates = (_ended(base, end) for end in chain(numbered, told, endless))
    return next(slug for slug in chain([base], candidates) if slug not in taken and slug not in RESERVED)


def syllables(text: str) -> str:
    """Chinese as syllables without tones, phrase by phrase (重庆 chongqing); everything else as it stands."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # it takes a fifth of a second and 50 MB, and most runs need none

    return ''.join(lazy_pinyin(text))


_dictionaries: list[Callable[[str], str]] = [syllables]  # the last one is asked


@contextmanager
def spelled_by(dictionary: Callable[[str], str]) -> Iterator[None]:
    """While the block runs this one is asked instead, which gives what `syllables` gives."""
    _dictionaries.append(dictionary)
    try:
        yield
    finally:
        _dictionaries.remove(dictionary)


def _latin(text: str) -> str:
    decomposed = unicodedata.normalize('NFKD', text.casefold().translate(_UNDECOMPOSED))
    return ''.join(char for char in decomposed if not unicodedata.combining(char))


def _dashed(text: str) -> str:
    return _OTHERS.sub('-', text).strip('-')


def _ended(slug: str, end: str) -> str:
    return f'{slug[: MAX_SLUG - len(end) - 1].strip("-")}-{end}'.lstrip('-')


def _digest(label: str) -> str:
    return sha256(label.encode('utf-8', 'surrogatepass')).hexdigest()
