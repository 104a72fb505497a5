"""HTML of sources made safe to show: known tags and attributes, absolute links, no scripts, no trackers.

nh3 does the work. Kept from it is what it takes quadratic time for: nesting, and ampersands in one long text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Any

import nh3

from aggregator.parse.attributes import without_odd_values
from aggregator.parse.nesting import reads_as_written
from aggregator.parse.texts import http_url, text_of_html, without_controls

MAX_DEPTH = 200  # 100,000 nested elements take nh3 minutes, 200 take it nothing
MANY_REFERENCES = 4000

_TAGS_WORDS = (
    'a abbr article aside audio b bdi bdo blockquote br caption center cite code col colgroup dd del details '
    'dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p '
    'picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td '
    'tfoot th thead time tr tt u ul var video wbr'
)
_TAGS = set(_TAGS_WORDS.split())
_ATTRIBUTES = {
    '*': {'lang', 'dir', 'title'},
    'a': {'href'},
    'abbr': {'title'},
    'audio': {'src', 'controls'},
    'col': {'span'},
    'colgroup': {'span'},
    'div': {'class'},
    'img': {'src', 'alt', 'width', 'height'},
    'li': {'value'},
    'ol': {'start', 'reversed', 'type'},
    'p': {'class'},
    'source': {'src', 'type'},
    'span': {'class'},
    'td': {'colspan', 'rowspan', 'align'},
    'th': {'colspan', 'rowspan', 'align', 'scope'},
    'time': {'datetime'},
    'video': {'src', 'poster', 'controls', 'width', 'height'},
}
_CONTENT_GONE = {'script', 'style', 'template', 'iframe', 'noembed', 'noframes', 'xmp', 'textarea', 'select', 'title'}
_SCHEMES = {'http', 'https', 'mailto'}

_MARKS = re.compile('[<>&\xa0]')
_OPENING = re.compile(r'<(/?)([a-zA-Z][^\s/>]{0,40})')
# Elements that hold nothing, or that the next of their kind closes: they do not nest by themselves.
_FLAT_WORDS = (
    'area base br col dd dt embed hr img input li link meta option p param rb rp rt source tbody td tfoot th '
    'thead tr track wbr'
)
_FLAT = frozenset(_FLAT_WORDS.split())
_MANY_ATTRIBUTES = re.compile(r'<[a-zA-Z][^<>]{4096,}+')
_NEWLINE_IN_PRE = re.compile(r'(<pre(?:\s[^<>]*)?>)[\r\n]+', re.IGNORECASE)
_PRE = re.compile('<[pP][rR][eE]')
_BARE = re.compile(r'(?:[^<>&\xa0]++|&(?:amp|lt|gt|nbsp);|</?[a-z][a-z0-9]*>)*')
_IMAGE = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_PIXEL = re.compile(r' width="[01](?:px)?"| height="[01](?:px)?"')
_PIXEL_HOST = re.compile(
    r' src="https?://(?:pixel\.wp\.com/|stats\.wordpress\.com/|feeds\.feedburner\.com/~r/|[a-z0-9.]*feedsportal\.com/|'
    r'[a-z0-9.]*doubleclick\.net/|www\.google-analytics\.com/|hm\.baidu\.com/)',
)


def clean_html(html: str, base: str, limit_bytes: int) -> str:
    """The HTML with known tags and attributes only, links absolute against `base`, at most `limit_bytes` in UTF-8.

    Plain text goes in as HTML. Markup that is clean already comes out as it went in, and cleaning twice is cleaning
    once. Links are http, https or mailto; a relative one without a usable base loses its href. Never raises.
    """
    if limit_bytes <= 0:
        return ''
    clean = _settled(_cut(without_controls(html), 2 * limit_bytes), http_url(base, ''))
    aim = limit_bytes
    while len(clean) * 4 > limit_bytes and len(clean.encode()) > limit_bytes:
        clean = _settled(_cut(clean, aim), '')
        aim -= aim // 16 + 1  # tags closed after the cut add bytes
    return clean


def paragraphs(text: str) -> str:
    """Plain text as HTML: its blank lines part paragraphs, its line breaks stay. Clean as it is."""
    lines = (line.strip() for line in without_controls(text).split('\n'))
    blocks = ('<br>'.join(block) for filled, block in groupby(map(_escaped, lines), key=bool) if filled)
    return ''.join(f'<p>{block}</p>' for block in blocks)


def _escaped(text: str) -> str:
    """Escaped as nh3 serialises text."""
    return escape(text, quote=False).replace('\xa0', '&nbsp;')


def _cut(html: str, limit_bytes: int) -> str:
    """The HTML up to the limit, not inside a tag or a character reference."""
    if len(html) * 4 <= limit_bytes or len(raw := html.encode()) <= limit_bytes:
        return html
    kept = raw[:limit_bytes].decode(errors='ignore')
    opened, closed = kept.rfind('<'), kept.rfind('>')
    if opened > closed:
        return kept[:opened]
    reference = kept.rfind('&', max(closed, len(kept) - 40))
    return kept[:reference] if reference >= 0 and ';' not in kept[reference:] else kept


# Attribute by attribute, as they were written just now: a value may hold what looks like another attribute.
_BLANK_IN_VALUE = re.compile(r'="\s')
_BLANK_BEFORE_LINK = re.compile(r'(<[a-z][a-z0-9]*(?: [a-z-]+="[^"<>]*")*? (?:href|src|poster)=")\s+')


def _settled(html: str, base: str) -> str:
    """Cleaned until it stays as it is. A tag that is taken away can leave its content where the parser moves it."""
    if not _MARKS.search(html) or _is_clean(html):
        return html
    if _too_deep(html) or _too_many_references(html) or _MANY_ATTRIBUTES.search(html):
        return paragraphs(text_of_html(html))
    before = html
    for _ in range(4):
        after = _without_pixels(without_odd_values(_cleaned(before, base)))
        if after == before or reads_as_written(after):
            return after
        before = after
    return paragraphs(text_of_html(before))


def _is_clean(html: str) -> bool:
    """Whether it is what cleaning makes, at sight: known elements without attributes, text that is escaped."""
    return _BARE.fullmatch(html) is not None and '<img' not in html and reads_as_written(html)


def _cleaned(html: str, base: str) -> str:
    # A newline after <pre> is dropped by every parser (HTML, 13.2.6.4.7) and put back by none.
    bare = _NEWLINE_IN_PRE.sub(r'\1', html) if _PRE.search(html) else html
    clean = _cleaner(base).clean(bare)
    clean = without_controls(clean) if '&#' in bare else clean
    # Browsers pass over it (URL Standard, 4.4), others take it for relative.
    return _BLANK_BEFORE_LINK.sub(r'\1', clean) if _BLANK_IN_VALUE.search(clean) else clean


@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    if not base:
        return _cleaner_with('deny')
    try:
        return _cleaner_with(('rewrite_with_base', base))
    except ValueError:  # no base by browsers' rules (URL Standard): a host that cannot be
        return _cleaner_with('deny')


def _cleaner_with(url_relative: Any) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_CONTENT_GONE,
        url_schemes=_SCHEMES,
        url_relative=url_relative,
        link_rel=None,
    )


def _too_deep(html: str) -> bool:
    """Whether elements nest deeper than is wise. Counts a little too much, never too little, in one pass."""
    if html.count('<') <= MAX_DEPTH:
        return False
    open_now: dict[str, int] = {}
    depth = 0
    for tag in _OPENING.finditer(html):
        name = tag[2].lower()
        if name in _FLAT:
            continue
        if not tag[1]:
            open_now[name] = open_now.get(name, 0) + 1
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif open_now.get(name):
            open_now[name] -= 1
            depth -= 1
    return False


def _too_many_references(html: str) -> bool:
    """Whether a stretch of text would take nh3 more than some 10 ms: its time is ampersands times length."""
    if html.count('&') < MANY_REFERENCES:
        return False
    return any(text.count('&') * len(text) > 10**9 for text in html.split('<'))


def _without_pixels(html: str) -> str:
    if '<img' not in html:
        return html
    return _IMAGE.sub(lambda image: '' if _shows_nothing(image[0]) else image[0], html)


def _shows_nothing(image: str) -> bool:
    return ' src="' not in image or len(_PIXEL.findall(image)) == 2 or _PIXEL_HOST.search(image) is not None  # noqa: PLR2004  # both sides
