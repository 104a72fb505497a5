"""Addresses: one id for each identity, always an absolute IRI."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.addresses import document_path, feed_url, output_id

AUTHORITY = 'news.example.org,2026'
ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\x00-\x1f\x7f]+')


def made(identity, link='', guid='', source='s', authority=AUTHORITY):
    return output_id(identity, authority=authority, link=link, guid=guid, source=source)


@pytest.mark.parametrize(
    ('identity', 'said', 'wanted'),
    [
        ('code:NW202204122339013090', {}, 'tag:news.example.org,2026:NW202204122339013090'),
        ('code:A B%<号', {}, 'tag:news.example.org,2026:A%20B%25%3C%E5%8F%B7'),
        ('url:https://example.org/a', {'link': 'http://www.example.org/a?b=1'}, 'http://www.example.org/a?b=1'),
        ('url:https://example.org/a', {}, 'https://example.org/a'),
        ('url:x', {'link': 'http://[::1]:8/a|b?q={x}[1]&100%'}, 'http://[::1]:8/a%7Cb?q=%7Bx%7D%5B1%5D&100%25'),
        ('said:0a1b', {}, 'tag:news.example.org,2026:said-0a1b'),
    ],
)
def test_output_id(identity, said, wanted):
    assert made(identity, **said) == wanted


@pytest.mark.parametrize(
    'guid',
    ['http://example.org/?p=1', 'https://例え.jp/日', 'urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a', 'tag:blog.example,2020:post-1', 'yt:video:abc_1',
     'http://example.org/a#b', 'http://example.org/%E4'],
)  # fmt: skip
def test_a_guid_that_is_an_absolute_iri_stays(guid):
    assert made('guid:x', guid=guid) == guid


@pytest.mark.parametrize(
    'guid',
    ['', '17', 'post-1', '/a/1', 'http:a', 'http://', 'http://a b/', 'javascript:alert(1)', 'DATA:text/html,x', 'file:///etc/passwd', 'View-Source:https://a.example/', 'blob:https://a.example/1', 'urn:', 'a:b c', 'a:<x>', 'a:"', 'a:{1}', 'a:b|c',
     'a:b\\c', 'a:b^c', 'a:b`c', 'a:\x00', 'a:\u3000', 'a:\ufeff', 'a:\u202e', 'a:\ud800', 'a:%zz', 'a:b[1]', '题:1', '1a:b', ' urn:a:b', 'urn:a:b\n', 'a:' + 'x' * 3000,
     'a:' + '中' * 700, f'tag:{AUTHORITY}:NW202204122339013090', f'TAG:{AUTHORITY.upper()}:x'],
)  # fmt: skip
def test_any_other_guid_gets_a_tag(guid):
    assert re.fullmatch(rf'tag:{AUTHORITY}:guid-[0-9a-f]{{32}}', made('guid:x', guid=guid))


def test_a_guid_counts_inside_its_own_source():
    ids = [
        made('guid:x', guid=guid, source=source) for source, guid in (('a', '1'), ('b', '1'), ('a', '2'), ('a1', ''))
    ]
    assert len(set(ids)) == 4
    assert ids[0] == made('guid:another spelling', guid='1', source='a', link='http://x.example/')


@given(st.sampled_from(['code:', 'url:', 'guid:', 'said:', '', 'x:']), st.text(), st.text(), st.text())
def test_always_an_absolute_iri(kind, value, link, guid):
    for words in ({}, {'link': 'http://h.example/' + link}, {'guid': 'tag:' + guid}):
        said = {'link': link, 'guid': guid} | words
        assert ABSOLUTE.fullmatch(made(kind + value, **said))


@given(st.text(max_size=8), st.text(max_size=8))
def test_other_codes_have_other_ids(one, other):
    tidy = [text.encode('utf-8', 'replace').decode() for text in (one, other)]
    assert (made(f'code:{tidy[0]}') == made(f'code:{tidy[1]}')) is (tidy[0] == tidy[1])


def test_codes_guids_and_digests_do_not_meet():
    digest = made('guid:x', guid='1').rpartition(':')[2]
    assert made(f'code:{digest.upper()}') != made('guid:x', guid='1')
    assert made('code:SAID-0A') != made('said:0a')


def test_documents():
    assert document_path('', 'atom') == 'all.atom'
    assert document_path('zhengquanshibaowang', '.rss') == 'category/zhengquanshibaowang.rss'
    assert feed_url('https://news.example.org/', 'a', 'json') == 'https://news.example.org/category/a.json'
    assert feed_url('https://news.example.org/sub', '', 'html') == 'https://news.example.org/sub/all.html'


@pytest.mark.parametrize(
    ('guid', 'stands'),
    [
        ('tag:blog.example,2005:1', True),
        ('tag:me@blog.example,2005-06-07:a/b?c', True),
        ('tag:blog.example,2005-2006:1', False),
        ('tag:blog.example:1', False),
        ('tag:博客.example,2005:1', False),
    ],
)
def test_a_tag_stands_only_as_rfc_4151_has_it(guid, stands):
    made = output_id('guid:x', authority='news.example,2026', link='', guid=guid, source='a')
    assert (made == guid) is stands
