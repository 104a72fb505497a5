"""HTML pages that list news and attack whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hostile_cases import Case

_OPTIONS: dict[str, Any] = {
    'kind': 'page', 'items': 'li', 'fields': {'published': '.d', 'content': '.c', 'publisher': '.p', 'image': 'img@src', 'guid': '@id'},
}  # fmt: skip


def cases() -> tuple[Case, ...]:
    return tuple(_made())


def row(name: str, inner: str = '') -> str:
    return f'<li><a href="https://{name}.example/good">好 {name}</a><span class=d>2026-11-24 08:00</span>{inner}</li>'


def _case(name: str, html: str, **more: Any) -> Case:
    return Case(name, html.encode('utf-8', 'surrogatepass'), 'text/html', options=_OPTIONS, **more)


def _made() -> Iterator[Case]:
    def page(name: str, inner: str, head: str = '', **more: Any) -> Case:
        return _case(
            name,
            f'<!doctype html><html><head><title>列</title>{head}</head><body><ul>{row(name)}{inner}</ul></body></html>',
            **more,
        )

    bad = '<li><a href="javascript:alert(1)">坏<script>alert(1)</script><img src=x onerror=alert(1)></a><div class=c><svg onload=alert(1)></div><b class=p>&lt;b&gt;</b></li>'
    yield page('page-script', bad)
    yield page(
        'page-base',
        '<li><a href="x">坏</a></li>',
        '<base href="javascript:alert(1)//"><meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    )
    yield page(
        'page-base-data', '<li><a href="x">坏</a></li>', '<base href="data:text/html,"><base href="https://b.example/">'
    )
    yield page('page-plaintext', '<li><a href=a>坏<plaintext></a></li>')
    yield page(
        'page-template',
        f'<template>{bad}</template><noscript>{bad}</noscript><textarea>{bad}</textarea><select>{bad}</select>',
    )
    yield page('page-svg', f'<svg><foreignObject>{bad}</foreignObject></svg><math><mtext>{bad}</mtext></math>')
    yield page('page-comments', f'<!--{bad}--><!-->{bad}--><!--->{bad}-->')
    yield page(
        'page-controls',
        '<li id="&#0;&#xD800;\x1b[2J"><a href="https://x.example/&#0;">坏\x00\x0b&#xFFFE;&#x202e;</a></li>',
    )
    yield page('page-attributes', '<li><a href=a ' + 'x=y ' * 30_000 + '>坏</a></li>')
    yield page('page-flood', '<li><a href=a>洪</a></li>' * 3000, told='lists 3001 items; the first 500')
    yield page('page-long', f'<li><a href=a>{"长" * 300_000}</a><div class=c>{"<p>字</p>" * 50_000}</div></li>')
    yield page(
        'page-deep',
        '<li>' + '<div>' * 100_000 + '<a href=a>坏</a>',
        good=False,
        state='failing',
        told='too-deep|too deep',
    )
    yield page('page-deep-inline', '<li>' + '<b><i>' * 20_000 + '<a href=a>坏</a>', good=False)
    yield page('page-tables', '<table>' * 3000 + bad, good=False)
    yield page('page-links', '<li>' + '<a href=a>' * 20_000 + '坏</li>')
    yield page('page-references', '<li><a href=a>' + '&amp;' * 50_000 + '&#' + '9' * 50_000 + ';</a></li>')
    yield page(
        'page-images',
        '<li><a href=a>坏</a><img src="javascript:alert(1)"><img src="data:image/svg+xml,<svg onload=alert(1)>"></li>',
    )
    yield _case(
        'page-frames',
        '<html><frameset><frame src="javascript:alert(1)"></frameset></html>',
        good=False,
        state='failing',
        told='Nothing on the page matches',
    )
    yield _case('page-empty', '', good=False, state='failing', told='Nothing on the page')
    yield _case('page-login', '<title>登录\x1b[2J\u202e</title><p>x', good=False, state='failing', told='登录')
    yield _case('page-cut', f'<ul>{row("page-cut")}<li><a href="x')
    yield Case(
        'page-gbk', f'<meta charset=utf-8><ul>{row("page-gbk")}</ul>'.encode('gb18030'), 'text/html', options=_OPTIONS
    )
    yield Case(
        'page-utf7',
        b'<meta charset=utf-7><ul><li><a href=a>+ADw-script+AD4-alert(1)</a></li></ul>',
        'text/html',
        good=False,
        options=_OPTIONS,
    )
    yield Case('page-utf16', f'<ul>{row("page-utf16")}</ul>'.encode('utf-16'), 'text/html', options=_OPTIONS)
