"""Feeds that attack whoever reads XML. Each holds one good item, which has to come through wherever it can be found."""

from __future__ import annotations

from collections.abc import Iterator

from hostile_cases import DATE, DECLARATION, NAMESPACES, Case, channel, good, item

MEGA = 1_000_000
# What stays unread when the address of a trap is asked: the origin counts.
TRAP = '{trap}'


def cases(trap: str) -> tuple[Case, ...]:
    """`trap` is an address that nobody may ask."""
    made = (*_entities(trap), *_shapes(), *_sizes(), *_letters(), *_encodings(), *_slow(), *_floods(), *_cut_short())
    return tuple(made)


def _case(name: str, text: str, **more: object) -> Case:
    return Case(name, text.encode('utf-8', 'surrogatepass'), **more)  # type: ignore[arg-type]  # a table's keywords


def _with_dtd(name: str, subset: str, used: str, **more: object) -> Case:
    text = channel(item(used), good(name), prolog=f'{DECLARATION}<!DOCTYPE rss [{subset}]>')
    return _case(name, text, **more)


def _entities(trap: str) -> Iterator[Case]:
    laughs = '<!ENTITY a0 "ha">' + ''.join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    yield _with_dtd('laughs', laughs, '&a9;')
    yield _with_dtd('laughs-lines', laughs.replace('><', '>\n<'), '&a9;&a9;')
    yield Case(
        'laughs-utf16',
        channel(
            item('&a9;'),
            good('laughs-utf16'),
            prolog=f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE rss [{laughs}]>',
        ).encode('utf-16'),
    )
    yield _with_dtd('quadratic', f'<!ENTITY q "{"q" * 40_000}">', '&q;' * 40_000)
    yield _with_dtd('recursive', '<!ENTITY a "&b;"><!ENTITY b "&a;">', '&a;')
    yield _with_dtd('parameter', '<!ENTITY % a "<!ENTITY b \'x\'>">%a;%a;', '&b;')
    yield _with_dtd('attribute-entity', '<!ENTITY a "x"><!ATTLIST item id CDATA "&a;&a;">', '&a;')
    yield _with_dtd('file', '<!ENTITY x SYSTEM "file:///etc/passwd">', '&x;')
    yield _with_dtd(
        'php-filter', '<!ENTITY x SYSTEM "php://filter/read=convert.base64-encode/resource=/etc/passwd">', '&x;'
    )
    yield _with_dtd('outside', f'<!ENTITY x SYSTEM "{trap}">', '&x;')
    yield _with_dtd('outside-parameter', f'<!ENTITY % x SYSTEM "{trap}"> %x;', '坏')
    yield _case('outside-dtd', channel(good('outside-dtd'), prolog=f'{DECLARATION}<!DOCTYPE rss SYSTEM "{trap}">'))
    yield _case(
        'outside-public',
        channel(good('outside-public'), prolog=f'{DECLARATION}<!DOCTYPE rss PUBLIC "-//x//y" "{trap}">'),
    )
    yield _case(
        'stylesheet',
        channel(good('stylesheet'), prolog=f'{DECLARATION}<?xml-stylesheet type="text/xsl" href="{trap}"?>'),
    )
    yield _case(
        'include',
        channel(
            item('坏', f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{trap}" parse="text"/>'),
            good('include'),
        ),
    )
    yield _case(
        'schema',
        channel(
            good('schema'),
            root=f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{trap}"',
        ),
    )
    yield _case(
        'dtd-unfinished',
        channel(good('dtd-unfinished'), prolog=f'{DECLARATION}<!DOCTYPE rss [<!ENTITY a "'),
        state='degraded',
        told='malformed',
    )
    yield _case(
        'dtd-brackets',
        channel(
            good('dtd-brackets'), prolog=f'{DECLARATION}<!DOCTYPE rss [<!ENTITY a "]]>"><!-- ]> --><!ENTITY b "x">]>'
        ),
        state='ok',
    )
    yield _case('dtd-late', channel(good('dtd-late'), '<!DOCTYPE x [<!ENTITY y "z">]>', item('&y;')))
    yield _case(
        'dtd-twice', channel(good('dtd-twice'), prolog=f'{DECLARATION}<!DOCTYPE a><!DOCTYPE b [<!ENTITY c "d">]>')
    )


def _shapes() -> Iterator[Case]:
    yield _case(
        'deep', channel(item('坏', '<a>' * 100_000 + '</a>' * 100_000), good('deep')), told='deeper than 100 levels'
    )
    yield _case('deep-open', channel(good('deep-open'), item('坏', '<a>' * 100_000)), told='malformed')
    yield _case(
        'deep-html', channel(item('坏', f'<description>{"&lt;div&gt;" * 50_000}</description>'), good('deep-html'))
    )
    yield _case(
        'deep-xhtml',
        _atom(
            'deep-xhtml',
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{"<p><b>" * 5000}{"</b></p>" * 5000}</div></content>',
        ),
    )
    yield _case(
        'nested-items', channel(f'<item><title>外</title>{item("里", item("再里"))}</item>', good('nested-items'))
    )
    yield _case(
        'nested-channels', channel(f'<channel><title>里</title>{item("坏")}</channel>', good('nested-channels'))
    )
    yield _case(
        'nested-feeds',
        _atom(
            'nested-feeds',
            '<content type="application/atom+xml"><feed xmlns="http://www.w3.org/2005/Atom"><title>里</title><id>x</id><entry><title>里</title></entry></feed></content>',
        ),
    )
    yield _case(
        'cdata-tricks',
        channel(
            item('坏', '<description><![CDATA[<p>a]]]]><![CDATA[></p><script>alert(1)</script>]]></description>'),
            good('cdata-tricks'),
        ),
    )
    yield _case('cdata-end-in-text', channel(item('a ]]> b'), good('cdata-end-in-text')))
    yield _case('cdata-nested', channel(good('cdata-nested'), item('<![CDATA[<![CDATA[x]]>]]>')))
    yield _case('cdata-open', channel(good('cdata-open'), item('坏', '<description><![CDATA[ <p>')))
    yield _case(
        'instructions',
        channel(
            item('坏', '<?php system("id"); ?><?xml version="1.0"?><description>a<?x y?>b</description>'),
            good('instructions'),
        ),
    )
    yield _case(
        'comments', channel(item('坏', '<!-- <item> -- --><description>a<!-- ]]> -->b</description>'), good('comments'))
    )
    yield _case(
        'rebound',
        channel(
            item(
                '坏',
                '<x xmlns:content="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/1999/xhtml"><content:encoded>a</content:encoded><script>alert(1)</script></x>',
            ),
            good('rebound'),
        ),
    )
    yield _case('rebound-root', channel(good('rebound-root'), root=' xmlns="http://www.w3.org/1999/xhtml"'))
    yield _case(
        'unbound',
        channel(
            item('坏', '<nobody:knows>x</nobody:knows><content:encoded>&lt;script&gt;</content:encoded>'),
            good('unbound'),
        ),
    )
    yield _case(
        'namespaces',
        channel(item('坏', ''.join(f'<a xmlns:n{n}="urn:{n}"/>' for n in range(5000))), good('namespaces')),
    )
    yield _case(
        'xml-base',
        _atom(
            'xml-base',
            '<link href="x"/><content type="html" xml:base="javascript:alert(1)//">&lt;a href="y"&gt;z&lt;/a&gt;</content>',
            base='data:text/html,',
        ),
    )
    yield _case(
        'xml-base-host',
        _atom(
            'xml-base-host',
            '<link href="x"/><content type="html" xml:base="//evil.example/">&lt;a href="y"&gt;z&lt;/a&gt;</content>',
            base='file:///etc/',
        ),
    )
    yield _case(
        'twins',
        channel(good('twins'), item('坏', '<link>https://twins.example/1</link>' * 500 + '<guid>x</guid>' * 500)),
    )
    yield _case('two-roots', channel(good('two-roots')) + channel(item('二')))
    yield _case('trailing', channel(good('trailing')) + '<script>alert(1)</script>' * 200)
    yield _case('leading', '<br />\n<b>Warning</b>: mysql in x on line 3<br />' + channel(good('leading'), prolog=''))
    yield _case('no-root', '<' * 5000, good=False, state='failing', told='.')
    yield _case(
        'html-instead',
        '<!doctype html><html><head><title>登录</title></head><body><script>alert(1)</script></body></html>',
        good=False,
        state='failing',
        told='登录|HTML|page',
    )
    yield _case('nothing', '', good=False, state='failing', told='empty')
    yield _case('blanks', ' \n' * 5000, good=False, state='failing', told='empty')
    yield _case(
        'spoofed-source',
        channel(
            item(
                '坏',
                '<source url="javascript:alert(1)">&lt;b&gt;谁</source><atom:source><atom:id>javascript:alert(1)</atom:id></atom:source>',
            ),
            good('spoofed-source'),
        ),
    )
    yield _case(
        'spoofed-head',
        channel(
            good('spoofed-head'),
            head='<atom:id>javascript:alert(1)</atom:id><atom:icon>javascript:alert(1)</atom:icon><atom:link rel="self" href="data:text/html,x"/><atom:link rel="hub" href="file:///x"/><copyright>&lt;script&gt;\u202e</copyright>',
        ),
    )


def _atom(name: str, raw: str, base: str = 'https://a.example/') -> str:
    entry = f'<id>https://{name}.example/{{}}</id><updated>2026-11-24T08:00:00Z</updated>'
    first = f'<entry><title type="html">坏</title>{entry.format("bad")}{raw}</entry>'
    second = f'<entry><title>好 {name}</title>{entry.format("good")}<link href="https://{name}.example/good"/></entry>'
    head = f'<title>刊</title><id>https://{name}.example/</id><updated>2026-11-24T08:00:00Z</updated>'
    return f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}">{head}{first}{second}</feed>'


