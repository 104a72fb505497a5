"""Links: the table of what compares equal, the laws that hold for any text, and who speaks for whom."""

import json

import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model import Source, UrlRules
from aggregator.rules.urls import (
    MAX_URL,
    TRACKING,
    Parts,
    canonical,
    host_of,
    opened,
    published_form,
    registrable,
    speaks_for,
)

PLAIN = UrlRules()
RULES = UrlRules(
    drop=('From', 'isappinstalled'),
    unwrap={'go.example.org/out': 'to', 'https://www.jump.example/': 'URL', 'port.example:8080/r/': 'u'},
)


@pytest.mark.parametrize(
    ('url', 'wanted'),
    [
        ('http://example.org', 'https://example.org/'),
        ('HTTP://EXAMPLE.org/A?b=C', 'https://example.org/A?b=C'),
        ('  http://example.org/a\n', 'https://example.org/a'),
        ('http://example.org:80/a', 'https://example.org/a'),
        ('https://example.org:443/a', 'https://example.org/a'),
        ('https://example.org:80/a', 'https://example.org/a'),
        ('http://example.org:8080/a', 'https://example.org:8080/a'),
        ('http://example.org/a#part', 'https://example.org/a'),
        ('http://example.org/a?', 'https://example.org/a'),
        ('http://example.org/a/?&&#', 'https://example.org/a/'),
        ('http://www.example.org/a', 'https://example.org/a'),
        ('http://m.example.org/a', 'https://example.org/a'),
        ('http://wap.example.org/a', 'https://example.org/a'),
        ('http://mobile.example.org/a', 'https://example.org/a'),
        ('http://www.m.example.org/a', 'https://example.org/a'),
        ('http://example.org./a', 'https://example.org/a'),
        ('http://www.com/', 'https://www.com/'),
        ('http://m.com/', 'https://m.com/'),
        ('http://www/a', 'https://www/a'),
        ('http://www.gov.cn/a', 'https://gov.cn/a'),
        ('http://m.github.io/a', 'https://m.github.io/a'),  # a person's site, not github's mobile twin
        ('http://ww.example.org/a', 'https://ww.example.org/a'),
        ('http://127.0.0.1:8000/a', 'https://127.0.0.1:8000/a'),
        ('http://0x7f.1/a', 'https://127.0.0.1/a'),
        ('http://[::1]:80/a', 'https://[::1]/a'),
        ('http://例え.jp/日?q=本', 'https://xn--r8jz45g.jp/%E6%97%A5?q=%E6%9C%AC'),
        ('http://example.org/a/../b/./c', 'https://example.org/b/c'),
        ('http://example.org/%7ea/%e4%2f', 'https://example.org/~a/%E4%2F'),
        ('http://example.org/100%', 'https://example.org/100%25'),
        ('http://example.org/%%341', 'https://example.org/%25%341'.replace('%34', '4')),
        ('http://example.org/a?b=2&a=1&a=', 'https://example.org/a?a=&a=1&b=2'),
        ('http://example.org/a?x', 'https://example.org/a?x'),
        ('http://user:secret@example.org/a', 'https://example.org/a'),
        ('http://example.org/a?utm_source=rss&id=7&UTM_Medium=feed&spm=a.b&fbclid=1', 'https://example.org/a?id=7'),
        ('http://example.org/a?WT.mc_id=3&vero_id=1&oly_enc_id=2&mkt_tok=4', 'https://example.org/a'),
        ('http://example.org/a?utm%5Fsource=rss', 'https://example.org/a'),
        ('http://example.org/a?from=x&id=1', 'https://example.org/a?from=x&id=1'),
        (
            'http://example.org/a?ref=1&source=2&cid=3&si=4&p=5&tag=6',
            'https://example.org/a?cid=3&p=5&ref=1&si=4&source=2&tag=6',
        ),
    ],
)
def test_canonical(url, wanted):
    assert canonical(url, PLAIN) == wanted


@pytest.mark.parametrize(
    'url',
    ['', 'x', '/a', '//example.org/a', 'ftp://example.org/', 'javascript:alert(1)', 'data:text/html,x', 'mailto:a@b.c',
     'http://', 'http://a b/', 'http://[::1/', 'http://h/\ud800', 'http://h:99999/', 'urn:isbn:1', 'http://h/' + 'a' * MAX_URL, 'http://' + 'm.' * 130 + 'com/'],
)  # fmt: skip
def test_no_link_is_empty(url):
    assert (canonical(url, RULES), published_form(url, RULES), opened(url, RULES), host_of(url)) == ('', '', None, '')


@pytest.mark.parametrize(
    ('url', 'wanted'),
    [
        ('HTTP://www.Example.org:80/a?b=2&utm_source=x&a=1#f', 'http://www.example.org/a?b=2&a=1'),
        ('https://m.example.org/%7Ea?from=timeline&isappinstalled=0', 'https://m.example.org/%7Ea'),
        ('http://example.org', 'http://example.org/'),
        ('http://u:p@example.org:81/a?x=&y', 'http://example.org:81/a?x=&y'),
        (
            'http://go.example.org/out?to=https%3A%2F%2Fnews.example%2Fa%3Fid%3D1%26utm_source%3Dx',
            'https://news.example/a?id=1',
        ),
    ],
)
def test_published_form_is_the_real_link(url, wanted):
    assert published_form(url, RULES) == wanted


