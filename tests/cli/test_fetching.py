"""`aggregator fetch --dry-run`: what a round would store is told, item by item, and then a round stores just that."""

from __future__ import annotations

import json
import shutil

import pytest

from aggregator.store import Store

NEW = {'title': '又一条数字经济', 'link': 'https://a.example/9', 'pubDate': 'Wed, 25 Nov 2026 10:00:00 +0800'}
LIST = """  - name: 清单
    kind: json
    url: {base}/list
    items: list
    fields: {{title: t, code: c, publisher: p}}
    detail: {{url: "{base}/text?id={{code}}", fields: {{content: x}}}}
"""


def rows(world, *words, code=0):
    result = world.run('fetch', *words, '--dry-run', '--json')
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def stored(world):
    """Every file of the data folder, but for locks; what others left in the WAL is in the database first."""
    Store.open(world.folder / 'data').close()
    files = (world.folder / 'data').rglob('*')
    return {f: f.read_bytes() for f in files if f.is_file() and f.suffix != '.lock'}


def entries(world):
    return {row['id']: row for row in map(json.loads, world.ok('entries', '--json').stdout.splitlines())}


@pytest.fixture
def fresh(world):
    """Without a database, and with an origin that has news."""
    shutil.rmtree(world.folder / 'data')
    return world


def test_a_round_then_stores_what_was_told(fresh):
    told = rows(fresh, '证券时报网')
    assert not (fresh.folder / 'data').exists()
    assert [row['outcome'] for row in told] == ['new', 'dropped', 'new']
    fresh.ok('poll', '证券时报网')
    made = entries(fresh)
    in_feeds = {row['id'] for row in told if row['categories']}
    assert in_feeds == made.keys()
    for row in told:
        if row['categories']:
            entry = made[row['id']]
            assert {k: row[k] for k in ('title', 'url', 'published', 'publisher', 'categories')} == {
                k: entry[k] for k in ('title', 'url', 'published', 'publisher', 'categories')
            }


def test_nothing_is_written(world):
    before = stored(world)
    assert {row['outcome'] for row in rows(world, '证券时报网')} == {'unchanged', 'dropped'}
    rows(world, f'{world.origin.base}/rss.xml')
    assert stored(world) == before


def test_a_new_item_among_known_ones(world):
    known = {'title': '其他', 'link': f'{world.origin.base}/a/3.html', 'pubDate': 'Wed, 25 Nov 2026 06:00:00 +0800'}
    world.origin.rss('/news', NEW, known, title='证券时报网')
    text = world.feeds.read_text('utf-8').replace('/zqsb', '/news')
    world.feeds.write_text(text, 'utf-8')
    told = rows(world, '证券时报网')
    assert [(row['outcome'], row['title']) for row in told] == [('new', NEW['title']), ('unchanged', '其他')]
    assert '数字经济' in told[0]['categories']
    assert told[0]['title'] not in world.ok('entries').stdout


def test_an_address_that_is_no_source(world):
    told = rows(world, f'{world.origin.base}/other.xml')
    assert [(row['outcome'], row['title']) for row in told] == [('new', '别的')]
    assert '别的' not in world.ok('entries').stdout


def test_the_texts_of_a_list_are_asked_for_on_demand_only(world):
    origin = world.origin
    origin.serve('/list', json.dumps({'list': [{'t': '一', 'c': 'C1', 'p': '某报'}]}), media_type='application/json')
    origin.serve('/text', json.dumps({'x': '<p>全文在此。</p>'}), media_type='application/json')
    text = world.feeds.read_text('utf-8').replace('aliases:', f'{LIST.format(base=origin.base)}aliases:')
    world.feeds.write_text(text, 'utf-8')
    [row] = rows(world, '清单')
    assert (row['text'], row['text_at']) == (0, f'{origin.base}/text?id=C1')
    [row] = rows(world, '清单', '--texts')
    assert (row['text'] > 0, row['text_at']) == (True, '')
    with_text = world.ok('fetch', '清单', '--dry-run').stdout
    assert 'in a round' in with_text


def test_a_table_and_a_sum(world):
    result = world.ok('fetch', '证券时报网', '--dry-run')
    lines = result.stdout.splitlines()
    assert lines[0].split() == ['outcome', 'published', 'title', 'publisher', 'categories', 'text', 'id']
    assert lines[-1].startswith('3 items: ')
    assert lines[-1].endswith('; nothing was stored')


def test_a_source_that_fails(world):
    result = world.run('fetch', '坏的', '--dry-run')
    assert result.exit_code == 1
    assert '404' in result.stderr
    assert '0 items: nothing; nothing was stored' in result.stdout
    assert rows(world, '坏的', code=1) == []


def test_without_the_word_it_does_nothing(world):
    result = world.run('fetch', '证券时报网')
    assert result.exit_code == 2
    assert '--dry-run' in result.stderr
    assert '`aggregator poll`' in result.stderr
