"""Of the judge: single values. Texts without what nobody may send, addresses of the web, dates, languages, ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Controls (Unicode Cc) but for those that a text needs, surrogates, noncharacters, byte order marks.
_NO_TEXT = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]')
_URL = re.compile(r'https?://(?P<host>[^\s/?#@\\<>"^`{|}]+)(?P<rest>[/?#][^\s<>"^`{|}\\]*)?', re.IGNORECASE)
_MAIL = re.compile(r'mailto:[^\s<>"]+')
_ID = re.compile(r'(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):[^\s<>"{}|\\^`]+')
# Schemes of addresses that run something, or open what is not on the web, where a reader takes an id for an address.
_RUNS = frozenset(
    {
        'javascript',
        'vbscript',
        'livescript',
        'mocha',
        'data',
        'file',
        'blob',
        'filesystem',
        'about',
        'view-source',
        'jar',
    }
    | {'intent', 'shell', 'smb'}
)
_3339 = re.compile(r'(?P<year>\d{4})-(?:0[1-9]|1[0-2])-[0-3]\d[Tt][0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)')
_822 = re.compile(
    r'(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} (?P<year>\d{4}) \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT)'
)
_LANGUAGE = re.compile(r'[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*')
MAX_LINE = 1100  # characters: the longest title that our limits let through, and what a label may add to it
MAX_URL = 40_000


def text_faults(what: str, text: str) -> Iterator[str]:
    """Of any text: nothing that no text may hold."""
    if found := _NO_TEXT.search(text):
        yield f'{what} holds U+{ord(found[0]):04X}'


def plain_faults(what: str, text: str) -> Iterator[str]:
    """Of one line of plain text, as titles and names are."""
    yield from text_faults(what, text)
    if not text.strip():
        yield f'{what} is empty'
    if '\n' in text or '\t' in text:
        yield f'{what} has more than one line'
    if len(text) > MAX_LINE:
        yield f'{what} has {len(text)} characters'


def url_faults(what: str, url: str, site: str = '', *, mail: bool = False) -> Iterator[str]:
    """Of an address: http or https with a host, no user in it; mailto where that may be."""
    if mail and _MAIL.fullmatch(url):
        return
    found = _URL.fullmatch(url)
    if not found:
        yield f'{what} is no address of the web: {url[:80]!r}'
    elif not url.isprintable() or len(url) > MAX_URL:
        yield f'{what} is an odd address: {url[:80]!r}'
    elif site and url.startswith(site) and '..' in url[len(site) :].split('#', maxsplit=1)[0]:
        yield f'{what} leads out of the site: {url[:80]!r}'


def id_faults(what: str, text: str) -> Iterator[str]:
    """Of an id: a name, and no address that runs: some readers open it all the same."""
    yield from text_faults(what, text)
    found = _ID.fullmatch(text)
    if not found or found['scheme'].lower() in _RUNS:
        yield f'{what} is no id: {text[:80]!r}'


def dates_3339(what: str, text: str) -> Iterator[str]:
    found = _3339.fullmatch(text)
    if not found or not '1970' <= found['year'] <= '2100':
        yield f'{what} is no date: {text[:60]!r}'


def dates_822(what: str, text: str) -> Iterator[str]:
    found = _822.fullmatch(text)
    if not found or not '1970' <= found['year'] <= '2100':
        yield f'{what} is no date: {text[:60]!r}'


def language_faults(text: str) -> Iterator[str]:
    if not _LANGUAGE.fullmatch(text):
        yield f'{text[:40]!r} is no language'
