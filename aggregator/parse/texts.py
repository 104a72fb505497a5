"""Plain texts and web addresses out of hostile ones. Nothing here raises, and nothing takes more than linear time."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

MAX_URL = 8192  # characters; browsers and servers give up earlier

# C0 and C1 controls but for tab and newline; they become blanks.
_CONTROL = '\x00-\x08\x0b-\x1f\x7f-\x9f'
# Lone surrogates, noncharacters (Unicode 23.7) and byte order marks; they go. XML 1.0 (2.2) forbids most of them.
_GONE = '\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff'
_ODD = re.compile(f'[{_CONTROL}{_GONE}]')
_FORBIDDEN = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_IS_CONTROL = re.compile(f'[{_CONTROL}]')

_LONG_REFERENCE = re.compile(r'&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?')
_TAG = re.compile(r'<(/?)([A-Za-z][A-Za-z0-9]*)(?:[^>"\']++|"[^"]*+"|\'[^\']*+\')*>')
_TAG_NAME = re.compile(r'</?([A-Za-z][A-Za-z0-9]*)')
_UNSEEN = frozenset({'script', 'style', 'template', 'iframe', 'noembed', 'noframes', 'xmp'})
_END_OF = {name: re.compile(f'</{name}', re.IGNORECASE) for name in _UNSEEN}
_INLINE_WORDS = (
    'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q ruby rb s samp small '
    'span strike strong sub sup time tt u var wbr'
)
_INLINE = frozenset(_INLINE_WORDS.split())

# An address with nothing in it to tidy, to resolve or to refuse, which is what most are; http_url gives it as it is.
_PLAIN_URL = re.compile(
    r'https?://[A-Za-z0-9.-]++(?::[0-9]{1,4}+)?(?:/[A-Za-z0-9._~/%=+,@!*():-]*+)?'
    r'(?:\?[A-Za-z0-9._~/%=&+,@!*():-]++)?(?:#[A-Za-z0-9._~/%=&+,@!*():-]++)?'
)
_SLASHES = re.compile(r'^(https?):/{3,}', re.IGNORECASE)
_NOT_IN_URL = {ord(char): f'%{ord(char):02X}' for char in ' "<>`'}
_NOT_IN_HOST = re.compile(r'[\s<>"^`{|}\\%\ufffd]')


def clean_text(text: str, limit: int) -> str:
    """One line of plain text: no control characters, white space folded, at most `limit` characters, the last a '…'."""
    if not text:
        return ''
    folded = ' '.join(without_controls(text).split())
    if len(folded) <= limit:
        return folded
    return folded[: max(limit - 1, 0)].rstrip() + '…'


def without_controls(text: str) -> str:
    """The text with controls (but tab and newline) as blanks, and without surrogates, noncharacters and BOMs."""
    if text.isprintable() or not _ODD.search(text):
        return text
    return _ODD.sub(lambda odd: ' ' if _IS_CONTROL.match(odd[0]) else '', text)


def xml_text(text: str) -> str:
    """The text without what XML 1.0 (2.2) forbids. C1 controls stay: UTF-8 that was encoded twice is mended later."""
    if not _FORBIDDEN.search(text):
        return text
    return _FORBIDDEN.sub(lambda odd: ' ' if odd[0] < ' ' else '', text)


def resolved(text: str) -> str:
    """The text with its HTML character references resolved (HTML, 13.2.5.72)."""
    if '&' not in text:
        return text
    # int() refuses more than 4,300 digits, and a reference of eight digits names no character anyway.
    return unescape(_LONG_REFERENCE.sub('\ufffd', text))


def text_of_html(html: str) -> str:
    """What a reader would see of the HTML, as plain text; blocks stand on lines of their own."""
    if '<' not in html:
        return resolved(html)
    return resolved(''.join(_seen(html)))


def _seen(html: str) -> list[str]:
    """The stretches of text between tags. A tag whose quotes never close ends at the next '>', from then on all do."""
    seen: list[str] = []
    place, trust_quotes = 0, True
    while (start := html.find('<', place)) >= 0:
        seen.append(html[place:start])
        if html.startswith('<!--', start):
            place = _after(html, '-->', start + 2)
            continue
        named = _TAG_NAME.match(html, start)
        if named is None and not html.startswith(('<!', '<?', '</'), start):
            seen.append('<')
            place = start + 1
            continue
        tag = _TAG.match(html, start) if named and trust_quotes else None
        trust_quotes = trust_quotes and (named is None or tag is not None)
        place = tag.end() if tag else _after(html, '>', start)
        name = named[1].lower() if named else ''
        if name in _UNSEEN and html[start + 1] != '/':
            place = _start_of_end(html, name, place)
        elif name and name not in _INLINE and name not in _UNSEEN:
            seen.append('\n')
    seen.append(html[place:])
    return seen


def _after(html: str, mark: str, place: int) -> int:
    found = html.find(mark, place)
    return len(html) if found < 0 else found + len(mark)


def _start_of_end(html: str, name: str, place: int) -> int:
    end = _END_OF[name].search(html, place)
    return end.start() if end else len(html)


def http_url(link: str, base: str) -> str:
    """The absolute http or https URL that `link` means (RFC 3986, 5), '' where it means none.

    With an empty base only absolute links survive; `//host/x` is then taken as http. Nothing is made canonical here:
    what we publish is the real link.
    """
    if not link or (len(link) <= MAX_URL and _PLAIN_URL.fullmatch(link)):
        return link
    bare = _tidy(link)
    if not bare or len(bare) > MAX_URL:
        return ''
    try:
        if bare.startswith('//'):
            bare = f'{urlsplit(base).scheme or "http"}:{bare}'
        whole = urljoin(base, bare) if base else bare
        parts = urlsplit(whole)
        if parts.scheme not in {'http', 'https'} or not parts.hostname or _NOT_IN_HOST.search(parts.netloc):
            return ''
        _ = parts.port  # raises where the port is no number
    except ValueError:
        return ''
    return whole


def _tidy(link: str) -> str:
    """The link as a browser reads it: blanks around it and line breaks in it gone, a backslash before the query `/`."""
    bare = link.strip()
    if _ODD.search(bare) or '\n' in bare or '\t' in bare:
        bare = _ODD.sub('', re.sub(r'[\t\n]+', '', bare)).strip()
    if '\\' in bare:
        end = min((place for mark in '?#' if (place := bare.find(mark)) >= 0), default=len(bare))
        bare = bare[:end].replace('\\', '/') + bare[end:]
    return _SLASHES.sub(r'\1://', bare.translate(_NOT_IN_URL))
