"""Lists and posts of the synthetic corpus, against what is true of each of their items."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache

import pytest

from aggregator.model import ParseLimits, Received, Source
from aggregator.parse import parse_document
from aggregator.parse.jsonlist import Fields, JsonOptions
from aggregator.parse.posts import PostsOptions

pytestmark = pytest.mark.shared

NOW = datetime(2022, 4, 13, 12, 0, tzinfo=UTC)
LISTS = {
    'api-getNewsByColumns': JsonOptions(
        items='data.list',
        fields=Fields(
            title='title',
            link='uniqueUrl || url',
            code='code',
            published='showTime',
            publisher='mediaName',
            summary='summary',
        ),
    ),
    'api-webapi45': JsonOptions(
        items='nodeList',
        fields=Fields(title='title', code='infocode', published='showtime', publisher='from', summary='simdigest'),
    ),
    'api-newmarket': JsonOptions(
        items='record', fields=Fields(title='title', code='infoCode', published='datetime', publisher='medianame')
    ),
    'api-choice': JsonOptions(
        items='data.records',
        fields=Fields(title='data.title', code='code', publisher='data.from', summary='data.simdigest'),
    ),
    'api-report': JsonOptions(
        items='data', fields=Fields(title='title', code='infoCode', published='publishDate', publisher='orgSName')
    ),
    'api-notice': JsonOptions(
        items='data.list',
        fields=Fields(title='title', code='art_code', published='display_time', publisher='source_media'),
    ),
    'api-kuaixun-jsonp': JsonOptions(
        items='LivesList',
        fields=Fields(title='title', link='url_w', code='newsid', published='showtime', summary='digest'),
    ),
    'api-fastnews': JsonOptions(
        items='data.fastNewsList', fields=Fields(title='title', code='code', published='showTime', summary='summary')
    ),
    'api-search-jsonp': JsonOptions(
        items='result.cmsArticleWebOld',
        fields=Fields(
            title='title', link='url', code='code', published='date', publisher='mediaName', summary='content'
        ),
    ),
}


@cache
def corpus(folder):
    """(documents by shape, truth by file) of the lists and posts."""
    documents: dict[str, list[dict]] = {}
    for line in (folder / 'inputs.jsonl').read_text('utf-8').splitlines():
        row = json.loads(line)
        documents.setdefault(row['shape'], []).append(row)
    truth: dict[str, list[dict]] = {}
    for line in (folder / 'truth' / 'items.jsonl').read_text('utf-8').splitlines():
        row = json.loads(line)
        truth.setdefault(row['file'], []).append(row)
    return documents, truth


def read(folder, row, options, kind):
    source = Source(name='s', kind=kind, timezone='Asia/Shanghai', options=options)
    media_type, _, parameters = (row['content_type'] or '').partition(';')
    body = (folder / row['file']).read_bytes()
    url = row['source'] if kind == 'json' else row['file']
    received = Received(url, body, NOW, media_type, parameters.partition('charset=')[2])
    return parse_document(received, source, ParseLimits())


def told(entry):
    stated = entry.published.at.strftime('%Y-%m-%dT%H:%M:%SZ') if entry.published and entry.published.at else None
    return (
        '' if entry.title_made else entry.title,
        entry.link or None,
        entry.code or None,
        stated,
        entry.publisher or None,
    )


@pytest.mark.parametrize('shape', LISTS)
def test_lists(shared, shape):
    folder = shared / 'corpus' / 'finews'
    documents, truth = corpus(folder)
    for row in documents[shape]:
        parsed = read(folder, row, LISTS[shape], 'json')
        assert (parsed.faults, [item.index for item in parsed.items]) == ((), [*range(len(truth[row['file']]))])
        for item, true in zip(parsed.items, truth[row['file']], strict=True):
            dated = '2022-04-1' if true['date_kind'] == 'day' else true['stated'] or ''
            expected = (true['carried_title'], true['url'], true['guid'], true['item_media'])
            title, link, code, stated, publisher = told(item.entry)
            assert (title, link, code, publisher) == expected, (row['file'], item.index)
            assert (stated or '').startswith(dated), (row['file'], item.index)


def test_posts(shared):
    folder = shared / 'corpus' / 'finews'
    documents, truth = corpus(folder)
    for row in documents['jekyll-post']:
        parsed = read(folder, row, PostsOptions(path='posts'), 'posts')
        [item], [true] = parsed.items, truth[row['file']]
        title, link, code, stated, _ = told(item.entry)
        assert parsed.faults == ()
        assert (title, link, code, stated) == (true['carried_title'], true['url'], None, true['stated']), row['file']
        assert item.entry.slug
        assert item.entry.tags
        assert item.entry.content.count('<p') > 0
        assert '返回' not in item.entry.content


def test_the_seed_comes_through_byte_for_byte(shared):
    [path] = (shared / 'seed').glob('*.md')
    source = Source(name='s', kind='posts', timezone='Asia/Shanghai', options=PostsOptions(path='posts'))
    parsed = parse_document(Received(str(path), path.read_bytes(), NOW), source, ParseLimits())
    entry = parsed.items[0].entry
    text = path.read_text('utf-8').partition('---\n')[2].partition('---\n')[2]
    assert parsed.faults == ()
    assert text.startswith(f'{entry.content}\n\n<{entry.link}>\n\n[')
    assert entry.tags == (f'{entry.publisher}新闻',)
