"""Every page in a real Chromium: desktop, phone, dark. Nothing in the console, nothing asked elsewhere, axe finds nothing.

AGGREGATOR_SCREENSHOTS names a folder that keeps the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browser_made import KEPT, VIEWS, chromium_here, screenshots, why_none

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_none()), reason=why_none() or 'it is there')]

PAGES = (
    'home',
    'category',
    'entry',
    'archive',
    'sources',
    'source',
    'failing source',
    'search',
    'search of nothing',
    'about',
    'about now',
)
MANY_VIEWS = ('home', 'category', 'entry', 'sources', 'source', 'search')
WEIGHT = 50_000  # bytes of a page


# For the module only: while it is open no other test can run a loop in this thread.
@pytest.fixture(scope='module')
def browser() -> Iterator[Any]:
    with chromium_here() as started:
        yield started


@pytest.fixture(scope='module')
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return screenshots(tmp_path_factory.mktemp('pictures'))


@pytest.fixture(scope='module')
def paths(town) -> dict[str, str]:
    store = town.house.store
    fullest = max(store.categories(), key=lambda one: len(store.newest(label=one.label, limit=10_000)))
    return {
        'home': '',
        'category': f'category/{fullest.slug}.html',
        'entry': f'entry?id={quote(town.entry_id())}',
        'archive': 'archive',
        'sources': 'sources',
        'source': f'source?name={quote("江城财经")}',
        'failing source': f'source?name={quote("老城快讯")}',
        'search': f'search?q={quote("数字经济")}',
        'search of nothing': 'search',
        'about': 'about.html',
        'about now': 'about',
    }


class Visit:
    """A page as it was loaded, and what the browser had to say."""

    def __init__(self, browser, base, path, **view):
        self.said, self.asked, self.bytes = [], [], 0
        self.context = browser.new_context(**view)
        self.page = self.context.new_page()
        self.page.on('console', lambda message: self.said.append(message.text))
        self.page.on('pageerror', lambda error: self.said.append(str(error)))
        self.page.on('request', lambda request: self.asked.append(request.url))
        self.answer = self.page.goto(base + path)
        self.weight = len(self.answer.body())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


def faults(page, *rules: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    options = {'resultTypes': ['violations']} | ({'runOnly': list(rules)} if rules else {})
    found = Axe().run(page, options=options).response['violations']
    return [f'{one["id"]}: {node["html"][:200]}' for one in found for node in one['nodes']]


@pytest.mark.parametrize(
    ('name', 'view'), [(name, view) for name in PAGES for view in VIEWS if view == 'desktop' or name in MANY_VIEWS]
)
def test_a_page_looks_right_and_is_open_to_everybody(browser, town, paths, pictures, name, view):
    with Visit(browser, town.base, paths[name], **VIEWS[view]) as visit:
        visit.page.screenshot(
            path=pictures / f'{name.replace(" ", "-")}-{view}.png', full_page=bool(KEPT) and view == 'desktop'
        )
        assert visit.answer.status == 200
        assert visit.said == []
        assert [url for url in visit.asked if not url.startswith(town.base)] == []
        assert visit.weight < WEIGHT
        width = visit.page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
        assert width[0] <= width[1], 'it must be moved sideways to be read'
        rules = {'desktop': (), 'phone': ('target-size',), 'dark': ('color-contrast',)}[
            view
        ]  # the elements are the same
        assert faults(visit.page, *rules) == []


@pytest.mark.parametrize('path', ['', 'sources', 'search?q=a', 'about.html', 'about'])
def test_english_pages_too(browser, english_town, pictures, path):
    with Visit(browser, english_town.base, path, **VIEWS['desktop']) as visit:
        visit.page.screenshot(path=pictures / f'english-{path.partition("?")[0] or "home"}.png', full_page=bool(KEPT))
        assert visit.said == []
        assert visit.page.locator('html').get_attribute('lang') == 'en'
        assert faults(visit.page) == []


def test_the_address_of_a_feed_can_be_copied(browser, town):
    with Visit(browser, town.base, '', **VIEWS['desktop']) as visit:
        visit.context.grant_permissions(['clipboard-read', 'clipboard-write'])
        row = visit.page.locator('.categories .buttons').first
        row.get_by_role('button').click()
        visit.page.get_by_text('已复制', exact=True).wait_for()
        copied = visit.page.evaluate('navigator.clipboard.readText()')
        assert copied == town.base + row.locator('a').first.get_attribute('href').lstrip('/')
        assert copied.endswith('.atom')
        assert faults(visit.page) == []


def test_all_of_it_works_without_javascript(browser, town):
    with Visit(browser, town.base, '', java_script_enabled=False, **VIEWS['phone']) as visit:
        page = visit.page
        assert page.locator('.buttons button').count() == 0
        page.get_by_role('searchbox').fill('数字经济')
        page.get_by_role('searchbox').press('Enter')
        page.wait_for_url('**/search?q=*')
        assert page.locator('article mark').first.inner_text() == '数字经济'
        page.get_by_role('link', name='详情').first.click()
        page.wait_for_url('**/entry?id=*')
        assert page.locator('.e-content p').count() > 1
        page.get_by_role('link', name='返回首页').click()
        page.locator('summary').click()
        assert page.locator('.chart tbody tr').count() == 48
        assert visit.said == []


def test_a_text_with_pictures_asks_nobody_for_them(browser, town):
    entry = next(e for e in town.house.store.all_entries() if '<img' in e.content and e.source != '云谷科技')
    with Visit(browser, town.base, f'entry?id={quote(entry.id)}') as visit:
        assert visit.page.locator('img').count() == 0
        assert visit.page.locator('a.media').get_attribute('href') == 'https://images.example/1.jpg'
        assert [url for url in visit.asked if 'images.example' in url] == []


def test_the_keyboard_comes_to_the_text_first(browser, town):
    with Visit(browser, town.base, '') as visit:
        visit.page.keyboard.press('Tab')
        assert visit.page.evaluate('document.activeElement.className') == 'skip'
        visit.page.keyboard.press('Enter')
        assert visit.page.url.endswith('#main')
