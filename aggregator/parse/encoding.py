"""Bytes to text: which encoding a document is in. Bytes are believed more than labels.

Order: what the configuration says, a byte order mark, a declared stateful encoding, strict UTF-8, UTF-16 that shows
by its zeros, what the document or the header declares, strict GB 18030, a guess, and at last UTF-8 with gaps.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from aggregator.model import Fault

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

# Labels as met in feeds (WHATWG Encoding, 4.2, and Python's own names) -> codec. A codec that is not here is not used:
# Python also has codecs that are no encodings of text, or that raise on any input.
_LABELS: Final = {
    label: codec
    for codec, labels in {
        'utf-8': 'utf-8 utf8 unicode-1-1-utf-8 utf-8-sig u8',
        'utf-16': 'utf-16 utf16 ucs-2 iso-10646-ucs-2 unicode',
        'utf-16-le': 'utf-16le utf-16-le',
        'utf-16-be': 'utf-16be utf-16-be',
        'utf-32': 'utf-32 utf32 ucs-4',
        'gb18030': 'gb18030 gbk gb2312 x-gbk gb_2312-80 gb2312-80 gb_2312 chinese csgb2312 cp936 ms936 windows-936 euc-cn '
        'iso-ir-58 csiso58gb231280 gb18030-2000',
        'hz': 'hz-gb-2312 hz',
        'big5hkscs': 'big5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 cp950 big-5',
        'cp932': 'shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932 ms932 csshiftjis',
        'euc_jp': 'euc-jp eucjp x-euc-jp cseucpkdfmtjapanese',
        'iso2022_jp_2': 'iso-2022-jp csiso2022jp iso-2022-jp-2',
        'iso2022_jp_ext': 'iso-2022-jp-1 iso-2022-jp-ext',
        'cp949': 'euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 cp949 uhc iso-ir-149',
        'iso2022_kr': 'iso-2022-kr csiso2022kr',
        'johab': 'johab cp1361',
        # ASCII and Latin-1 are read as browsers read them.
        'cp1252': 'iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 ascii us-ascii windows-1252 cp1252 x-cp1252 cp819',
        'iso8859-2': 'iso-8859-2 iso8859-2 iso_8859-2 latin2 latin-2 l2',
        'iso8859-3': 'iso-8859-3 iso8859-3 latin3',
        'iso8859-4': 'iso-8859-4 iso8859-4 latin4',
        'iso8859-5': 'iso-8859-5 iso8859-5 cyrillic',
        'iso8859-6': 'iso-8859-6 iso8859-6 arabic',
        'iso8859-7': 'iso-8859-7 iso8859-7 greek',
        'iso8859-8': 'iso-8859-8 iso-8859-8-i iso8859-8 hebrew',
        'cp1254': 'iso-8859-9 iso8859-9 latin5 windows-1254 cp1254',
        'iso8859-10': 'iso-8859-10 iso8859-10 latin6',
        'cp874': 'tis-620 iso-8859-11 windows-874 cp874',
        'iso8859-13': 'iso-8859-13 iso8859-13',
        'iso8859-14': 'iso-8859-14 iso8859-14',
        'iso8859-15': 'iso-8859-15 iso8859-15 latin9 latin-9',
        'iso8859-16': 'iso-8859-16 iso8859-16',
        'cp1250': 'windows-1250 cp1250 x-cp1250',
        'cp1251': 'windows-1251 cp1251 x-cp1251',
        'cp1253': 'windows-1253 cp1253',
        'cp1255': 'windows-1255 cp1255',
        'cp1256': 'windows-1256 cp1256',
        'cp1257': 'windows-1257 cp1257',
        'cp1258': 'windows-1258 cp1258',
        'koi8-r': 'koi8-r koi8r koi8 koi',
        'koi8-u': 'koi8-u koi8-ru',
        'cp437': 'cp437 ibm437',
        'cp850': 'cp850 ibm850',
        'cp852': 'cp852 ibm852',
        'cp855': 'cp855 ibm855',
        'cp866': 'cp866 ibm866 866',
        'mac-roman': 'macintosh mac x-mac-roman macroman',
        'mac-cyrillic': 'x-mac-cyrillic',
    }.items()
    for label in labels.split()
}
# Their bytes are valid ASCII, so that strict UTF-8 would read them as nonsense.
_STATEFUL: Final = frozenset({'iso2022_jp_2', 'iso2022_jp_ext', 'iso2022_kr', 'hz'})
# A guess between these goes by a handful of accents, and is wrong as often as right; most of the web was cp1252.
_LATIN: Final = frozenset(  # noqa: SIM905  # a table of words
    'cp1250 cp1252 cp1254 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-10 iso8859-13 iso8859-14 '
    'iso8859-15 iso8859-16 cp437 cp850 cp852 mac-roman'.split(),
)
_WIDE: Final = frozenset({'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32'})

_PAIR: Final = re.compile(rb'[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]')
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
    order = [codec for codec in labels if codec in _STATEFUL and _has_escapes(body)]
    order += ['utf-8']
    order += [codec for zeros, codec in _ZEROS if b'\0' in body[:8] and zeros.match(body)]
    order += [codec for codec in labels if codec not in _WIDE or b'\0' in body[:HEAD_BYTES]]
    order += ['gb18030'] if 'gb18030' in labels or _looks_chinese(body) else []
    for codec in order:
        if (decoded := _read(body, codec)) and not (codec == 'utf-8' and _is_wide(body)):
            return decoded
    return _guessed(body, labels)


def codec_of(label: str) -> str:
    """Python's codec for an encoding label, '' for none that we read."""
    return _LABELS.get(label.strip().lower(), '')


def declared_in_xml(body: bytes) -> str:
    """The encoding that an XML declaration names (XML 1.0, 2.8), as written; '' without one."""
    found = _XML_DECLARATION.match(body[:HEAD_BYTES].removeprefix(codecs.BOM_UTF8))
    return found[1].decode('ascii') if found else ''


def declared_in_html(body: bytes) -> str:
    """The encoding that a meta element names (HTML, 4.2.5.4), as written; '' without one."""
    found = _META.search(body[:HEAD_BYTES])
    return found[1].decode('ascii') if found else ''


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


def _looks_chinese(body: bytes) -> bool:
    """Whether bytes above ASCII come in pairs of GB 2312, as they do in Chinese; those of Latin scripts stand alone."""
    part = body[:GUESS_BYTES]
    paired = 2 * len(_PAIR.findall(part))
    return paired > 0 and paired >= 0.9 * len(part.translate(None, _ASCII))


def _guessed(body: bytes, labels: list[str]) -> Decoded:
    """The last resorts: a few bad bytes in an encoding that was declared, a guess, and UTF-8 with gaps."""
    for codec in [*labels, 'utf-8', *(['gb18030'] if _looks_chinese(body) else [])]:
        if _damage(body, codec) < len(body) // 200 + 2:
            return _with_gaps(body, codec, f'Some bytes are not {codec}')
    guess = _guess(body)
    for codec in ('cp1252', guess) if guess in _LATIN else (guess,):
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
