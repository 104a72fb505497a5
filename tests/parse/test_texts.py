"""Plain texts and links out of hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.texts import clean_text, http_url, text_of_html, without_controls, xml_text


@pytest.mark.parametrize(
    ('text', 'clean'),
    [
        ('a  b\n\tc', 'a b c'),
        ('　特高压板块　震荡 ', '特高压板块 震荡'),
        ('a\x00b\x0bc\x7fd\x85e\x9ff', 'a b c d e f'),
        ('a\ud800b\udfffc', 'abc'),
        ('\ufeffa\ufffe\uffffb', 'ab'),
        ('a\ufdd0\ufdefb', 'ab'),
        ('👩\u200d👧 e\u0301', '👩\u200d👧 e\u0301'),
        ('', ''),
    ],
)
def test_texts_are_one_clean_line(text, clean):
    assert clean_text(text, 100) == clean


@pytest.mark.parametrize(('limit', 'cut'), [(5, 'abcde'), (4, 'abc…'), (1, '…'), (0, '…')])
def test_long_texts_are_cut_and_say_so(limit, cut):
    assert clean_text('abcde', limit) == cut


@given(st.text(st.characters()), st.integers(1, 40))
def test_cleaning_twice_is_cleaning_once(text, limit):
    once = clean_text(text, limit)

    assert clean_text(once, limit) == once
    assert len(once) <= limit
    once.encode()


def test_xml_keeps_what_only_texts_lose():
    assert xml_text('a\x00\x1b\x85\ud800\ufffe\tb') == 'a  \x85\tb'
    assert without_controls('a\x85\tb\n') == 'a \tb\n'


@pytest.mark.parametrize(
    ('html', 'text'),
    [
        ('<p>第一<b>二</b></p><p>三</p>', '第一二 三'),
        ('a &amp; b &lt;c&gt; &nbsp;d &#20013; &ldquo;e&rdquo;', 'a & b <c> d 中 “e”'),
        ('a<script>alert("<p>x</p>")</script>b<style>p{}</style>c', 'abc'),
        ('<SCRIPT>x</SCRIPT >y', 'y'),
        ('a<!-- x > y -->b<!doctype x>c<?pi?>d', 'abcd'),
        ('<a title="x>y" b=\'>\'>z</a>', 'z'),
        ('1 < 2 and 3 > 2', '1 < 2 and 3 > 2'),
        ('a<br/>b', 'a b'),
        ('plain', 'plain'),
        ('a<p', 'a'),
        ('a<!-- never ends', 'a'),
        ('<script>never ends', ''),
        ('&#xD800; &#0; &#99999999999999999999; &#' + '9' * 5000 + ';', '\ufffd \ufffd \ufffd \ufffd'),
    ],
)
def test_the_text_that_html_shows(html, text):
    assert clean_text(text_of_html(html), 1000) == text


@given(st.text(alphabet='<>/!-"\'&;#ab= scriptp\n'))
def test_any_markup_has_a_text(html):
    assert isinstance(text_of_html(html), str)


@pytest.mark.parametrize(
    ('link', 'base', 'url'),
    [
        ('http://h/x', '', 'http://h/x'),
        (' https://h/a b\n', '', 'https://h/a%20b'),
        ('ht\ntp://h/\tx', '', 'http://h/x'),
        ('/a', 'http://h/x/y', 'http://h/a'),
        ('../a?b#c', 'http://h/x/y/z', 'http://h/x/a?b#c'),
        ('#top', 'http://h/x', 'http://h/x#top'),
        ('//h/x', '', 'http://h/x'),
        ('//h/x', 'https://b/', 'https://h/x'),
        ('http:////h/x', '', 'http://h/x'),
        ('http://新闻.example/路?q=文', '', 'http://新闻.example/路?q=文'),
        ('http://h/?a=1&amp=2', '', 'http://h/?a=1&amp=2'),
        ('http://h\\@evil/x?a\\b', '', 'http://h/@evil/x?a\\b'),
        ('http://h/"><script>', '', 'http://h/%22%3E%3Cscript%3E'),
        ('/a', '', ''),
        ('', 'http://h/', ''),
        ('javascript:alert(1)', 'http://h/', ''),
        ('java\nscript:alert(1)', 'http://h/', ''),
        ('\x01javascript:alert(1)', 'http://h/', ''),
        ('data:text/html,x', 'http://h/', ''),
        ('ftp://h/x', '', ''),
        ('mailto:a@b', 'http://h/', ''),
        ('http://', '', ''),
        ('http://[::1', 'http://h/', ''),
        ('http://h:99999/', '', ''),
        ('http://h:x/', '', ''),
        ('http://a b/', '', ''),
        ('http://h/' + 'x' * 9000, '', ''),
        ('x', 'mailto:q', ''),
        ('x', 'http://[bad', ''),
    ],
)
def test_links_become_absolute_web_addresses_or_nothing(link, base, url):
    assert http_url(link, base) == url


@given(st.text(), st.text() | st.just('http://h/a/b'))
def test_any_link_is_an_address_or_nothing(link, base):
    url = http_url(link, base)

    assert url == '' or url.lower().startswith(('http://', 'https://'))
    assert http_url(url, '') == url


@given(
    st.from_regex(
        r'https?://[A-Za-z0-9.-]{1,9}(:[0-9]{1,5})?(/[a/.:;%]{0,6})?(\?[a=&?]{0,4})?(#[a=&/]{0,4})?', fullmatch=True
    ),
    st.sampled_from(['', 'http://h/a/b', 'https://h']),
)
def test_an_address_with_nothing_to_mend_is_read_as_any_other(link, base):
    assert http_url(link, base) == http_url(f' {link} ', base)
