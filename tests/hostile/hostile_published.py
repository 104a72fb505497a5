"""Every vector polled and published once: what a feed reader gets of it, field by field, and our own pages, served."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from hostile_cases import Case
from hostile_fields import bodies, fields
from hostile_html import VECTORS
from hostile_judge import SITE
from lxml import etree
from pages_made import NOW, application

from aggregator.daemon import Assembly, assembled, poll_now
from aggregator.model import Answer, Fetched, FetchResult, Received, Request
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import publish
from aggregator.serve import Server
from aggregator.settings import load_settings

# The ways in that are read as HTML: every vector goes through one of them.
_WAYS = ('rss-escaped', 'rss-cdata', 'atom-html', 'json')
_ON_A_PAGE = 30  # entries of a source, which has a category of its own: our pages of lists show no more
_ENTRY_PAGES = 10
_SEARCHES = ('alert', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '标题')
_SETTINGS = {'publishing': {'entries': 10_000, 'max_age': '36500d', 'source_share': 1.0}}
_ATOM = '{http://www.w3.org/2005/Atom}'
_ENCODED = '{http://purl.org/rss/1.0/modules/content/}encoded'


@dataclass(frozen=True)
class Published:
    """`texts` by field: the HTML that a reader finds there, an entry each. `base` has a slash at its end."""

    texts: Mapping[str, Sequence[str]]
    base: str
    pages: Sequence[str]  # their paths
    articles: int  # on the pages of categories


class Net:
    """A transport: each source has one document."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._at = {_address(case): case for case in cases}

    def fetch(self, request: Request) -> FetchResult:
        case = self._at[request.url]
        answer = Answer(url=request.url, final_url=request.url, status=200, fetched_at=NOW)
        return Fetched(answer, Received(request.url, case.body, NOW, case.media_type))

    def close(self) -> None:
        pass


@contextmanager
def published(folder: Path) -> Iterator[Published]:
    cases = (*bodies(VECTORS, _WAYS, _ON_A_PAGE), *fields())
    with _house(folder, cases) as house:
        server = Server(application(house), '127.0.0.1', 0)
        host, port = server.start()
        try:
            public = folder / 'data' / 'public'
            articles = sum(page.read_bytes().count(b'<article') for page in (public / 'category').glob('*.html'))
            yield Published(_texts(public), f'http://{host}:{port}/', _pages(house, public), articles)
        finally:
            server.stop()


@contextmanager
def _house(folder: Path, cases: Sequence[Case]) -> Iterator[Assembly]:
    (folder / 'config').mkdir(parents=True)
    (folder / 'config' / 'aggregator.yml').write_text(json.dumps(_SETTINGS), 'utf-8')
    rows = [{'name': c.name, 'url': _address(c), 'category': c.name, 'content': 'full'} for c in cases]
    site = {'title': '聚合', 'url': SITE, 'authority': 'news.example.org,2026'}
    (folder / 'feeds.yml').write_text(json.dumps({'site': site, 'sources': rows}), 'utf-8')
    settings = load_settings(folder / 'feeds.yml')
    parser = InlineParser(parse_document, settings.parsing.limits)
    with assembled(settings, spacing=timedelta(0), now=lambda: NOW, transport=Net(cases), parser=parser) as house:
        list(poll_now(settings.sources, house.tools, lambda: NOW))
        publish(house.store, house.settings, house.folder)
        yield house


def _address(case: Case) -> str:
    return f'https://{case.name}.example/feed'


def _texts(public: Path) -> dict[str, list[str]]:
    atom, rss = (etree.fromstring((public / f'all.{suffix}').read_bytes()) for suffix in ('atom', 'rss'))
    entries, items = list(atom.iter(f'{_ATOM}entry')), list(rss.iter('item'))
    told = json.loads((public / 'all.json').read_bytes())['items']
    return {
        'Atom content': _filled(entry.findtext(f'{_ATOM}content') for entry in entries),
        'Atom summary': _filled(entry.findtext(f'{_ATOM}summary') for entry in entries),
        'RSS description': _filled(item.findtext('description') for item in items),
        'RSS content:encoded': _filled(item.findtext(_ENCODED) for item in items),
        'JSON content_html': _filled(item.get('content_html') for item in told),
    }


def _filled(texts: Iterator[str | None]) -> list[str]:
    return [text for text in texts if text]


def _pages(house: Assembly, public: Path) -> list[str]:
    """The lists of every source, some entries and sources by themselves, searches, and what there is not."""
    names = sorted(state.name for state in house.store.sources())
    ids = sorted(entry.id for entry in house.store.all_entries())
    return [
        *('', 'about.html', 'archive', 'sources', quote('<script>alert(1)</script>')),
        *(f'category/{page.name}' for page in sorted((public / 'category').glob('*.html'))),
        *(f'search?q={quote(query)}' for query in _SEARCHES),
        *(f'source?name={quote(name)}' for name in names[:: len(names) // 5]),
        *(f'entry?id={quote(one)}' for one in ids[:: len(ids) // _ENTRY_PAGES]),
    ]
