"""Pages that are files: whole, escaped, small, and without anything that a browser would fetch elsewhere."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from lxml import html

from aggregator.model import CategoryState, Installation, Pulse, Retention, SourceView
from aggregator.render import aboutpage, front, pages, paper

# The one script is our own; anything else would run or fetch what somebody else wrote.
FETCHES = '//img|//script[not(@src="/copy.js")]|//script[text()]|//iframe|//video|//audio|//source|//object|//embed|//style|//@style|//@onclick'


def page_of(body):
    return html.fromstring(body.decode())


def test_the_whole_page_of_a_category(feed, golden):
    assert pages.category_page(feed).decode() == golden('category.html')


def test_the_whole_front_page(site, categories, sources, feed_of, golden):
    assert front.index_page(site, categories, sources, front.newest_rows(feed_of())).decode() == golden('index.html')


def test_the_front_page_stays_small(site, entry, feed):
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
    body = front.index_page(site, many, sources, front.newest_rows(replace(feed, entries=long)))
    assert 20_000 < len(body) < paper.PAGE_BYTES
    assert '3,000 个来源' in body.decode()
    assert '另有 2,9' in body.decode()


def test_a_hundred_usual_categories_fit_the_front_page(site, sources, at):
    usual = [
        CategoryState(label='证券时报网新闻', slug=f'zhengquan{n}', title='', newest_at=at, newest_title='题' * 30)
        for n in range(100)
    ]
    body = front.index_page(site, usual, sources, [])
    assert all(f'zhengquan{n}.html' in body.decode() for n in range(100))


def test_an_empty_site_has_a_front_page(site):
    assert '还没有内容' in front.index_page(site, [], [], []).decode()


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
        front.index_page(
            feed.site,
            [CategoryState(label=evil, slug=evil, title=evil, newest_at=entry.updated_at, newest_title=evil)],
            [SourceView(name=evil, url='', state='failing', error=evil)],
            front.newest_rows(feed),
        ),
        pages.not_found_page(feed.site, [CategoryState(label=evil, slug='x', title=evil)]),
        aboutpage.about_page(feed.site, evil, evil, evil),
    ]
    for body in bodies:
        assert page_of(body).xpath(FETCHES) == []
        assert body.count(b'<script') == 1


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
    assert missing.xpath('//main//li/a/@href') == [f'/category/{one.slug}.html' for one in categories]
    about = page_of(aboutpage.about_page(site, '1.2.3', 'ops@news.example', 'aggregator/1.2.3'))
    assert about.xpath('//dd//text()')[:3] == ['aggregator/1.2.3', 'ops@news.example', 'aggregator 1.2.3']
    assert about.xpath('//dd/a/@href') == ['mailto:ops@news.example']
    assert page_of(aboutpage.about_page(site, '1', 'javascript:alert(1)')).xpath('//dd/a') == []


def test_the_newest_category_and_the_failing_source_stand_first(site, categories, sources):
    page = page_of(front.index_page(site, categories, sources, []))
    assert page.xpath('//ul[contains(@class, "categories")]//a[@class="name"]/@href') == [
        f'/category/{s}.html' for s in ('jiabao', 'shuzijingji', 'kong')
    ]
    states = page.xpath('//ul[contains(@class, "sources")]/li/span/@class')
    assert states == ['state failing', 'state new', 'state ok']
    assert page.xpath('//*[@class="alarm"]//a/bdi/text()') == ['乙报']


# ---------------------------------------------------------------- the style sheet


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_have_the_contrast_of_wcag_aa_in_both_schemes():
    css = paper.style_document().body.decode()
    schemes = [
        dict(re.findall(r'--(\w+): (#[0-9a-f]{6});', block)) for block in re.findall(r':root \{(.*?)\}', css, re.DOTALL)
    ]
    assert len(schemes) == 2
    for scheme in schemes:
        for ground in ('paper', 'card', 'tint'):
            for ink in ('ink', 'quiet', 'link', 'good', 'warn', 'bad'):
                low, high = sorted((luminance(scheme[ground]), luminance(scheme[ink])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ground, ink)


def test_the_style_sheet_fetches_nothing():
    document = paper.style_document()
    assert document.path == 'style.css'
    assert not re.search(rb'url\(|@import|https?:', document.body)


def test_equal_state_gives_equal_bytes(site, categories, sources, entry, feed):
    later = timedelta(days=1)  # of a poll that brought nothing
    polled = [replace(one, last_poll_at=entry.updated_at + later) for one in sources]
    rows = front.newest_rows(feed)
    assert front.index_page(site, categories, sources, rows) == front.index_page(site, categories[::-1], polled, rows)
    assert pages.category_page(feed) == pages.category_page(feed)


# ---------------------------------------------------------------- what a page holds, and what comes after it


def many(feed, number, text='<p>短</p>'):
    one = feed.entries[0]
    return replace(
        feed,
        entries=[
            replace(one, id=f'https://a.example/{n}', content=text, published_at=one.published_at - timedelta(hours=n))
            for n in range(number)
        ],
    )


def test_a_category_is_cut_to_the_size_of_a_page_and_says_where_it_goes_on(feed):
    body = pages.category_page(many(feed, 200, '<p>' + '字' * 150 + '</p>'))
    assert 30_000 < len(body) < paper.PAGE_BYTES
    page = page_of(body)
    shown = page.xpath('//article')
    assert 20 < len(shown) < 200
    last = feed.entries[0].published_at - timedelta(hours=len(shown) - 1)
    [older] = page.xpath('//nav[@class="turn"]/a/@href')
    assert older.startswith('/archive?category=jiabao&before=')
    assert last.isoformat().replace('+', '%2B') in older
    assert older.endswith(f'&id=https://a.example/{len(shown) - 1}')


@pytest.mark.parametrize('more', [False, True])
def test_a_category_goes_on_where_more_is_stored_than_its_feed_holds(feed, more):
    page = page_of(pages.category_page(replace(feed, more=more)))
    assert bool(page.xpath('//nav[@class="turn"]')) is more


def test_older_entries_lead_both_ways(feed):
    page = page_of(pages.archive_page(replace(feed, more=True)))
    newer, older = page.xpath('//nav[@class="turn"]/a/@href')
    assert 'after=' in newer
    assert 'before=' in older
    assert page.xpath('//p[@class="back"]/a/@href') == ['/category/jiabao.html', '/']
    assert len(page.xpath('//article')) == 3


def test_the_way_back_has_the_words_of_the_posts(feed):
    page = page_of(pages.archive_page(feed))
    assert page.xpath('string(//p[@class="back"])') == '返回甲报新闻 & 更多｜返回首页'


def test_every_entry_leads_to_its_own_page(feed):
    links = page_of(pages.category_page(feed)).xpath('//a[@class="more"]/@href')
    assert links[0] == '/entry?id=tag:news.example,2026:NW202204120000000001'
    assert links[1] == '/entry?id=https://b.example/2'


# ---------------------------------------------------------------- the front page as of the newest entry


def test_the_pulse_is_drawn_and_told(site, categories, sources, entry, feed_of):
    until = entry.published_at.replace(minute=0, second=0) + timedelta(hours=1)
    pulse = Pulse(newest_at=entry.published_at, until_at=until, hours=(*range(47), 5), day=12, days={'jiabao': 7})
    page = page_of(front.index_page(site, categories, sources, front.newest_rows(feed_of()), pulse))
    assert '2022-04-12 共 12 条，最新一条在 05:57。' in page.xpath('string(//p[contains(@class, "standing")])')
    assert len(page.xpath('//*[@class="columns"]/rect')) == 47  # nothing is drawn for nothing
    rows = page.xpath('//table[@class="figures"]/tbody/tr')
    assert len(rows) == 48
    assert [''.join(cell.itertext()) for cell in rows[-1]] == ['04-12 05:00', '5']
    assert page.xpath('//li[.//a[@class="name"]/@href="/category/jiabao.html"]//span[@class="count"]/text()') == [
        '7 条'
    ]


def test_all_is_well_is_said_in_a_word(site, sources):
    page = page_of(front.index_page(site, [], [sources[0]], []))
    assert page.xpath('//*[@class="alarm"]') == []
    assert '1 个来源，全部正常' in page.xpath('string(//p[contains(@class, "standing")])')


def test_what_a_failing_source_says_is_said_in_the_language_of_the_site(site):
    source = SourceView(
        name='x',
        url='',
        state='failing',
        error='There is no server named a.example',
        hint='Check the spelling, and the network of this machine; the site may be gone',
    )
    [error] = page_of(front.index_page(site, [], [source], [])).xpath('//p[@class="error"]')
    assert error.xpath('span/@lang')[0] == 'zh-CN'
    assert '没有名为 a.example 的服务器' in error.text_content()
    [error] = page_of(front.index_page(replace(site, language='en'), [], [source], [])).xpath('//p[@class="error"]')
    assert 'There is no server named a.example' in error.text_content()


def test_who_we_are_and_what_we_keep(site):
    page = page_of(aboutpage.about_page(site, '1', retention=Retention(max_age=timedelta(days=30), per_source=7)))
    assert '30 天内的条目，每个来源最多 7 条' in page.text_content()
    assert '未填写' in page.text_content()


@pytest.mark.parametrize('language', ['zh-CN', 'en'])
def test_what_runs_here_in_both_languages(site, at, language):
    runs = Installation(
        config_version='abcdef0123', config_at=at, refused_at=at, database_bytes=12_345_678, free_bytes=0
    )
    body = aboutpage.about_page(replace(site, language=language), '1', installed=runs, now=at)
    page = page_of(body)
    assert 'abcdef01' in page.text_content()
    assert 'abcdef0123' not in page.text_content()
    assert '12.3 MB' in page.text_content()
    assert len(page.xpath('//p[@class="alarm"]')) == 1
    assert page.xpath('//a[@href="/about"]') == []


def test_where_no_daemon_has_noted_it_no_configuration_is_told(site, at):
    page = page_of(aboutpage.about_page(site, '1', installed=Installation(refused_at=at), now=at))
    assert '配置' not in page.xpath('//dt/text()')
    assert len(page.xpath('//p[@class="alarm"]')) == 1


def test_what_was_taken_away_is_not_called_missing(site):
    assert '已撤下' in pages.not_found_page(site, [], gone=True).decode()


# ---------------------------------------------------------------- what every page has


def every_page(feed, site, categories, sources):
    return {
        'category': pages.category_page(feed),
        'archive': pages.archive_page(feed),
        'front': front.index_page(site, categories, sources, front.newest_rows(feed)),
        'about': aboutpage.about_page(site, '1'),
        'missing': pages.not_found_page(site, categories),
    }


@pytest.mark.parametrize('language', ['zh-CN', 'en'])
def test_every_page_has_a_language_a_title_one_heading_and_feeds_to_discover(feed, site, categories, sources, language):
    site = replace(site, language=language)
    for name, body in every_page(replace(feed, site=site), site, categories, sources).items():
        page = page_of(body)
        assert page.get('lang') == language, name
        assert page.xpath('string(//title)'), name
        assert len(page.xpath('//h1')) == 1, name
        assert len(page.xpath('//main')) == 1, name
        assert len(page.xpath('//link[@rel="alternate"][@type="application/atom+xml"]')) >= 1, name
        assert page.xpath('//form/@action') == ['/search'], name
        ids = page.xpath('//@id')
        assert len(ids) == len(set(ids)), name
        levels = [int(one.tag[1]) for one in page.xpath('//h1|//h2|//h3')]
        assert all(b - a <= 1 for a, b in pairwise(levels)), name
