"""A folder of posts."""

import os
from datetime import UTC, datetime

import pytest

from aggregator.fetch import FolderRead, read_folder
from aggregator.model import FetchFailed, Received

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / 'posts'
    root.mkdir()
    return root


def put(path, text='x'):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def read(root, **told):
    return read_folder(root, **{'now': NOW, 'max_bytes': 100, **told})


def names(result, root):
    return [os.path.relpath(file.url, root) for file in result.files]


def rules(result):
    return [fault.rule for fault in result.faults]


def test_posts_in_order_with_absolute_paths(root):
    put(root / 'b.md', '财经')
    put(root / 'a' / 'z.MARKDOWN')
    put(root / 'a.md')
    put(root / 'notes.txt')
    put(root / 'md')
    result = read(root)
    assert names(result, root) == ['a.md', 'a/z.MARKDOWN', 'b.md']
    assert result.files[2] == Received(str(root / 'b.md'), '财经'.encode(), NOW, 'text/markdown')
    assert result.faults == ()


def test_an_empty_folder_is_fine(root):
    assert read(root) == FolderRead((), ())


def test_other_suffixes(root):
    put(root / 'a.txt')
    assert names(read(root, suffixes=('.txt',)), root) == ['a.txt']


def test_hidden_ones_are_skipped(root):
    put(root / '.a.md')
    put(root / '.git' / 'b.md')
    assert read(root) == FolderRead((), ())


def test_too_large_ones_are_told_and_the_rest_goes_on(root):
    put(root / 'a.md', 'x' * 101)
    put(root / 'b.md', 'x' * 100)
    result = read(root)
    assert (names(result, root), rules(result)) == (['b.md'], ['too-large'])
    assert 'a.md' in result.faults[0].message


def test_links_that_lead_outside_are_left_out(root, tmp_path):
    put(tmp_path / 'secret.md')
    put(tmp_path / 'posts-too' / 'b.md')
    put(root / 'real.md')
    (root / 'a.md').symlink_to(tmp_path / 'secret.md')
    (root / 'up').symlink_to(tmp_path / 'posts-too')
    (root / 'relative.md').symlink_to('../secret.md')
    result = read(root)
    assert names(result, root) == ['real.md']
    assert rules(result) == ['outside-root'] * 3


def test_links_that_stay_inside_are_read_in_their_place(root):
    put(root / 'a' / 'real.md', 'r')
    (root / 'b.md').symlink_to('a/real.md')
    (root / 'c').symlink_to('a')
    (root / 'a' / 'round').symlink_to('..')
    result = read(root)
    assert names(result, root) == ['a/real.md', 'b.md']
    assert result.faults == ()


def test_the_root_may_be_a_link(root, tmp_path):
    put(root / 'a.md')
    (tmp_path / 'link').symlink_to(root)
    assert [file.url for file in read(tmp_path / 'link').files] == [str(tmp_path / 'link' / 'a.md')]


def test_what_is_no_file_is_told(root):
    os.mkfifo(root / 'pipe.md')
    (root / 'broken.md').symlink_to('nowhere.md')
    (root / 'self.md').symlink_to('self.md')
    (root / 'folder.md').mkdir()
    put(root / 'z.md')
    result = read(root)
    assert (names(result, root), rules(result)) == (['z.md'], ['unreadable'] * 3)


def test_a_name_that_is_no_text(root):
    (root / os.fsdecode(b'\xff.md')).write_bytes(b'x')
    assert rules(read(root)) == ['unreadable']


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_files_that_may_not_be_read(root):
    put(root / 'a.md')
    put(root / 'b' / 'c.md')
    (root / 'a.md').chmod(0)
    (root / 'b').chmod(0)
    result = read(root)
    (root / 'b').chmod(0o700)
    assert rules(result) == ['unreadable'] * 2


@pytest.mark.parametrize('name', ['missing', 'file', 'self', 'nul\0'])
def test_a_root_that_is_no_folder(tmp_path, name):
    put(tmp_path / 'file')
    (tmp_path / 'self').symlink_to('self')
    result = read(tmp_path / name)
    assert isinstance(result, FetchFailed)
    assert (result.reason, result.url) == ('file', str(tmp_path / name))
    assert str(tmp_path) in result.message
    assert result.hint
