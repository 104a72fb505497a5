"""The encodings that we read, by every label under which they come, and what sets some apart."""

from __future__ import annotations

from typing import Final

# Labels as met in feeds (WHATWG Encoding, 4.2, and Python's own names) -> codec. A codec that is not here is not used:
# Python also has codecs that are no encodings of text, or that raise on any input.
LABELS: Final = {
    label: codec
    for codec, labels in {
        'utf-8': 'utf-8 utf8 unicode-1-1-utf-8 utf-8-sig u8',
        'utf-16': 'utf-16 utf16 ucs-2 iso-10646-ucs-2 unicode',
        'utf-16-le': 'utf-16le utf-16-le',
        'utf-16-be': 'utf-16be utf-16-be',
        'utf-32': 'utf-32 utf32 ucs-4',
        'gb18030': 'gb18030 gbk gb2312 x-gbk gb_2312-80 gb2312-80 gb_2312 chinese csgb2312 cp936 ms936 windows-936 '
        'euc-cn iso-ir-58 csiso58gb231280 gb18030-2000',
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
STATEFUL: Final = frozenset({'iso2022_jp_2', 'iso2022_jp_ext', 'iso2022_kr', 'hz'})
# A guess between these goes by a handful of accents, and is wrong as often as right; most of the web was cp1252.
LATIN_WORDS: Final = (
    'cp1250 cp1252 cp1254 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-10 iso8859-13 iso8859-14 '
    'iso8859-15 iso8859-16 cp437 cp850 cp852 mac-roman'
)
LATIN: Final = frozenset(LATIN_WORDS.split())
WIDE: Final = frozenset({'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32'})
