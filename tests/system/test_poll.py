"""What `poll` does with its documents: the trace to the letter, failing sources, validators, pages and details."""

import json

import pytest

pytestmark = pytest.mark.slow

FIELDS = ['source', 'url', 'index', 'outcome', 'entry', 'identity', 'rule']


def item(title, number=0, **more):
    link = {'link': f'https://a.example/{number}'} if number else {}
    return {'title': title, **link, 'pubDate': f'{number + 1:02d} Apr 2024 08:00:00 +0800', **more}


def outcomes(trace, source=''):
    return [line['outcome'] for line in trace if source in {'', line['source']}]


@pytest.fixture(scope='module')
def rounds(make_place):
    """Three rounds of three sources, one of which always fails."""
    place = make_place()
    o = place.origin
    o.rss('/a', item('一', 1), item('二', 2), item('丢弃', 3), item('四', 4))
    o.rss('/b', item('一', 1), item('五', 5))
    o.serve('/bad', 'no', 500)
    place.write(
        place.source('甲', '/a', category='甲', group='g'),
        place.source('坏', '/bad'),
        place.source('乙', '/b', category='乙', group='g'),
        rules=[{'when': {'title': '^丢弃$'}, 'drop': True}],
    )
    first = place.poll(code=1)
    said, files = place.polled.said, place.files()
    status, sources = place.each(('status',), ('sources', '--json'))
    sources = {row['name']: row for row in sources.rows()}
    second = place.poll(code=1)
    o.rss('/a', item('六', 6), item('一', 1), item('二改', 2, pubDate='09 Apr 2024 09:00:00 +0800'), item('丢弃', 3))
    third = place.poll('甲')
    return {'place': place, 'traces': [first, second, third], 'said': said, 'files': files, 'sources': sources} | {
        'status': status.said
    }


def test_a_trace_has_these_fields_in_this_order_and_counts_from_0_in_each_document(rounds):
    base = rounds['place'].origin.base
    for trace in rounds['traces'][:2]:
        assert [list(line) for line in trace] == [FIELDS] * 6
        shown = [(line['source'], line['url'], line['index']) for line in trace]
        a = [('甲', f'{base}/a', index) for index in range(4)]
        b = [('乙', f'{base}/b', index) for index in range(2)]
        assert [row for row in shown if row[0] == '甲'] == a
        assert [row for row in shown if row[0] == '乙'] == b
        assert sorted(shown) == sorted(a + b)


def test_outcomes_are_new_merged_revised_unchanged_and_dropped(rounds):
    first, second, third = rounds['traces']
    a, b = outcomes(first, '甲'), outcomes(first, '乙')
    assert a[2] == 'dropped'
    assert sorted([a[0], b[0]]) == ['merged', 'new']
    assert a[1] == a[3] == b[1] == 'new'
    assert set(outcomes(second)) <= {'unchanged', 'dropped'}
    assert outcomes(second, '乙') == ['unchanged', 'unchanged']
    assert outcomes(third)[:3] == ['new', 'unchanged', 'revised']
    assert len(third) == 4


def test_the_entry_of_a_trace_is_the_output_id(rounds):
    first, _, third = rounds['traces']
    ids = {entry['id'] for entry in rounds['place'].entries()}
    assert {line['entry'] for line in first + third if line['outcome'] != 'dropped'} == ids
    assert third[2]['entry'] == 'https://a.example/2'
    assert {line['rule'] for line in first} == {'url'}
    assert all(line['identity'] for line in first)


def test_one_failing_source_stops_no_other(rounds):
    assert '坏' in rounds['said']
    assert rounds['sources']['坏']['error'] != ''
    assert '500' in rounds['sources']['坏']['error']
    assert rounds['sources']['坏']['state'] != rounds['sources']['甲']['state']
    assert rounds['sources']['甲']['error'] == ''
    assert '坏' in rounds['status']
    titles = [row['title'] for row in json.loads(rounds['files']['all.json'])['items']]
    assert sorted(titles) == sorted(['一', '二', '四', '五'])
    assert {'category/jia.atom', 'category/yi.rss'} <= set(rounds['files'])


ETAG, MODIFIED = 'W/"a b;c,\'d"', 'Fri, 12 Apr 2024 08:00:00 +0000'


