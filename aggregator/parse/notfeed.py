"""What a document is that is no feed: one fault, with a sentence for people and what they can do."""

from __future__ import annotations

import json
import re
from typing import Final

from aggregator.model import Fault
from aggregator.parse.texts import clean_text, text_of_html

HEAD: Final = 4096  # characters in which a document shows what it is
PAGE: Final = 64 * 1024  # characters of a page in which its title is looked for

_FIRST_TAG: Final = re.compile(r'<(?:[A-Za-z][\w.-]{0,20}:)?([A-Za-z][\w.-]{0,40})')
_NO_TEXT: Final = re.compile(r'[\x00-\x08\x0e-\x1f\x7f]')  # bytes that stand in pictures and archives, and in no text
_TITLE: Final = re.compile(r'<title[^<>]{0,200}>([^<]{0,300})', re.IGNORECASE)
_GUARD: Final = re.compile(
    r'captcha|cf-chl|challenge-platform|just a moment|attention required|access denied|are you (?:a )?(?:human|robot)'
    r'|verify you are human|bot protection|ddos-guard|incapsula|_waf_|aliyun_waf|acw_sc__|安全验证|人机验证|访问验证'
    r'|滑动验证|访问过于频繁|请开启javascript|enable javascript and cookies',
    re.IGNORECASE,
)
_PARTS_OF_HTML_WORDS: Final = 'html head body div p a script style meta table span center h1 h2 title'
_PARTS_OF_HTML: Final = frozenset(_PARTS_OF_HTML_WORDS.split())
_GUARD_HINT: Final = 'Perhaps this site has a bot protection. Open the address in a browser and see what it shows.'
_SEE_HINT: Final = 'See what the address shows in a browser.'
_PAGE_HINT: Final = 'The address may be that of the site, not of its feed: try `aggregator add URL`.'


def page_at_once(text: str) -> bool:
    """Whether the document is HTML beyond doubt, so that no feed parser needs to see it."""
    start = text[:HEAD].lstrip()
    if re.match(r'<!doctype\s+html', start, re.IGNORECASE):
        return '<rss' not in text[:HEAD] and '<feed' not in text[:HEAD]
    return _root(start) == 'html'


def not_a_feed(text: str, content_type: str) -> Fault:
    """Says what the document looks like. `text` is the document as decoded."""
    start = text[:HEAD].strip()
    if not start:
        return Fault(
            'not-a-feed', 'The document is empty.', 'It may be a fault of the server; the next round asks again.'
        )
    if start[0] in '{[':
        return _json(text)
    if _root(start) in _PARTS_OF_HTML or 'html' in content_type or re.match(r'<!doctype\s+html', start, re.IGNORECASE):
        return _page(text)
    if start[0] == '<':
        return Fault(
            'not-a-feed', f'The document is XML with the root <{_root(start)[:40]}>, which is no feed.', _PAGE_HINT
        )
    if _NO_TEXT.search(start):
        return Fault('not-a-feed', 'The document is no text: it may be an archive or a picture.', _SEE_HINT)
    words = clean_text(start, 80)
    hint = _GUARD_HINT if _GUARD.search(start) else _SEE_HINT
    return Fault('not-a-feed', f'The document is plain text, not a feed: “{words}”.', hint)


def _root(start: str) -> str:
    """The name of the first element, in lower case."""
    found = _FIRST_TAG.search(start)
    return found[1].lower() if found else ''


def _page(text: str) -> Fault:
    page = text[:PAGE]
    title = _TITLE.search(page)
    name = clean_text(text_of_html(title[1]), 80) if title else ''
    called = f' with the title “{name}”' if name else ''
    hint = _GUARD_HINT if _GUARD.search(page) else _PAGE_HINT
    return Fault('not-a-feed', f'The document is an HTML page{called}, not a feed.', hint)


def _json(text: str) -> Fault:
    hint = 'If this is a list of entries, read it as `kind: json`.'
    try:
        value = json.loads(text[: 16 * HEAD])
    except (ValueError, RecursionError):
        return Fault('not-a-feed', 'The document is JSON, but no JSON Feed.', hint)
    told = ''
    if isinstance(value, dict):
        told = next((str(value[key]) for key in ('error', 'message', 'msg', 'errmsg') if value.get(key)), '')
    said = f' It says: “{clean_text(told[:400], 80)}”.' if told else ''
    return Fault('not-a-feed', f'The document is JSON, but no JSON Feed.{said}', hint)
