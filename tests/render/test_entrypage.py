"""The page of an entry: all that is known of it, nothing that a browser would fetch elsewhere, never too long."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from aggregator.model import CarrierView, Fault
from aggregator.parse.markup import clean_html
from aggregator.render import entrypage, paper
from aggregator.render.words import CHINESE

LOADS = re.compile(r'<(?:img|picture|source|video|audio|track|svg|iframe)\b', re.IGNORECASE)


def page_of(entry, view, site):
    body = entrypage.entry_page(entry, view, site)
    assert isinstance(body, bytes)
    assert len(body) < paper.PAGE_BYTES
    return html.fromstring(body.decode())


def test_all_that_is_known(entry, site, sources):
    entry = replace(
        entry,
        carriers=(
            *entry.carriers,
            CarrierView(source='乙报', url='javascript:alert(1)', guid='x', published_at=entry.published_at, own=False),
        ),
        replaces=('tag:news.example,2026:older',),
    )
    page = page_of(entry, sources[0], site)
    assert page.xpath('string(//h1)') == 'Q&A：深圳 < 上海？'
    assert page.xpath('string(//div[@class="e-content"])') == '正文粗'
    assert page.xpath('//a[contains(@class, "button")]/@href') == ['https://a.example/n/1.html?x=1&y=2']
    assert page.xpath('//a[@class="p-category"]/@href') == ['/category/jiabao.html', '/category/shuzijingji.html']
    assert page.xpath('//ul[@class="carriers"]//a[@class="name"]/@href') == [
        '/source?name=%E7%94%B2%E6%8A%A5',
        '/source?name=%E4%B9%99%E6%8A%A5',
    ]
    assert page.xpath('//ul[@class="carriers"]//a[@class="address"]/@href') == ['https://a.example/n/1.html']
    assert '转载' in page.xpath('string(//ul[@class="carriers"]/li[2])')
    assert page.xpath('//code/text()') == ['tag:news.example,2026:NW202204120000000001', 'tag:news.example,2026:older']
    assert '发布者的编号' in page.text_content()
    assert page.xpath('//main//time/@datetime')[:2] == ['2022-04-11T21:57:24Z', '2022-04-11T22:02:24Z']
    assert page.xpath('string(//p[@class="back"])') == '返回甲报新闻｜返回首页'
    assert page.xpath('//link[@rel="canonical"]/@href') == [
        'https://news.example/entry?id=tag:news.example,2026:NW202204120000000001'
    ]


@pytest.mark.parametrize(('content', 'said'), [('full', '正文粗'), ('summary', '摘要 & 要点'), ('link', '')])
def test_a_source_decides_how_much_is_shown(entry, site, sources, content, said):
    page = page_of(entry, replace(sources[0], content=content), site)
    assert page.xpath('string(//div[@class="e-content"])').strip() == said
    assert bool(page.xpath('//main//p[@class="none"]')) is (content == 'link')


@pytest.mark.parametrize(
    ('content', 'instead'),
    [
        ('<img src="https://t.example/a.png" alt="一图">', '图片：一图'),
        ('<img src="https://t.example/a.png">', '图片'),
        ('<img alt="a>b&quot;<script>" src="https://t.example/a.png">', '图片：a>b"<script>'),
        ('<video src="https://t.example/a.mp4" poster="https://t.example/p.png"></video>', '音视频'),
        ('<audio controls=""><source src="https://t.example/a.mp3"></audio>', '音视频'),
        ('<picture><source src="https://t.example/a.webp"><img src="https://t.example/a.png"></picture>', '音视频图片'),
        ('<img src="javascript:alert(1)">', ''),
        ('<img>', ''),
    ],
)
def test_what_would_be_loaded_becomes_a_link(entry, site, sources, content, instead):
    page = page_of(replace(entry, content=clean_html(content, '', 10_000) or content), sources[0], site)
    assert page.xpath('//img|//video|//audio|//source|//picture|//main//script') == []
    assert page.xpath('string(//div[@class="e-content"])').strip() == instead
    assert all(link.startswith('https://t.example/') for link in page.xpath('//a[@class="media"]/@href'))


PIECES = st.sampled_from(
    [
        '<img ',
        'src=',
        '"',
        "'",
        'https://t.example/',
        '>',
        '<',
        'x',
        ' ',
        'alt=',
        '</p>',
        '<p>',
        '<video ',
        '&lt;',
        '/',
        '=',
    ]
)


@given(st.lists(PIECES, max_size=40).map(''.join))
def test_nothing_that_is_clean_loads_anything(said):
    assert not LOADS.search(entrypage.without_loading(clean_html(said, '', 10_000), CHINESE))


@pytest.mark.parametrize('text', ['<p>' + '长' * 400 + '</p>', '长' * 400, '<b>' * 200 + '长' * 400 + '</b>' * 200])
def test_a_long_text_is_cut_between_paragraphs_and_says_so(entry, site, sources, text):
    page = page_of(replace(entry, content=text * 100), sources[0], site)
    assert 1000 < len(page.xpath('string(//div[@class="e-content"])')) < 16_000
    assert CHINESE.cut in page.text_content()


def test_many_carriers_are_not_all_shown(entry, site, sources):
    carriers = tuple(CarrierView(source=f's{n}', url='https://a.example/' + 'x' * 200, guid='') for n in range(3000))
    ids = tuple(f'tag:x,2026:{n}' + 'y' * 400 for n in range(1000))
    page_of(replace(entry, carriers=carriers, replaces=ids, content='<p>字</p>' * 5000), sources[0], site)


def test_an_entry_without_an_id_is_a_fault(entry, site):
    assert isinstance(entrypage.entry_page(replace(entry, id='no iri'), None, site), Fault)


def test_a_text_in_another_language_says_so(entry, site, sources):
    page = page_of(replace(entry, language='en', updated_at=entry.published_at - timedelta(1)), sources[0], site)
    assert page.xpath('//div[@class="e-content"]/@lang') == ['en']
    assert CHINESE.updated not in page.text_content()
