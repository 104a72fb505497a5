"""Of the judge: HTML. Twice, in two ways that cannot make the same mistake.

By its letters: every `<` begins a tag of the plainest form, so that whoever reads it, a browser or a regular expression,
sees the same tags. By its tree: what lexbor, which reads as browsers do, makes of it; and of what it writes of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from types import MappingProxyType

from hostile_judge_text import text_faults
from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements that show text, tables, pictures and media, and do nothing by themselves (HTML, 4.3 to 4.11).
_SHOWN_WORDS = (
    'a abbr article aside audio b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl '
    'dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p picture pre q rp rt ruby '
    's samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var '
    'video wbr'
)
SHOWN = frozenset(_SHOWN_WORDS.split())
# Attributes whose value is words, a number or one of a few words. `None`: an address.
WORDS = re.compile(r'[^<>]*')
ATTRIBUTES: Mapping[str, re.Pattern[str] | None] = MappingProxyType(
    {
        'href': None, 'src': None, 'poster': None,
        'title': WORDS, 'alt': WORDS, 'class': WORDS, 'lang': WORDS, 'dir': WORDS, 'datetime': WORDS, 'type': WORDS,
        'width': WORDS, 'height': WORDS, 'span': WORDS, 'colspan': WORDS, 'rowspan': WORDS, 'align': WORDS,
        'scope': WORDS, 'value': WORDS, 'start': WORDS, 'reversed': WORDS, 'controls': WORDS,
    }
)  # fmt: skip
HREF_ONLY = frozenset({'a', 'link'})
# What our own pages have on top of that, around the texts of entries: never inside of one.
_PAGE_WORDS = (
    'html head body title meta link nav form input button label script svg g rect line path polyline circle text desc'
)
PAGE_SHOWN = SHOWN | frozenset(_PAGE_WORDS.split())
_PAGE_ATTRIBUTES = re.compile(
    'id|rel|name|content|charset|role|tabindex|defer|method|placeholder|maxlength|for|aria-[a-z]+|data-[a-z]+|'
    'viewBox|viewbox|preserveAspectRatio|preserveaspectratio|focusable|x|y|x1|x2|y1|y2|r|rx|ry|cx|cy|d|points|fill'
)
_META = frozenset({'viewport', 'color-scheme', 'robots', 'referrer'})
_LINK = frozenset({'canonical', 'alternate', 'stylesheet', 'icon'})
_SCRIPT = re.compile(r'<script defer src="/[a-z]+\.js"(?: data-[a-z]+="[^"<>]*")*></script>')

# What only has the values that our templates give it.
_OURS = MappingProxyType(
    {
        ('form', 'action'): re.compile(r'/[a-z]+'),
        ('form', 'method'): re.compile('get'),
        ('input', 'type'): re.compile('search'),
        ('input', 'name'): re.compile('q'),
        ('script', 'src'): re.compile(r'/[a-z]+\.js'),
    }
)

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z0-9-]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9-]+)="([^"<>]*)"')
_HERE = re.compile(r'(?:/(?![/\\])[\w./%-]*)?(?:\?[^\s"<>\\]*)?(?:#[\w-]*)?', re.ASCII)  # on our own site
# Inside of a text more is let through than in a field of a feed: what is there is the author's, the scheme is not.
_SCHEME = re.compile(r'(https?|mailto):', re.IGNORECASE)
_DOCTYPE = '<!DOCTYPE html>\n'
_ARTICLE = '<article class="h-entry'


def fragment_faults(what: str, html: str) -> Iterator[str]:
    """Of an entry's HTML as it stands in a feed."""
    yield from text_faults(what, html)
    yield from (f'{what}: {fault}' for fault in _letters(html, SHOWN, page=False))
    if '<' in html:
        yield from (f'{what}, as a tree: {fault}' for fault in _trees(html, SHOWN, page=False))


def page_faults(body: bytes, site: str) -> Iterator[str]:
    """Of one of our pages. Whatever an entry holds, the page around it keeps its shape."""
    try:
        html = body.decode()
    except UnicodeDecodeError as error:
        yield f'no UTF-8: {error}'
        return
    yield from text_faults('the page', html)
    if not html.startswith(_DOCTYPE) or not html.rstrip().endswith('</html>'):
        yield 'no beginning or no end'
    letters = _SCRIPT.sub('', html.removeprefix(_DOCTYPE), count=1).replace(' open>', '>').replace('/>', '>')
    yield from _letters(letters, PAGE_SHOWN - {'script'}, page=True, site=site)
    yield from _trees(html, PAGE_SHOWN, page=True, site=site)
    yield from _shape(html)


