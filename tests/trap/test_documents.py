"""Nothing that a document says is gone after: pictures, files, hubs, logos, feeds of pages, texts behind links."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from html import escape

import pytest
from trap_feeds import atom, json_feed, page_of, rss
from trap_made import NOW, Home, Reply, sockets, transport
from trap_spellings import BESIDE, HERE, SPELLINGS

from aggregator.daemon import assembled, at_address, chosen, discover, look_at, poll_now
from aggregator.errors import AggregatorError, ConfigError
from aggregator.fetch.curl import CurlTransport
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import publish
from aggregator.settings import load_settings

NUMERIC = tuple(h for h in (*HERE, *BESIDE) if not any(c.isalpha() for c in h.replace('0x', '')) and '\x00' not in h)
"""What is understood without a name server: looking at an address asks that of this machine."""


@pytest.fixture
def home():
    with Home() as serving:
        yield serving


def settings_of(folder, rows=(), private=True):
    """feeds.yml and its settings; JSON is YAML."""
    site = {'title': '聚合', 'authority': 'news.example,2026'}
    feeds = {'site': site, 'defaults': {'private': private, 'headers': {'X-Mine': 'secret'}}, 'sources': list(rows)}
    (folder / 'config').mkdir(exist_ok=True)
    (folder / 'config' / 'aggregator.yml').write_text('parsing: {workers: 0}', 'utf-8')
    (folder / 'feeds.yml').write_text(json.dumps(feeds), 'utf-8')
    return load_settings(folder / 'feeds.yml')


@contextmanager
def house_of(settings):
    parser = InlineParser(parse_document, settings.parsing.limits)
    with transport(CurlTransport) as wire:
        yield assembled(settings, spacing=timedelta(0), now=lambda: NOW, transport=wire, parser=parser)


def polled(settings, rounds=2):
    """Rounds of all sources, and everything published; the reports of the last round, by source."""
    reports = {}
    with house_of(settings) as opening, opening as house:
        for _ in range(rounds):
            found = poll_now(chosen(house.settings, ()), house.tools, lambda: NOW, reread=True)
            reports = {report.source: report for report in found}
            publish(house.store, house.settings, house.folder, everything=True)
    return reports


# ------------------------------------------------ places of a feed


@pytest.mark.parametrize('made', [rss, atom, json_feed])
def test_no_place_of_a_feed(tmp_path, trap, home, made):
    """Two rounds, and everything published: only the documents themselves were asked for."""
    urls = [f'http://{escape(host)}:{trap.port}/{n}' for n, host in enumerate(SPELLINGS) if host.isprintable()]
    pages = {f'/{n}': made(some) for n, some in enumerate(_batched(urls, 40))}
    home.replies = {path: Reply(body, headers=[('Content-Type', 'text/xml')]) for path, body in pages.items()}
    rows = [{'name': path, 'url': home.url + path} for path in pages]
    with sockets() as seen:
        reports = polled(settings_of(tmp_path, rows))
    assert all(report.counts for report in reports.values())
    assert len(home.asked) == 2 * len(pages)
    assert set(home.asked) == set(pages)
    assert [event for event in seen if 'connect' in event] == []
    assert trap.trapped() == 0


def _batched(urls, size):
    return [urls[at : at + size] for at in range(0, len(urls), size)]


# ------------------------------------------------ texts behind links


ITEMS = {'items': 'li', 'fields': {'title': 'a', 'link': 'a@href'}}
LISTED = {'items': 'list', 'fields': {'title': 't', 'link': 'l', 'code': 'c'}}


def details_of(kind, port):
    text = {'fields': {'content': 'text'}}
    return {
        'page': ITEMS | {'detail': {'fields': {'content': 'p'}}},
        'link': LISTED | {'detail': text | {'url': '{link}'}},
        'host': LISTED | {'detail': text | {'url': f'http://{{code}}:{port}/'}},
    }[kind]


@pytest.mark.parametrize('kind', ['page', 'link', 'host'])
def test_no_text_behind_a_link(tmp_path, trap, home, kind):
    """The source is private, and what lies elsewhere in the network is not its own to name."""
    hosts = [host for host in SPELLINGS if host.isprintable()]
    links = [f'http://{host}:{trap.port}/' for host in hosts] + [f'{home.url}/own']
    if kind == 'page':
        body = f'<ul>{"".join(f"<li><a href={chr(34)}{escape(u)}{chr(34)}>{n}</a></li>" for n, u in enumerate(links))}</ul>'
    else:
        body = json.dumps(
            {'list': [{'t': str(n), 'l': u, 'c': u.split('/')[2].rsplit(':', 1)[0]} for n, u in enumerate(links)]}
        )
    home.replies = {'/': Reply(body), '/own': Reply('<p>own</p>' if kind == 'page' else '{"text": "own"}')}
    how = {'kind': 'page' if kind == 'page' else 'json', **details_of(kind, trap.port)}
    reports = polled(settings_of(tmp_path, [{'name': 's', 'url': f'{home.url}/', **how}]))
    assert reports['s'].counts
    assert home.asked.count('/own') == (kind != 'host')
    assert trap.trapped() == 0


# ------------------------------------------------ addresses in feeds.yml, and those that are only looked at


def test_no_source(tmp_path, trap):
    """Refused when feeds.yml is read, or when it is polled."""
    rows = []
    for n, host in enumerate(NUMERIC):
        row = {'name': f's{n}', 'url': f'http://{host}:{trap.port}/'}
        try:
            settings_of(tmp_path, [row], private=False)
            rows.append(row)
        except ConfigError:
            continue
    with sockets() as seen:
        reports = polled(settings_of(tmp_path, rows, private=False), rounds=1)
    assert len(reports) == len(rows) > len(NUMERIC) // 2
    assert {report.outcome for report in reports.values()} == {'failed'}
    assert (seen, trap.trapped()) == ([], 0)


def test_no_look(tmp_path, trap):
    settings = settings_of(tmp_path, private=False)
    urls = [f'http://{host}:{trap.port}/' for host in NUMERIC]
    with sockets() as seen:
        looked = list(look_at(settings, [at_address(settings, url) for url in urls]))
    assert all(one.error for one in looked)
    assert ([event for event in seen if 'connect' in event], trap.trapped()) == ([], 0)


class TestDiscovery:
    def test_a_feed_of_the_same_origin_is_found(self, tmp_path, home):
        """With what `defaults` says of private addresses and headers."""
        home.replies = {'/': Reply(page_of(['/mine'])), '/mine': Reply(rss(['http://a.example/']))}
        assert discover(settings_of(tmp_path), f'{home.url}/').feed.url == f'{home.url}/mine'
        assert all('X-Mine: secret' in head for head in home.heads)

    @pytest.mark.parametrize('typed', [True, False])
    def test_no_feed_that_a_page_names(self, tmp_path, trap, home, typed):
        """Private is what a person names, and what lies at the same origin; never what a page names."""
        settings = settings_of(tmp_path)
        for some in _batched([f'http://{host}:{trap.port}/feed' for host in NUMERIC], 9):
            home.replies = {'/': Reply(page_of(some, typed=typed))}
            with pytest.raises(AggregatorError):
                discover(settings, f'{home.url}/')
        assert trap.trapped() == 0

    def test_no_usual_place_that_leads_there(self, tmp_path, trap, home):
        settings = settings_of(tmp_path)
        usual = (
            '/feed',
            '/rss',
            '/rss.xml',
            '/atom.xml',
            '/index.xml',
            '/feed.xml',
            '/feeds/all.atom.xml',
            '/feed.json',
        )
        for some in _batched([f'http://{host}:{trap.port}/' for host in NUMERIC], len(usual)):
            home.replies = {'/': Reply('<p>a page</p>')}
            home.replies |= {p: Reply(status=302, headers=[('Location', u)]) for p, u in zip(usual, some, strict=False)}
            with pytest.raises(AggregatorError):
                discover(settings, f'{home.url}/')
        assert trap.trapped() == 0
