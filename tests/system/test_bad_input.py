"""One bad thing stays one bad thing: documents, hosts and files that are broken, empty, hostile or silent."""

import gzip
import json

import pytest

pytestmark = pytest.mark.slow

PAGE = '<html><body><ul>{}</ul></body></html>'
ROW = '<li><a href="/n/{0}.html">页{0}</a><span>2024-04-12 08:00</span></li>'
POST = '---\ntitle: {0}\ndate: 2024-04-12 08:00:00 +0800\ntags: {0}\n---\n<p>{0}</p>\n'
HTML = {'media_type': 'text/html; charset=utf-8'}
JSON = {'media_type': 'application/json'}
BOMB = '<!DOCTYPE r [<!ENTITY a "ha">' + ''.join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip('abcdefgh', 'bcdefghi', strict=True)
)


def item(title, number, raw=''):
    when = f'{number:02d} Apr 2024 08:00:00 +0800'
    return f'<item><title>{title}</title><link>https://a.example/{number}</link><pubDate>{when}</pubDate>{raw}</item>'


def channel(*items, head='<?xml version="1.0" encoding="utf-8"?>', end='</channel></rss>'):
    return f'{head}<rss version="2.0"><channel><title>频道</title><link>https://a.example/</link>{"".join(items)}{end}'


def good_round(place, elsewhere):
    """The first documents: all that is to go bad later is well, and what is bad from the start. -> rows"""
    o, rows = place.origin, []

    def add(name, body, status=200, headers=None, media_type='application/xml', **options):
        o.serve(f'/{name}', body, status, headers, media_type)
        rows.append(place.source(name, f'/{name}', category=name, **options))

    page = {'kind': 'page', 'items': 'li', 'fields': {'published': 'span'}}
    add('page', PAGE.format(ROW.format(1) + ROW.format(2)), **HTML, **page)
    add('nopage', PAGE.format('<p>没有</p>'), **HTML, **page)
    listed = {'kind': 'json', 'items': 'data.list', 'fields': {'title': 't', 'link': 'u'}}
    add('list', json.dumps({'data': {'list': [{'t': '表一', 'u': 'https://a.example/l'}]}}), **JSON, **listed)
    add('nolist', json.dumps({'data': {'rows': []}}), **JSON, **listed)
    add('notjson', '<html>登录</html>', **HTML, **listed)
    add('emptied', channel(item('空前', 11), item('空前二', 12)))
    add('zeroed', channel(item('零前', 13)))
    add('htmlfeed', '<!doctype html><html><head><title>登录</title></head><body>x</body></html>', **HTML)
    add('broken', channel(item('好一', 14), item('好二', 15), '<item><title>坏', end=''))
    add('chars', channel(item('字\x00\x0b符&#xD800;', 16), item('字后', 17)))
    add('bomb', channel(item('爆&i;', 18), item('爆后', 19), head=BOMB + ']>'))
    add('deep', channel(item('深', 20, f'<description>{"&lt;div>" * 20000}</description>'), item('深后', 21)))
    add('long', channel(item('长' * 100_000, 22), item('', 23, '<description>无题</description>')))
    script = '&lt;script&gt;alert(1)&lt;/script&gt;&lt;a href="javascript:x()" onclick="y()"&gt;文&lt;/a&gt;'
    add('script', channel(item('脚本&lt;script&gt;', 24, f'<description>{script}</description>')))
    add('badlink', channel('<item><title>坏址</title><link>javascript:alert(1)</link></item>', item('址后', 25)))
    packed = gzip.compress(b' ' * 50_000_000)
    add('inflated', packed, headers={'Content-Encoding': 'gzip'})
    add('gbk', channel(item('国标', 26), head='<?xml version="1.0" encoding="gb2312"?>').encode('gbk'))
    add('liar', channel(item('谎称', 27)), headers={'Content-Type': 'text/xml; charset=iso-8859-1'})
    add('told', channel(item('指定', 28)).encode('gbk'), encoding='gb18030')
    add('gone', '', 410)
    add('silent', '', 0)
    add('loop', '', 302, {'Location': '/loop'})
    elsewhere.rss('/secret', {'title': '内网', 'link': 'https://a.example/99'})
    add('away', '', 302, {'Location': elsewhere.base + '/secret'})
    rows.append({'name': 'private', 'url': elsewhere.base + '/secret', 'private': False})
    rows.append({'name': 'refused', 'url': 'http://127.0.0.1:1/x'})
    posts(place.folder)
    rows.append({'name': 'posts', 'kind': 'posts', 'path': 'posts', 'category': {'from': 'tags'}})
    rows.append({'name': 'noposts', 'kind': 'posts', 'path': 'nowhere'})
    add('well', channel(item('好', 30)))
    return rows


def posts(folder):
    """A folder with one good post, a broken one, and links that lead out of it."""
    inside, outside = folder / 'posts', folder / 'outside'
    inside.mkdir()
    outside.mkdir()
    (inside / '2024-04-12-good.md').write_text(POST.format('好文'), encoding='utf-8')
    (inside / '2024-04-12-broken.md').write_bytes(b'---\ntitle: [\n---\n\xff\xfe')
    (inside / '2024-04-12-empty.md').write_bytes(b'')
    (outside / '2024-04-12-secret.md').write_text(POST.format('机密'), encoding='utf-8')
    (inside / '2024-04-12-link.md').symlink_to(outside / '2024-04-12-secret.md')
    (inside / 'sub').symlink_to(outside, target_is_directory=True)