def _sizes() -> Iterator[Case]:
    yield _case(
        'attributes',
        channel(item('坏', '<a ' + ' '.join(f'a{n}="b"' for n in range(30_000)) + '/>'), good('attributes')),
    )
    yield _case('long-name', channel(item('坏', f'<{"n" * MEGA}/>'), good('long-name')))
    yield _case(
        'long-prefix', channel(item('坏', f'<{"p" * 100_000}:n xmlns:{"p" * 100_000}="urn:x"/>'), good('long-prefix'))
    )
    yield _case('long-value', channel(item('坏', f'<a b="{"v" * MEGA}"/>'), good('long-value')))
    yield _case('long-comment', channel(item('坏', f'<!--{" -" * (MEGA // 2)} -->'), good('long-comment')))
    yield _case('long-instruction', channel(item('坏', f'<?x {"y" * MEGA}?>'), good('long-instruction')))
    yield _case('long-title', channel(item('长' * 300_000), good('long-title')))
    yield _case(
        'long-text',
        channel(item('坏', f'<description>{"&lt;p&gt;字&lt;/p&gt;" * 60_000}</description>'), good('long-text')),
    )
    yield _case(
        'long-guid',
        channel(item('坏', f'<guid>{"g" * MEGA}</guid><link>https://x.example/{"l" * MEGA}</link>'), good('long-guid')),
    )
    yield _case(
        'long-encoding', channel(good('long-encoding'), prolog=f'<?xml version="1.0" encoding="{"x" * 60_000}"?>')
    )