@pytest.mark.parametrize(
    ('url', 'wanted'),
    [
        ('https://go.example.org/out?to=http%3A//www.a.example/1', 'https://a.example/1'),
        ('http://www.go.example.org:80/out/?x=1&TO=http%3A//a.example/1', 'https://a.example/1'),
        ('https://jump.example?url=https://a.example/1?p=2', 'https://a.example/1?p=2'),
        ('http://port.example:8080/r?u=http://a.example/', 'https://a.example/'),
        ('http://port.example/r?u=http://a.example/', 'https://port.example/r?u=http://a.example/'),
        (
            'https://go.example.org/other?to=http%3A//a.example/1',
            'https://go.example.org/other?to=http%3A//a.example/1',
        ),
        ('https://go.example.org/out?to=javascript:alert(1)', 'https://go.example.org/out?to=javascript:alert(1)'),
        ('https://go.example.org/out?to=&to=http://a.example/', 'https://a.example/'),
        ('https://go.example.org/out', 'https://go.example.org/out'),
        ('https://go.example.org/out?to=https%3A//jump.example/%3Furl%3Dhttp%253A//a.example/', 'https://a.example/'),
    ],
)
def test_known_wrappers_are_opened(url, wanted):
    assert canonical(url, RULES) == wanted


def test_wrapper_in_a_wrapper_without_end_is_no_link():
    wrapped = 'http://go.example.org/out?to='
    assert canonical(wrapped * 5 + 'http://a.example/', RULES) == 'https://a.example/'
    assert canonical(wrapped * 6 + 'http://a.example/', RULES) == ''
    assert published_form(wrapped * 6 + 'http://a.example/', RULES) == ''


def test_tracking_names_are_lower_case():
    assert {name.lower() for name in TRACKING} == TRACKING
    assert {'id', 'cid', 'ref', 'source', 'from', 'p', 'infocode', 'mid', 'sn', 'idx'}.isdisjoint(TRACKING)


PIECES = st.sampled_from(
    ['http://', 'https:', '//', '/', 'www.', 'm.', 'wap.', 'example.org', 'co.uk', ':80', ':443', ':8080', '?', '&', '=', '#', '%', '%2',
     '%34', '%7e', '%2E', '%2e%2E', '..', '.', 'to', 'to=', 'url=', 'from=1', 'utm_source=1', 'go.example.org/out?to=', 'jump.example/?url=',
     '@', '[::1]', '中', 'İ', '\\', ' ', '\t', '\ud800', '+', ';', 'a', '1', 'xn--', '%E4%B8', "'", '|', '`']
)  # fmt: skip
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map(''.join),
    st.lists(PIECES, max_size=14).map(lambda pieces: 'http://' + ''.join(pieces)),
    st.lists(PIECES, max_size=14).map(lambda pieces: 'http://www.example.org/' + ''.join(pieces)),
    st.lists(PIECES, max_size=14).map(lambda pieces: 'https://go.example.org/out?' + ''.join(pieces)),
)


@given(HOSTILE)
@example('http://h/%%341')
@example('http://go.example.org:443/out?to=http://a.example/')
@example('http://go.example.org/out?to=zz&to=http://x/')
@example('http://m.www..example.org/')
@example('http://h/' + '%' * 5000)
@example('http://h/' + '中' * 5000)
def test_canonical_twice_is_canonical_once(url):
    once = canonical(url, RULES)
    assert canonical(once, RULES) == once
    assert once == '' or once.startswith('https://')


@given(HOSTILE)
def test_published_form_compares_as_the_link_itself(url):
    published = published_form(url, RULES)
    assert canonical(published, RULES) == canonical(url, RULES)
    assert published_form(published, RULES) == published
    assert '#' not in published


@given(HOSTILE, st.sampled_from(['utm_source=rss', 'FBCLID=x', 'isappinstalled=0', 'wt.mc_id=1']))
def test_a_tracking_parameter_makes_no_difference(url, extra):
    plain = published_form(url, UrlRules(drop=RULES.drop))
    if plain and len(plain) < MAX_URL - 100:
        decorated = plain + ('&' if '?' in plain else '?') + extra
        assert canonical(decorated, RULES) == canonical(plain, RULES)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=8), max_size=3), st.tuples(st.text(max_size=8)), HOSTILE)
def test_no_rules_raise(unwrap, drop, url):
    rules = UrlRules(drop=drop, unwrap=unwrap)
    once = canonical(url, rules)
    assert canonical(once, rules) == once


# ------------------------------------------------ hosts


