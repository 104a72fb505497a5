"""Titles, names and HTML as an entry shows them, out of what elements of any declared type hold."""

from __future__ import annotations

import re
from typing import Final

from aggregator.model import Person
from aggregator.parse.markup import clean_html, paragraphs
from aggregator.parse.texts import clean_text, http_url, resolved, text_of_html

MADE_TITLE: Final = 60  # characters of a title that is made from the text
LONG_TEXT: Final = 500  # characters from which a lone description is the content

# A reference that was escaped twice, as in `R&amp;D` or `&ldquo;`; with its semicolon, so that `?a=1&copy=2` is safe.
_ESCAPED_AGAIN: Final = re.compile(r'&(?:[A-Za-z]{2,8}|#[0-9]{2,7}|#x[0-9A-Fa-f]{2,6});')
_ESCAPED_OFTEN: Final = re.compile(r'&(?:amp;){2,40}')
# Markup of titles and search results; only where it is closed as well: 'Use <b> in HTML' is words.
_INLINE: Final = re.compile(
    r'<(em|b|i|u|s|strong|font|span|mark|small|big|sub|sup|code|a)\b[^<>]{0,500}>|</[a-z]{1,6}>|<br\s*/?>|<wbr>',
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(r'</[a-z]{1,6}>|<br\s*/?>|<wbr>', re.IGNORECASE)
_LOOKS_HTML: Final = re.compile(
    r'</(?:p|div|a|b|i|em|strong|span|ul|ol|li|h[1-6]|table|blockquote|pre|code|figure)>|<(?:br|hr)\s*/?>|<img\s',
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(
    r'<(?:p|div|ul|ol|table|h[1-6]|blockquote|figure|img|pre|section|article|video|audio)\b',
    re.IGNORECASE,
)
_ADDRESS: Final = r'(?:mailto:)?(?P<email>[^\s@<>()"]{1,100}@[^\s@<>()"]{1,100})'
_MAILBOXES: Final = (
    re.compile(rf'{_ADDRESS}(?=[\s(]|\Z)\s?\(?(?P<name>[^()<>@]*)\)?\Z'),  # RSS 2.0: lawyer@boyer.net (Lawyer Boyer)
    re.compile(rf'(?P<name>[^()<>@]*)[<(]{_ADDRESS}[>)]\Z'),  # RFC 5322, 3.4
)


def title_of(value: str, limit: int, *, html: bool) -> str:
    """The title as plain text. What was escaped once too often is resolved, tags of emphasis are taken out."""
    text = text_of_html(value) if html else value
    if '&' in text and _ESCAPED_AGAIN.search(text):
        text = resolved(_ESCAPED_OFTEN.sub('&amp;', text))
    if '<' in text and _CLOSING.search(text):
        text = _INLINE.sub('', text)
    return clean_text(text, limit)


def made_title(html: str, link: str) -> str:
    """A title for an entry without one: the beginning of its text, else its link."""
    return clean_text(text_of_html(html[:20_000]), MADE_TITLE) or clean_text(link, 10 * MADE_TITLE)


def html_of(value: str, media_type: str, base: str, limit_bytes: int) -> str:
    """Clean HTML of an element's value. Text that was declared plain, and is, becomes paragraphs."""
    if not value.strip():
        return ''
    if 'html' in media_type:
        # </br> is read as another <br>, and XHTML that went through an XML parser has it (HTML, 13.2.6.4.7).
        return clean_html(value.replace('</br>', ''), base, limit_bytes).strip()
    if _LOOKS_HTML.search(value):
        return clean_html(value, base, limit_bytes).strip()
    if '/' in media_type and not media_type.startswith('text/') and not media_type.endswith('xml'):
        return ''
    return clean_html(paragraphs(value), base, limit_bytes)


def summary_and_content(summary: str, content: str) -> tuple[str, str]:
    """Which is which, where a document says one thing only or twice the same."""
    if content:
        return ('' if summary == content else summary), content
    if len(summary) > LONG_TEXT or _BLOCK.search(summary):
        return '', summary
    return summary, ''


def person_of(name: str, email: str, url: str, limit: int) -> Person:
    """Who a name, or an RSS author of the form `address (name)`, means."""
    name = title_of(name, limit + 200, html=False)
    if not email and '@' in name:
        for form in _MAILBOXES:
            if found := form.match(name):
                name, email = found['name'].strip(' "'), found['email']
                break
    address = clean_text(email, limit).removeprefix('mailto:')
    return Person(clean_text(name, limit), address if '@' in address else '', http_url(url, ''))
