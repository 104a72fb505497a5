"""Which encoding a document is in: bytes are believed more than labels."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.charsets import LABELS
from aggregator.parse.encoding import codec_of, declared_in_html, declared_in_xml, decode

CHINESE = '到2023年，深圳建成3个以上千亿级产业集群，数字经济位居全国前列。'
JAPANESE = '東京証券取引所は、あすから新しい取引の仕組みを始めます。'
TAIWANESE = '臺灣證券交易所今日宣布，加權指數收盤上漲。'
KOREAN = '한국은행은 오늘 기준금리를 동결한다고 밝혔다.'


def xml(text, declared=''):
    return f'<?xml version="1.0"{f" encoding={declared!r}" if declared else ""}?><rss><title>{text}</title></rss>'


@pytest.mark.parametrize(
    ('encoding', 'text'),
    [
        ('gbk', CHINESE),
        ('gb2312', CHINESE),
        ('gb18030', CHINESE + '😀'),
        ('big5', TAIWANESE),
        ('euc-jp', JAPANESE),
        ('shift_jis', JAPANESE),
        ('iso-2022-jp', JAPANESE),
        ('euc-kr', KOREAN),
        ('windows-1251', 'Новости дня'),
        ('koi8-r', 'Новости дня'),
        ('iso-8859-1', 'Crème brûlée déjà'),
        ('utf-8', CHINESE),
    ],
)
def test_a_declared_encoding_is_read(encoding, text):
    body = xml(text, encoding).encode(encoding)

    decoded = decode(body, declared=declared_in_xml(body))

    assert text in decoded.text
    assert decoded.fault is None


@pytest.mark.parametrize('declared', ['utf-8', 'UTF-8', '', 'iso-2022-jp', 'utf-16', 'x-unknown', 'undefined'])
def test_gbk_that_claims_to_be_something_else_is_read(declared):
    decoded = decode(xml(CHINESE, declared).encode('gbk'), declared=declared)

    assert (CHINESE in decoded.text, decoded.encoding, decoded.fault) == (True, 'gb18030', None)


@pytest.mark.parametrize('declared', ['gbk', 'gb2312', 'big5', 'iso-8859-1', 'windows-1252', 'ascii', 'utf-16'])
def test_utf8_that_claims_to_be_something_else_is_read(declared):
    decoded = decode(xml(CHINESE, declared).encode(), declared=declared, charset=declared)

    assert (CHINESE in decoded.text, decoded.encoding) == (True, 'utf-8')


def test_the_document_is_believed_more_than_the_header():
    body = xml(JAPANESE, 'euc-jp').encode('euc-jp')

    assert JAPANESE in decode(body, charset='shift_jis', declared='euc-jp').text
    assert JAPANESE in decode(body, charset='euc-jp').text


def test_the_configuration_is_believed_most():
    body = CHINESE.encode('gbk')

    assert decode(body, override='big5', declared='gbk').encoding == 'big5hkscs'
    assert decode(CHINESE.encode(), override='gbk').text != CHINESE
    assert decode(b'abc\xff\xff', override='gbk').fault.rule == 'encoding'
    assert decode(body, override='no such', declared='gbk').text == CHINESE


@pytest.mark.parametrize(
    'encoding', ['utf-8-sig', 'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-le', 'utf-32-be']
)
def test_marks_and_zeros_are_recognised_and_the_mark_goes(encoding):
    document = xml(CHINESE, 'gbk')

    assert decode(document.encode(encoding), declared='gbk').text == document


@pytest.mark.parametrize('mark', [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_mark_before_other_zeros_still_counts(mark):
    codec = 'utf-16-le' if mark == codecs.BOM_UTF16_LE else 'utf-16-be'

    assert decode(mark + '  <rss/>'.encode(codec)).text == '  <rss/>'


def test_a_few_bad_bytes_lose_no_more_than_themselves():
    decoded = decode(CHINESE.encode() * 20 + b'\xff' + CHINESE.encode() * 20, declared='utf-8')

    assert (decoded.encoding, decoded.text.count(CHINESE), decoded.text.count('\ufffd')) == ('utf-8', 40, 1)
    assert decoded.fault.rule == 'encoding'
    assert '1 characters' in decoded.fault.message


@pytest.mark.parametrize(
    'damage',
    [
        '\ud83d\ude00'.encode('utf-8', 'surrogatepass'),  # an emoji as Java and MySQL write it (CESU-8)
        b'\xc0\xbcscript\xc0\xbe',  # overlong: `<` and `>`, if a decoder let them
        b'\xe0\x80\xbc\xf4\x90\x80\x80\xf8\x88\x80\x80\x80',
        b'\xe4\xb8',
        b'\xff',
    ],
)
@pytest.mark.parametrize('declared', ['utf-8', '', 'gbk', 'iso-8859-1', 'big5'])
def test_damage_in_utf8_makes_it_nothing_else(damage, declared):
    decoded = decode(f'<a>好{CHINESE}'.encode() + damage + b'</a>', declared=declared)

    assert (decoded.encoding, decoded.fault.rule) == ('utf-8', 'encoding')
    assert decoded.text.startswith(f'<a>好{CHINESE}\ufffd')
    assert '<script' not in decoded.text
    assert decoded.text.endswith('</a>')


@pytest.mark.parametrize(
    ('encoding', 'text'),
    [('gbk', CHINESE), ('big5', TAIWANESE), ('euc-jp', JAPANESE), ('shift_jis', JAPANESE), ('euc-kr', KOREAN)],
)
@pytest.mark.parametrize('letters', [2, 3, 5, 8, 13])
def test_few_letters_of_another_encoding_are_not_damaged_utf8(encoding, text, letters):
    parts = [text[n : n + letters] for n in range(len(text))]

    assert [part for part in parts if part not in decode(part.encode(encoding), declared=encoding).text] == []


def test_gbk_with_a_bad_byte_stays_gbk():
    decoded = decode(CHINESE.encode('gbk') * 20 + b'\xff' + CHINESE.encode('gbk') * 20)

    assert (decoded.encoding, decoded.text.count(CHINESE) >= 39) == ('gb18030', True)


def test_undeclared_latin_is_not_taken_for_chinese():
    text = 'Artur Jorge não é mais técnico do Botafogo. A decisão já está tomada, diz a imprensa. ' * 5

    assert decode(text.encode('latin-1')).text == text


@pytest.mark.parametrize(
    'label', ['undefined', 'idna', 'punycode', 'rot13', 'unicode_escape', 'base64', 'mbcs', '', 'x' * 999]
)
def test_codecs_that_are_no_encodings_of_text_are_not_used(label):
    assert codec_of(label) == ''
    assert decode(b'<a/>', override=label, charset=label, declared=label).text == '<a/>'


def test_every_codec_of_the_table_exists():
    assert all(codecs.lookup(codec) for codec in LABELS.values())


@pytest.mark.parametrize(
    ('body', 'declared'),
    [
        (b'<?xml version="1.0" encoding="GBK"?>', 'GBK'),
        (b"\n <?xml version='1.0' encoding = 'big5' standalone='yes'?>", 'big5'),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>', 'utf-8'),
        (b'<?xml version="1.0"?><a encoding="gbk"/>', ''),
        (b'<a/>', ''),
        (b'', ''),
    ],
)
def test_the_declaration_of_xml(body, declared):
    assert declared_in_xml(body) == declared


@pytest.mark.parametrize(
    ('body', 'declared'),
    [
        (b'<meta charset=gbk>', 'gbk'),
        (b'<html><META http-equiv="Content-Type" content="text/html; charset=gb2312">', 'gb2312'),
        (b"<meta name=x><meta charset='utf-8'/>", 'utf-8'),
        (b'<p>charset=gbk', ''),
    ],
)
def test_the_declaration_of_html(body, declared):
    assert declared_in_html(body) == declared


@given(
    st.binary(max_size=300), st.sampled_from(['', 'gbk', 'utf-16', 'hz', 'iso-2022-kr', 'utf-32', 'johab', 'cp1252'])
)
def test_never_raises(body, label):
    assert isinstance(decode(body, declared=label).text, str)
    assert isinstance(decode(body, override=label).text, str)


@given(st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\ufeff\0\x0e\x1b'), min_size=1))
def test_utf8_comes_back(text):
    assert decode(b'<a>' + text.encode()).text == '<a>' + text
