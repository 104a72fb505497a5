"""The public folder: whole files, stable times, forms that belong to their document, paths that stay inside."""

import errno
import gzip
import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import DataError
from aggregator.model import Document
from aggregator.serve.folder import PublicFolder, is_path, trouble_of

LONG = '数字经济 '.encode() * 300


def page(path, body=LONG):
    return Document(path, 'text/html', body)


def files(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob('*') if p.is_file())


def test_a_document_lies_there_with_its_forms(tmp_path, clock):
    folder = PublicFolder(tmp_path, clock.now)
    report = folder.write([page('category/a.html')])
    assert (report.written, report.unchanged) == (('category/a.html',), 0)
    assert files(tmp_path) == ['category/a.html', 'category/a.html.gz']
    stored = folder.read('category/a.html')
    assert stored.body == LONG
    assert list(stored.forms) == ['gzip']
    assert gzip.decompress(stored.forms['gzip']) == LONG
    assert stored.modified_s == int(clock.at.timestamp())


def test_a_form_that_is_not_smaller_is_left_out_and_an_old_one_taken_away(tmp_path):
    folder = PublicFolder(tmp_path)
    folder.write([page('a.txt')])
    folder.write([page('a.txt', b'ab')])
    assert files(tmp_path) == ['a.txt']


def test_unchanged_bytes_keep_their_time_and_file(tmp_path, clock):
    folder = PublicFolder(tmp_path, clock.now)
    folder.write([page('a.html')])
    before = folder.stamp('a.html')
    clock.advance(1000)
    report = folder.write([page('a.html'), page('b.html')])
    assert (report.written, report.unchanged) == (('b.html',), 1)
    assert folder.stamp('a.html') == before


def test_changed_bytes_never_share_a_time(tmp_path, clock):
    """Else a reader that asks by date alone would miss the second change of one second."""
    folder = PublicFolder(tmp_path, clock.now)
    times = []
    for body in (b'one', b'two', b'six'):
        folder.write([page('a.html', body)])
        times.append(folder.read('a.html').modified_s)
    assert times == [int(clock.at.timestamp()) + n for n in range(3)]


def test_two_folders_hold_the_same_bytes(tmp_path, clock):
    documents = [page('a.html'), page('category/b.atom', LONG * 20)]
    roots = (tmp_path / 'one', tmp_path / 'two')
    for root in roots:
        PublicFolder(root, clock.now).write(documents)
        clock.advance(5)
    held = [{name: (root / name).read_bytes() for name in files(root)} for root in roots]
    assert held[0] == held[1]
    assert len(held[0]) == 4


def test_a_form_of_another_version_is_not_read(tmp_path, clock):
    """The instant in which a publisher has put the new forms and not yet the new document."""
    folder, other = PublicFolder(tmp_path / 'a', clock.now), PublicFolder(tmp_path / 'b', clock.now)
    folder.write([page('a.html')])
    clock.advance(10)
    other.write([page('a.html', LONG * 2)])
    (tmp_path / 'b/a.html.gz').replace(tmp_path / 'a/a.html.gz')
    stored = folder.read('a.html')
    assert (stored.body, stored.forms) == (LONG, {})


def test_a_form_that_a_person_made_is_read_as_long_as_it_is_of_this_version(tmp_path, clock):
    folder = PublicFolder(tmp_path, clock.now)
    folder.write([page('a.html')])
    own = tmp_path / 'a.html.br'
    own.write_bytes(b'by hand')
    assert 'br' not in folder.read('a.html').forms
    os.utime(own, ns=(0, folder.stamp('a.html').modified_ns))
    assert folder.read('a.html').forms['br'] == b'by hand'
    folder.write([page('a.html', LONG * 2)])
    assert files(tmp_path) == ['a.html', 'a.html.gz']


def test_sweep_removes_left_overs_and_mends_forms(tmp_path, clock):
    folder = PublicFolder(tmp_path, clock.now)
    folder.write([page('category/a.html'), page('b.html')])
    before = folder.read('category/a.html')
    (tmp_path / 'category/.tmp-77-3').write_bytes(b'half')
    (tmp_path / 'category/a.html.gz').write_bytes(b'of another time')
    (tmp_path / 'orphan.html.br').write_bytes(b'of no document')
    assert folder.read('category/a.html').forms == {}
    assert folder.sweep() == 3
    assert folder.read('category/a.html').forms == before.forms
    assert folder.read('category/a.html').modified_s == before.modified_s
    assert files(tmp_path) == [f'{name}{s}' for name in ('b.html', 'category/a.html') for s in ('', '.gz')]
    assert folder.sweep() == 0