def _letters() -> Iterator[Case]:
    references = (
        '&#xD800;',
        '&#xDFFF;',
        '&#xD83D;&#xDE00;',
        '&#0;',
        '&#1;',
        '&#x1b;[2J',
        '&#x7f;',
        '&#x85;',
        '&#128;',
        '&#xFFFE;',
        '&#xFFFF;',
        '&#xFDD0;',
        '&#x110000;',
        '&#99999999999;',
        f'&#{"9" * 5000};',
        '&#x;',
        '&#;',
        '&#-1;',
        '&# 65;',
        '&;',
        '&nosuch;',
        '&amp;#xD800;',
        '&amp;amp;#0;',
        '&lt;script&gt;',
        '&#60;b&#62;',
        '&#x202e;',
        '&nbsp;',
    )
    yield _case(
        'references',
        channel(
            *(
                item(
                    f'{r}标题{r}',
                    f'<description>{r}</description><category>{r}x</category><dc:creator>{r}y</dc:creator><guid>{r}{n}</guid>',
                )
                for n, r in enumerate(references)
            ),
            good('references'),
        ),
    )
    yield Case('nuls', channel(item('a\x00b'), good('nuls')).replace('坏', '\x00').encode())
    yield Case(
        'nuls-between', b'\x00'.join(bytes([byte]) for byte in channel(good('nuls-between')).encode()), good=False
    )
    yield Case(
        'controls', channel(item(''.join(map(chr, range(1, 32))) + '\x7f\x80\x85\x9f'), good('controls')).encode()
    )
    yield _case(
        'odd-letters',
        channel(
            item('\ufffe\uffff\ufdd0\U0001ffff\u202e\u2066\u200b\ufeff\u2028\u2029标'),
            item('e' + '\u0301' * 5000),
            good('odd-letters'),
        ),
    )
    yield _case('surrogates', channel(item('a\ud800b\udfffc'), good('surrogates')))
    yield Case(
        'overlong',
        channel(item('a@@b'), good('overlong'))
        .encode()
        .replace(b'@@', b'\xc0\xbcscript\xc0\xbe\xe0\x80\xbc\xf4\x90\x80\x80\xf8\x88\x80\x80\x80'),
    )
    yield Case('half-letters', channel(item('中@@'), good('half-letters')).encode().replace(b'@@', b'\xe4\xb8'))
    yield Case('terminal', channel(item('\x1b]0;x\x07\x1b[2J\r\n好 伪造'), good('terminal')).encode())


