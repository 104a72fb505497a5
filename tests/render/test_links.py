"""Which links may stand in a document, and where our own are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Site
from aggregator.render.links import (
    document_url,
    foreign_iri,
    iri,
    is_slug,
    language_tag,
    media_type,
    page_url,
    root_of,
    web,
)


@pytest.mark.parametrize(
    ('url', 'expected'),
    [
        ('https://a.example/n?x=1&y=%20#f', 'https://a.example/n?x=1&y=%20#f'),
        (' http://a.example/ ', 'http://a.example/'),
        ('http://a.example/深 圳"<', 'http://a.example/%E6%B7%B1%20%E5%9C%B3%22%3C'),
        ('http://例子.example/', 'http://xn--fsqu00a.example/'),
        ('http://me:secret@a.example/', 'http://a.example/'),
        ('http://[::1]:8000/x', 'http://[::1]:8000/x'),
        ('javascript:alert(1)', ''),
        ('JaVaScRiPt://a.example/%0aalert(1)', ''),
        ('data:text/html,x', ''),
        ('ftp://a.example/', ''),
        ('//a.example/', ''),
        ('/relative', ''),
        ('http://', ''),
        ('http://[', ''),
        ('http://a.example:x/', ''),
        ('http://' + '例' * 100, ''),
        ('http://a"b.example/', ''),
        ('', ''),
    ],
)
def test_web(url, expected):
    assert web(url) == expected


@given(st.text(st.characters()) | st.text(st.characters()).map('http://a.example/{}'.format))
def test_web_gives_a_plain_url_or_nothing_and_stays(url):
    found = web(url)
    assert found == '' or (found.isascii() and found.startswith('http') and not set(found) & set(' <>"\n'))
    assert web(found) == found


@pytest.mark.parametrize(
    ('text', 'good'),
    [
        ('tag:a.example,2026:X', True),
        ('https://a.example/深', True),
        ('urn:x:y', True),
        ('x', False),
        ('a b:c', False),
        ('a:', False),
    ],
)
def test_iri(text, good):
    assert iri(text) == (text if good else '')


@pytest.mark.parametrize(
    ('text', 'good'),
    [
        ('tag:a.example,2026:X', True),
        ('urn:x:y', True),
        ('yt:video:1', True),
        ('javascript:alert(1)', False),
        ('JavaScript:alert(1)', False),
        ('data:text/html,x', False),
        ('file:///etc/passwd', False),
        ('x', False),
    ],
)
def test_an_id_that_others_chose_names_and_does_not_run(text, good):
    assert foreign_iri(text) == (text if good else '')


@pytest.mark.parametrize(
    ('slug', 'good'),
    [
        ('jiabao', True),
        ('TechWeb', True),
        ('a-b_2.c', True),
        ('..', False),
        ('../x', False),
        ('a/b', False),
        ('.x', False),
        ('', False),
        ('a\n', False),
    ],
)
def test_is_slug(slug, good):
    assert is_slug(slug) is good


def test_types_and_languages_are_checked():
    assert media_type('audio/mpeg') == 'audio/mpeg'
    assert media_type('a"b/c') == 'application/octet-stream'
    assert [language_tag(tag) for tag in ('zh-Hans-CN', 'en', 'not a tag', '')] == ['zh-Hans-CN', 'en', '', '']


def test_our_own_addresses():
    site = Site(url='https://a.example/news/')
    assert document_url(site, 'x', 'atom') == 'https://a.example/news/category/x.atom'
    assert document_url(site, '', 'rss') == 'https://a.example/news/all.rss'
    assert (page_url(site, 'x'), page_url(site, '')) == (
        'https://a.example/news/category/x.html',
        'https://a.example/news/',
    )
    assert root_of(site) == '/news/'
