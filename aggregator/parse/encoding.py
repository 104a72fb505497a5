"""Bytes to text: which encoding a document is in. Bytes are believed more than labels.

Order: what the configuration says, a byte order mark, a declared stateful encoding, strict UTF-8, UTF-16 that shows
by its zeros, UTF-8 in which a few letters are damaged, what the document or the header declares, strict GB 18030, a
guess, and at last UTF-8 with gaps.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregator.model import Fault, Received, Source
from aggregator.parse.charsets import LABELS, LATIN, STATEFUL, WIDE

GUESS_BYTES: Final = 64 * 1024  # the guess looks at no more
HEAD_BYTES: Final = 4096  # declarations stand before this (HTML: 1024, but pages have long heads)

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, 'utf-32-le'),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, 'utf-32-be'),
    (codecs.BOM_UTF8, 'utf-8'),
    (codecs.BOM_UTF16_LE, 'utf-16-le'),
    (codecs.BOM_UTF16_BE, 'utf-16-be'),
)
_ZEROS: Final = (
    (re.compile(rb'[\t\n\r ]?\0*<\0\0\0'), 'utf-32-le'),
    (re.compile(rb'\0\0\0<'), 'utf-32-be'),
    (re.compile(rb'(?:[\t\n\r ]\0)*[<{\[]\0'), 'utf-16-le'),
    (re.compile(rb'(?:\0[\t\n\r ])*\0[<{\[]'), 'utf-16-be'),
)

_GAP: Final = re.compile('\ufffd+')
_LETTER_OF_THREE: Final = re.compile('[\u0800-\ufffc\U00010000-\U0010ffff]')  # bytes in UTF-8, or of four
_PAIR: Final = re.compile(rb'[\x81-\xfe][\x80-\xfe]')
_ASCII: Final = bytes(range(128))

_XML_DECLARATION: Final = re.compile(rb'\s*<\?xml\s[^<>]{0,200}?\bencoding\s*=\s*["\']([A-Za-z0-9._:-]{1,40})["\']')
_META: Final = re.compile(rb'<meta\s[^<>]{0,500}?\bcharset\s*=\s*["\']?\s*([A-Za-z0-9._:-]{1,40})', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text without its byte order mark, the codec that read it, and a fault where something was lost or guessed."""

    text: str
    encoding: str
    fault: Fault | None = None


def decode(body: bytes, *, override: str = '', charset: str = '', declared: str = '') -> Decoded:
    """The document as text. Labels are taken as found; unknown ones count as none. Never raises."""
    if codec := codec_of(override):
        return _read(body, codec) or _with_gaps(body, codec, f'The configured encoding {override} does not fit')
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _read(body, codec) or _with_gaps(body, codec, f'Its byte order mark says {codec}, its bytes do not')
    labels = [codec for label in (declared, charset) if (codec := codec_of(label))]
    sure = [codec for codec in labels if codec in STATEFUL and _has_escapes(body)]
    sure += ['utf-8']
    sure += [codec for zeros, codec in _ZEROS if b'\0' in body[:8] and zeros.match(body)]
    return _first(body, sure) or _damaged_utf8(body) or _first(body, _likely(body, labels)) or _guessed(body, labels)


def _likely(body: bytes, labels: list[str]) -> list[str]:
    likely = [codec for codec in labels if codec not in WIDE or b'\0' in body[:HEAD_BYTES]]
    return [*likely, 'gb18030'] if 'gb18030' in labels or _looks_chinese(body) else likely


def encoding_of(received: Received, source: Source) -> str:
    """The codec by which this document of the source is read."""
    declared = {'feed': declared_in_xml, 'page': declared_in_html}.get(source.kind, lambda _body: '')
    body = received.body
    return decode(body, override=source.encoding, charset=received.charset, declared=declared(body)).encoding


def codec_of(label: str) -> str:
    """Python's codec for an encoding label, '' for none that we read."""
    return LABELS.get(label.strip().lower(), '')


def declared_in_xml(body: bytes) -> str:
    """The encoding that an XML declaration names (XML 1.0, 2.8), as written; '' without one."""
    found = _XML_DECLARATION.match(body[:HEAD_BYTES].removeprefix(codecs.BOM_UTF8))
    return found[1].decode('ascii') if found else ''


