"""Characters that may stand in a document, and plain text out of HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.render.text import excerpt_of, one_line, plain_of, scrub, scrubbed


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('深圳\u3000上海 😀', '深圳\u3000上海 😀'),
        ('a\x00b\x0bc\x1fd\x7fe\x9ff', 'abcdef'),
        ('\ud800a\udfff\ufffe\uffff\ufdd0', 'a'),
        ('a\r\nb\rc\u2028d\te', 'a\nb\nc\nd\te'),
    ],
)
def test_scrub(text, expected):
    assert scrub(text) == expected


def test_every_character_stays_wherever_it_stands_or_goes_everywhere():
    for code in range(0x1_1000):  # what is beyond is allowed
        one = chr(code)
        assert scrub(one) == scrub(f'{one}\0')
        assert scrub(f'a{one}b') == f'a{scrub(one)}b'


@given(st.text(st.characters()))
def test_whatever_is_scrubbed_can_be_written_and_stays_as_it_is(text):
    clean = scrub(text)
    element = etree.Element('t')
    element.text = clean
    assert etree.fromstring(etree.tostring(element)).text == (clean or None)
    assert scrub(clean) == clean


@given(st.text(st.characters()))
def test_one_line_is_one_line(text):
    line = one_line(text)
    assert '\n' not in line
    assert line == line.strip() == one_line(line)


@pytest.mark.parametrize(
    ('markup', 'expected'),
    [
        ('<p>一</p><p>二<b>三</b></p>', '一 二三'),
        ('a<br>b<hr/>c', 'a b c'),
        ('1 &lt; 2 &amp;amp; 3', '1 < 2 &amp; 3'),
        ('open <a href="x', 'open'),
        ('&#xD800;&#0;x', '\ufffd\ufffdx'),
    ],
)
def test_plain_of(markup, expected):
    assert plain_of(markup) == expected


def test_an_excerpt_is_short_and_says_that_it_is_one():
    assert excerpt_of('<p>' + '长' * 300 + '</p>', 10) == '长' * 10 + '…'
    assert excerpt_of('<p>短</p>', 10) == '短'


@pytest.mark.parametrize('markup', ['<' * 300_000, '<p ' * 100_000, '&' * 300_000, '</p' * 100_000])
def test_hostile_markup_costs_linear_time(markup):
    assert isinstance(plain_of(markup), str)


def test_scrubbed_reaches_every_string():
    assert scrubbed({'a': ['\x00b', {'c': '\ud800'}], 'n': 1}) == {'a': ['b', {'c': ''}], 'n': 1}
