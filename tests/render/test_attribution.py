"""The line that says who wrote it: once, linked, and not where the text already says so."""

import pytest

from aggregator.render.attribution import attributed
from aggregator.render.words import CHINESE, ENGLISH

LINK = 'https://a.example/1?x=1&y=2'
ANCHOR = '<a href="https://a.example/1?x=1&amp;y=2">'

CASES = {
    'nothing said': ('<p>文</p>', '甲报', LINK, f'<p>文</p><p>来源：{ANCHOR}甲报</a></p>'),
    'no text at all': ('', '甲报', LINK, f'<p>来源：{ANCHOR}甲报</a></p>'),
    'said by the text': (
        '<p>（文章来源：甲报）</p>',
        '甲报',
        LINK,
        f'<p>（文章来源：甲报）</p><p>{ANCHOR}原文</a></p>',
    ),
    'said in half-width': ('<p>(来源: 甲报)</p>', '甲报', LINK, f'<p>(来源: 甲报)</p><p>{ANCHOR}原文</a></p>'),
    'said across tags': (
        '<p>来源：<b>甲报</b></p>\n',
        '甲报',
        LINK,
        f'<p>来源：<b>甲报</b></p>\n<p>{ANCHOR}原文</a></p>',
    ),
    'said of another': ('<p>（来源：乙报）</p>', '甲报', LINK, f'<p>（来源：乙报）</p><p>来源：{ANCHOR}甲报</a></p>'),
    'said of a longer name': ('<p>来源：大甲报</p>', '甲报', LINK, f'<p>来源：大甲报</p><p>来源：{ANCHOR}甲报</a></p>'),
    'named, not as the source': ('<p>我爱甲报</p>', '甲报', LINK, f'<p>我爱甲报</p><p>来源：{ANCHOR}甲报</a></p>'),
    'said at the beginning only': (
        f'<p>来源：甲报</p><p>{"文" * 50}</p>',
        '甲报',
        LINK,
        f'<p>来源：甲报</p><p>{"文" * 50}</p><p>来源：{ANCHOR}甲报</a></p>',
    ),
    'our own line, read back': (f'<p>来源：{ANCHOR}甲报</a></p>', '甲报', LINK, f'<p>来源：{ANCHOR}甲报</a></p>'),
    'no link': ('<p>文</p>', '甲报', '', '<p>文</p><p>来源：甲报</p>'),
    'no link, said': ('<p>来源：甲报</p>', '甲报', '', '<p>来源：甲报</p>'),
    'hostile name': ('', '<script>&"', LINK, f'<p>来源：{ANCHOR}&lt;script&gt;&amp;&quot;</a></p>'),
}


@pytest.mark.parametrize(('text', 'publisher', 'link', 'expected'), CASES.values(), ids=CASES)
def test_attributed(text, publisher, link, expected):
    assert attributed(text, publisher, link, CHINESE) == expected


def test_it_is_told_once_however_often_a_text_travels():
    once = attributed('<p>文</p>', '甲报', LINK, CHINESE)
    assert attributed(once, '甲报', LINK, CHINESE) == once


def test_in_english():
    assert attributed('', 'The Paper', LINK, ENGLISH) == f'<p>Source: {ANCHOR}The Paper</a></p>'
    assert attributed('<p>Source: The Paper</p>', 'The Paper', LINK, ENGLISH).endswith('>Original</a></p>')
