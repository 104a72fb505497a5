"""The quick way to read a URL says what the slow one says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.failure import Failure
from aggregator.fetch.target import _PLAIN, read_any_target, read_target, redirected

PLAIN = [
    'http://example.org/',
    'https://www.example.org/feed.xml',
    'http://127.0.0.1:8000/f/1.xml?a=b&c=d',
    'https://a-b.c/x/?q=/../a',
    "https://example.org:65535/a.b/~c/(d)/e,f;g='h'!$*+@:/",
]
NOT_PLAIN = [
    'HTTP://example.org/',
    'http://Example.org/',
    'http://example.org',
    'http://me:secret@example.org/',
    'http://example.org/a/../b',
    'http://example.org/./b',
    'http://example.org/%e4',
    'http://example.org/财经',
    'http://example.org/#a',
    'http://example.org:99999/',
    'http://[::1]/',
    'http://例.org/',
    'http://-a.org/',
    'http://a..b/',
    'http://a_b.org/',
]


def read(how, url):
    try:
        return how(url)
    except Failure as failure:
        return str(failure)


@pytest.mark.parametrize('url', PLAIN)
def test_plain(url):
    assert _PLAIN.fullmatch(url)
    assert read_target(url) == read_any_target(url)


@pytest.mark.parametrize('url', NOT_PLAIN)
def test_not_plain(url):
    assert read(read_target, url) == read(read_any_target, url)


@given(
    st.from_regex(_PLAIN, fullmatch=True)
    | st.lists(
        st.sampled_from(['http://', 'a', '.', '/', ':', '80', '?', '@', '..', '%41', '-', '#', ' ', 'é']), max_size=9
    ).map(''.join)
)
def test_both_ways_agree(url):
    assert read(read_target, url) == read(read_any_target, url)


@pytest.mark.parametrize(
    ('location', 'url'),
    [
        ('/b\x1fc\x7f', 'https://a.example/b%1Fc%7F'),
        ('/b\ufffe\ufdd0', 'https://a.example/b%EF%BF%BE%EF%B7%90'),
        ('https://user:word@b.example/', 'https://b.example/'),
    ],
)
def test_what_is_no_letter_is_encoded_and_nobody_is_logged_in(location, url):
    assert redirected(read_target('https://a.example/feed'), location).url == url
