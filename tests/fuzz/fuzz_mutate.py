"""Bytes to other bytes: what an accident, an editor or an attacker makes of a document. All of it by one dice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from hostile_html import VECTORS

MOST_BYTES: Final = 60_000  # of a mutated document; one in a hundred may have ten times that
LARGEST_BYTES: Final = 10 * MOST_BYTES  # one document in a hundred
_TAG: Final = re.compile(rb'<[^<>]{1,400}>')
_NAME: Final = re.compile(rb'</?([A-Za-z][\w:.-]*)')
_TEXT: Final = re.compile(rb'>([^<>]{1,400})<')
_VALUE: Final = re.compile(rb'=\s*"([^"<>]{0,400})"')
_NUMBER: Final = re.compile(rb'\d+')
_ENCODING: Final = re.compile(rb'(encoding|charset)(\s*=\s*["\']?)([\w.:-]+)')

_ODD_BYTES: Final = b'\x00\x01\x08\x09\x0a\x0b\x0c\x0d\x1a\x1b\x7f\x80\x85\xa0\xad\xc0\xed\xfe\xff<>&"\'=/![]-;#{}:,\\'
ENTITIES: Final = (
    b'&#xD800;', b'&#xDFFF;', b'&#0;', b'&#1;', b'&#x1f;', b'&#xFFFE;', b'&#x110000;', b'&#99999999999;', b'&#128;', b'&#x85;',
    b'&', b'&;', b'&#;', b'&#x;', b'&nbsp;', b'&nosuch;', b'&amp;amp;lt;', b'&lt;script&gt;', b'&#x202e;', b'&#' + b'9' * 4400 + b';',
    b'&amp;#xD800;', b'&amp;#0;', b'&a.b;', b'&xxe;', b'&Aacute', b'&#X41;', b'&#65', b'&hellip;&hellip;',
)  # fmt: skip
_PIECES: Final = (
    b']]>', b'<![CDATA[', b'<!--', b'-->', b'--!>', b'<?', b'?>', b'<?xml-stylesheet href="javascript:alert(1)"?>', b'<!DOCTYPE x [', b']>',
    b'<!ENTITY a "b">', b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>', b'<x:y xmlns:x="http://www.w3.org/2005/Atom">', b' xmlns=""',
    b' xmlns="http://www.w3.org/2005/Atom"', b' xml:base="javascript:alert(1)"', b' xml:base="//x.example/"', b' xml:lang="x-' + b'y' * 80 + b'"', b' type="xhtml"', b' type="html"', b' type="text"',
    b' type="application/xml"', b' mode="escaped"', b' mode="base64"', b' isPermaLink="true"', b' rel="self"', b' rel="alternate"', b' rel="enclosure"', b' href="javascript:alert(1)"',
    b'<item>', b'</item>', b'<entry>', b'</entry>', b'<title>', b'</title>', b'<content type="xhtml">', b'<div xmlns="http://www.w3.org/1999/xhtml">', b'</channel>', b'<channel>', b'</feed>', b'<rss>', b'<script>',
    b'<svg>', b'<math>', b'<style>', b'<textarea>', b'<template>', b'<noscript>', b'<plaintext>', b'</p>', b'<p>', b'<a>', b'<table>', b'<select>', b'\xef\xbb\xbf', b'\xff\xfe', b'\x00\x00\xfe\xff', b'\xe2\x80\xae', b'\xe2\x80\xa8',
    b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xc0\xbc', b'\xf0\x9f\x98\x80', b'\xef\xbf\xbe', b'\xef\xb7\x90', b'\xef\xb7\x91', b'\xcc\x81' * 30, b'%00', b'%s%n', b'../../../etc/passwd', b'\r', b'\r\n\r\n', b' ' * 300, b'\n' * 300, b'<' * 60, b'&' * 60,
    b'\xe6\x96\xb0\xe9\x97\xbb', b'tag:x,2026:', b'urn:uuid:0', b'data:text/html,<script>alert(1)</script>',
)  # fmt: skip
VALUES: Final = (
    b'', b' ', b'0', b'-1', b'9999-99-99', b'0000-00-00T00:00:00Z', b'99999-01-01T00:00:00Z', b'2026-02-30T25:61:61+99:99', b'1e400', b'Thu, 32 Foo 20226 99:99:99 +9999', b'9' * 400, b'253402300800', b'-62135596800',
    b'\xe4\xbb\x8a\xe5\xa4\xa9 99:99', b'9999999999\xe5\x88\x86\xe9\x92\x9f\xe5\x89\x8d', b'2026\xe5\xb9\xb411\xe6\x9c\x8831\xe6\x97\xa5', b'Wed, 25 Nov 2026 07:00:00 ' + b'Z' * 50, b'1 Jan 1', b'1969-12-31T23:59:59-23:59', b'9999-12-31T23:59:59-23:59', b'0001-01-01T00:00:00+23:59',
    b'javascript:alert(1)', b' java\tscript:alert(1)', b'http://', b'https:///x', b'http://[::1', b'http://[', b'http://a:b:c/', b'http://x:99999/', b'https://\xe4\xb8\xad\xe6\x96\x87.example/', b'https://xn--\xff/', b'https://a.example/%', b'https://a.example/%zz%00', b'//a', b'///', b'?', b'#', b'https://u:p@a.example/',
    b'https://a.example/' + b'a' * 9000, b'https://a.example/?' + b'a=b&amp;' * 300, b'https://' + b'a.' * 200 + b'example/', b'http://0x7f.1/', b'file:///etc/passwd', b'ftp://a/', b'mailto:', b'a@b', b'@' * 300, b'a@' + b'a.' * 200, b'a (b', b'<a@b>', b'(' * 200,
    b'/', b'text', b'text/html', b'image/svg+xml', b'x' * 3000, b'\xe6\x96\xb0' * 900, b'zh-' + b'a-' * 30, b'1' * 30, b'true', b'null', b'\xe2\x80\x8b', b'\xe3\x80\x80', b'...', b'..', b'CON', b'all', b'index', b'-', b'--', b'\xf0\x9f\x98\x80', b'\xd8\xa7\xd9\x84', b'&lt;b&gt;x&lt;/b&gt;', b'\xe7\x94\xb2\xe6\x8a\xa5\xe6\x96\xb0\xe9\x97\xbb',
)  # fmt: skip
CHARSETS: Final = (
    'utf-8', 'gb2312', 'gbk', 'gb18030', 'big5', 'utf-16', 'utf-16le', 'utf-32', 'iso-8859-1', 'windows-1252', 'shift_jis', 'euc-kr', 'utf-7', 'ebcdic-cp-us', 'undefined', 'idna', 'punycode', 'hex', 'rot13', 'x', 'raw_unicode_escape', 'mbcs', 'utf-8-sig', 'koi8-r', 'iso-2022-jp', 'iso-2022-kr', 'hz',
)  # fmt: skip

Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]
"""A document, the dice, and the bodies of other documents."""


def mutated(body: bytes, dice: Random, others: Sequence[bytes], more: Sequence[Mutation] = ()) -> bytes:
    """One to six mutations on top of each other; those that know the grammar of the document are `more`."""
    most = LARGEST_BYTES if dice.random() < 0.01 else MOST_BYTES
    for _ in range(dice.choice((1, 1, 2, 2, 3, 4, 6))):
        mutate = dice.choice(more) if more and dice.random() < 0.4 else dice.choice(ANY)
        body = mutate(body, dice, others)[:most]
    return body


def _place(body: bytes, dice: Random) -> tuple[int, int]:
    """A stretch, mostly a short one."""
    start = dice.randrange(len(body) + 1)
    return start, min(len(body), start + int(dice.expovariate(1 / 40)) + 1)


def flip(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    made = bytearray(body)
    for _count in range(dice.choice((1, 1, 2, 8))):
        if made:
            at = dice.randrange(len(made))
            made[at] = made[at] ^ (1 << dice.randrange(8)) if dice.random() < 0.5 else dice.choice(_ODD_BYTES)
    return bytes(made)


def remove(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    start, end = _place(body, dice)
    return body[:start] + body[end:]


def repeat(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    start, end = _place(body, dice)
    return body[:end] + body[start:end] * dice.choice((1, 2, 10, 300)) + body[end:]


def swap(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    (a, b), (c, d) = sorted((_place(body, dice), _place(body, dice)))
    return body[:a] + body[c:d] + body[b:c] + body[a:b] + body[max(b, d) :]


def truncate(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    return body[: dice.randrange(len(body) + 1)] if dice.random() < 0.8 else body[dice.randrange(len(body) + 1) :]


def insert(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(body) + 1)
    return body[:at] + dice.choice(dice.choice((_PIECES, ENTITIES, VALUES))) + body[at:]


def splice(body: bytes, dice: Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one and the end of another, mostly at tags."""
    other = dice.choice(others)
    mine, theirs = _tags(body), _tags(other)
    if not (mine and theirs) or dice.random() < 0.2:
        return body[: dice.randrange(len(body) + 1)] + other[dice.randrange(len(other) + 1) :]
    at, there = dice.choice(mine), dice.choice(theirs)
    if dice.random() < 0.5:
        return body[: at[1]] + other[there[0] :]
    return body[: at[1]] + other[there[0] : there[0] + 600] + body[at[1] :]


