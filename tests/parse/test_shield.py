"""What no XML parser should see, and what a well-formed feed keeps."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.shield import mended, shield, without_comments


@pytest.mark.parametrize(
    ('text', 'shielded'),
    [
        ('<?xml version="1.0" encoding="gbk"?>\n<a/>', '<a/>'),
        ('\ufeff\n\n <a/>', '<a/>'),
        ('<!-- c -->\n<?pi x?><a/>', '<a/>'),
        ('<!DOCTYPE rss SYSTEM "x.dtd"><rss/>', '<rss/>'),
        ('<!DOCTYPE rss [ <!ENTITY x "]y"> <!ENTITY z "a"> ]><rss>&x;</rss>', '<rss>&amp;x;</rss>'),
        ('<!doctype rss [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>\n<rss/>', '<rss/>'),
        (
            '<!DOCTYPE rss [<!ENTITY a "]]>"><!-- ]> --><?x ]> ?><!ENTITY b \'"]>\'> ] ><rss>&a;</rss>',
            '<rss>&amp;a;</rss>',
        ),
        ('<!DOCTYPE rss SYSTEM "a>b[" ["]>"]><rss/>', '<rss/>'),
        ('<!DOCTYPE rss [<!ENTITY a "x]><rss/>', '<rss/>'),
        ('<!DOCTYPE rss "x><rss/>', '<rss/>'),
        ('<!DOCTYPE rss [<!-- x ><rss/>', '<rss/>'),
        ('<!DOCTYPE rss [', '<!DOCTYPE rss ['),
        ('<rss version="2.0" xmlns="http://www.w3.org/1999/xhtml"><a/></rss>', '<rss version="2.0"><a/></rss>'),
        (
            '<rss xmlns:h="http://www.w3.org/1999/xhtml"><h:p xmlns="http://www.w3.org/1999/xhtml"/></rss>',
            '<rss xmlns:h="http://www.w3.org/1999/xhtml"><h:p xmlns="http://www.w3.org/1999/xhtml"/></rss>',
        ),
        ('<a>&nbsp;&copy;&hellip;&LT;&lt;&amp;&apos;</a>', '<a>\xa0©…&lt;&lt;&amp;&apos;</a>'),
        ('<a>&nosuch;</a>', '<a>&amp;nosuch;</a>'),
        ('<a><![CDATA[&nbsp;&x;]]>&nbsp;</a>', '<a><![CDATA[&nbsp;&x;]]>\xa0</a>'),
        ('<a>&#20013;&#x4e2d;&#65;</a>', '<a>&#20013;&#x4e2d;&#65;</a>'),
        ('<a>&#xD800;&#x110000;&#99999999999;</a>', '<a>\ufffd\ufffd\ufffd</a>'),
        ('<a>&#0;&#1;&#x1F;&#xFFFE;</a>', '<a>    </a>'),
        ('<a>&#' + '9' * 5000 + ';</a>', '<a>\ufffd</a>'),
        ('<a>&#146;&#x85;</a>', '<a>’…</a>'),
        ('<a>\x00\x01\x0b\ud800\ufffe</a>', '<a>   </a>'),
        ('<a b="&nbsp;&x;"/>', '<a b="\xa0&amp;x;"/>'),
        ('<?never ends', '<?never ends'),
        ('<!-- never ends', '<!-- never ends'),
        ('', ''),
    ],
)
def test_what_goes_and_what_is_replaced(text, shielded):
    assert shield(text) == shielded


@pytest.mark.parametrize(
    'text', ['<rss><channel a="1">中 &amp; &lt;b&gt; &#8220;<![CDATA[<p>]]></channel></rss>', 'no xml', '{"a": 1}']
)
def test_honest_documents_stay_as_they_are(text):
    assert shield(text) == text


def test_mending_escapes_bare_ampersands_and_drops_what_stands_before_the_root():
    broken = 'Notice: x in y<br/>\n<rss><a href="x?a=1&b=2">R&D &amp; &#65; &lt;</a><b><![CDATA[c & d]]></b></rss>'

    root = ET.fromstring(mended(broken))

    assert (root[0].get('href'), root[0].text, root[1].text) == ('x?a=1&b=2', 'R&D & A <', 'c & d')


@pytest.mark.parametrize(
    ('text', 'without'),
    [
        ('a<!-- b -->c<!---->d', 'acd'),
        ('a<!-- b', 'a&lt;!-- b'),
        ('a<!--b--><!--c<!--', 'a&lt;!--c&lt;!--'),
        ('a', 'a'),
    ],
)
def test_comments_go(text, without):
    assert without_comments(text) == without


@given(st.text(alphabet='<!?->[]&;#xX0123456789aDOCTYPE "\ud800\x00\n'))
def test_any_text_is_shielded_without_controls(text):
    shielded = mended(without_comments(shield(text)))

    assert '\x00' not in shielded
    shielded.encode()


@given(
    st.lists(st.sampled_from(['&nbsp;', '&x;', '&#0;', '&#xD800;', 'a', '&amp;', '<b/>', '<![CDATA[&y;]]>', '\x01']))
)
def test_references_never_break_a_document(pieces):
    ET.fromstring(shield('<a>' + ''.join(pieces) + '</a>'))
