"""The page of a search: words are marked, the query is text and nothing else, and the same is there as a feed."""

from dataclasses import replace

import pytest
from lxml import etree, html

from aggregator.model import Feed
from aggregator.render import paper, searchpage
from aggregator.render.formats import FORMATS

EVIL = [
    '"><script>alert(1)</script>',
    "' OR 1=1 --",
    '\u202eabc',
    '{{ 7*7 }}',
    '&amp;',
    '%00',
    '<mark>',
    '.*(a+)+$',
    '题' * 100,
]


def page_of(body):
    assert len(body) < paper.PAGE_BYTES
    return html.fromstring(body.decode())


def test_what_is_found_is_marked(site, entry):
    found = replace(
        entry, title='深圳数字经济', content='<p>' + '前' * 100 + '数字<b>经济</b>，经济' + '后' * 300 + '</p>'
    )
    page = page_of(searchpage.search_page(site, '数字 经济', [found]))
    assert page.xpath('//h2//mark/text()') == ['数字', '经济']
    said = page.xpath('string(//p[@class="e-content"])')
    assert said.startswith('…前')
    assert said.endswith('后…')
    assert page.xpath('//p[@class="e-content"]/mark/text()') == ['数字', '经济', '经济']
    assert page.xpath('//input[@name="q"]/@value') == ['数字 经济']
    assert page.xpath('string(//title)') == '搜索：数字 经济 – 财经新闻'


def test_a_search_is_announced_as_a_feed(site, entry):
    page = page_of(searchpage.search_page(site, '数字经济', [entry]))
    query = '%E6%95%B0%E5%AD%97%E7%BB%8F%E6%B5%8E'
    assert page.xpath('//link[@rel="alternate"]/@href') == [
        f'https://news.example/search.{suffix}?q={query}' for suffix in ('atom', 'rss', 'json')
    ]
    assert page.xpath('//span[@class="buttons"]/a/@href')[0] == f'/search.atom?q={query}'


@pytest.mark.parametrize('noindex', [True, False])
def test_no_search_engine_is_led_into_searches(site, noindex):
    page = page_of(searchpage.search_page(replace(site, noindex=noindex), 'x', []))
    assert page.xpath('//meta[@name="robots"]/@content') == ['noindex']


@pytest.mark.parametrize('query', EVIL)
def test_a_query_is_text(site, entry, query):
    page = page_of(searchpage.search_page(site, query, [replace(entry, title=query), entry], more=True))
    assert len(page.xpath('//script')) == 1
    assert page.xpath('//input[@name="q"]/@value') == [query]
    assert page.xpath('string(//h1/q)') == query
    assert page.xpath('//b|//*[@onerror]') == []


def test_pages_lead_both_ways(site, entry):
    page = page_of(searchpage.search_page(site, '深圳', [entry], number=3, more=True))
    assert page.xpath('//nav[@class="turn"]/a/@href') == [
        '/search?q=%E6%B7%B1%E5%9C%B3&page=2',
        '/search?q=%E6%B7%B1%E5%9C%B3&page=4',
    ]


@pytest.mark.parametrize(
    ('query', 'refused', 'said'), [('', False, '输入词语'), ('x' * 100, True, '太长'), ('无', False, '没有找到')]
)
def test_nothing_to_show_is_explained(site, query, refused, said):
    page = page_of(searchpage.search_page(site, query, [], refused=refused))
    assert said in page.xpath('string(//p[@class="lead"])')
    assert bool(page.xpath('//span[@class="buttons"]')) is (bool(query) and not refused)


def test_many_long_results_fit(site, entry):
    found = [
        replace(entry, id=f'urn:x:{n}', title='题' * 500, link='https://a.example/' + 'x' * 2000) for n in range(100)
    ]
    assert len(page_of(searchpage.search_page(site, '题', found)).xpath('//article')) > 5


@pytest.mark.parametrize('suffix', ['atom', 'rss', 'json'])
def test_the_feed_of_a_search_has_the_address_of_the_question(feed, suffix):
    asked: Feed = replace(feed, slug='', query='数字 经济', hubs=())
    body = FORMATS[suffix].render(asked)
    own = f'https://news.example/search.{suffix}?q=%E6%95%B0%E5%AD%97%20%E7%BB%8F%E6%B5%8E'
    page = 'https://news.example/search?q=%E6%95%B0%E5%AD%97%20%E7%BB%8F%E6%B5%8E'
    assert own.encode() in body
    assert page.encode() in body
    assert b'all.' + suffix.encode() not in body
    if suffix == 'atom':
        assert etree.fromstring(body).findtext('{*}id') == own