def _letters(html: str, shown: frozenset[str], *, page: bool, site: str = '') -> Iterator[str]:
    rest = _TAG.sub('', html)
    if found := re.search('[<>]', rest):
        yield f'a {found[0]!r} that is no plain tag: {rest[max(0, found.start() - 20) : found.end() + 40]!r}'
    for closing, name, attributes in set(_TAG.findall(html)):
        if name not in shown:
            yield f'<{name}>'
        if closing and attributes:
            yield f'</{name}> with attributes'
        for key, value in _ATTRIBUTE.findall(attributes):
            yield from _attribute_faults(name, key, unescape(value), page=page, site=site)


def _trees(html: str, shown: frozenset[str], *, page: bool, site: str = '') -> Iterator[str]:
    """As it stands, and as it is after it was read and written once more."""
    tree = LexborHTMLParser(html)
    first = list(_tree(tree, shown, page=page, site=site))
    yield from first
    again = tree.html or ''
    if not first and again != html:
        yield from _tree(LexborHTMLParser(again), shown, page=page, site=site)


def _tree(tree: LexborHTMLParser, shown: frozenset[str], *, page: bool, site: str) -> Iterator[str]:
    frame = frozenset({'html', 'head', 'body'})
    for node in tree.root.traverse() if tree.root else ():
        name = node.tag or ''
        if name not in shown and name not in frame:
            yield f'<{name}>'
        for key, value in _attributes(node).items():
            yield from _attribute_faults(name, key, value or '', page=page, site=site)


def _attributes(node: LexborNode) -> Mapping[str, str | None]:
    return node.attributes


def _attribute_faults(name: str, key: str, value: str, *, page: bool, site: str) -> Iterator[str]:
    if page and (name, key) in _OURS:
        yield from _ours_faults(name, key, value)
    elif key not in ATTRIBUTES:
        if not page or not _PAGE_ATTRIBUTES.fullmatch(key):
            yield f'<{name} {key}>'
        yield from _ours_faults(name, key, value)
    elif ATTRIBUTES[key] is None:
        yield from _address_faults(name, key, value, page=page, site=site)
    elif any(mark in value.lower() for mark in ('javascript:', 'vbscript:')) and key not in {'title', 'alt', 'class'}:
        yield f'<{name} {key}="{value[:60]}">'


def _address_faults(name: str, key: str, value: str, *, page: bool, site: str) -> Iterator[str]:
    if page and _HERE.fullmatch(value) and '..' not in value.partition('?')[0]:
        return
    if key == 'href' and name not in HREF_ONLY:
        yield f'<{name} href>'
    scheme = _SCHEME.match(value)
    if not scheme or (scheme[1].lower() == 'mailto' and (name, key) != ('a', 'href')):
        yield f'<{name} {key}="{value[:60]}"> leads nowhere on the web'
    elif page and value.startswith(site) and '..' in value[len(site) :].partition('#')[0]:
        yield f'<{name} {key}="{value[:60]}"> leads out of the site'


def _ours_faults(name: str, key: str, value: str) -> Iterator[str]:
    """Of the attributes that only our own pages have: nothing in them comes from a source."""
    if name == 'meta' and key == 'name' and value not in _META:
        yield f'<meta name="{value[:60]}">'
    if name == 'link' and key == 'rel' and value not in _LINK:
        yield f'<link rel="{value[:60]}">'
    if key == 'id' and not re.fullmatch('[a-z][a-z0-9-]*', value):
        yield f'<{name} id="{value[:60]}">'
    if (name, key) in _OURS and not _OURS[name, key].fullmatch(value):
        yield f'<{name} {key}="{value[:60]}">'


def _shape(html: str) -> Iterator[str]:
    """Every article lies where the template put it, and what is an entry's stays inside of it, as strict as in a feed."""
    tree = LexborHTMLParser(html)
    written, placed = html.count(_ARTICLE), len(tree.css('body > main#main article.h-entry'))
    if placed != written:
        yield f'{written} articles were written, {placed} lie in the page'
    for selector in ('body', 'body > main', 'body > footer', 'body > header'):
        if (count := len(tree.css(selector))) != 1:
            yield f'{count} times {selector}'
    texts = tree.css('article.h-entry > .e-content')
    if outside := len(tree.css('.e-content')) - len(texts) - len(tree.css('.e-content .e-content')):
        yield f'{outside} texts lie outside of their article'
    for text in texts:
        yield from (f'on a page, {fault}' for fault in _letters(text.inner_html or '', SHOWN, page=False))
