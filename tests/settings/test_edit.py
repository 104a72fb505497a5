"""Rows added to a feeds.yml: what was there stays byte for byte, what is added means what was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.settings import add_source, add_sources, load_settings, refused_rows

ROW = {'name': '东方', 'url': 'https://example.org/b.xml', 'category': '要闻'}
ADDED = '- name: 东方\n  url: https://example.org/b.xml\n  category: 要闻\n'
INDENTED = ''.join(f'  {line}\n' for line in ADDED.splitlines())

PLACES = {
    'behind the last row': (
        '# head\nsources:\n  - name: A   # first\n    url: http://a   # its feed\n\n# next\nrules: []\n',
        '# head\nsources:\n  - name: A   # first\n    url: http://a   # its feed\n' + INDENTED + '\n# next\nrules: []\n',
    ),
    'rows at the left edge': ('sources:\n- name: A\n  url: http://a\n', 'sources:\n- name: A\n  url: http://a\n' + ADDED),
    'no line end at the end': (
        'sources:\n  - name: A\n    url: http://a',
        'sources:\n  - name: A\n    url: http://a\n' + INDENTED,
    ),
    'behind a flow value': (
        'sources:\n  - name: A\n    url: http://a\n    key: {param: x,\n      prefix: y}  # z\n',
        'sources:\n  - name: A\n    url: http://a\n    key: {param: x,\n      prefix: y}  # z\n' + INDENTED,
    ),
    'behind a flow row': ('sources:\n  - {name: A, url: "http://a"}\n', 'sources:\n  - {name: A, url: "http://a"}\n' + INDENTED),
    'behind a block text': (
        'sources:\n  - url: http://a\n    name: |-\n      A\n\n# next\nrules: []\n',
        'sources:\n  - url: http://a\n    name: |-\n      A\n\n' + INDENTED + '# next\nrules: []\n',
    ),
    'nothing yet': ('sources:  # none\nrules: []\n', 'sources:  # none\n' + INDENTED + 'rules: []\n'),
    'an empty list': ('sources: []  # none\n', 'sources: [{name: 东方, url: "https://example.org/b.xml", category: 要闻}]  # none\n'.replace('"', "'")),
    'a list in flow style': (
        "sources: [{name: A, url: 'http://a'}]\n",
        "sources: [{name: A, url: 'http://a'}, {name: 东方, url: 'https://example.org/b.xml', category: 要闻}]\n",
    ),
    'a list over several lines': (
        "sources: [\n  {name: A, url: 'http://a'},\n]\n",
        "sources: [\n  {name: A, url: 'http://a'}, {name: 东方, url: 'https://example.org/b.xml', category: 要闻}\n]\n",
    ),
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'feeds.yml'


@pytest.mark.parametrize(('before', 'after'), PLACES.values(), ids=PLACES)
def test_a_row_goes_behind_the_last(path, before, after):
    path.write_text(before, 'utf-8')
    add_source(path, ROW)
    assert path.read_text('utf-8') == after
    assert load_settings(path).sources[-1].name == '东方'


def test_the_lines_added_are_returned(path):
    path.write_text('sources:\n  - name: A\n    url: http://a\n')
    assert add_source(path, ROW) == INDENTED.rstrip('\n')


def test_line_ends_and_byte_order_mark_stay(path):
    path.write_bytes('\ufeffsources:\r\n- name: A\r\n  url: http://a\r\n'.encode())
    add_source(path, ROW)
    expected = '\ufeffsources:\n- name: A\n  url: http://a\n' + ADDED
    assert path.read_bytes() == expected.replace('\n', '\r\n').encode()


def test_rows_of_any_shape(path):
    path.write_text('sources:\n')
    row = {
        'name': '000001',
        'kind': 'json',
        'url': 'https://example.org/l?a={page}&b=[c]#x',
        'pages': 2,
        'items': 'data.list',
        'fields': {'title': 'a || b', 'code': 'on'},
        'every': '15m',
        'private': True,
        'categories': ['yes', '2022-04-12', "it's", 'a: b', '- c'],
        'key': {'path': [r'/a/(\d+)\.html'], 'prefix': 'NW'},
    }
    add_source(path, row)
    (source,) = load_settings(path).sources
    assert (source.name, source.url) == ('000001', row['url'])
    assert source.category.labels == tuple(row['categories'])
    assert source.options.fields.title == 'a || b'
    assert source.key.path == (r'/a/(\d+)\.html',)


def test_several_rows_at_once(path):
    path.write_text('sources:\n')
    rows = [{'name': f'n{n}', 'url': f'http://a/{n}'} for n in range(3)]
    assert add_sources(path, rows).count('- name') == 3
    assert [source.name for source in load_settings(path).sources] == ['n0', 'n1', 'n2']
    assert add_sources(path, []) == ''


@pytest.mark.parametrize(
    'rows',
    [
        [{'name': 'A', 'url': 'http://b'}],
        [{'name': ' A ', 'url': 'http://b'}],
        [{'name': 'B', 'url': 'http://a'}],
        [{'name': 'B', 'url': 'http://b'}, {'name': 'B', 'url': 'http://c'}],
        [{'name': 'B', 'url': 'http://b'}, {'name': 'C', 'url': 'http://b'}],
    ],
)
def test_doubles_are_refused_and_nothing_is_written(path, rows):
    before = 'sources: [{name: A, url: "http://a"}]\n'
    path.write_text(before)
    with pytest.raises(UsageError):
        add_sources(path, rows)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ('before', 'row'),
    [
        ('sources: [{name: A}]\n', ROW),
        ('sources: [\n', ROW),
        ('', ROW),
        ('sources: []\n', {'name': 'A'}),
        ('sources: []\n', {**ROW, 'catgory': 'x'}),
        ('sources: []\n', {**ROW, 'every': 15}),
    ],
)
def test_faults_are_refused_and_nothing_is_written(path, before, row):
    path.write_text(before)
    with pytest.raises(ConfigError):
        add_source(path, row)
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_is_refused(path):
    with pytest.raises(ConfigError):
        add_source(path, ROW)
    assert not path.exists()


def test_a_link_stays_a_link_and_the_rights_stay(path, tmp_path):
    real = tmp_path / 'real.yml'
    real.write_text('sources:\n')
    real.chmod(0o640)
    path.symlink_to(real)
    add_source(path, ROW)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load_settings(path).sources[0].name == '东方'


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=20))
def test_any_text_is_written_as_it_is_or_refused(tmp_path_factory, name, label):
    path = tmp_path_factory.mktemp('add') / 'feeds.yml'
    path.write_text('sources:\n')
    try:
        add_source(path, {'name': name, 'url': 'http://a', 'categories': [label]})
    except AggregatorError:
        assert path.read_text() == 'sources:\n'
    else:
        (source,) = load_settings(path).sources
        assert (source.name, source.category.labels) == (name.strip(), (label.strip(),))


def test_rows_that_cannot_be_added_are_told_each_with_its_first_fault():
    bad = {'name': '坏', 'url': 'https://me:secret@example.org/', 'category': ''}
    assert refused_rows([ROW, bad, {**ROW, 'name': '又'}, {'name': '无', 'url': 'nowhere'}]) == {
        1: 'an address must not hold a name and password',
        3: "'nowhere' is no address of the web",
    }
    assert refused_rows([]) == {}
