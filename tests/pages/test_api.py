"""The pages as JSON: what the docs say is there and nothing else, and nothing that a page would hide."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pages_made import LATER, NOW, polled
from test_live import EVIL

from aggregator.cli.asking import entry_row
from aggregator.cli.sources import source_row
from aggregator.daemon.live import LivePages
from aggregator.model import Source, SourceState

DOCS = Path(__file__).parents[2] / 'docs' / 'formats.md'
FREE = ('states', 'counts', 'documents')  # maps whose keys are states, outcomes, formats


@pytest.fixture(scope='module')
def house(tmp_path_factory):
    with polled(Path(tmp_path_factory.mktemp('house')), rounds=6) as house:
        yield house


@pytest.fixture(scope='module')
def get(house):
    pages = LivePages(house, lambda: LATER).pages()

    def got(path, status=200, **asked):
        made = pages[path].make(asked)
        assert made.status == status
        assert made.media_type == 'application/json'
        return json.loads(made.body)

    return got


def keys_in(value):
    """Every key at any depth."""
    if isinstance(value, list):
        return {key for one in value for key in keys_in(one)}
    if not isinstance(value, dict):
        return set()
    return set(value).union(*(keys_in(inner) for key, inner in value.items() if key not in FREE))


def described(path):
    """The keys that the docs name for this path."""
    [row] = re.findall(rf'^\| `{path}(?:\?[^`]*)?` \| (.*) \|$', DOCS.read_text('utf-8'), re.MULTILINE)
    return set(re.findall(r'`([a-z_]+)`', row.replace('`null`', '').replace('`entries --json`', '')))


@pytest.fixture(scope='module')
def asked(house):
    entry = next(e for e in house.store.all_entries() if len(e.carriers) > 1)
    return {
        '/api/status': {},
        '/api/sources': {},
        '/api/source': {'name': '江城财经'},
        '/api/categories': {},
        '/api/entry': {'id': entry.id},
    }


PATHS = ('/api/status', '/api/sources', '/api/source', '/api/categories', '/api/entry')


@pytest.mark.parametrize('path', PATHS)
def test_the_docs_name_just_the_keys_that_are_there(get, asked, path):
    more = described('/api/sources') - {'states', 'page', 'pages', 'sources'} if path == '/api/source' else set()
    assert keys_in(get(path, **asked[path])) == described(path) | more


def test_every_path_is_looked_at(house):
    assert {path for path in LivePages(house, lambda: LATER).pages() if path.startswith('/api/')} == set(PATHS)


def test_keys_of_the_commands_are_called_the_same(get, asked, house):
    entry = house.store.entry(asked['/api/entry']['id'])
    told = get('/api/entry', id=entry.id)
    assert {key: told[key] for key in entry_row(entry)} == entry_row(entry)
    [row] = [one for one in get('/api/sources')['sources'] if one['name'] == '江城财经']
    printed = source_row(house.settings.sources[0], house.store.source('江城财经'))
    assert {key: row[key] for key in printed} == printed
    assert source_row(Source(name=''), SourceState(name='')).keys() <= row.keys()


def test_status_counts_what_there_is(get, house):
    told = get('/api/status')
    assert told['entries'] == sum(1 for _ in house.store.all_entries())
    assert told['states'] == {'ok': 5, 'failing': 2}
    assert told['config_at'] == '2026-11-25T01:10:00Z'
    assert 'failing' not in told


def test_sources_are_turned_page_by_page_as_on_the_page(get):
    told = get('/api/sources', page='7')
    assert (told['page'], told['pages'], len(told['sources'])) == (1, 1, 7)
    assert {one['name'] for one in told['sources'][:2]} == {'青石观察', '老城快讯'}


def test_one_source_with_its_rounds_and_its_answer(get):
    told = get('/api/source', name='老城快讯')
    assert told['state'] == 'failing'
    assert len(told['polls']) == 6
    assert told['polls'][0]['at'] == '2026-11-25T04:10:00Z'
    fields = {one['name']: one['value'] for one in told['answer']['fields']}
    assert (told['answer']['status'], fields['Set-Cookie'], fields['Cache-Control']) == (403, None, 'max-age=600')


def test_a_source_that_never_answered(get):
    assert get('/api/source', name='青石观察')['answer'] is None


def test_a_category_leads_to_its_documents(get, house):
    for one in get('/api/categories')['categories']:
        assert one['newest_at']
        for suffix, url in one['documents'].items():
            assert (house.folder.root / url.removeprefix('http://127.0.0.1:8000/')).is_file(), suffix


def test_what_is_not_there(get):
    for path, field in (('/api/source', 'name'), ('/api/entry', 'id')):
        for evil in EVIL:
            assert get(path, 404, **{field: evil}) == {'error': 'there is none'}
    for evil in EVIL:
        assert get('/api/sources', page=evil)['page'] == 1


def test_what_was_taken_down_is_gone(tmp_path):
    with polled(tmp_path, rounds=1) as house:
        entry = house.store.entries(limit=1)[0]
        with house.store.writing() as writer:
            writer.takedown(entry.id, NOW)
        made = LivePages(house, lambda: LATER).pages()['/api/entry'].make({'id': entry.id})
        assert (made.status, json.loads(made.body)) == (410, {'error': 'it was taken away'})


def test_a_folder_on_this_machine_is_no_address(tmp_path):
    with polled(tmp_path, rounds=1) as house:
        pages = LivePages(house, lambda: NOW + timedelta(minutes=1))
        pages._seen.rows['旧站'] = Source(name='旧站', kind='posts', url='/home/me/posts')
        made = pages.pages()['/api/source'].make({'name': '旧站'})
        assert json.loads(made.body)['url'] == ''
        assert b'/home/me' not in made.body


def asked_over_http(url, **headers):
    """Status and headers."""
    try:
        with urlopen(Request(url, headers=headers)) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers


def test_over_http_it_is_cached_as_the_pages_are(town):
    status, headers = asked_over_http(f'{town.base}api/categories')
    assert (status, headers['Content-Type'], headers['Cache-Control'], headers['X-Robots-Tag']) == (
        200,
        'application/json',
        'public, max-age=10',
        'noindex',
    )
    assert asked_over_http(f'{town.base}api/categories', **{'If-None-Match': headers['ETag']})[0] == 304
    status, headers = asked_over_http(f'{town.base}api/source?name=x')
    assert (status, headers['Content-Type']) == (404, 'application/json')