def _encodings() -> Iterator[Case]:
    def told(name: str, declared: str, actual: str, prefix: bytes = b'', **more: object) -> Case:
        text = channel(item('中文，。'), good(name), prolog=f'<?xml version="1.0" encoding="{declared}"?>')
        return Case(name, prefix + text.encode(actual), **more)  # type: ignore[arg-type]  # a table's keywords

    yield told('gbk-as-utf8', 'utf-8', 'gb18030')
    yield told('utf8-as-gbk', 'gbk', 'utf-8')
    yield told('utf8-as-latin', 'iso-8859-1', 'utf-8')
    yield told('utf16', 'utf-16', 'utf-16')
    yield told('utf16-as-utf8', 'utf-8', 'utf-16')
    yield told('utf16-no-mark', 'utf-16', 'utf-16-le')
    yield told('utf16-wrong-mark', 'utf-8', 'utf-8', b'\xff\xfe', good=False)
    yield told('utf32', 'utf-32', 'utf-32')
    yield told('utf8-marks', 'utf-8', 'utf-8', b'\xef\xbb\xbf' * 3)
    yield told('utf7', 'utf-7', 'utf-7', good=False)
    yield told('ebcdic', 'ebcdic-cp-us', 'utf-8')
    yield told('big5-as-gbk', 'gbk', 'utf-8', media_type='text/xml; charset=big5')
    yield from (
        told(f'codec-{name}'.replace('_', '-'), name, 'utf-8')
        for name in (
            'undefined',
            'hex',
            'rot13',
            'idna',
            'punycode',
            'unicode_escape',
            'raw_unicode_escape',
            'zlib',
            'mbcs',
            'x-none',
        )
    )
    yield told('escapes', 'iso-2022-kr', 'utf-8', b'')
    yield Case(
        'twice-encoded', channel(item('中文'), good('twice-encoded')).encode().decode('latin-1').encode(), state='ok'
    )


