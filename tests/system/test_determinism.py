"""Output is a function of documents and configuration: not of history, order, process, zone or locale."""

import json
import shutil

import pytest

pytestmark = pytest.mark.slow

PUBLISHER = {'from': 'publisher', 'label': '{publisher}新闻'}
LIST = {'kind': 'json', 'items': 'data.list'}
FIELDS = {'title': 't', 'link': 'u', 'published': 'd', 'publisher': 'm', 'summary': 's', 'code': 'c'}
# Each is a configuration to change to: what changes at the top, in the rows by name, and a title that goes.
CHANGES = {
    'rules and aliases': (
        {
            'rules': [
                {'when': {'any': [{'title': '经济'}, {'text': '经济'}]}, 'add': '经济'},
                {'when': {'title': '^甲一'}, 'remove': '甲'},
                {'when': {'title': '广告'}, 'drop': True},
            ],
            'aliases': {'证券时报': '证券时报网'},
        },
        {},
        '广告',
    ),
    'urls.drop, labels, key': (
        {'urls': {'drop': ['spm_id']}, 'categories': [{'label': '甲改', 'slug': 'gai', 'title': '题'}]},
        {
            '甲': {'category': '甲改'},
            '丙': {'category': PUBLISHER | {'label': '{publisher}资讯'}, 'content': 'summary'},
        },
        '甲一又',
    ),
}


def item(title, link, number, **more):
    return {'title': title, 'link': link, 'pubDate': f'{number:02d} Apr 2024 08:00:00 +0800', **more}


def documents(place):
    o = place.origin
    o.rss(
        '/a',
        item('甲一', 'https://x.example/1', 1, description='数字经济'),
        item('广告', 'https://x.example/2', 2),
        item('同日两题之一', 'https://x.example/3', 3, description='甲说'),
    )
    o.rss(
        '/b',
        item('甲一又', 'https://x.example/1?spm_id=7', 1),
        item('同日两题之二', 'https://x.example/3', 3, description='乙说'),
        item('乙四', 'https://x.example/4', 4, category='签'),
    )
    row = {'d': '2024-04-05 09:00:00'}
    o.list(
        '/c',
        row | {'t': '丙一', 'u': 'https://y.example/1', 'm': '证券时报', 's': '经济'},
        row | {'t': '丙二', 'u': 'https://y.example/2', 'm': '证券时报网', 'c': 'NW202404050000000001'},
        row | {'t': '丙三', 'u': 'https://y.example/3', 's': '（文章来源：新华社）'},
    )


def configure(place, change=None):
    top, rows, _ = CHANGES.get(change, ({}, {}, ''))
    shapes = [
        place.source('甲', '/a', category='甲', group='g'),
        place.source('乙', '/b', category={'from': 'tags', 'labels': ['乙']}, group='g'),
        place.source('丙', '/c', **LIST, fields=FIELDS, key={'code': r'^(NW\d{18})$'}, category=PUBLISHER),
    ]
    place.write(*[shape | rows.get(shape['name'], {}) for shape in shapes], **top)


@pytest.fixture(scope='module')
def old(make_place):
    """A place polled before anything was changed."""
    place = make_place()
    documents(place)
    configure(place)
    place.poll()
    return place


def differing(left, right):
    return sorted(name for name in left if left[name] != right.get(name))


@pytest.mark.parametrize('change', CHANGES)
def test_a_changed_configuration_gives_what_a_fresh_database_would(old, change):
    changed, fresh = f'changed {change}', f'fresh {change}'
    shutil.copytree(old.folder / 'data', old.folder / changed)
    configure(old, change)
    before = old.files(changed)
    assert [ran.code for ran in old.each(('publish', {'data': changed}), ('poll', {'data': fresh}))] == [0, 0]
    made, wanted = old.files(changed), old.files(fresh)
    gone = CHANGES[change][2].encode()
    assert gone in before['all.json']
    assert gone not in made['all.json']
    assert differing(wanted, made) == []
    left_over = {name.split('.')[0] for name in set(made) - set(wanted)}
    assert left_over <= {name.split('.')[0] for name in before if name.startswith('category/')}


def test_a_poll_that_brings_nothing_takes_up_a_change_too(old):
    shutil.copytree(old.folder / 'data', old.folder / 'polled')
    configure(old, 'rules and aliases')
    old.poll(data='polled')
    files = old.files('polled')
    assert 'category/jingji.atom' in files
    labels = {item['title']: item['tags'] for item in json.loads(files['all.json'])['items']}
    assert '广告' not in labels
    assert set(labels['丙一']) == {'证券时报网新闻', '经济'}


def test_the_order_of_documents_does_not_matter(old):
    configure(old)
    old.poll('乙', data='other order')
    old.poll('丙', '甲', data='other order')
    assert differing(old.files('other order'), old.files()) == []
    assert set(old.files('other order')) == set(old.files())


def stamps(root):
    return {path: path.stat().st_mtime_ns for path in root.rglob('*')}


def test_publishing_again_rewrites_nothing_and_gives_equal_bytes_anywhere(old):
    configure(old)
    shutil.copytree(old.folder / 'data', old.folder / 'again')
    public = old.folder / 'again' / 'public'
    files, before = old.files('again'), stamps(public)
    old.ok('publish', data='again', TZ='America/New_York', PYTHONHASHSEED='1', LC_ALL='C')
    assert stamps(public) == before
    old.poll(data='again')
    assert stamps(public) == before, 'nor does a round without news'
    shutil.rmtree(public)
    old.ok('publish', data='again', TZ='Asia/Tokyo', PYTHONHASHSEED='2', LC_ALL='zh_CN.UTF-8')
    assert differing(files, old.files('again')) == []
    assert set(files) == set(old.files('again'))


def test_an_edited_document_leaves_what_it_does_not_touch_alone(old):
    configure(old)
    shutil.copytree(old.folder / 'data', old.folder / 'edited')
    before = stamps(old.folder / 'edited' / 'public')
    old.origin.rss('/b', item('乙五', 'https://x.example/5', 5))
    try:
        old.poll('乙', data='edited')
    finally:
        documents(old)
    after = stamps(old.folder / 'edited' / 'public')
    written = {path.name for path in after if path.is_file() and after[path] != before.get(path)}
    assert {'yi.atom', 'yi.rss', 'yi.json', 'yi.html', 'all.atom'} <= written
    assert not [name for name in written if name.startswith(('xinhuashe', 'zhengquanshibaowang'))]
    for still in (b'"https://x.example/4"', b'"tag:news.example.org,2026:NW202404050000000001"'):
        assert still in old.files('edited')['all.json']
