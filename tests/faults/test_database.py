"""The database is held by another process, or is damaged: it is said, and there is a way back."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from contextlib import closing, contextmanager

import pytest
from fault_child import INLINE, eventually
from fault_harness import differences_from_twin

from aggregator.errors import DataInUse
from aggregator.store import Store

RUN = ('run', '--port', '0')
PAGE = 4096


@contextmanager
def held_by_sqlite(place):
    with closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute('BEGIN IMMEDIATE')
        yield
        other.execute('ROLLBACK')


@contextmanager
def held_by_our_lock(place):
    with (place.data / 'write.lock').open('wb') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.slow
class TestHeldByAnother:
    def test_the_daemon_waits_tells_and_goes_on(self, place, origin, tmp_path):
        with place.start(*RUN) as child:
            child.wait_for('serving')
            eventually(lambda: len(origin.log) > 2)
            with held_by_our_lock(place):
                child.wait_for('is being written by another process')
                assert child.process.poll() is None
            told = len(origin.log)
            eventually(lambda: len(origin.log) > told)
            origin.grows = False
            eventually(origin.settled)
            done, _ = child.terminate()
        assert (done.code, 'Traceback' in done.err) == (0, False), done.err
        assert place.do('poll').code == 0
        assert differences_from_twin(place, origin, tmp_path / 'twin') == []


@pytest.mark.parametrize('held', [held_by_sqlite, held_by_our_lock])
def test_who_writes_gives_up_in_words_and_who_looks_need_not_wait(place, held):
    with Store.open(place.data, wait_s=0.01) as store, held(place):
        with pytest.raises(DataInUse, match='being written by another process'), store.writing():
            pass
        assert place.ask('status').code == 0


def header(place):
    with place.database.open('r+b') as file:
        file.write(b'\xa5' * 100)


def one_table(place):
    """The pages behind the first ones: it opens, and fails where they are read."""
    size = place.database.stat().st_size
    with place.database.open('r+b') as file:
        file.seek(2 * PAGE)
        file.write(b'\xa5' * (size - 2 * PAGE))


def cut_short(place):
    with place.database.open('r+b') as file:
        file.truncate(place.database.stat().st_size // 2)


def text(place):
    place.database.write_text('this is no database\n' * 500)


@pytest.mark.parametrize('damage', [header, one_table, cut_short, text])
def test_a_damaged_database_is_told_with_the_way_back_and_it_works(place, origin, tmp_path, damage):
    place.configure(origin.rows(), parsing=INLINE)
    assert [place.ask('poll').code for _ in range(3)] == [0, 0, 0]
    backup = tmp_path / 'backup.db'
    assert place.ask('backup', str(backup)).code == 0
    kept = place.entries()
    assert place.ask('poll').code == 0
    damage(place)
    for command in (RUN, ('poll',), ('entries',)):
        done = place.ask(*command)
        assert (done.code, 'damaged' in done.err, 'aggregator backup' in done.err) == (1, True, True), (command, done)
        assert 'Traceback' not in done.err
    for rest in place.data.glob('aggregator.db*'):
        rest.rename(tmp_path / rest.name)
    shutil.copy(backup, place.database)
    assert place.entries() == kept
    origin.grows = False
    assert [place.ask('poll').code for _ in range(2)] == [0, 0]
    ids = {entry['id'] for entry in place.entries()}
    assert {entry['id'] for entry in kept} <= ids
    assert len(ids) == len(place.entries())


def test_the_way_back_names_no_file_that_is_not_there(place):
    done = place.ask('entries')
    assert (done.code, 'there is no database' in done.err) == (1, True)
