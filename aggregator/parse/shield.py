"""What no XML parser should see: entities and DOCTYPEs, references to what is no character, junk before the root.

All of it is text in, text out, in linear time. What an element may hold is bounded in bounded.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5
from typing import Final
from xml.sax.saxutils import escape

from aggregator.parse.texts import without_controls, xml_text

PROLOG: Final = 64 * 1024  # characters in which a root element has to begin

_BLANK: Final = ' \t\r\n\ufeff'
# What a DOCTYPE is made of: outside of its subset (XML 1.0, [28]) and in it, and what ends each.
_DOCTYPE_MARK: Final = re.compile(r'["\'\[>]')
_SUBSET_MARK: Final = re.compile(r'<!--|<\?|["\']|\][ \t\r\n]*>')
_END_MARKS: Final = {'<!--': '-->', '<?': '?>', '"': '"', "'": "'"}
_END_OF_SUBSET: Final = re.compile(r'\][ \t\r\n]*>')
# The elements of RSS are in no namespace; who writes XHTML in them sometimes declares it for all.
_RSS_AS_XHTML: Final = re.compile(
    r'\A(<rss\b[^<>]{0,4000}?)\sxmlns[ \t\r\n]*=[ \t\r\n]*["\']http://www\.w3\.org/1999/xhtml["\']'
)
_ROOT: Final = re.compile(r'<(?:[A-Za-z][\w.-]{0,20}:)?(?:rss|feed|rdf|channel|entry)[\s>]', re.IGNORECASE)

_XML_NAMES: Final = frozenset({'amp', 'lt', 'gt', 'quot', 'apos'})
# What needs a second look: names that XML does not know, and numbers of four and more digits or of controls.
_REFERENCE: Final = re.compile(r'&(?:([A-Za-z][A-Za-z0-9]{0,40});|#(?:([0-9]{1,20})|[xX]([0-9a-fA-F]{1,20}));)')
_LONG_NUMBER: Final = re.compile(r'&#(?:[0-9]{21,}+|[xX][0-9a-fA-F]{21,}+);?')
_ANY_SUSPECT: Final = re.compile(
    r'&(?!amp;|lt;|gt;|quot;|apos;|#(?:3[2-9]|[4-9][0-9]|1[0-1][0-9]|12[0-6]|1[6-9][0-9]|2[0-9]{2}|3[0-9]{2}|8[0-9]{3});|#x20[0-9a-fA-F]{2};)',
)
# Windows-1252 letters, which a number from 128 to 159 was always meant to be (HTML, 13.2.5.80).
_C1: Final = {
    number: letter
    for number in range(0x80, 0xA0)
    if (letter := bytes([number]).decode('cp1252', 'replace')) != '\ufffd'
}
_BARE: Final = re.compile(r'&(?![A-Za-z][A-Za-z0-9]{0,40};|#[0-9]{1,20};|#x[0-9a-fA-F]{1,20};)')


def shield(text: str) -> str:
    """The document without what only an attack or an accident puts there; a well-formed feed says the same as before.

    No XML declaration (the text is decoded), no DOCTYPE (XML 1.0, 2.8), nothing before the root but its own markup.
    HTML's named characters become themselves, other entities stay as text: none is ever expanded. References to
    controls, surrogates and beyond Unicode become U+FFFD or go.
    """
    bare = _RSS_AS_XHTML.sub(r'\1', _without_prolog(xml_text(text)))
    return _outside_cdata(bare, _plain_references)


def mended(text: str) -> str:
    """A shielded document whose bare ampersands are escaped, from its root element on: a second chance before
    the tolerant parser, since they and a notice printed before the feed are what most broken feeds have.
    """
    root = _ROOT.search(text, 0, PROLOG)
    return _outside_cdata(text[root.start() :] if root else text, lambda part: _BARE.sub('&amp;', part))


def without_comments(text: str) -> str:
    """The document without comments. One that never ends is text: the tolerant parser takes minutes for such."""
    pieces: list[str] = []
    place = 0
    while (start := text.find('<!--', place)) >= 0:
        end = text.find('-->', start + 4)
        if end < 0:
            return ''.join([*pieces, text[place:].replace('<!--', '&lt;!--')])
        pieces.append(text[place:start])
        place = end + 3
    return ''.join([*pieces, text[place:]])


def _without_prolog(text: str) -> str:
    """The text from the first tag on that is neither declaration nor comment; blanks and a DOCTYPE's subset go."""
    place = 0
    while True:
        while place < len(text) and text[place] in _BLANK:
            place += 1
        if text.startswith('<?', place):
            end = _after(text, '?>', place)
        elif text.startswith('<!--', place):
            end = _after(text, '-->', place + 4)
        elif text[place : place + 9].upper() == '<!DOCTYPE':
            end = _end_of_doctype(text, place)
        else:
            return text[place:]
        if not end:
            return text[place:]
        place = end


def _after(text: str, mark: str, start: int) -> int:
    """The place after the mark, 0 where it never comes."""
    found = text.find(mark, start)
    return found + len(mark) if found >= 0 else 0


def _end_of_doctype(text: str, start: int) -> int:
    """The place after it; what looks like its end in a literal, a comment or an instruction is none."""
    place, marks = start + len('<!DOCTYPE'), _DOCTYPE_MARK
    while place and (found := marks.search(text, place)):
        place = found.end()
        match found[0]:
            case '[':
                marks = _SUBSET_MARK
            case ('<!--' | '<?' | '"' | "'") as opening:
                place = _after(text, _END_MARKS[opening], place)
            case _:
                return place
    return _end_of_broken_doctype(text, start)


def _end_of_broken_doctype(text: str, start: int) -> int:
    """Something in it never ends: the first end that there is; 0 for none."""
    subset, close = text.find('[', start), text.find('>', start)
    if 0 <= subset < close:
        end = _END_OF_SUBSET.search(text, subset)
        return end.end() if end else close + 1
    return close + 1


def _outside_cdata(text: str, change: Callable[[str], str]) -> str:
    """The text with everything but its CDATA sections changed."""
    if '&' not in text:
        return text
    pieces: list[str] = []
    place = 0
    while (start := text.find('<![CDATA[', place)) >= 0 and (end := text.find(']]>', start)) >= 0:
        pieces += (change(text[place:start]), text[start : end + 3])
        place = end + 3
    return ''.join([*pieces, change(text[place:])])


def _plain_references(part: str) -> str:
    if not _ANY_SUSPECT.search(part):
        return part
    return _REFERENCE.sub(_plain_reference, _LONG_NUMBER.sub('\ufffd', part))


def _plain_reference(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name in _XML_NAMES:
        return found[0]
    if name:
        known = html5.get(f'{name};')
        return escape(known) if known else f'&amp;{name};'
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if number in _C1:
        return _C1[number]
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:  # noqa: PLR2004  # Unicode's end, and its surrogates
        return '\ufffd'
    return found[0] if without_controls(chr(number)) == chr(number) else ' '
