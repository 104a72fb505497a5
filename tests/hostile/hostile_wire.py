"""Answers whose headers attack, dates that no calendar has, and posts in a folder that lead out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hostile_cases import Case, channel, good

DATES = (
    '9999-99-99', '9999-12-31T23:59:59Z', '99999-01-01', '0000-00-00T00:00:00Z', '-2026-11-25', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59', '1969-12-31T23:59:59Z', '2026-02-30', '2026-13-01', '2026-11-25T25:61:61Z',
    '2026-11-25T08:00:00+99:99', '2026-11-25T08:00:00+08:00:00:00', 'Wed, 25 Nov 20260 08:00:00 +0800', 'Thu, 32 Foo 2026', '31 Nov 2026 00:00 GMT', '1 Jan 1', '25 Nov 99', 'Wed, 25 Nov 2026 08:00:00 ' + 'Z' * 500, '9' * 400, '-' * 400, '1e99', 'NaN', 'Infinity',
    '253402300800', '-62135596801', '18446744073709551616', '0', '1', '1795561200', '1795561200000', '2126-11-25T08:00:00Z', '2027-11-25T08:00:00Z', '今天 99:99', '昨天 25:00', '99999999999分钟前', '-5分钟前', '２０２６年１１月２５日', '2026年13月45日', '十一月二十五日', '2026/11/25 8:0:0:0:0', '2026-11-25 08:00:00.' + '9' * 300, '\u202e2026-11-25', '2026-W48-3', '2026-330', 'now', 'tomorrow', '',
)  # fmt: skip


def cases() -> tuple[Case, ...]:
    return (*_dates(), *_headers())


def _dates() -> Iterator[Case]:
    items = (
        f'<item><title>日 {n}</title><link>https://d.example/{n}</link><pubDate>{when}</pubDate><dc:date>{when}</dc:date></item>'
        for n, when in enumerate(DATES)
    )
    yield Case(
        'dates-rss',
        channel(
            *items, good('dates-rss'), head='<lastBuildDate>9999-99-99</lastBuildDate><pubDate>0</pubDate>'
        ).encode(),
    )
    entries = ''.join(
        f'<entry><title>日 {n}</title><id>https://d.example/a{n}</id><link href="https://d.example/a{n}"/><published>{when}</published><updated>{when}</updated></entry>'
        for n, when in enumerate(DATES)
    )
    last = '<entry><title>好 dates-atom</title><id>https://dates-atom.example/good</id><updated>2026-11-24T08:00:00Z</updated></entry>'
    yield Case(
        'dates-atom',
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>刊</title><updated>99999-99-99</updated>{entries}{last}</feed>'.encode(),
    )


def _headers() -> Iterator[Case]:
    def told(name: str, status: int = 200, **headers: str) -> Case:
        fields = {key.replace('_', '-'): value for key, value in headers.items()}
        return Case(name, channel(good(name)).encode(), status=status, headers=fields, good=status == 200)

    for number, value in enumerate(
        (
            '9' * 400,
            '-1',
            '1e9',
            '0',
            'Wed, 25 Nov 99999 08:00:00 GMT',
            'Fri, 31 Dec 9999 23:59:59 GMT',
            'Thu, 01 Jan 1970 00:00:00 GMT',
            'soon',
            '1' + ' ' * 300 + '2',
            '\x1b[2J',
        )
    ):
        yield told(f'retry-{number}', 429 if number % 2 else 503, Retry_After=value)
    yield told(
        'max-age',
        Cache_Control='max-age=' + '9' * 400 + ', max-age=-5, no-cache="' + 'x' * 3000,
        Expires='-1',
        Date='x',
    )
    yield told('expires', Expires='Fri, 31 Dec 9999 23:59:59 GMT', Age='9' * 99)
    yield told('etag', ETag='"' + 'e' * 9000 + '"', Last_Modified='Fri, 31 Dec 99999 23:59:59 GMT')
    yield told('etag-odd', ETag='W/"\xff\x80<script>"', Last_Modified='\t yesterday')
    yield told('charset', Content_Type='text/xml; charset="utf-7"; charset=../../etc', Content_Language='<script>')
    yield told('type', Content_Type='text/html"><script>alert(1)</script>' + ';' * 3000)
    yield told(
        'link', Link='<javascript:alert(1)>; rel="hub", <data:x>; rel=self, ' + '<https://h.example/>; rel=hub, ' * 500
    )
    yield told(
        'cookie',
        Set_Cookie='a=b; Domain=127.0.0.1; Path=/',
        Clear_Site_Data='"*"',
        Refresh='0; url=javascript:alert(1)',
    )
    for number, location in enumerate(
        (
            'javascript:alert(1)',
            'data:text/xml,<rss/>',
            'file:///etc/passwd',
            'ftp://x.example/',
            'http://',
            '//',
            'http://[::1',
            'http://127.0.0.1:1@x.example:99999/',
            '/\x1b[2J' + 'x' * 200,
            '',
            'gopher://127.0.0.1:6379/_x',
        )
    ):
        yield told(f'location-{number}', 302, Location=location)


def write_posts(folder: Path) -> None:
    """One good post, and everything else that may lie in a folder."""
    folder.mkdir()
    outside = folder.parent / 'outside'
    outside.mkdir()
    (outside / 'secret.md').write_text(post('机密'), 'utf-8')
    (folder / '2026-11-24-good.md').write_text(post('好 posts'), 'utf-8')
    for number, front in enumerate(_FRONTS):
        (folder / f'2026-11-24-bad-{number}.md').write_bytes(front.encode('utf-8', 'surrogatepass'))
    (folder / '9999-99-99-<script>alert(1)</script>.md'.replace('/', '∕')).write_text(post('名'), 'utf-8')
    (folder / '2026-11-24-..%2f..%2f.md').write_text(post('逃'), 'utf-8')
    (folder / 'link.md').symlink_to(outside / 'secret.md')
    (folder / 'passwd.md').symlink_to('/etc/passwd')
    (folder / 'loop.md').symlink_to(folder / 'loop.md')
    (folder / 'sub').symlink_to(outside, target_is_directory=True)
    (folder / 'dir.md').mkdir()
    os.mkfifo(folder / 'pipe.md')
    (folder / 'huge.md').write_bytes(b'---\ntitle: x\n---\n' + b'x' * (2 << 20))
    (folder / '.hidden.md').write_text(post('隐'), 'utf-8')
    os.close(os.open(os.fsencode(folder) + b'/bad-\xff\n.md', os.O_CREAT | os.O_WRONLY))


def post(title: str, body: str = '<p>文</p>') -> str:
    return f'---\ntitle: {title}\ndate: 2026-11-24 08:00:00 +0800\ntags: 报新闻\n---\n{body}\n'


_FRONTS = (
    '', '---', '---\n---\n', '---\ntitle: [\n---\n', '\x00\xff', '---\ntitle: &a [*a, *a]\n---\nx', '---\na: &a ["x","x"]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\ntitle: *b\n---\nx', '---\ntitle: !!python/object/apply:os.system ["id"]\n---\nx',
    '---\ntitle: ' + '[' * 20_000 + '\n---\nx', '---\n' + 'a: b\n' * 20_000 + 'title: 多\n---\nx', '---\ntags: [' + 'x, ' * 20_000 + ']\ntitle: 签\n---\nx', '---\ntitle: "\\u0000\\ud800\\x1b[2J"\n---\nx', '---\ncategories: ../../../etc/passwd\ntags: <script>alert(1)</script>\ntitle: 路\n---\nx', '---\ncategories: index\ntags: ../index\ntitle: 名\n---\nx', '---\ndate: 9999-99-99\ntitle: 日\n---\nx',
    post('体', '<script>alert(1)</script>[x](javascript:alert(1)) ![x](data:x) <javascript:alert(1)>\n\n```\n<script>\n```'), post('深', '> ' * 5000 + 'x'), post('标', '*' * 20_000), post('链', '[' * 20_000 + ']' * 20_000 + '('), '---\ntitle: |\n' + ' x\n' * 20_000 + '---\nx', '---\r\ntitle: x\r---\rx',
)  # fmt: skip
