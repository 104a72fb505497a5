"""Headers become values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.headers import (
    codings_of,
    content_type_of,
    for_people,
    http_date,
    max_age_of,
    retry_after_of,
    validators_of,
)
from aggregator.model import Validators

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR_LATER = 'Sun, 22 Nov 2026 09:00:00 GMT'
S = timedelta(seconds=1)


@pytest.mark.parametrize(
    ('headers', 'expected'),
    [
        ({}, None),
        ({'Cache-Control': 'max-age=600'}, 600),
        ({'cache-control': 'MAX-AGE=600'}, 600),
        ({'Cache-Control': 'public, max-age = "600" , must-revalidate'}, 600),
        ({'Cache-Control': 'max-age=600, max-age=60'}, 60),
        ({'Cache-Control': 'max-age=600, no-cache'}, 0),
        ({'Cache-Control': 'no-store'}, 0),
        ({'Cache-Control': 'no-cache="Set-Cookie", max-age=600'}, 600),
        ({'Cache-Control': 'ext="a, no-store, b", max-age=600'}, 600),
        ({'Cache-Control': 's-maxage=5, max-age=600'}, 600),
        ({'Cache-Control': 'x-max-age=5'}, None),
        ({'Cache-Control': 'max-age=0'}, 0),
        ({'Cache-Control': 'max-age=-1'}, None),
        ({'Cache-Control': 'max-age=soon, max-age'}, None),
        ({'Cache-Control': 'max-age=６０'}, None),
        ({'Cache-Control': 'max-age=' + '9' * 5000}, 2**31),
        ({'Cache-Control': 'max-age="600'}, None),
        ({'Cache-Control': 'private', 'Expires': HOUR_LATER}, 3600),
        ({'Cache-Control': 'max-age=1', 'Expires': HOUR_LATER}, 1),
        ({'Expires': HOUR_LATER, 'Date': 'Sun, 22 Nov 2026 08:59:00 GMT'}, 60),
        ({'Expires': HOUR_LATER, 'Date': 'yesterday'}, 3600),
        ({'Expires': 'Sunday, 22-Nov-26 09:00:00 GMT'}, 3600),
        ({'Expires': 'Sun Nov 22 09:00:00 2026'}, 3600),
        ({'Expires': 'Thu, 01 Jan 1970 00:00:00 GMT'}, 0),
        ({'Expires': '0'}, 0),
        ({'Expires': '-1'}, 0),
        ({'Expires': ''}, None),
    ],
)
def test_max_age(headers, expected):
    assert max_age_of(tuple(headers.items()), NOW) == (None if expected is None else expected * S)


def test_several_cache_control_headers_are_one():
    assert max_age_of((('Cache-Control', 'max-age=600'), ('Cache-Control', 'max-age=30')), NOW) == 30 * S


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('120', 120),
        (' 120 ', 120),
        ('0', 0),
        (HOUR_LATER, 3600),
        ('Sun, 22 Nov 2026 07:00:00 GMT', 0),
        ('9' * 5000, 2**31),
        ('-5', None),
        ('1.5', None),
        ('soon', None),
        ('', None),
        ('١٢', None),
        ('Sun, 99 Nov 2026 07:00:00 GMT', None),
        ('Sun, 22 Nov 99999 07:00:00 GMT', None),
        ('Fri, 31 Dec 9999 23:59:59 -2359', None),
    ],
)
def test_retry_after(value, expected):
    assert retry_after_of((('Retry-After', value),), NOW) == (None if expected is None else expected * S)


def test_a_date_without_a_zone_is_utc():
    assert http_date('Sun, 22 Nov 2026 09:00:00') == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert http_date('Sun, 22 Nov 2026 09:00:00 +0800') == datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('text/xml', ('text/xml', '')),
        ('Text/XML; Charset="GB2312"', ('text/xml', 'GB2312')),
        ("application/atom+xml;type=feed;charset='utf-8'", ('application/atom+xml', 'utf-8')),
        ('text/xml ; charset = gbk ; x', ('text/xml', 'gbk')),
        (' application/rss+xml', ('application/rss+xml', '')),
        ('text/xml; xcharset=a', ('text/xml', '')),
        ('text/xml; charset=', ('text/xml', '')),
        ('xml', ('', '')),
        ('text/xml, text/html', ('', '')),
        ('', ('', '')),
    ],
)
def test_content_type(value, expected):
    assert content_type_of((('Content-Type', value),)) == expected


@pytest.mark.parametrize('etag', ['"a"', 'W/"a"', 'a', '"ä\xff"', '"a b"', '""', "W/'x'", '"a", "b"'])
def test_validators_are_kept_byte_for_byte(etag):
    odd = 'sometime last week'
    assert validators_of((('eTag', etag), ('last-modified', odd), ('ETag', 'no'))) == Validators(etag, odd)


@pytest.mark.parametrize('bad', ['"\x00"', '"\x7f"', '"' + 'a' * 5000 + '"', 'a\nb'])
def test_validators_that_cannot_be_sent_back_are_left(bad):
    assert validators_of((('ETag', bad), ('Last-Modified', bad))) == Validators()


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('gzip', ('gzip',)),
        ('GZIP, identity', ('gzip',)),
        ('gzip, br', ('gzip', 'br')),
        ('utf-8', ()),
        (' , ', ()),
        ('aes', ('aes',)),
    ],
)
def test_codings(value, expected):
    assert codings_of((('Content-Encoding', value),)) == expected


def test_people_see_no_control_characters():
    assert for_people((('X\x1b', 'a\x00\x85b\u202e'),)) == (('X�', 'a��b�'),)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ['Cache-Control', 'Expires', 'Date', 'Retry-After', 'Content-Type', 'ETag', 'Content-Encoding']
            ),
            st.text(),
        )
    )
)
def test_nothing_raises_and_nothing_is_negative(pairs):
    headers = tuple(pairs)
    for value in (max_age_of(headers, NOW), retry_after_of(headers, NOW)):
        assert value is None or value >= timedelta(0)
    media_type, charset = content_type_of(headers)
    assert media_type.isascii()
    assert charset.isascii()
    validators_of(headers)
    codings_of(headers)


@given(st.text(alphabet='0123456789 ,:+-GMTSunNov', max_size=64))
def test_no_date_raises(text):
    at = http_date(text)
    assert at is None or at.tzinfo is UTC
