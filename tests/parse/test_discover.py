"""Feeds behind a page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Received
from aggregator.parse import Found, feeds_in, well_known

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
URL = 'https://www.example/news/index.html'
RSS, ATOM, JSON = 'application/rss+xml', 'application/atom+xml', 'application/feed+json'


def found(html):
    return feeds_in(Received(URL, html if isinstance(html, bytes) else html.encode(), NOW))


@pytest.mark.parametrize(
    ('html', 'feeds'),
    [
        (
            f'<link rel=alternate type={RSS} title="A &amp; B" href=/rss>',
            [Found('https://www.example/rss', 'A & B', RSS)],
        ),
        (
            f'<link rel="ALTERNATE home" type="{ATOM}; charset=utf-8" href=a.xml>',
            [Found('https://www.example/news/a.xml', '', ATOM)],
        ),
        (f'<link rel=alternate type={JSON} href=//j.example/feed>', [Found('https://j.example/feed', '', JSON)]),
        (f'<base href=/x/><link rel=alternate type={RSS} href=y>', [Found('https://www.example/x/y', '', RSS)]),
        ('<link rel=alternate type=text/xml href=/feed.xml>', [Found('https://www.example/feed.xml', '', 'text/xml')]),
        ('<link rel=alternate type=application/json href=/wp-json/posts/1>', []),
        (f'<link rel=stylesheet type={RSS} href=/rss>', []),
        ('<link rel=alternate hreflang=en href=/en>', []),
        (f'<link rel=alternate type={RSS} href="javascript:x">', []),
        (f'<link rel=alternate type={RSS}>', []),
        ('<a href=/rss.xml><b>RSS</b> 订阅</a>', [Found('https://www.example/rss.xml', 'RSS 订阅')]),
        ('<a href="/?feed=rss2">x</a>', [Found('https://www.example/?feed=rss2', 'x')]),
        (
            '<a href=feed/>x</a><a href=news.atom>y</a>',
            [Found('https://www.example/news/feed/', 'x'), Found('https://www.example/news/news.atom', 'y')],
        ),
        (
            '<a href=/newsfeed>x</a><a href=/sitemap.xml>y</a><a href=/rss-explained.html>z</a><a href="http://[">a</a>',
            [],
        ),
        (
            f'<a href=/rss>a</a><link rel=alternate type={RSS} href=/rss title=b>',
            [Found('https://www.example/rss', 'b', RSS)],
        ),
        ('<!-- <a href=/rss>x</a> -->', []),
        ('', []),
        ('<div>' * 5000, []),
        ('{"a": 1}', []),
        (
            f'<meta charset=gbk><link rel=alternate type={RSS} href=/rss title=新闻>'.encode('gbk'),
            [Found('https://www.example/rss', '新闻', RSS)],
        ),
    ],
)
def test_feeds_in_a_page(html, feeds):
    assert list(found(html)) == feeds


def test_no_more_than_twenty():
    assert len(found(''.join(f'<a href=/{n}/rss>x</a>' for n in range(99)))) == 20


def test_a_page_is_not_its_own_feed():
    assert feeds_in(Received('https://x.example/rss', b'<a href=/rss>x</a>', NOW)) == ()


@given(st.binary(max_size=200) | st.text(alphabet='<link rel=alternate href="/>:[]a', max_size=200).map(str.encode))
def test_never_raises(body):
    assert isinstance(found(body), tuple)


def test_usual_addresses():
    addresses = well_known(URL)
    assert addresses[0] == 'https://www.example/feed'
    assert addresses[-1] == 'https://www.example/?feed=rss2'
    assert len(set(addresses)) == 9
    assert well_known('ftp://x.example/') == well_known('') == well_known('http://[') == ()