def _tags(body: bytes) -> list[tuple[int, int]]:
    return [found.span() for found in _TAG.finditer(body[:MOST_BYTES])]


def twice(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """A tag, or an element with all that is in it, once more."""
    tags = _tags(body)
    if not tags:
        return body
    start, end = dice.choice(tags)
    name = _NAME.match(body, start)
    if name and dice.random() < 0.5:
        close = body.find(b'</' + name[1] + b'>', end)
        end = close + len(name[1]) + 3 if close > 0 else end
    return body[:end] + body[start:end] * dice.choice((1, 1, 3, 40)) + body[end:]


def without_tag(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    tags = _tags(body)
    start, end = dice.choice(tags) if tags else (0, 0)
    return body[:start] + body[end:]


def renamed(body: bytes, dice: Random, others: Sequence[bytes]) -> bytes:
    """A tag, or all of its name, is another one."""
    tags, theirs = _tags(body), _tags(dice.choice(others))
    if not (tags and theirs):
        return body
    at, other = dice.choice(tags)[0], dice.choice(others)
    mine, new = _NAME.match(body, at), _NAME.search(other, dice.randrange(len(other) + 1))
    if not (mine and new):
        return body
    if dice.random() < 0.5:
        return body[: mine.start(1)] + new[1] + body[mine.end(1) :]
    return body.replace(b'<' + mine[1], b'<' + new[1]).replace(b'</' + mine[1], b'</' + new[1])


def nested(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """A tag inside itself, again and again; closed or not."""
    tags = _tags(body)
    if not tags:
        return body
    start, end = dice.choice(tags)
    name, times = _NAME.match(body, start), dice.choice((5, 60, 120, 250, 1500))
    close = b'</' + name[1] + b'>' if name and dice.random() < 0.6 else b''
    return body[:start] + body[start:end] * times + body[end : end + 50] + close * times + body[end:]


def other_text(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """What stands between two tags, or in an attribute, is something else."""
    found = list((_TEXT if dice.random() < 0.6 else _VALUE).finditer(body[:MOST_BYTES]))
    if not found:
        return body
    start, end = dice.choice(found).span(1)
    return body[:start] + _anything(dice) + body[end:]


def _anything(dice: Random) -> bytes:
    match dice.randrange(4):
        case 0:
            return dice.choice(VALUES)
        case 1:
            return dice.choice(ENTITIES)
        case 2:
            vector = dice.choice(VECTORS).encode('utf-8', 'surrogatepass')
            return b'<![CDATA[' + vector + b']]>'
        case _:
            vector = dice.choice(VECTORS).encode('utf-8', 'surrogatepass')
            return vector.replace(b'&', b'&amp;').replace(b'<', b'&lt;').replace(b'"', b'&quot;')


def numbers(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(body[:MOST_BYTES]))
    if not found:
        return body
    start, end = dice.choice(found).span()
    blown = (
        b'9' * 20,
        b'0',
        b'-1',
        b'1e999',
        b'0' * 300 + b'1',
        b'9' * 5000,
        b'99',
        b'4294967296',
        b'9223372036854775808',
    )
    return body[:start] + dice.choice(blown) + body[end:]


def recoded(body: bytes, dice: Random, _: Sequence[bytes]) -> bytes:
    """In another encoding than it says, or saying another than it is in."""
    if dice.random() < 0.5:
        return _ENCODING.sub(lambda m: m[1] + m[2] + dice.choice(CHARSETS).encode(), body, count=1)
    text = body.decode('utf-8', 'replace')
    into = dice.choice(
        (
            'gb18030',
            'utf-16',
            'utf-16le',
            'utf-16be',
            'utf-32',
            'utf-7',
            'shift_jis',
            'big5',
            'latin-1',
            'utf-8-sig',
            'cp037',
        )
    )
    made = text.encode(into, 'xmlcharrefreplace')
    return made.decode('latin-1').encode() if dice.random() < 0.2 else made


ANY: Final[tuple[Mutation, ...]] = (
    flip, flip, remove, repeat, swap, truncate, insert, insert, splice, splice, twice, without_tag, renamed, nested,
    other_text, other_text, other_text, numbers, recoded,
)  # fmt: skip
