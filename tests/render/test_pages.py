"""Pages: whole, escaped, small, and without anything that a browser would fetch elsewhere."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from aggregator.model import CategoryState, SourceView
from aggregator.render import pages

FETCHES = '//img|//script|//iframe|//video|//audio|//source|//object|//embed|//style|//@style|//@onclick'


def page_of(body):
    return html.fromstring(body.decode())


def test_the_whole_page_of_a_category(feed, golden):
    assert pages.category_page(feed).decode() == golden('category.html')


def test_the_whole_front_page(site, categories, sources, entry, golden):
    assert pages.index_page(site, categories, sources, [entry]).decode() == golden('index.html')


def test_the_front_page_stays_small(site, entry):
    many = [
        CategoryState(
            label='类' * 90, slug=f'{"s" * 60}{n}', title='', newest_at=entry.updated_at, newest_title='题' * 500
        )
        for n in range(3000)
    ]
    sources = [SourceView(name='源' * 200, url='', state='failing', error='错' * 900) for _ in range(3000)]
    long = [
        replace(entry, id=f'urn:x:{n}', title='题' * 500, link='https://a.example/' + 'x' * 2000) for n in range(300)
    ]
    body = pages.index_page(site, many, sources, long)
    assert 20_000 < len(body) < pages.INDEX_BYTES
    assert '3000 个来源' in body.decode()
    assert '另有 29' in body.decode()


def test_a_hundred_usual_categories_fit_the_front_page(site, sources, at):
    usual = [
        CategoryState(
            label='证券时报网新闻', slug=f'zhengquan{n}', title='', entries=9, newest_at=at, newest_title='题' * 30
        )
        for n in range(100)
    ]
    body = pages.index_page(site, usual, sources, [])
    assert all(f'zhengquan{n}.html' in body.decode() for n in range(100))


def test_an_empty_site_has_a_front_page(site):
    assert '还没有内容' in pages.index_page(site, [], [], []).decode()


@pytest.mark.parametrize('noindex', [True, False])
def test_noindex_is_the_sites_choice(feed, site, noindex):
    found = page_of(pages.category_page(replace(feed, site=replace(site, noindex=noindex)))).xpath(
        '//meta[@name="robots"]/@content'
    )
    assert found == (['noindex'] if noindex else [])


def test_this_categorys_feeds_are_announced_first(feed):
    links = page_of(pages.category_page(feed)).xpath('//link[@rel="alternate"]')
    assert [link.get('href') for link in links][:3] == [
        f'https://news.example/category/jiabao.{s}' for s in ('atom', 'rss', 'json')
    ]
    assert {link.get('type') for link in links} == {
        'application/atom+xml',
        'application/rss+xml',
        'application/feed+json',
    }


@pytest.mark.parametrize(
    'content',
    [
        '<p>x<img src="https://t.example/p.gif"></p>',
        '<p style="background:url(//t.example)">x</p>',
        '<video src="https://t.example"></video>x',
    ],
)
def test_a_text_that_loads_something_is_shown_as_plain_text(feed_of, content):
    body = pages.category_page(feed_of(content=content, summary=''))
    assert b't.example' not in body
    assert page_of(body).xpath('string(//div[@class="e-content"])').strip() == 'x'


def test_long_texts_are_cut(feed_of):
    body = pages.category_page(feed_of(content='<p>' + '长' * 2000 + '</p>', summary=''))
    assert len(page_of(body).xpath('string(//div[@class="e-content"])')) < 250


def test_everything_else_is_escaped(feed_of, site, entry):
    evil = '"><script>alert(1)</script>\u202e'
    feed = replace(feed_of(title=evil, publisher=evil, labels=(evil, evil)), title=evil, site=replace(site, title=evil))
    bodies = [
        pages.category_page(feed),
        pages.index_page(
            feed.site,
            [CategoryState(label=evil, slug=evil, title=evil, newest_at=entry.updated_at, newest_title=evil)],
            [SourceView(name=evil, url='', state='failing', error=evil)],
            feed.entries,
        ),
        pages.not_found_page(feed.site, [CategoryState(label=evil, slug='x', title=evil)]),
        pages.about_page(feed.site, evil, evil, evil),
    ]
    for body in bodies:
        assert page_of(body).xpath(FETCHES) == []
        assert b'<script' not in body


def test_titles_and_names_are_isolated_from_the_direction_of_the_line(feed_of):
    page = page_of(pages.category_page(feed_of(title='\u202eabc', publisher='\u202edef')))
    assert [one.text for one in page.xpath('//article//bdi')][:2] == ['\u202eabc', '\u202edef']


def test_links_of_entries_are_web_links(feed_of):
    page = page_of(pages.category_page(feed_of(link='javascript:alert(1)')))
    assert page.xpath('//a[starts-with(@href, "javascript")]') == []


def test_days_follow_the_zone_of_the_site(feed, site):
    there = page_of(pages.category_page(replace(feed, site=replace(site, timezone='America/New_York'))))
    assert there.xpath('//h2/time/@datetime') == ['2022-04-11', '2022-04-10']
    assert there.xpath('//article//time/@datetime')[0] == '2022-04-11T21:57:24Z'


def test_an_unknown_zone_is_utc(feed, site):
    page = page_of(pages.category_page(replace(feed, site=replace(site, timezone='Mars/../Base'))))
    assert page.xpath('//h2/time/@datetime') == ['2022-04-11', '2022-04-10']


def test_english_pages(feed, site):
    body = pages.category_page(replace(feed, site=replace(site, language='en-GB'))).decode()
    assert '<html lang="en-GB">' in body
    assert 'Source: <a' in body
    assert '来源' not in body.replace('甲报', '')


def test_under_a_path_all_links_stay_below_it(feed, site):
    page = page_of(pages.category_page(replace(feed, site=replace(site, url='https://a.example/news/'))))
    assert {link for link in page.xpath('//a/@href') if link.startswith('/') and not link.startswith('/news/')} == set()


def test_the_other_pages(site, categories):
    missing = page_of(pages.not_found_page(site, categories))
    assert missing.xpath('//main//a/@href') == [f'/category/{one.slug}.html' for one in categories]
    about = page_of(pages.about_page(site, '1.2.3', 'ops@news.example', 'aggregator/1.2.3'))
    assert about.xpath('//dd//text()') == ['ops@news.example', 'aggregator/1.2.3', '1.2.3']
    assert about.xpath('//dd/a/@href') == ['mailto:ops@news.example']
    assert page_of(pages.about_page(site, '1', 'javascript:alert(1)')).xpath('//dd/a') == []


def test_the_newest_category_and_the_failing_source_stand_first(site, categories, sources):
    page = page_of(pages.index_page(site, categories, sources, []))
    assert page.xpath('//ul[@class="categories"]/li/a/@href') == [
        f'/category/{s}.html' for s in ('jiabao', 'shuzijingji', 'kong')
    ]
    assert page.xpath('//ul[@class="sources"]/li/@class') == ['failing', 'new', 'ok']


# ---------------------------------------------------------------- the style sheet


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_have_the_contrast_of_wcag_aa_in_both_schemes():
    css = pages.style_document().body.decode()
    schemes = [
        dict(re.findall(r'--(\w+): (#[0-9a-f]{6});', block)) for block in re.findall(r':root \{(.*?)\}', css, re.DOTALL)
    ]
    assert len(schemes) == 2
    for scheme in schemes:
        for ground in ('paper', 'card'):
            for ink in ('ink', 'quiet', 'link', 'good', 'warn', 'bad'):
                low, high = sorted((luminance(scheme[ground]), luminance(scheme[ink])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ground, ink)


def test_the_style_sheet_fetches_nothing():
    document = pages.style_document()
    assert document.path == 'style.css'
    assert not re.search(rb'url\(|@import|https?:', document.body)


def test_equal_state_gives_equal_bytes(site, categories, sources, entry, feed):
    later = timedelta(days=1)  # of a poll that brought nothing
    polled = [replace(one, last_poll_at=entry.updated_at + later) for one in sources]
    assert pages.index_page(site, categories, sources, [entry]) == pages.index_page(
        site, categories[::-1], polled, [entry]
    )
    assert pages.category_page(feed) == pages.category_page(feed)
