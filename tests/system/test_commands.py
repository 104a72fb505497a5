"""The other commands: export, backup, takedown, import, add, and what they say when they cannot."""

import json
import re
import shutil
import sqlite3

import pytest

pytestmark = pytest.mark.slow

CODE = 'NW202404122339013001'
DATE = {'pubDate': 'Fri, 12 Apr 2024 08:00:00 +0800'}
COMMENTED = """# 一
site:   {title: 测试}     # 二

defaults: {private: true}
sources:
  # 三
  - name: 甲     # 四
    url: "BASE/a"
    category: "甲"
# 五
"""


@pytest.fixture(scope='module')
def exported(polled):
    out = polled.folder / 'out'
    polled.ok('export', 'posts', out)
    return out


def test_what_does_not_exist_is_usage(polled):
    for ran in polled.each(('poll', '没有'), ('check', '没有'), ('takedown', 'x'), ('poll', '--nonsense')):
        assert ran.code == 2
        assert ran.err != ''
        assert ran.out == ''


def test_export_writes_posts_once(polled, exported):
    out = exported
    coded = out / f'2024-04-12-{CODE}.md'
    others = [path for path in out.iterdir() if path != coded]
    assert len(others) == 1
    assert re.fullmatch(r'2024-04-12-[a-z0-9-]+\.md', others[0].name)
    text = coded.read_text(encoding='utf-8')
    for line in ['layout: post', 'title: "数字经济"', 'date: 2024-04-12 08:00:00 +0800', 'tags: 甲报新闻']:
        assert line in text.splitlines()
    assert '正文甲' in text
    assert '](//news.example.org/category/jiabao.html)' in text
    assert '](//news.example.org/)' in text
    assert f'<https://a.example/1?infoCode={CODE}>' in text
    before = {path: path.stat().st_mtime_ns for path in [out, *out.iterdir()]}
    polled.ok('export', 'posts', out)
    assert {path: path.stat().st_mtime_ns for path in [out, *out.iterdir()]} == before


def test_exported_posts_come_back_as_the_same_entries(polled, exported, make_place):
    back = make_place()
    shutil.copytree(exported, back.folder / 'posts')
    key = {'param': 'infoCode'}
    back.write({'name': '旧站', 'kind': 'posts', 'path': 'posts', 'category': {'from': 'tags'}, 'key': key})
    back.poll()
    kept = ('title', 'url', 'date_published', 'tags')
    there, here = [
        {row['id']: [row[key] for key in kept] for row in json.loads(at.files()['all.json'])['items']}
        for at in (polled, back)
    ]
    assert len(there) == 2
    assert here == there


def test_a_backup_restores(copied):
    files = copied.files()
    backup = copied.folder / 'backup.db'
    copied.ok('backup', backup)
    shutil.rmtree(copied.folder / 'data')
    (copied.folder / 'data').mkdir()
    shutil.copy(backup, copied.folder / 'data' / 'aggregator.db')
    copied.ok('publish')
    assert copied.files() == files


def test_a_backup_that_cannot_be_written_names_its_file(polled):
    ran = polled.run('backup', '/nowhere/b.db')
    assert ran.code == 1
    assert '/nowhere' in ran.said


def test_a_takedown_empties_every_output_and_outlives_a_poll(copied):
    copied.write(copied.source('甲', '/a', category='甲报新闻', key={'param': 'infoCode'}))
    assert [row['title'] for row in copied.ok('search', '数字', '--json').rows()] == ['数字经济']
    copied.ok('takedown', CODE)
    link = f'https://www.a.example/1?infoCode={CODE}&utm_source=x'
    copied.origin.rss('/a', {'title': '数字经济改', 'link': link, **DATE})
    trace = copied.poll()
    assert trace[0]['outcome'] == 'dropped'
    entries, found = copied.each(('entries', '--json'), ('search', '数字', '--json'))
    assert [row['title'] for row in entries.rows()] == ['其他']
    assert found.rows() == []
    assert not [name for name, data in copied.files().items() if '数字经济'.encode() in data or CODE.encode() in data]


def test_import_adds_rows_and_keeps_comments(place):
    text = COMMENTED.replace('BASE', place.origin.base)
    place.write_text(text)
    rows = f'<outline text="旧" type="rss" xmlUrl="{place.origin.base}/a"/><outline text="新源" type="rss" xmlUrl="https://n.example/f"/>'
    (place.folder / 'in.opml').write_text(
        f'<opml version="2.0"><head><title>x</title></head><body>{rows}</body></opml>'
    )
    place.ok('import', place.folder / 'in.opml')
    lines = (place.folder / 'feeds.yml').read_text(encoding='utf-8').splitlines()
    assert [line for line in lines if line in text.splitlines()] == text.splitlines()
    assert [line.strip() for line in lines if 'https://n.example/f' in line] == ['url: https://n.example/f']
    assert sum('/a"' in line for line in lines) == 1


def test_import_of_what_is_no_opml_fails(polled):
    before = (polled.folder / 'feeds.yml').read_bytes()
    (polled.folder / 'bad.opml').write_text('<opml')
    assert polled.run('import', polled.folder / 'bad.opml').code in {1, 2}
    assert (polled.folder / 'feeds.yml').read_bytes() == before


def test_add_finds_the_feed_behind_a_page_and_keeps_comments(place):
    text = COMMENTED.replace('BASE', place.origin.base)
    place.write_text(text)
    head = '<link rel="alternate" type="application/rss+xml" href="/deep/one">'
    place.origin.serve('/page', f'<html><head>{head}</head></html>', media_type='text/html')
    place.origin.rss('/deep/one', {'title': '一', 'link': 'https://b.example/1', **DATE}, title='新频道')
    place.ok('add', place.origin.base + '/page', '--category', '新类')
    made = (place.folder / 'feeds.yml').read_text(encoding='utf-8')
    assert all(line in made.splitlines() for line in text.splitlines())
    for part in ('新频道', place.origin.base + '/deep/one', '新类'):
        assert part in made
    assert place.run('add', place.origin.base + '/none').code == 1
    assert (place.folder / 'feeds.yml').read_text(encoding='utf-8') == made


def rows_in(path):
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = [database.execute(f'select * from "{name}"').fetchall() for name in names if 'words' not in name]
    database.close()
    return rows


def test_a_database_of_a_later_version_is_left_alone(copied):
    path = copied.folder / 'data' / 'aggregator.db'
    with sqlite3.connect(path) as later:
        later.execute("insert into _sqlite_migrations values (99, 'aggregator', '9999-later', '2099-01-01')")
    later.close()
    before = rows_in(path)
    for ran in copied.each(('poll',), ('entries',)):
        assert ran.code in {1, 2}
        assert 'later version' in ran.said
    assert rows_in(path) == before


def test_a_data_folder_that_cannot_be_used_is_told(copied):
    (copied.folder / 'file').write_text('x')
    (copied.folder / 'spoilt').mkdir()
    (copied.folder / 'spoilt' / 'aggregator.db').write_bytes(b'no database' * 999)
    folders = ('file', 'spoilt', 'spoilt')
    commands = [('poll',), ('publish',), ('entries', '--json')]
    ran_all = copied.each(*[(*words, {'data': data}) for words, data in zip(commands, folders, strict=True)])
    for ran, data in zip(ran_all, folders, strict=True):
        assert ran.code in {1, 2}
        assert str(copied.folder / data) in ran.err
        assert ran.out == ''
    assert (copied.folder / 'spoilt' / 'aggregator.db').read_bytes() == b'no database' * 999