def _slow() -> Iterator[Case]:
    """What took a tolerant parser seconds to minutes."""
    yield _case('author', channel(item('坏', f'<author>a@{"a." * 30_000}!</author>'), good('author')))
    yield _case('blank-lines', '\n' * 60_000 + channel(good('blank-lines')))
    yield _case(
        'style', channel(item('坏', f'<description>&lt;p style="{"url(" * 50_000}"&gt;</description>'), good('style'))
    )
    yield _case('open-comments', channel(good('open-comments'), '<!--' * 50_000))
    yield _case('categories', channel(item('坏', '<category>c</category>' * 20_000), good('categories')))
    yield _case(
        'distinct-categories',
        channel(item('坏', ''.join(f'<category>c{n}</category>' for n in range(20_000))), good('distinct-categories')),
    )
    yield _case(
        'ampersands', channel(item('坏', f'<description>{"&amp;amp;x" * 50_000}</description>'), good('ampersands'))
    )
    yield _case('bare-ampersands', channel(good('bare-ampersands'), item('&' * 50_000)))
    yield _case('open-tags', channel(good('open-tags'), '<a ' * 50_000))
    yield _case('quotes', channel(good('quotes'), '<a b="' * 30_000))
    yield _case(
        'links',
        channel(
            item(
                '坏',
                '<atom:link href="https://x.example/"/>' * 10_000
                + '<media:content url="https://x.example/"/>' * 10_000,
            ),
            good('links'),
        ),
    )
    yield _case(
        'people', channel(item('坏', ''.join(f'<dc:creator>n{n}</dc:creator>' for n in range(10_000))), good('people'))
    )
    many = ''.join(f'<!ENTITY e{n} "x">' for n in range(20_000))
    yield _case(
        'entities-many',
        channel(
            good('entities-many'),
            prolog=f'{DECLARATION}<!DOCTYPE rss [{many}]>',
        ),
    )


def _floods() -> Iterator[Case]:
    flood = [
        f'<item><title>洪{n}</title><guid isPermaLink="false">g{n}</guid><pubDate>{DATE}</pubDate></item>'
        for n in range(3000)
    ]
    yield _case(
        'flood',
        channel(good('flood'), *flood),
        told=r'3001 entries; the first 500 were read\.\s*$',
        options={'category': {'from': 'publisher', 'cap': 3}},
    )
    yield _case(
        'same-guid',
        channel(
            good('same-guid'),
            *(f'<item><title>同{n}</title><guid>same</guid><pubDate>{DATE}</pubDate></item>' for n in range(300)),
        ),
    )
    yield _case(
        'publishers',
        channel(
            good('publishers'),
            *(
                item(f'名{n}', f'<dc:publisher>报{n}</dc:publisher><description>（文章来源：社{n}）</description>')
                for n in range(60)
            ),
        ),
        told='5 came through publishers; 报[0-9]新闻 was not added.*[56][0-9] faults are of the kind too-many-categories',
        options={'category': {'from': 'publisher', 'cap': 5}},
    )


def _cut_short() -> Iterator[Case]:
    """The end is missing, in the middle of each construct."""
    whole = (
        '<item><title>坏 &amp; x</title><link>https://x.example/</link><description><![CDATA[<p>a</p>]]></description>'
        '<!-- c --><?pi d?><content:encoded>&lt;b&gt;</content:encoded><enclosure url="https://x.example/a" length="1"/></item>'
    )
    places = {
        'tag': '<tit', 'end-tag': '</tit', 'text': '坏 &amp; ', 'reference': '坏 &am', 'link': 'https://x', 'cdata-start': '<![CDA', 'cdata': '<![CDATA[<p', 'cdata-end': '</p>]', 'comment-start': '<!-', 'comment': '<!-- c', 'comment-end': '<!-- c -',
        'instruction': '<?pi d', 'prefix': '<content:', 'attribute-name': 'enclosure ur', 'attribute': 'url="https:', 'attribute-end': 'length="1"', 'empty': 'length="1"/', 'item-end': '"/></item',
    }  # fmt: skip
    for name, mark in places.items():
        end = whole.index(mark) + len(mark)
        text = f'{DECLARATION}<rss version="2.0"{NAMESPACES}><channel><title>频道</title>{good(f"cut-{name}")}{whole[:end]}'
        yield _case(f'cut-{name}', text, state='degraded', told='malformed.*line 1, column [0-9]+')
    yield Case('cut-letter', channel(good('cut-letter')).encode()[:-40] + '中'.encode()[:2])
    yield Case('cut-at-once', DECLARATION.encode()[:20], good=False, state='failing')
