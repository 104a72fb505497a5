"""The pages that are made when somebody asks, from a store: what they show, and what a stranger may ask."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree, html
from pages_made import LATER, NOW, polled

from aggregator.daemon.installed import note_refused
from aggregator.daemon.live import FOUND, LivePages

EVIL = [
    '', ' ', '"', '""', "'", '*', 'a*', 'NEAR(a b)', 'said:x', '-x', 'x OR y', '"><script>alert(1)</script>', '\0', '\u202e',
    '\ufffd', '%', 'x' * 100, '题' * 100, '( ' * 40, '{{7*7}}', '..', '/etc/passwd', '9' * 90,
]  # fmt: skip


@pytest.fixture(scope='module')
def house(tmp_path_factory: pytest.TempPathFactory):
    with polled(Path(tmp_path_factory.mktemp('house')), rounds=12) as house:
        yield house


@pytest.fixture(scope='module')
def live(house):
    return LivePages(house, lambda: LATER)


def page_of(made, status=200):
    assert made.status == status
    assert len(made.body) < 50_000
    return html.fromstring(made.body.decode())


def titles(page):
    return page.xpath('//article//*[contains(@class, "p-name")]//text()')


def largest(store):
    """The category with most entries."""
    return max(store.categories(), key=lambda one: len(store.newest(label=one.label, limit=10_000)))


def asked_by(link):
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


# ---------------------------------------------------------------- search


def test_two_characters_are_a_word_and_their_order_counts(live):
    assert all('数字' in ''.join(t.itertext()) for t in page_of(live.search({'q': '数字'})).xpath('//article'))
    assert len(page_of(live.search({'q': '数字经济'})).xpath('//article')) > 5
    assert page_of(live.search({'q': '字数'})).xpath('//article') == []


def test_a_search_is_turned_page_by_page(live, house):
    seen, link = [], '/search?q=%E4%BC%81%E4%B8%9A'
    while link:
        page = page_of(live.search(asked_by(link)))
        seen += page.xpath('//a[@class="more"]/@href')
        link = next(iter(page.xpath('//a[@rel="next"]/@href')), '')
    found = house.store.search('企业', 10_000)
    assert len(seen) == len(set(seen)) == len(found) > 2 * FOUND


@pytest.mark.parametrize('query', EVIL)
def test_a_hostile_question_is_harmless(live, query):
    for page in ('1', '2', '-1', 'x', '9' * 50, ''):
        made = live.search({'q': query, 'page': page})
        assert made.status == 200
        assert made.body.count(b'<script') == 1
    assert live.found('atom', {'q': query}).status in (200, 400)
    assert live.entry({'id': query}).status == 404
    assert live.source({'name': query}).status == 404
    assert live.sources({'page': query}).status == 200
    assert live.archive({'category': query}).status == (200 if query == '' else 404)
    assert live.archive({'before': query, 'id': query}).status == 200


@pytest.mark.parametrize('page', [LivePages.search, lambda live, asked: live.found('json', asked)])
def test_a_question_that_is_too_long_is_refused(live, page):
    made = page(live, {'q': '题' * 101})
    assert '太长' in page_of(made, 400).text_content()


@pytest.mark.parametrize(('suffix', 'media_type'), [('atom', 'atom+xml'), ('rss', 'rss+xml'), ('json', 'feed+json')])
def test_any_search_is_a_feed(live, house, suffix, media_type):
    made = live.found(suffix, {'q': ' 数字经济  '})
    assert media_type in made.media_type
    for entry in house.store.search('数字经济', 100):
        assert entry.id.encode() in made.body
    assert live.found(suffix, {'q': '数字经济'}).body == made.body, 'one question, one address'


def test_the_feed_of_a_search_is_what_the_documents_hold(live, house):
    """The same entries in the same bytes as in the feed of everything: what is kept and what is rendered now."""
    kept = etree.fromstring((house.folder.root / 'all.atom').read_bytes())
    found = etree.fromstring(live.found('atom', {'q': '数字经济'}).body)
    there = {e.findtext('{*}id'): etree.tostring(e, method='c14n') for e in kept.iterfind('{*}entry')}
    here = {e.findtext('{*}id'): etree.tostring(e, method='c14n') for e in found.iterfind('{*}entry')}
    both = there.keys() & here.keys()
    assert both
    assert all(there[one] == here[one] for one in both)
    assert found.findtext('{*}id').endswith('search.atom?q=%E6%95%B0%E5%AD%97%E7%BB%8F%E6%B5%8E')


def test_a_search_without_results_is_a_feed_that_will_have_some(live):
    feed = etree.fromstring(live.found('atom', {'q': '没有这样的词'}).body)
    assert feed.findall('{*}entry') == []
    assert feed.findtext('{*}updated')


# ---------------------------------------------------------------- entries


def test_an_entry_of_several_carriers(live, house):
    entry = next(e for e in house.store.all_entries() if len(e.carriers) > 1)
    page = page_of(live.entry({'id': entry.id}))
    assert page.xpath('string(//h1)') == entry.title
    assert set(page.xpath('//ul[@class="carriers"]//a[@class="name"]/bdi/text()')) == {'江城财经', '海港证券报'}


def test_an_entry_that_was_taken_down_is_gone(tmp_path):
    with polled(tmp_path, rounds=2) as house:
        live, entry = LivePages(house, lambda: LATER), house.store.entries(limit=1)[0]
        with house.store.writing() as writer:
            writer.takedown(entry.id, NOW)
        page = page_of(live.entry({'id': entry.id}), 410)
        assert '已撤下' in page.text_content()
        assert entry.title not in page.text_content()


def test_older_entries_to_the_last_one_and_back(live, house):
    category = largest(house.store)
    page, seen, pages = page_of(live.archive({'category': category.slug})), [], []
    while True:
        seen += page.xpath('//a[@class="more"]/@href')
        pages.append(page)
        link = page.xpath('//a[@rel="next"]/@href')
        if not link:
            break
        page = page_of(live.archive(asked_by(link[0])))
    stored = house.store.entries(label=category.label, limit=10_000)
    assert [asked_by(link)['id'] for link in seen] == [entry.id for entry in stored]
    assert len(pages) > 2
    back = page_of(live.archive(asked_by(pages[-1].xpath('//a[@rel="prev"]/@href')[0])))
    assert asked_by(back.xpath('//a[@class="more"]/@href')[0])['id'] in {entry.id for entry in stored}


def test_a_category_page_goes_on_where_it_ends(live, house):
    category = largest(house.store)
    page = html.fromstring((house.folder.root / f'category/{category.slug}.html').read_bytes().decode())
    shown = [asked_by(link)['id'] for link in page.xpath('//a[@class="more"]/@href')]
    [older] = page.xpath('//a[@rel="next"]/@href')
    following = page_of(live.archive(asked_by(older))).xpath('//a[@class="more"]/@href')
    stored = [entry.id for entry in house.store.entries(label=category.label, limit=10_000)]
    assert shown == stored[: len(shown)]
    assert asked_by(following[0])['id'] == stored[len(shown)]


# ---------------------------------------------------------------- sources


def test_sources_in_trouble_stand_first(live):
    page = page_of(live.sources({}))
    names = page.xpath('//li[contains(@class, "source")]//a[@class="name"]/bdi/text()')
    assert set(names[:2]) == {'青石观察', '老城快讯'}
    assert len(names) == 7
    assert page.xpath('//time/text()')[0] == '8 分钟前'


@pytest.mark.parametrize('name', ['江城财经', '青石观察', '老城快讯', '云谷科技'])
def test_each_source_has_a_page(live, name):
    page = page_of(live.source({'name': name}))
    assert page.xpath('string(//h1)') == name
    assert len(page.xpath('//section[h2="抓取记录"]//tbody/tr')) == 12


@pytest.mark.parametrize(('name', 'status'), [('江城财经', 200), ('老城快讯', 403)])
def test_the_page_of_a_source_shows_what_was_answered_last(live, name, status):
    [section] = page_of(live.source({'name': name})).xpath('//section[h2="上次回答"]')
    assert section.xpath('string(.//code)').startswith(f'HTTP {status} ')
    assert section.xpath('.//dt//text()')[:2] == ['Date', 'Content-Type']
    assert 'precious' not in section.text_content()


def test_a_source_that_left_feeds_yml_still_has_a_page(tmp_path):
    with polled(tmp_path, rounds=1) as house:
        left = LivePages(house, lambda: LATER)
        left._seen.rows.pop('江城财经')
        assert '江城财经' in page_of(left.source({'name': '江城财经'})).text_content()


# ---------------------------------------------------------------- what runs here


def facts(page):
    return dict(zip(page.xpath('//dt/text()'), page.xpath('//dd'), strict=True))


def test_who_we_are_and_what_runs_here(live, house):
    page = page_of(live.about({}))
    told = {name: dd.text_content() for name, dd in facts(page).items()}
    assert told['配置'] == '01234567，2026-11-25 09:10（3 小时前）起生效'
    assert re.fullmatch(r'\d+\.\d MB，其中空闲 0\.\d MB', told['数据库'])
    assert told['版本'].startswith('aggregator ')
    assert '5,000 条' in told['保留']
    assert page.xpath('//p[@class="alarm"]') == []
    published = html.fromstring((house.folder.root / 'about.html').read_bytes().decode())
    assert facts(published).keys() == facts(page).keys() - {'配置', '数据库'}, 'a file tells no time'
    assert published.xpath('//main//a/@href')[-2:] == ['/about', '/']


def test_a_configuration_that_was_refused_is_told_without_its_lines(tmp_path):
    with polled(tmp_path, rounds=1) as house:
        live = LivePages(house, lambda: LATER)
        note_refused(house.store, 'feeds.yml:3:1: headers: {Authorization: precious}', NOW)
        for made in (live.sources({}), live.about({})):
            [alarm] = page_of(made).xpath('//p[@class="alarm"]/text()')
            assert '2026-11-25 12:10（8 分钟前）起未被采用' in alarm
            assert '仍是2026-11-25 09:10（3 小时前）起生效的版本' in alarm
            assert b'precious' not in made.body
        note_refused(house.store, '', LATER)
        assert page_of(live.sources({})).xpath('//p[@class="alarm"]') == []


# ---------------------------------------------------------------- the front page, as it is published


def test_the_front_page_says_how_things_stand(house):
    body = (house.folder.root / 'index.html').read_bytes()
    assert len(body) < 50_000
    page = html.fromstring(body.decode())
    said = page.xpath('string(//p[contains(@class, "standing")])')
    assert '7 个来源，5 个正常，2 个异常' in said
    newest = house.store.entries(limit=1)[0].published_at
    midnight = (newest + timedelta(hours=8)).replace(hour=0, minute=0) - timedelta(hours=8)
    today = sum(entry.published_at >= midnight for entry in house.store.all_entries())
    assert f'2026-11-25 共 {today} 条' in said
    counts = [int(re.sub(r'\D', '', text)) for text in page.xpath('//*[starts-with(@class, "count")]/text()')]
    assert sum(counts) > today / 2
    hours = [int(cell.text) for cell in page.xpath('//table[@class="figures"]//td')]
    first = newest.replace(minute=0) - timedelta(hours=47)
    assert sum(hours) == sum(entry.published_at >= first for entry in house.store.all_entries())
    assert set(page.xpath('//*[@class="alarm"]//a[@class="name"]/bdi/text()')) == {'青石观察', '老城快讯'}


def test_nothing_on_a_published_page_tells_the_time_of_a_poll(house):
    body = (house.folder.root / 'index.html').read_bytes()
    assert b'04:10:00Z' not in body


def test_every_path_is_described(live):
    described = (Path(__file__).parents[2] / 'docs' / 'pages.md').read_text('utf-8')
    assert [path for path in live.pages() if not re.search(rf'`{re.escape(path)}[`?]', described)] == []
