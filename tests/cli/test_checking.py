"""`check` of a source or an address: how much there is, how new, from when to when, in which encoding."""

from __future__ import annotations

import json

import pytest

DATES = ('Tue, 24 Nov 2026 08:00:00 +0800', 'Wed, 25 Nov 2026 08:00:00 +0800', 'am 32. des Monats', '')


def item(number, date):
    return {'title': f'第{number}条', 'link': f'https://a.example/{number}'} | ({'pubDate': date} if date else {})


@pytest.fixture
def url(world):
    world.origin.rss('/dated', *(item(n, date) for n, date in enumerate(DATES)), title='有日期的')
    return f'{world.origin.base}/dated'


def test_for_a_program(world, url):
    row = json.loads(world.ok('check', url, '--json').stdout)
    assert (row['entries'], row['newest'], row['encoding']) == (4, '第1条', 'utf-8')
    assert (row['oldest_at'], row['newest_at']) == ('2026-11-24T00:00:00+00:00', '2026-11-25T00:00:00+00:00')
    assert (row['undated'], row['unread']) == (1, ['am 32. des Monats'])


def test_for_a_person(world, url):
    first, *rest = world.ok('check', url).stdout.splitlines()
    assert first == f'{url}: 4 entries'
    told = dict(line.split(maxsplit=1) for line in rest)
    assert told['newest'] == '第1条'
    assert told['dates'] == ("2026-11-24 00:00 to 2026-11-25 00:00 UTC; 1 without; not understood: 'am 32. des Monats'")
    assert told['encoding'] == 'utf-8'


@pytest.mark.parametrize(
    ('document', 'declared', 'read'),
    [
        ('gb18030', '<?xml version="1.0" encoding="gb2312"?>', 'gb18030'),
        ('utf-16', '', 'utf-16'),
        ('utf-8', '', 'utf-8'),
    ],
)
def test_the_encoding_by_which_it_was_read(world, document, declared, read):
    text = (
        f'{declared}<rss version="2.0"><channel><title>编码</title><item><title>财经新闻</title></item></channel></rss>'
    )
    world.origin.serve('/coded', text.encode(document), media_type='application/rss+xml')
    row = json.loads(world.ok('check', f'{world.origin.base}/coded', '--json').stdout)
    assert row['newest'] == '财经新闻'
    assert row['encoding'].startswith(read)


def test_every_source_online(world):
    result = world.run('check', '--online', '--json')
    rows = {row['source']: row for row in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1  # one of them is bad
    assert rows['证券时报网']['entries'] == 3
    assert rows['证券时报网']['encoding'] == 'utf-8'
    assert rows['坏的']['error']
    assert rows['坏的']['encoding'] == ''