def test_validators_go_back_byte_for_byte_and_outlive_errors_and_restarts(place):
    o = place.origin
    both = {'ETag': ETAG, 'Last-Modified': MODIFIED}
    for path, headers in {'/both': both, '/odd': {'ETag': 'no-quotes'}, '/swap': both, '/drop': both}.items():
        o.rss(path, item(path, 1), headers=headers)
    o.rss('/date', item('/date', 1), headers={'Last-Modified': '2024-04-12 8:00'})
    names = ['both', 'odd', 'swap', 'drop', 'date']
    rows = [place.source(name, f'/{name}', category='一') for name in names]
    place.write(*rows)
    assert set(outcomes(place.poll())) <= {'new', 'merged'}
    o.rss('/swap', item('swap', 1), item('more', 2), headers={'ETag': '"2"'})
    o.rss('/drop', item('drop', 1), item('more', 3))
    second = place.poll()
    assert {line['source'] for line in second} <= {'swap', 'drop', 'date'}, 'a 304 brings no document'
    o.serve('/both', 'in trouble', 503)
    place.poll('both', 'swap', 'drop', code=1)
    o.rss('/both', item('/both', 1), headers=both)
    rows[0]['category'] = '二'
    place.write(*rows)
    place.poll('both')

    def sent(name):
        headers = [request.headers for request in o.asked(f'/{name}')]
        return [(row.get('if-none-match'), row.get('if-modified-since')) for row in headers]

    assert sent('both') == [(None, None)] + [(ETAG, MODIFIED)] * 3
    assert sent('odd') == [(None, None), ('no-quotes', None)]
    assert sent('date') == [(None, None), (None, '2024-04-12 8:00')]
    assert sent('swap') == [(None, None), (ETAG, MODIFIED), ('"2"', None)], 'a 200 replaces both'
    assert sent('drop') == [(None, None), (ETAG, MODIFIED), (None, None)], 'a 200 without them drops both'
    sources, entries = [ran.rows() for ran in place.each(('sources', '--json'), ('entries', '--json'))]
    assert {row['name']: row['error'] for row in sources}['both'] == ''
    labels = {e['title']: e['categories'] for e in entries if e['carriers'][0]['source'] == 'both'}
    assert all('二' in found for found in labels.values()), 'a new category needs no new document'


@pytest.fixture(scope='module')
def kinds(make_place):
    """Two rounds of a redirect, a JSON list with details, and one source for each level of content."""
    place = make_place()
    o = place.origin
    o.serve('/to', status=302, headers={'Location': '/real'})
    o.rss('/real', item('真', 9), headers={'Set-Cookie': 'a=b'})
    rows = [place.source('转', '/to', headers={'X-Own': '1'})]
    o.list('/list?page=1', row(1), row(2))
    o.list('/list?page=2', row(3))
    for number in (1, 2, 3, 4):
        body = json.dumps({'body': f'<p>全文{number}</p>'}, ensure_ascii=False)
        o.serve(f'/text?id={number:018d}', body, media_type='application/json')
    rows.append(place.source('表', '/list?page={page}', **LIST))
    rows[-1]['detail'] = {'url': o.base + '/text?id={code}', 'fields': {'content': 'body'}}
    content = '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">全文{}</content:encoded>'
    for number, level in enumerate(('full', 'summary', 'link'), 20):
        o.rss(f'/{level}', item(level, number, description=f'摘要{level}', raw=content.format(level)))
        rows.append(place.source(level, f'/{level}', category=level, content=level))
    place.write(*rows)
    first = place.poll()
    o.list('/list?page=1', row(4), row(1))
    return place, [first, place.poll()], place.files()


LIST = {
    'kind': 'json',
    'pages': 2,
    'items': 'data.list',
    'fields': {'title': 't', 'link': 'u', 'code': 'c', 'published': 'd'},
    'key': {'code': r'^(\d{18})$', 'prefix': 'NW'},
}


def row(number):
    return {'t': f'题{number}', 'u': f'https://n.example/{number}', 'c': f'{number:018d}', 'd': '2024-04-12 08:00'}


def test_a_request_names_us_and_carries_nothing_private(kinds):
    place, traces, _ = kinds
    assert [line['url'] for line in traces[1] if line['source'] == '转'] == [place.origin.base + '/real']
    for request in place.origin.requests:
        assert not {'cookie', 'referer', 'authorization'} & set(request.headers)
        agent = request.headers['user-agent']
        assert [word for word in ('aggregator', '/', 'http') if word not in agent.lower()] == []
    assert 'xml' in place.origin.asked('/real')[0].headers['accept']
    assert place.origin.asked('/to')[0].headers['x-own'] == '1'


def test_a_json_list_has_pages_and_one_detail_for_each_new_entry(kinds):
    place, traces, files = kinds
    first, second = [[line for line in trace if line['source'] == '表'] for trace in traces]
    pages = [(f'{place.origin.base}/list?page={page}', index) for page, index in ((1, 0), (1, 1), (2, 0))]
    assert [(line['url'], line['index']) for line in first] == pages
    assert outcomes(second) == ['new', 'unchanged', 'unchanged']
    details = [request.path for request in place.origin.requests if request.path.startswith('/text')]
    assert sorted(details) == [f'/text?id={number:018d}' for number in (1, 2, 3, 4)]
    html = {item['title']: item['content_html'] for item in json.loads(files['all.json'])['items']}
    assert all(f'全文{number}' in html[f'题{number}'] for number in (1, 2, 3, 4))


def test_content_may_be_the_summary_or_the_link_only(kinds):
    files = kinds[2]
    for name, data in files.items():
        if not name.endswith(('.gz', '.br')):
            assert not [t for t in ('全文summary', '全文link', '摘要link') if t.encode() in data], name
    for suffix in ('atom', 'rss', 'json'):
        assert '全文full'.encode() in files[f'category/full.{suffix}']
        assert '摘要summary'.encode() in files[f'category/summary.{suffix}']
        assert b'https://a.example/22' in files[f'category/link.{suffix}']
