"""Which items are one entry: one database, one round and a second one, every rule with groups and hosts of its own."""

import json

import pytest

pytestmark = pytest.mark.slow

N = '2024041223390130'  # a code is this and two digits
NW = f'NW{N}'
DAY = '2024-04-12 08:00:00'
PARAM = {'param': 'infoCode'}
PATHS = {'path': [r'/a/(\d{18})\.html', r'/news/\d+,(\d{18})\.html'], 'prefix': 'NW'}
GUID = {'guid': r'^(NW\d{18})$'}
LIST = {'kind': 'json', 'items': 'data.list', 'fields': {'title': 't', 'link': 'u', 'code': 'c', 'published': 'd'}}
LIST['key'] = {'code': r'^((?:NW)?\d{18})$', 'prefix': 'NW'}
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/x/"><title>a</title><id>urn:x:f</id>
<updated>2024-04-12T00:00:00Z</updated><entry><title>号</title><id>{NW}03</id><updated>2024-04-12T00:00:00Z</updated>
<link href="y.html"/></entry></feed>"""
WRAPPED = 'https://go.wrap.example/out?to=https%3A%2F%2Freal.example%2F1%3Fspm_id%3D9'
OTHERS = ['https://site.example/a/b?id=7', 'https://site.example/A/b?id=8', 'https://site.example/A/b?id=7&page=2']
LINKED = f'<a href="https://p.example/a?infoCode={NW}07">看</a>'


def item(title, link='', day=12, **more):
    """The date is fixed, so that nothing depends on the clock."""
    shown = {'title': title, 'link': link, 'pubDate': f'{day:02d} Apr 2024 08:00:00 +0800', **more}
    return {key: value for key, value in shown.items() if value}


def first_round(place):  # noqa: PLR0915  # a table of cases, one line each
    """The documents of the first round; a1 and a2 are of one group. -> the rows of feeds.yml"""
    o, rows = place.origin, []

    def add(name, *items, key=PARAM, **options):
        o.rss(f'/{name}', *items)
        rows.append(place.source(name, f'/{name}', category=name, group=name.rstrip('0123456789'), key=key, **options))

    def add_list(name, *found):
        o.list(f'/{name}', *[{'d': DAY} | row for row in found])
        rows.append(place.source(name, f'/{name}', category=name, group=name.rstrip('0123456789'), **LIST))

    add('param1', item('参数', f'https://p.example/a?infoCode={NW}01'))
    add('param2', item('参数', f'https://q.example/b?x=1&INFOCODE={NW.lower()}01'))
    add('path1', item('路径', f'https://r.example/a/{N}02.html'), key=PATHS)
    add('path2', item('路径', f'https://s.example/news/77,{N}02.html'), key=PATHS)
    add('path3', item('路径', f'https://t.example/z?infoCode={NW}02'))
    add('guid1', item('号', 'https://u.example/1', guid=f'{NW}03'), key=GUID)
    add('guid2', key=GUID)
    o.serve('/guid2', ATOM, media_type='application/atom+xml')
    add_list('code1', {'t': '码', 'u': 'https://v.example/1', 'c': f'{N}04'})
    add_list('code2', {'t': '码', 'u': 'https://v.example/2', 'c': f'{NW}04'})
    add('letters', *[item(w, f'https://w.example/{w}?infoCode={w}{N}05') for w in ('NW', 'AP', 'AN')])
    long = [item(f'长{n}', f'https://x{n}.example/l?infoCode=20240412233901300100{n:03d}') for n in (1, 2)]
    long += [item(f'同长{n}', f'https://y{n}.example/l?infoCode=20240412233901300100999') for n in (1, 2)]
    add('long', *long)
    digits = [item(f'连{n}', f'https://x.example/d/{N}0600{n:03d}.html') for n in (1, 2)]
    add('digits', *digits, key={'path': r'(\d{18})', 'prefix': 'NW'})
    add('url1', item('址', 'http://www.Site.example:80/A/b?id=7&utm_source=rss#top'))
    add('url2', item('址', 'https://m.site.example/A/b?id=7'))
    add('url3', *[item(f'别{n}', link) for n, link in enumerate(OTHERS)])
    add('wrap1', item('包', WRAPPED))
    add('wrap2', item('包', 'https://real.example/1'))
    iri = item('无址', guid='urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a')
    add('bare', iri, item('只有号', guid='id 7'), item('只有题', day=3), item('只有题', day=4))
    same = 'https://channel.example/'
    add('constant', *[item(f'同号{n}', f'https://c.example/{n}', guid=same) for n in range(20)])
    live = [item(f'直播{n}', 'https://live.example/now', day=n) for n in (1, 2, 3)]
    add('live', *live, item('别处', 'https://live.example/4'))
    add('moved1', item('搬家', 'https://old.example/1', guid='M-1'))
    add('moved2', item('同号他源', 'https://other.example/1', guid='M-1'))
    add('body1', item('文中', 'https://b.example/1', description=LINKED))
    add('body2', item('文外', f'https://p.example/a?infoCode={NW}07'), item('文中', 'https://b.example/2'))
    add('join1', item('并', 'https://j.example/1'))
    add_list('join2', {'t': '并', 'c': f'{NW}08'})
    add_list('join3')
    add_list('split1', {'t': '争一', 'u': 'https://k.example/1', 'c': f'{NW}09'})
    add_list('split2', {'t': '争二', 'u': 'https://k.example/1', 'c': f'{NW}10'})
    two = item('原题二', f'https://mine.example/2?infoCode={NW}11')
    add('mine', item('原题', 'https://mine.example/1', description='原文'), two)
    add_list('hostile', {'t': '恶题', 'u': 'https://www.mine.example/1', 'c': f'{NW}11'})
    add('words1', item('旧', 'https://word.example/1', day=5))
    untitled = item('', 'https://word.example/2', day=9, description='空题')
    add('words2', item('新', 'https://word.example/1', day=9), untitled)
    add('words3', item('更旧', 'https://word.example/1', day=2), item('有题', 'https://word.example/2', day=5))
    add('early', item('外人', 'https://owner.example/1', day=8))
    add('owner', item('本人', 'https://owner.example/1', day=3), speaks_for=['owner.example'])
    return rows


def second_round(place):
    o = place.origin
    o.list('/join3', {'t': '并', 'u': 'https://j.example/1', 'c': f'{NW}08', 'd': DAY})
    o.rss('/join1', item('并', 'https://j.example/1'), item('后来', f'https://j.example/2?infoCode={NW}12'))
    o.rss('/moved', item('搬家', 'https://new.example/9', guid='M-1'))
    return ['join1', 'join3', 'moved1']


@pytest.fixture(scope='module')
def world(make_place):
    """Two rounds. -> entries and traces of both"""
    place = make_place()
    rows = first_round(place)
    urls = {'drop': ['spm_id'], 'unwrap': {'go.wrap.example/out': 'to'}}
    place.write(*rows, urls=urls)
    world = {'place': place, 'trace1': place.poll(), 'said1': place.polled.said, 'entries1': place.entries()}
    names = second_round(place)
    world |= {'trace2': place.poll(*names), 'entries2': place.entries()}
    return world


@pytest.fixture(scope='module')
def carried(world):
    """-> {source: entries it carries after the second round}"""
    found = {}
    for entry in world['entries2']:
        for name in {carrier['source'] for carrier in entry['carriers']}:
            found.setdefault(name, []).append(entry)
    return found


def rules_of(world, source):
    return [(line['rule'], line['entry']) for line in world['trace1'] if line['source'] == source]


CODED = {'param1 param2': '01', 'path1 path2 path3': '02', 'guid1 guid2': '03', 'code1 code2': '04'}


@pytest.mark.parametrize('names', CODED)
def test_one_code_is_one_entry_wherever_it_stands(world, carried, names):
    tag = f'tag:news.example.org,2026:{NW}{CODED[names]}'
    assert {entry['id'] for name in names.split() for entry in carried[name]} == {tag}
    assert {line for name in names.split() for line in rules_of(world, name)} == {('code', tag)}


def test_a_prefix_is_part_of_a_code(carried):
    assert {entry['title'] for entry in carried['letters']} == {'NW', 'AP', 'AN'}


def test_a_pattern_does_not_cut_a_code_out_of_more_digits(carried):
    assert {entry['title'] for entry in carried['digits']} == {'连1', '连2'}


def test_23_digits_are_no_code(world, carried):
    assert {rule for rule, _ in rules_of(world, 'long')} == {'url'}
    assert {entry['title'] for entry in carried['long']} == {'长1', '长2', '同长1', '同长2'}


def test_urls_are_compared_canonically_and_published_as_they_are(carried):
    [one] = carried['url1']
    assert carried['url2'] == [one]
    assert one['url'].lower().startswith(('http://www.site.example', 'https://m.site.example'))
    assert '/A/b?id=7' in one['url']
    assert len(carried['url3']) == 3
    assert [entry['id'] for entry in carried['wrap1']] == [entry['id'] for entry in carried['wrap2']]


def test_without_code_and_url_the_guid_then_title_and_date(world, carried):
    rules = rules_of(world, 'bare')
    assert [rule for rule, _ in rules] == ['guid', 'guid', 'digest', 'digest']
    ids = [made for _, made in rules]
    assert ids[0] == 'urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a'
    assert all(made.startswith('tag:news.example.org,2026:') for made in ids[1:])
    assert len(set(ids)) == 4
    assert {carrier['guid'] for entry in carried['bare'] for carrier in entry['carriers']} >= {'id 7'}


def test_a_guid_that_many_items_share_merges_nothing(world, carried):
    assert len(carried['constant']) == 20
    assert {rule for rule, _ in rules_of(world, 'constant')} == {'url'}


def test_a_url_that_items_of_one_document_share_merges_nothing(carried):
    assert sorted(entry['title'] for entry in carried['live']) == ['别处', '直播1', '直播2', '直播3']
    assert len({entry['id'] for entry in carried['live']}) == 4


def test_a_guid_counts_inside_its_own_source_and_outlives_a_url(world, carried):
    assert [entry['title'] for entry in carried['moved1']] == ['搬家']
    assert [entry['title'] for entry in carried['moved2']] == ['同号他源']
    [line] = [line for line in world['trace2'] if line['source'] == 'moved1']
    assert line['outcome'] in {'revised', 'merged', 'unchanged'}
    assert line['entry'] == 'https://old.example/1'


def test_neither_a_code_in_the_text_nor_a_title_merges(carried):
    assert len({entry['id'] for entry in carried['body1'] + carried['body2']}) == 3


def test_an_item_with_code_and_url_joins_earlier_and_later_ones(world, carried):
    before = {e['id'] for e in world['entries1'] if {'join1', 'join2'} & {c['source'] for c in e['carriers']}}
    assert len(before) == 2
    [joined] = carried['join2']
    assert {carrier['source'] for carrier in joined['carriers']} == {'join1', 'join2', 'join3'}
    assert joined['id'] in before
    assert joined['replaces'] == sorted(before - {joined['id']})
    assert joined['id'] == 'https://j.example/1', 'the id published first is kept'
    assert {'join1', 'join2', 'join3'} <= set(joined['categories'])


def test_when_code_and_url_disagree_the_code_wins_and_it_is_reported(world, carried):
    entries = {entry['id'] for name in ('split1', 'split2') for entry in carried[name]}
    assert entries == {f'tag:news.example.org,2026:{NW}{two}' for two in ('09', '10')}
    shown = [line for line in world['said1'].splitlines() if line.startswith('split2')]
    assert 'https://k.example/1' in shown[0]
    assert f'{NW}09' in shown[0]


def test_a_source_of_another_group_adds_itself_and_its_fixed_category_only(carried):
    titles = {entry['title'] for entry in carried['hostile']}
    assert '恶题' not in titles
    assert titles <= {'原题', '原题二'}
    assert {entry['title'] for entry in carried['mine']} == {'原题', '原题二'}, 'it joins nothing'
    for entry in carried['hostile']:
        assert set(entry['categories']) == {'mine', 'hostile'}
        assert 'mine' in {carrier['source'] for carrier in entry['carriers']}


def test_the_newest_words_win_a_stale_carrier_and_an_empty_title_never(carried):
    by_url = {entry['url']: entry for entry in carried['words2']}
    assert by_url['https://word.example/1']['title'] == '新'
    assert by_url['https://word.example/1']['published'] == '2024-04-02T00:00:00Z'
    assert by_url['https://word.example/2']['title'] == '有题'
    assert all({'words2', 'words3'} <= set(entry['categories']) for entry in carried['words2'])


def test_who_speaks_for_the_host_outranks_the_order_of_feeds_yml(carried):
    [entry] = carried['early']
    assert entry['title'] == '本人'
    assert set(entry['categories']) == {'early', 'owner'}


def test_one_id_in_every_format_and_category(world, carried):
    files = world['place'].files()
    [entry] = carried['path1']
    for name in ['all', *[f'category/{slug}' for slug in entry['slugs']]]:
        assert f'<id>{entry["id"]}</id>'.encode() in files[f'{name}.atom']
        assert entry['id'] in [row['id'] for row in json.loads(files[f'{name}.json'])['items']]
        assert f'>{entry["id"]}</guid>'.encode() in files[f'{name}.rss']
        assert files[f'{name}.atom'].count(entry['id'].encode()) == 1, 'once in each feed'