def declared_in_html(body: bytes) -> str:
    """The encoding that a meta element names (HTML, 4.2.5.4), as written; '' without one."""
    found = _META.search(body[:HEAD_BYTES])
    return found[1].decode('ascii') if found else ''


def _first(body: bytes, order: Iterable[str]) -> Decoded | None:
    """By the first codec that reads all of it."""
    for codec in order:
        if (decoded := _read(body, codec)) and not (codec == 'utf-8' and _is_wide(body)):
            return decoded
    return None


def _read(body: bytes, codec: str) -> Decoded | None:
    try:
        text = body.decode(codec)
    except (UnicodeError, OverflowError):
        return None
    return Decoded(text.removeprefix('\ufeff'), codec)


def _has_escapes(body: bytes) -> bool:
    return b'\x1b' in body or b'~{' in body or b'\x0e' in body


def _is_wide(body: bytes) -> bool:
    """Whether bytes that happen to be valid UTF-8 are rather UTF-16 or UTF-32 without a mark."""
    return b'\0' in body[:8] and any(zeros.match(body) for zeros, _ in _ZEROS)


def _damaged_utf8(body: bytes) -> Decoded | None:
    """As UTF-8 with gaps where it can be nothing else: more letters of three bytes are whole than gaps lie between.

    In other encodings such a letter is an accident among many gaps; with surrogates, overlong forms (RFC 3629, 3) or
    letters cut in two, by attack or by a program that counts bytes, a gap is the accident.
    """
    text = body[:GUESS_BYTES].decode('utf-8', 'replace')
    if len(_LETTER_OF_THREE.findall(text)) <= len(_GAP.findall(text)):
        return None
    return _with_gaps(body, 'utf-8', 'Some bytes are not utf-8')


def _looks_chinese(body: bytes) -> bool:
    """Whether most bytes above ASCII stand in pairs, as in GBK; those of Latin scripts stand alone.

    Cyrillic words are pairs too, but half of them have an odd length, which strict GB 18030 does not take.
    """
    part = body[:GUESS_BYTES]
    paired = 2 * len(_PAIR.findall(part))
    return paired > 0 and paired >= 0.6 * len(part.translate(None, _ASCII))


def _guessed(body: bytes, labels: list[str]) -> Decoded:
    """The last resorts: a few bad bytes in an encoding that was declared, a guess, and UTF-8 with gaps."""
    for codec in [*labels, 'utf-8', *(['gb18030'] if _looks_chinese(body) else [])]:
        if _damage(body, codec) < len(body) // 200 + 2:
            return _with_gaps(body, codec, f'Some bytes are not {codec}')
    guess = _guess(body)
    for codec in ('cp1252', guess) if guess in LATIN else (guess,):
        if codec and (decoded := _read(body, codec)):
            fault = Fault('encoding', f'No encoding fits what it declares; read as {codec}, which is a guess.', _HINT)
            return Decoded(decoded.text, codec, fault)
    return _with_gaps(body, 'utf-8', 'No encoding fits')


_HINT: Final = 'Name the right one with `encoding:` at the source.'


def _damage(body: bytes, codec: str) -> int:
    """How many characters are lost in the first part of the body when it is read so."""
    try:
        return body[:GUESS_BYTES].decode(codec, 'replace').count('\ufffd')
    except (UnicodeError, OverflowError):
        return len(body)


def _guess(body: bytes) -> str:
    # Imported here: it takes 30 ms and one document in a thousand needs it.
    from charset_normalizer import from_bytes  # noqa: PLC0415  # see above

    best = from_bytes(body[:GUESS_BYTES], steps=5, chunk_size=512).best()
    return codec_of(best.encoding.replace('_', '-')) or codec_of(best.encoding) if best else ''


def _with_gaps(body: bytes, codec: str, why: str) -> Decoded:
    try:
        text = body.decode(codec, 'replace')
    except (UnicodeError, OverflowError):
        codec, text = 'utf-8', body.decode('utf-8', 'replace')
    lost = text.count('\ufffd')
    fault = Fault('encoding', f'{why}: {lost} characters could not be read.', _HINT)
    return Decoded(text.removeprefix('\ufeff'), codec, fault)
