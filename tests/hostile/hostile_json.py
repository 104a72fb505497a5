"""JSON that attacks: JSON Feeds, and lists that a web site's programs fetch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hostile_cases import Case

_FEED = 'application/feed+json'
_LIST = {
    'kind': 'json',
    'items': 'data.list',
    'fields': {'title': 't', 'link': 'u', 'content': 'c', 'published': 'd', 'publisher': 'p', 'guid': 'g'},
}
_WHEN = '2026-11-24T08:00:00+08:00'


def cases() -> tuple[Case, ...]:
    return (*_feeds(), *_lists())


def good_item(name: str) -> dict[str, Any]:
    link = f'https://{name}.example/good'
    return {'id': link, 'url': link, 'title': f'好 {name}', 'date_published': _WHEN, 'content_text': '好'}


def feed(name: str, *items: Any, **head: Any) -> dict[str, Any]:
    return {'version': 'https://jsonfeed.org/version/1.1', 'title': '刊', 'items': [*items, good_item(name)], **head}


def _bytes(value: Any, **more: Any) -> bytes:
    return json.dumps(value, **more).encode('utf-8', 'surrogatepass')


def _feeds() -> Iterator[Case]:
    def told(name: str, body: bytes, **more: Any) -> Case:
        return Case(name, body, _FEED, **more)

    odd: tuple[Any, ...] = (
        None,
        True,
        7,
        -1.5,
        10**30,
        '',
        [],
        {},
        [[]],
        {'name': []},
        '\ud800',
        '\x00\x1b[2J',
        '<script>alert(1)</script>',
        'javascript:alert(1)',
        'x' * 3000,
    )
    keys = (
        'id',
        'url',
        'external_url',
        'title',
        'content_html',
        'content_text',
        'summary',
        'image',
        'banner_image',
        'date_published',
        'date_modified',
        'authors',
        'author',
        'tags',
        'language',
        'attachments',
    )
    items = [
        {**good_item(f'j{n}'), 'title': f'怪{n}', **{key: odd[(n + at) % len(odd)] for at, key in enumerate(keys)}}
        for n in range(len(odd))
    ]
    yield told('jf-types', _bytes(feed('jf-types', *items)))
    yield told('jf-types-raw', _bytes(feed('jf-types-raw', *items), ensure_ascii=False))
    yield told('jf-no-objects', _bytes(feed('jf-no-objects', 1, None, [], 'x', True)), told='5 items are no objects')
    yield told(
        'jf-head',
        _bytes(
            feed(
                'jf-head',
                home_page_url='javascript:alert(1)',
                feed_url='data:text/html,x',
                icon='file:///x',
                hubs=[{'url': 'ftp://x'}, 1],
                authors=[{'name': '<b>', 'url': 'vbscript:x'}],
                language='\x00zh',
                next_url='//x',
                description='<script>',
            )
        ),
    )
    yield told(
        'jf-attachments',
        _bytes(
            feed(
                'jf-attachments',
                {
                    **good_item('ja'),
                    'title': '附',
                    'attachments': [
                        {'url': 'javascript:1'},
                        {'url': 'https://x.example/a', 'mime_type': 'text/html"><script>', 'size_in_bytes': 10**40},
                        {'url': 'https://x.example/b', 'mime_type': None, 'size_in_bytes': -5},
                    ]
                    * 500,
                },
            )
        ),
    )
    text = _bytes(feed('jf-text')).decode()
    yield told(
        'jf-deep',
        text.replace('"items": [', '"items": [' + '[' * 100_000 + ']' * 100_000 + ',').encode(),
        good=False,
        state='failing',
        told='nested deeper',
    )
    yield told(
        'jf-deep-object',
        (
            '{"version": "https://jsonfeed.org/version/1.1", "items": [' + '{"a":' * 50_000 + '1' + '}' * 50_000 + ']}'
        ).encode(),
        good=False,
        state='failing',
        told='nested deeper',
    )
    yield told(
        'jf-nan',
        text.replace('"title": "\\u520a"', '"x": NaN, "y": -Infinity, "z": 1e999, "title": "a"')
        .replace('jf-text', 'jf-nan')
        .encode(),
    )
    yield told(
        'jf-digits',
        text.replace('"title": "\\u520a"', f'"title": {"9" * 50_000}').replace('jf-text', 'jf-digits').encode(),
    )
    yield told(
        'jf-doubles',
        text.replace('"items"', '"items": "x", "title": "b", "items"').replace('jf-text', 'jf-doubles').encode(),
    )
    yield told(
        'jf-proto',
        text.replace('"title": "\\u520a"', '"__proto__": {"x": 1}, "constructor": {}, "title": "a"')
        .replace('jf-text', 'jf-proto')
        .encode(),
    )
    yield told(
        'jf-surrogates',
        _bytes(
            feed(
                'jf-surrogates',
                {'id': '\ud800', 'title': '\udfff\ud800a', 'content_html': '<p>\ud83d</p>', 'tags': ['\ud800']},
            )
        ),
    )
    yield told('jf-mark', b'\xef\xbb\xbf' + text.replace('jf-text', 'jf-mark').encode())
    yield told('jf-utf16', text.replace('jf-text', 'jf-utf16').encode('utf-16'))
    yield told(
        'jf-cut',
        text.replace('jf-text', 'jf-cut').encode()[:-30],
        good=False,
        state='failing',
        told='malformed at line 1, column [0-9]+',
    )
    yield told('jf-code', b'alert(1);' + text.encode(), good=False, state='failing', told='.')
    yield told(
        'jf-flood',
        _bytes(feed('jf-flood')).replace(b'"items": [', b'"items": [' + b'{"id":"x","title":"t"},' * 3000),
        good=False,
        told='3001 entries; the first 500',
    )
    yield told(
        'jf-long',
        _bytes(
            feed(
                'jf-long',
                {
                    'id': 'l' * 10**6,
                    'title': 't' * 10**6,
                    'content_html': '<p>x</p>' * 10**5,
                    'tags': ['t'] * 10**5,
                    'url': 'https://x.example/' + 'u' * 10**6,
                },
            )
        ),
    )


def _lists() -> Iterator[Case]:
    def told(name: str, body: bytes, **more: Any) -> Case:
        return Case(name, body, 'application/json', options=_LIST, **more)

    def rows(name: str, *bad: Any) -> bytes:
        return _bytes(
            {
                'data': {
                    'list': [*bad, {'t': f'好 {name}', 'u': f'https://{name}.example/good', 'd': '2026-11-24 08:00'}]
                }
            }
        )

    odd: tuple[Any, ...] = (
        None,
        1,
        'x',
        [],
        {},
        [[['x']]],
        {'t': {'x': 1}},
        {'t': '\ud800', 'u': 'javascript:alert(1)', 'c': '<img src=x onerror=alert(1)>', 'p': '../../etc', 'g': '\x00'},
        {'t': 10**400, 'u': 7, 'd': 10**30},
        {'t': True, 'd': -1e308, 'p': ['a', ['b'], None]},
        {'t': 'x' * 10**5, 'c': '<b>' * 10**4},
    )
    yield told('list-types', rows('list-types', *odd))
    yield told(
        'list-deep',
        b'{"data":{"list":' + b'[' * 100_000 + b']' * 100_000 + b'}}',
        good=False,
        state='failing',
        told='.',
    )
    yield told(
        'list-gone', b'{"data":{"rows":[]}}', good=False, state='failing', told='no list at data.list; data has: rows'
    )
    yield told(
        'list-login',
        '<html><title>登录</title><script>alert(1)</script></html>'.encode(),
        good=False,
        state='failing',
        told='.',
    )
    # Programs around data: nobody runs them, the first JSON in them is read, and what follows is told.
    yield told(
        'list-jsonp',
        b'/**/alert(1);callback(' + rows('list-jsonp') + b');alert(2)',
        state='degraded',
        told='no JSON follows',
    )
    yield told('list-call', b'callback(' + rows('list-call') + b');')
    yield told('list-var', b'var x = ' + rows('list-var') + b';', state='ok')
    yield told(
        'list-trailing', rows('list-trailing') + b'<script>alert(1)</script>', state='degraded', told='no JSON follows'
    )
    yield told('list-cut', rows('list-cut')[:-20], good=False, state='failing', told='.')
    yield told('list-nan', rows('list-nan').replace(b'{"data"', b'{"n": NaN, "data"'))
    yield told('list-doubles', rows('list-doubles').replace(b'{"data"', b'{"data": 1, "data"'))
    yield told(
        'list-flood',
        rows('list-flood').replace(b'[{', b'[' + b'{"t":"x"},' * 3000 + b'{', 1),
        good=False,
        told='lists 3001 items; the first 500',
    )
    yield told(
        'list-nothing',
        rows('x').replace(b'"t"', b'"z"').replace(b'"u"', b'"y"').replace(b'"d"', b'"w"'),
        good=False,
        state='failing',
        told='None of the 1 items',
    )
