"""The finished answers: when the file system is looked at, what is forgotten, and how much is held."""

from pathlib import Path

import brotli
import pytest

from aggregator.errors import DataError
from aggregator.model import Document
from aggregator.serve.cache import Cache
from aggregator.serve.folder import PublicFolder


class Watched(PublicFolder):
    """Counts how often the file system is asked; `broken` makes it fail."""

    def __init__(self, *args):
        super().__init__(*args)
        self.looks, self.reads, self.broken = 0, 0, False

    def stamp(self, path):
        self.looks += 1
        if self.broken:
            raise DataError('Input/output error')
        return super().stamp(path)

    def read(self, path):
        self.reads += 1
        return super().read(path)


@pytest.fixture
def watched(tmp_path, clock):
    folder = Watched(tmp_path, clock.now)
    folder.write([Document(f'{name}.html', '', name.encode() * 3000) for name in 'abc'])
    return folder


@pytest.fixture
def make_cache(watched, clock):
    def make(**options):
        given = {'fields': lambda path: [(b'x-path', path.encode())], 'max_age_s': lambda path: 60, **options}
        return Cache(watched, clock=clock.seconds, now=clock.now, **given)

    return make


def test_within_a_second_the_file_system_is_left_alone(make_cache, watched, clock):
    cache = make_cache()
    first = cache.find('a.html')
    for _ in range(9):
        clock.advance(0.1)
        assert cache.find('a.html') is first
    assert (watched.looks, watched.reads) == (0, 1)
    clock.advance(0.2)
    cache.find('a.html')
    cache.find('a.html')
    assert (watched.looks, watched.reads) == (1, 1)


def test_another_publisher_is_noticed_within_a_second(make_cache, watched, clock):
    cache = make_cache()
    old = cache.find('a.html')['identity']
    PublicFolder(watched.root, clock.now).write([Document('a.html', '', b'new')])
    assert cache.find('a.html')['identity'].body == old.body
    clock.advance(1)
    new = cache.find('a.html')
    assert (new['identity'].body, list(new)) == (b'new', ['identity'])
    assert new['identity'].etag != old.etag


def test_our_own_publisher_is_noticed_at_once(make_cache, watched):
    cache = make_cache()
    cache.find('a.html')
    watched.write([Document('a.html', '', b'new')])
    cache.invalidate(['a.html', 'never.html'])
    assert cache.find('a.html')['identity'].body == b'new'


def test_a_document_that_was_removed_is_gone_within_a_second(make_cache, watched, clock):
    cache = make_cache()
    cache.find('a.html')
    watched.remove(['a.html'])
    clock.advance(1)
    assert cache.find('a.html') is None
    assert cache.held_bytes == 0


def test_a_disk_that_fails_does_not_end_the_answers(make_cache, watched, clock):
    cache = make_cache()
    cache.find('a.html')
    watched.broken = True
    clock.advance(5)
    assert cache.find('a.html')['identity'].body == b'a' * 3000
    cache.find('a.html')
    assert watched.looks == 1


def test_a_tag_follows_the_bytes_and_not_the_time(make_cache, watched, clock):
    cache = make_cache()
    tags = []
    for body in (b'one', b'two', b'one'):
        watched.write([Document('a.html', '', body)])
        cache.invalidate(['a.html'])
        tags.append(cache.find('a.html')['identity'].etag)
        clock.advance(10)
    assert tags[0] == tags[2] != tags[1]


def test_age_is_asked_anew_each_second(make_cache, clock):
    ages = iter((900, 899))
    cache = make_cache(max_age_s=lambda path: next(ages))
    sent = [dict(cache.find('a.html')['gzip'].unmodified)[b'cache-control']]
    clock.advance(1)
    sent.append(dict(cache.find('a.html')['gzip'].unmodified)[b'cache-control'])
    assert sent == [b'public, max-age=900', b'public, max-age=899']


def test_last_modified_is_never_in_the_future(make_cache, watched, clock):
    """Two changes within a second put the second one's time ahead; it is not stated before it has come."""
    watched.write([Document('a.html', '', b'two')])
    cache = make_cache()
    early = cache.find('a.html')['identity']
    clock.advance(2)
    late = cache.find('a.html')['identity']
    stated = [dict(f.ok)[b'last-modified'] for f in (early, late)]
    assert stated == [b'Sun, 22 Nov 2026 08:00:00 GMT', b'Sun, 22 Nov 2026 08:00:01 GMT']
    assert early.modified_s == late.modified_s


def test_memory_is_bounded_and_the_coldest_goes_first(make_cache, watched, clock):
    cache = make_cache(limit_bytes=2 * 7200)
    cache.find('a.html')
    cache.find('b.html')
    clock.advance(1)
    cache.find('a.html')
    cache.find('c.html')
    assert cache.held_bytes <= 2 * 7200
    reads = watched.reads
    cache.find('a.html')
    cache.find('c.html')
    assert watched.reads == reads
    cache.find('b.html')
    assert watched.reads == reads + 1


def test_a_document_above_the_bound_is_served_and_not_held(make_cache):
    cache = make_cache(limit_bytes=100)
    assert cache.find('a.html')['identity'].body == b'a' * 3000
    assert cache.held_bytes == 0


@pytest.mark.parametrize('path', ['nothing.html', '../a.html', 'a.html/', 'A.html', ''])
def test_what_is_not_there(make_cache, path):
    cache = make_cache()
    assert cache.find(path) is None
    assert cache.held_bytes == 0


def test_the_files_are_where_the_folder_says(watched):
    assert (Path(watched.root) / 'a.html').read_bytes() == b'a' * 3000


def test_brotli_is_made_once_a_version_and_counts_as_held(make_cache, watched, clock):
    cache = make_cache()
    found = cache.find('a.html')
    assert (found['br'].made, found['br'].body) == (False, b'')
    held, packed = cache.held_bytes, cache.pack('a.html')
    assert brotli.decompress(packed['br'].body) == b'a' * 3000
    assert packed['br'].etag == found['br'].etag
    assert cache.held_bytes == held + len(packed['br'].body)
    clock.advance(1)
    assert cache.find('a.html')['br'].body is packed['br'].body
    assert cache.pack('a.html')['br'].body is packed['br'].body
    watched.write([Document('a.html', '', b'b' * 3000)])
    cache.invalidate(['a.html'])
    assert not cache.find('a.html')['br'].made
    assert cache.pack('nothing.html') is None
    watched.write([Document('small.html', '', b'small')])
    assert set(cache.pack('small.html')) == {'identity'}


def test_room_is_made_for_a_form_too(make_cache, watched):
    roomy = make_cache()
    for path in ('a.html', 'b.html'):
        roomy.find(path)
    cache = make_cache(limit_bytes=roomy.held_bytes)
    for path in ('a.html', 'b.html'):
        cache.find(path)
    cache.pack('b.html')
    assert cache.held_bytes <= roomy.held_bytes
    reads = watched.reads
    cache.find('b.html')
    assert watched.reads == reads
    cache.find('a.html')
    assert watched.reads == reads + 1