@pytest.mark.parametrize(
    ('host', 'wanted'),
    [
        ('news.example.org', 'example.org'),
        ('a.b.example.com.cn', 'example.com.cn'),
        ('com.cn', 'com.cn'),
        ('me.github.io', 'me.github.io'),
        ('127.0.0.1', '127.0.0.1'),
        ('[::1]', '[::1]'),
        ('localhost', 'localhost'),
        ('EXAMPLE.org.', 'example.org'),
        ('a..b', 'a..b'),
        ('', ''),
        ('x.unknown-ending', 'x.unknown-ending'),
    ],
)
def test_registrable(host, wanted):
    assert registrable(host) == wanted


@pytest.mark.parametrize(
    ('here', 'names', 'there', 'wanted'),
    [
        ('https://feeds.example.org/rss', (), 'http://www.example.org/a', True),
        ('https://example.org./rss', (), 'http://example.org/a', True),
        ('https://example.org/rss', (), 'http://example.org.evil.example/a', False),
        ('https://example.org/rss', (), 'http://notexample.org/a', False),
        ('https://example.org/rss', (), 'http://example.org@evil.example/', False),
        ('https://one.github.io/rss', (), 'https://two.github.io/a', False),
        ('https://a.com.cn/rss', (), 'https://b.com.cn/a', False),
        ('http://127.0.0.1:8001/rss', (), 'http://127.0.0.1:8001/a', True),
        ('http://127.0.0.1:8001/rss', (), 'http://127.0.0.1:8002/a', False),
        ('http://10.0.0.1/rss', (), 'http://11.0.0.1/a', False),
        ('http://localhost:1/rss', (), 'http://localhost:2/a', False),
        ('http://[::1]/rss', (), 'http://[::1]/a', True),
        ('https://agency.example/rss', ('example.org',), 'http://www.example.org/a', True),
        ('https://agency.example/rss', ('www.example.org',), 'http://example.org/a', False),
        ('https://agency.example/rss', ('*.Example.org', ''), 'http://a.example.org/a', True),
        ('https://agency.example/rss', ('例え.jp',), 'http://xn--r8jz45g.jp/a', True),
        ('/home/posts', ('example.org',), 'http://example.org/a', True),
        ('/home/posts', (), 'http://example.org/a', False),
        ('', (), '', False),
        ('https://example.org/rss', ('a b', '\ud800'), 'no link', False),
    ],
)
def test_speaks_for(here, names, there, wanted):
    assert speaks_for(Source(name='s', url=here, speaks_for=names), there) is wanted


@given(HOSTILE, HOSTILE, st.text(max_size=20))
def test_hosts_never_raise(here, there, name):
    assert speaks_for(Source(name='s', url=here, speaks_for=(name,)), there) in {True, False}
    assert registrable(registrable(name)) == registrable(name)
    assert '/' not in host_of(here)


@pytest.mark.shared
def test_links_of_one_article_are_one_link_in_the_corpus(shared):
    finews = shared / 'corpus' / 'finews'
    rules = UrlRules(drop=tuple(json.loads((finews / 'urls.json').read_text('utf-8'))['drop']))
    items = map(json.loads, (finews / 'truth' / 'items.jsonl').read_text('utf-8').splitlines())
    links = [(i['url'], i['key'].removeprefix('url:')) for i in items if i['url'] and i['key'].startswith('url:')]
    right = sum(canonical(url, rules) == canonical(wanted, rules) for url, wanted in links)
    assert len(links) > 100
    assert right >= 0.999 * len(links)
    wanted = {wanted for _, wanted in links}
    assert len({canonical(url, rules) for url in wanted}) == len(wanted)


PIECES = st.text(alphabet='ab:/?#@[]%\\.;&=+ 1中\t|{}é\ud800\x00', max_size=8)
HOSTS = st.one_of(
    PIECES, st.sampled_from(['a.example', '[::1]', '[::1]:8080', '1.2.3.4', '中国.cn', 'u:p@a.example:81'])
)


@given(
    st.sampled_from(['http://', 'HTTPS:/', 'https:', 'ftp://', '']),
    HOSTS,
    PIECES,
    st.sampled_from(['', '?', '#', '/?#']),
    PIECES,
)
def test_a_link_is_cut_where_browsers_cut_it(scheme, host, path, mark, rest):
    link = f'{scheme}{host}{path}{mark}{rest}'
    try:
        whole = ada_url.URL(link)
    except ValueError:
        assert opened(link, UrlRules()) is None
        return
    expected = Parts(whole.protocol[:-1], whole.hostname, whole.port, whole.pathname, whole.search[1:])
    assert opened(link, UrlRules()) == (expected if expected.scheme in {'http', 'https'} else None)


@given(
    st.from_regex(
        r'https?://([abxn-]{1,4}\.){0,4}(com|c|1|co1|xn--a)(/[a.;:%]{0,4}){0,3}(\?[a=&%/?]{0,4})?(#[a/?]{0,3})?',
        fullmatch=True,
    )
)
def test_a_plain_link_is_cut_where_browsers_cut_it(link):
    try:
        whole = ada_url.URL(link)
    except ValueError:
        assert opened(link, UrlRules()) is None
        return
    cut = Parts(whole.protocol[:-1], whole.hostname, whole.port, whole.pathname, whole.search[1:])
    assert opened(link, UrlRules()) == cut