def test_sweep_makes_a_form_again_that_a_power_cut_has_emptied(tmp_path, clock):
    folder = PublicFolder(tmp_path, clock.now)
    folder.write([page('a.html')])
    before = folder.read('a.html')
    form = tmp_path / 'a.html.gz'
    modified_ns = form.stat().st_mtime_ns
    form.write_bytes(b'')
    os.utime(form, ns=(modified_ns, modified_ns))
    assert folder.sweep() == 1
    assert folder.read('a.html').forms == before.forms


def test_sweep_of_a_folder_that_is_not_there(tmp_path):
    assert PublicFolder(tmp_path / 'nothing').sweep() == 0


def test_removed_documents_are_gone_with_their_forms(tmp_path):
    folder = PublicFolder(tmp_path)
    folder.write([page('a.html'), page('b.html')])
    assert folder.remove(['a.html', 'never.html', 'a.html/below']) == ('a.html',)
    assert files(tmp_path) == ['b.html', 'b.html.gz']
    assert folder.read('a.html') is None


BAD_PATHS = [
    '', '/', '/a.html', 'a//b', 'a/', '../a', 'a/../b', './a', 'a/./b', '.hidden', 'category/.tmp-1', 'A.html', '新闻.html',
    'a b', 'a\\b', 'a\0', 'a\n', 'a%2fb', 'a:b', 'x' * 201, 'a/' * 500 + 'b', 'a?b', 'a\ud800',
]  # fmt: skip


@pytest.mark.parametrize('path', BAD_PATHS)
def test_paths_that_are_refused(tmp_path, path):
    folder = PublicFolder(tmp_path)
    with pytest.raises(ValueError, match='not a path of the public folder'):
        folder.write([page(path)])
    with pytest.raises(ValueError, match='not a path of the public folder'):
        folder.remove([path])
    assert folder.read(path) is None
    assert folder.stamp(path) is None
    assert files(tmp_path) == []


@pytest.mark.parametrize('path', ['a.html.gz', 'category/a.atom.br'])
def test_a_document_may_not_take_the_place_of_a_form(tmp_path, path):
    with pytest.raises(ValueError, match='not a path'):
        PublicFolder(tmp_path).write([page(path)])


@given(st.text(alphabet='ab.-_/~A', max_size=12))
def test_a_path_never_leads_out(text):
    if is_path(text):
        assert Path('/nowhere', text).resolve().is_relative_to('/nowhere/')
        assert str(Path('/nowhere', text)) == f'/nowhere/{text}'
        assert not any(part.startswith('.') for part in text.split('/'))


@pytest.mark.parametrize('path', ['category', 'category/a.html/b.html', 'nothing.html'])
def test_what_is_no_file_is_not_read(tmp_path, path):
    folder = PublicFolder(tmp_path)
    folder.write([page('category/a.html')])
    assert folder.read(path) is None


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    folder = PublicFolder(tmp_path)
    folder.write([page('a.html')])
    before = folder.read('a.html')
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, old[1]))
    try:
        with pytest.raises(DataError) as caught:
            folder.write([page('a.html', bytes(range(256)) * 40)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert str(tmp_path / 'a.html') in str(caught.value)
    assert caught.value.hint
    assert folder.read('a.html').body == before.body
    assert not [name for name in files(tmp_path) if '.tmp-' in name]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / 'category').write_bytes(b'a file')
    with pytest.raises(DataError, match='category'):
        PublicFolder(tmp_path).write([page('category/a.html')])


@pytest.mark.parametrize(
    ('code', 'words'),
    [
        (errno.ENOSPC, 'the disk is full'),
        (errno.EDQUOT, 'the disk is full'),
        (errno.EROFS, 'read-only'),
        (errno.EACCES, 'no permission'),
        (errno.EIO, 'Input/output error'),
    ],
)
def test_trouble_says_what_and_what_helps(code, words):
    error = trouble_of(OSError(code, 'Input/output error'), Path('/data/public/a.html'))
    assert words in str(error)
    assert '/data/public' in str(error)
    assert error.hint
