"""Conditions, codings and hosts, as tables after RFC 9110 and 9112; and no bytes that make any of them raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.serve.negotiation import codings, host_is_sane, http_date, verdict

ETAG = b'"abc-gz"'
AT = 784111777
DATE = b'Sun, 06 Nov 1994 08:49:37 GMT'
LATER, EARLIER = b'Sun, 06 Nov 1994 08:49:38 GMT', b'Sun, 06 Nov 1994 08:49:36 GMT'


@pytest.mark.parametrize(
    ('field', 'best_first'),
    [
        (None, 'identity'),
        (b'', 'identity'),
        (b'gzip', 'gzip identity'),
        (b'GZIP', 'gzip identity'),
        (b'x-gzip', 'gzip identity'),
        (b'gzip, deflate, br', 'br gzip identity'),
        (b'gzip, deflate, br, zstd', 'br gzip identity'),
        (b'gzip;q=1.0, br;q=0.5', 'gzip br identity'),
        (b'gzip ; q = 0.8 , br ;q=0.9', 'br gzip identity'),
        (b'gzip;q=0', 'identity'),
        (b'gzip;q=0.000, br', 'br identity'),
        (b'gzip;q=0, *', 'br identity'),
        (b'*', 'br gzip identity'),
        (b'*;q=0', 'identity'),
        (b'*;q=0.1, gzip;q=0', 'br identity'),
        (b'identity', 'identity'),
        (b'identity;q=1, *;q=0', 'identity'),
        (b'identity;q=1, gzip;q=0.5', 'identity gzip'),
        (b'identity;q=0.5, gzip;q=1.0', 'gzip identity'),
        (b'identity;q=0, gzip', 'gzip identity'),
        (b'identity;q=0', 'identity'),
        (b'gzip;q=2', 'identity'),
        (b'gzip;q=-1', 'identity'),
        (b'gzip;q=nan', 'identity'),
        (b'gzip;level=9', 'identity'),
        (b'deflate', 'identity'),
        (b',,gzip,,', 'gzip identity'),
        (b'\xff\xfe', 'identity'),
        (b'x,' * 40 + b'gzip', 'identity'),
        (b'gzip' + b' ' * 300, 'gzip identity'),
    ],
)
def test_codings(field, best_first):
    assert ' '.join(codings(field)) == best_first


@pytest.mark.parametrize(
    ('asked', 'status'),
    [
        ({}, 200),
        ({b'if-none-match': ETAG}, 304),
        ({b'if-none-match': b'W/' + ETAG}, 304),
        ({b'if-none-match': b'"x", ' + ETAG}, 304),
        ({b'if-none-match': b'"x",' + ETAG + b' , W/"y"'}, 304),
        ({b'if-none-match': b'*'}, 304),
        ({b'if-none-match': b' * '}, 304),
        ({b'if-none-match': b'"other"'}, 200),
        ({b'if-none-match': b'"abc"'}, 200),
        ({b'if-none-match': b'abc-gz'}, 200),
        ({b'if-none-match': b'"xabc-gz"'}, 200),
        ({b'if-none-match': b''}, 200),
        ({b'if-none-match': b'"'}, 200),
        ({b'if-modified-since': DATE}, 304),
        ({b'if-modified-since': LATER}, 304),
        ({b'if-modified-since': EARLIER}, 200),
        ({b'if-modified-since': b'Sat, 01 Jan 2000 00:00:00 GMT'}, 304),
        ({b'if-modified-since': b'Sunday, 06-Nov-94 08:49:37 GMT'}, 304),
        ({b'if-modified-since': b'Sun Nov  6 08:49:37 1994'}, 304),
        ({b'if-modified-since': b'not a date'}, 200),
        ({b'if-modified-since': b''}, 200),
        ({b'if-modified-since': DATE + b', ' + DATE}, 200),
        ({b'if-modified-since': b'Sun, 06 Nov 99999 08:49:37 GMT'}, 200),
        ({b'if-none-match': b'"other"', b'if-modified-since': LATER}, 200),
        ({b'if-none-match': b'', b'if-modified-since': LATER}, 200),
        ({b'if-none-match': ETAG, b'if-modified-since': EARLIER}, 304),
        ({b'if-match': ETAG}, 200),
        ({b'if-match': b'*'}, 200),
        ({b'if-match': b'"x", ' + ETAG}, 200),
        ({b'if-match': b'W/' + ETAG}, 412),
        ({b'if-match': b'"other"'}, 412),
        ({b'if-match': b'"other"', b'if-none-match': ETAG}, 412),
        ({b'if-match': ETAG, b'if-none-match': ETAG}, 304),
        ({b'if-unmodified-since': EARLIER}, 412),
        ({b'if-unmodified-since': DATE}, 200),
        ({b'if-unmodified-since': b'rubbish'}, 200),
        ({b'if-match': ETAG, b'if-unmodified-since': EARLIER}, 200),
    ],
)
def test_conditions(asked, status):
    assert verdict(asked, ETAG, AT) == status


@pytest.mark.parametrize(
    ('asked', 'version', 'sane'),
    [
        ({b'host': b'example.org'}, '1.1', True),
        ({b'host': b'127.0.0.1:8000'}, '1.1', True),
        ({b'host': b'[::1]:8000'}, '1.1', True),
        ({b'host': b''}, '1.1', True),
        ({}, '1.1', False),
        ({}, '1.0', True),
        ({b'host': b'a, b'}, '1.1', False),
        ({b'host': b'a/b'}, '1.1', False),
        ({b'host': b'user@a'}, '1.1', False),
        ({b'host': b'a b'}, '1.0', False),
        ({b'host': b'a\n'}, '1.1', False),
        ({b'host': b'"><script>'}, '1.1', False),
        ({b'host': b'\xff'}, '1.1', False),
    ],
)
def test_hosts(asked, version, sane):
    assert host_is_sane(asked, version) is sane


pieces = st.lists(
    st.sampled_from([b'"', b'W/', b'a', b',', b' ', b'*', b';q=', b'0.5', b'gzip', b'GMT', b'\xff', b'-1', b'1e9'])
).map(b''.join) | st.binary(max_size=200)


@given(pieces)
def test_no_bytes_raise(value):
    ranked = codings(value)
    assert len(set(ranked)) == len(ranked)
    assert 'identity' in ranked
    names = (b'if-match', b'if-none-match', b'if-modified-since', b'if-unmodified-since', b'host')
    for name in names:
        assert verdict({name: value}, ETAG, AT) in (200, 304, 412)
        host_is_sane({name: value}, '1.1')


@given(st.text(alphabet='Sun, 06Nov-199408:49:37GMT+', max_size=40))
def test_no_date_raises(text):
    at = http_date(text.encode())
    assert at is None or isinstance(at, int)


def test_long_fields_take_linear_time():
    """A quadratic reading of 32 KB would take minutes."""
    for value in (b'"' * 32_768, b'W/"' * 10_000, b'"a' * 16_000, b',' * 32_768, b'"a", ' * 6_000):
        verdict({b'if-none-match': value}, ETAG, AT)
        verdict({b'if-match': value}, ETAG, AT)
        codings(value)
