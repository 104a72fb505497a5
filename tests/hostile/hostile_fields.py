"""Every field of every format filled with what should not be in it: addresses that run, names that are markup."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hostile_cases import DECLARATION, NAMESPACES, Case, channel, escaped, good
from hostile_html import MUTATIONS, RUN, SCHEMES, VECTORS
from hostile_json import feed as json_feed

# Texts that are markup to some reader, or that fall out of the place where they stand.
TEXTS = (
    f'<script>{RUN}</script>', f'<img src=x onerror={RUN}>', f'&lt;img src=x onerror={RUN}&gt;', f'&amp;lt;svg onload={RUN}&amp;gt;', '"><svg/onload=alert(1)>', "'-alert(1)-'", '</title><script>alert(1)</script>', '</bdi></a></h3></article>', '{{7*7}}{% raw %}', '${7*7}', '<b>x</b> y', 'a < b > c & d', '&nbsp;&copy;', ']]>', '-->',
    '\u202eevil\u202c', '\u2066\u2067', 'e\u0301\u0301\u0301', '\u200b', '\ufeffx', '\u2028\u2029', '\x00\x1b[31m\x07', 'a\r\nb: c', 'line\none', '../../../etc/passwd', '..\\..\\x', 'CON', 'all', 'index', '-', '.', '/', '%2e%2e%2f', '新' * 400, 'ａｌｌ', 'İ', 'ß' * 200, '\U0001f600' * 60, '=cmd|x', '@import', 'javascript:alert(1)', 'a@b.example (n)', '<a@b.example>',
)  # fmt: skip
_PER_DOCUMENT = 60
# Escaped, as CDATA, as Atom says it, as Atom with types that there are not, in JSON.
WAYS = ('rss-escaped', 'rss-cdata', 'atom-html', 'atom-odd', 'json')
# Not all that the table of addresses gives: each place and each spelling still comes several times.
SAMPLE = (*VECTORS[:: max(1, len(VECTORS) // 250)], *MUTATIONS)


def cases() -> tuple[Case, ...]:
    return (*fields(), *bodies(SAMPLE))


def fields() -> tuple[Case, ...]:
    """All but the bodies."""
    return (*_addresses(), *_texts())


def _addresses() -> Iterator[Case]:
    links = [f'{scheme}{RUN}' for scheme in SCHEMES]
    yield Case('link-rss', channel(*(_rss_links(url, n) for n, url in enumerate(links)), good('link-rss')).encode())
    yield Case('link-atom', _atom('link-atom', [_atom_links(url, n) for n, url in enumerate(links)]))
    yield Case(
        'link-json', _json('link-json', [_json_links(url, n) for n, url in enumerate(links)]), 'application/feed+json'
    )
    head = escaped(links[0])
    yield Case(
        'link-head',
        channel(
            good('link-head'),
            head=f'<link>{head}</link><image><url>{head}</url><link>{head}</link></image><atom:link href="{head}" rel="hub"/><docs>{head}</docs>',
        ).encode(),
    )


def _rss_links(url: str, n: int) -> str:
    told = escaped(url)
    return (
        f'<item><title>链 {n}</title><link>{told}</link><guid isPermaLink="true">{told}{n}</guid><comments>{told}</comments><enclosure url="{told}" length="1" type="audio/mpeg"/>'
        f'<source url="{told}">x</source><media:content url="{told}" medium="image"/><media:thumbnail url="{told}"/><category domain="{told}">x</category><atom:link href="{told}" rel="alternate"/></item>'
    )


def _atom_links(url: str, n: int) -> str:
    told = escaped(url)
    return (
        f'<title>链 {n}</title><id>{told}{n}</id><link href="{told}"/><link rel="enclosure" href="{told}"/><link rel="self" href="{told}"/><link rel="via" href="{told}"/><author><name>x</name><uri>{told}</uri><email>{told}</email></author>'
        f'<category term="x" scheme="{told}" label="x"/><content src="{told}" type="text/html"/><source><id>{told}</id><icon>{told}</icon><link href="{told}"/><link rel="self" href="{told}"/></source>'
    )


def _json_links(url: str, n: int) -> dict[str, Any]:
    return {
        'id': f'{url}{n}', 'url': url, 'external_url': url, 'image': url, 'banner_image': url, 'title': f'链 {n}', 'authors': [{'name': 'x', 'url': url, 'avatar': url}],
        'attachments': [{'url': url, 'mime_type': 'text/html'}], 'content_html': f'<a href="{url}">x</a>',
    }  # fmt: skip


def _texts() -> Iterator[Case]:
    yield Case(
        'text-rss',
        channel(*(_rss_texts(text, n) for n, text in enumerate(TEXTS)), good('text-rss')).encode(),
        options={'category': {'from': 'publisher'}},
    )
    yield Case(
        'text-atom',
        _atom('text-atom', [_atom_texts(text, n, kind) for n, text in enumerate(TEXTS) for kind in ('text', 'html')]),
        options={'category': {'from': 'tags'}},
    )
    yield Case(
        'text-json',
        _json('text-json', [_json_texts(text, n) for n, text in enumerate(TEXTS)]),
        'application/feed+json',
        options={'category': {'from': 'tags'}},
    )
    head = escaped(TEXTS[0])
    yield Case(
        'text-head',
        channel(
            good('text-head'),
            head=f'<title>{head}</title><copyright>{head}</copyright><language>{head}</language><generator>{head}</generator><managingEditor>{head}</managingEditor><ttl>{head}</ttl><atom:id>{head}</atom:id>',
        ).encode(),
    )


def _rss_texts(text: str, n: int) -> str:
    told = escaped(text)
    return (
        f'<item><title>{told}</title><link>https://t.example/{n}</link><author>{told}</author><dc:creator>{told}</dc:creator><dc:publisher>{told}</dc:publisher><category domain="{told}">{told}</category><dc:rights>{told}</dc:rights><dc:language>{told}</dc:language>'
        f'<guid isPermaLink="false">{told}{n}</guid><pubDate>{told}</pubDate><enclosure url="https://t.example/a" length="{told}" type="{told}"/><source url="https://t.example/s">{told}</source><description>{told}（文章来源：{told}）</description></item>'
    )


def _atom_texts(text: str, n: int, kind: str) -> str:
    told = escaped(text)
    return (
        f'<title type="{kind}">{told}</title><id>https://t.example/{kind}{n}</id><link href="https://t.example/{kind}{n}" type="{told}" hreflang="{told}" title="{told}"/><author><name>{told}</name><email>{told}</email></author>'
        f'<category term="{told}" label="{told}"/><rights type="{kind}">{told}</rights><summary type="{kind}">{told}</summary><published>{told}</published><source><title type="{kind}">{told}</title><rights type="{kind}">{told}</rights></source>'
    )


def _json_texts(text: str, n: int) -> dict[str, Any]:
    return {
        'id': n, 'url': f'https://t.example/j{n}', 'title': text, 'summary': text, 'content_text': text, 'language': text, 'tags': [text], 'authors': [{'name': text}], 'date_published': text,
        'attachments': [{'url': 'https://t.example/a', 'mime_type': text, 'title': text}],
    }  # fmt: skip


def bodies(vectors: Sequence[str], ways: Sequence[str] = WAYS, per: int = _PER_DOCUMENT) -> Iterator[Case]:
    """HTML in turns through each of the ways in; so many vectors are one document."""
    forms = {
        'rss-escaped': _in_rss,
        'rss-cdata': _in_cdata,
        'atom-html': _in_atom,
        'atom-odd': _in_odd_atom,
        'json': _in_json,
    }
    for number, name in enumerate(ways):
        mine = vectors[number :: len(ways)]
        for part, start in enumerate(range(0, len(mine), per)):
            yield forms[name](f'html-{name}-{part}', mine[start : start + per])


def _in_rss(name: str, vectors: Sequence[str]) -> Case:
    items = (
        f'<item><title>{escaped(v)[:400]}</title><link>https://{name}.example/{n}</link><description>{escaped(v)}</description></item>'
        for n, v in enumerate(vectors)
    )
    return Case(name, channel(*items, good(name)).encode())


def _in_cdata(name: str, vectors: Sequence[str]) -> Case:
    def text(vector: str) -> str:
        return f'<![CDATA[{vector.replace("]]>", "]]]]><![CDATA[>")}]]>'

    items = (
        f'<item><title>{text(v)}</title><link>https://{name}.example/{n}</link><content:encoded>{text(v)}</content:encoded></item>'
        for n, v in enumerate(vectors)
    )
    return Case(name, channel(*items, good(name)).encode('utf-8', 'surrogatepass'))


def _in_atom(name: str, vectors: Sequence[str]) -> Case:
    return Case(
        name,
        _atom(
            name,
            [
                f'<title type="html">{escaped(v)}</title><id>https://{name}.example/{n}</id><content type="html">{escaped(v)}</content><summary type="html">{escaped(v)}</summary>'
                for n, v in enumerate(vectors)
            ],
        ),
    )


def _in_odd_atom(name: str, vectors: Sequence[str]) -> Case:
    types = (
        'text',
        'text/html; charset=utf-8',
        ' html ',
        'application/xml',
        'text/plain',
        'HTML',
        'image/svg+xml',
        'application/xhtml+xml',
        'text/javascript',
    )
    return Case(
        name,
        _atom(
            name,
            [
                f'<title type="{types[n % len(types)]}">{escaped(v)}</title><id>https://{name}.example/{n}</id><content type="{types[n % len(types)]}">{escaped(v)}</content>'
                for n, v in enumerate(vectors)
            ],
        ),
    )


def _in_json(name: str, vectors: Sequence[str]) -> Case:
    items = [
        {'id': f'https://{name}.example/{n}', 'title': v, 'content_html': v, 'summary': v, 'content_text': v}
        for n, v in enumerate(vectors)
    ]
    return Case(name, _json(name, items), 'application/feed+json')


def _atom(name: str, entries: Sequence[str]) -> bytes:
    when = '<updated>2026-11-24T08:00:00Z</updated>'
    inside = ''.join(f'<entry>{entry}{when}</entry>' for entry in entries)
    link = f'https://{name}.example/good'
    last = f'<entry><title>好 {name}</title><id>{link}</id><link href="{link}"/>{when}</entry>'
    return f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"{NAMESPACES}><title>刊</title><id>https://{name}.example/</id>{when}{inside}{last}</feed>'.encode()


def _json(name: str, items: Sequence[Any]) -> bytes:
    return json.dumps(json_feed(name, *items)).encode()