@pytest.fixture(scope='module')
def world(make_place):
    place, elsewhere = make_place(), make_place().origin
    (place.folder / 'config').mkdir()
    (place.folder / 'config' / 'aggregator.yml').write_text('polling: {fetch: {total: 3s}}\n')
    place.write(*good_round(place, elsewhere))
    trace = place.poll(code=1)
    world = {'place': place, 'elsewhere': elsewhere, 'trace': trace, 'said': place.polled.said}
    world |= {'files': place.files(), 'first': place.sources()}
    o = place.origin
    o.serve('/page', PAGE.format('<li>改版</li>').replace('li>', 'dd>'), **HTML)
    o.serve('/list', json.dumps({'data': {'list': []}}), **JSON)
    o.serve('/emptied', channel())
    o.serve('/zeroed', '')
    world['trace2'] = place.run('poll', 'page', 'list', 'emptied', 'zeroed', '--json')
    sources, entries = [ran.rows() for ran in place.each(('sources', '--json'), ('entries', '--json'))]
    return world | {'second': {row['name']: row for row in sources}, 'entries': entries}


@pytest.fixture(scope='module')
def titles(world):
    """-> {source: titles of the entries it carries}"""
    found = {}
    for entry in world['entries']:
        for name in {carrier['source'] for carrier in entry['carriers']}:
            found.setdefault(name, set()).add(entry['title'])
    return found


FAILING = [
    'nopage',
    'notjson',
    'htmlfeed',
    'inflated',
    'gone',
    'silent',
    'loop',
    'away',
    'private',
    'refused',
    'noposts',
]


@pytest.mark.parametrize('name', FAILING)
def test_a_source_that_cannot_be_read_is_an_error_where_a_person_looks(world, titles, name):
    row = world['first'][name]
    assert row['error'] != ''
    assert row['state'] not in {'ok', 'degraded'}
    assert name in world['said']
    assert name not in titles


def test_every_other_source_is_published(world, titles):
    assert titles['well'] == {'好'}
    assert '好'.encode() in world['files']['category/well.atom']
    assert world['trace'][-1]['source'] == 'well'
    assert world['first']['well'] | {'state': 'ok', 'error': ''} == world['first']['well']


def test_an_address_inside_is_asked_neither_directly_nor_by_a_redirect(world):
    assert world['elsewhere'].requests == []


def test_a_page_that_matches_nothing_any_more_is_an_error_and_keeps_its_entries(world, titles):
    assert world['second']['page']['error'] != ''
    assert world['second']['page']['state'] != 'ok'
    assert world['second']['page']['entries'] == 2
    assert titles['page'] == {'页1', '页2'}
    assert world['trace2'].code == 1


@pytest.mark.parametrize(
    ('name', 'kept'), {'list': {'表一'}, 'emptied': {'空前', '空前二'}, 'zeroed': {'零前'}}.items()
)
def test_a_document_that_became_empty_is_a_fault_and_keeps_its_entries(world, titles, name, kept):
    assert titles[name] == kept
    [row] = [row for row in world['trace2'].rows() if row['source'] == name]
    assert row['error'] or row['faults']
    assert world['second'][name]['state'] != 'ok'
    assert world['second'][name]['error'] != ''


def test_a_malformed_feed_gives_its_good_entries_and_is_degraded(world, titles):
    assert titles['broken'] >= {'好一', '好二'}
    assert world['first']['broken']['state'] == 'degraded'
    assert world['first']['broken']['error'] != ''


@pytest.mark.parametrize(('name', 'title'), {'chars': '字后', 'deep': '深后', 'badlink': '址后'}.items())
def test_a_hostile_item_leaves_the_next_one_alone(titles, name, title):
    assert title in titles[name]


def test_bounds_hold(world, titles):
    assert 'bomb' not in titles or not [title for title in titles['bomb'] if 'hahaha' in title]
    assert max(len(title) for title in titles['long']) <= 510
    assert all(len(data) < 2_000_000 for data in world['files'].values())


def test_no_script_and_no_broken_character_comes_through(world):
    for name, data in world['files'].items():
        if name.endswith(('.gz', '.br')):
            continue
        low = data.lower()
        assert b'alert(1)' not in low, name
        assert b'onclick' not in low, name
        assert b'javascript:' not in low, name
        assert b'\x00' not in data, name
        assert b'\x0b' not in data, name


def test_encodings_are_told_declared_or_detected(titles):
    assert (titles['gbk'], titles['liar'], titles['told']) == ({'国标'}, {'谎称'}, {'指定'})


def test_posts_stay_inside_their_folder(world, titles):
    assert '好文' in titles['posts']
    assert '机密' not in titles['posts']
    assert not [name for name, data in world['files'].items() if '机密'.encode() in data]
    assert '机密' not in json.dumps(world['trace'], ensure_ascii=False)


def test_a_source_that_is_gone_says_so(world):
    assert '410' in world['first']['gone']['error']
    assert world['first']['gone']['state'] != world['first']['silent']['state']
