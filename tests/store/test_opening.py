"""The file: made, opened again, too new, damaged, foreign, in use; and that a transaction is all or nothing."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from sqlite_utils import Migrations

from aggregator.errors import DatabaseDamaged, DatabaseTooNew, DataError, DataInUse
from aggregator.model import Placed
from aggregator.store import Store
from aggregator.store.opening import READER_KIB, connect, migrate, refuse_the_past
from aggregator.store.reading import LOADED
from aggregator.store.schema import MIGRATIONS
from aggregator.store.store import IDLE

LATER = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('aggregator', '9999-later', '')"


def run_sql(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [db.execute(one).fetchall() for one in statements]


TRIED = "SELECT 1 FROM sqlite_master WHERE name = 'tried'"


def works(db):
    db.execute('CREATE TABLE tried (x)')


def fails(db):
    works(db)
    raise ZeroDivisionError


def fails_after(_done):
    raise ZeroDivisionError


def next_version(step):
    """What a later version of this program would know."""
    migrations = Migrations('aggregator')
    for known in MIGRATIONS._migrations:
        migrations(name=known.name)(fails)
    migrations(name='9998-next')(step)
    return migrations


@pytest.fixture
def folder(tmp_path):
    Store.open(tmp_path).close()
    return tmp_path


@pytest.fixture
def file(folder):
    return folder / 'aggregator.db'


class TestOpening:
    def test_makes_the_folder_and_remembers(self, tmp_path):
        with Store.open(tmp_path / 'deep' / 'data') as store, store.writing() as w:
            w.set_meta('authority', 'a.example,2026')
        with Store.open(tmp_path / 'deep' / 'data', read_only=True) as store:
            assert store.meta('authority') == 'a.example,2026'

    def test_opened_again_nothing_is_migrated_nor_copied(self, folder, file):
        before = file.read_bytes()
        Store.open(folder).close()
        assert file.read_bytes() == before
        assert sorted(one.name for one in folder.iterdir()) == ['aggregator.db', 'write.lock']

    def test_writes_ahead_and_keeps_foreign_keys(self, on_disk):
        with on_disk.writing() as w:
            asked = [
                w._db.execute(f'PRAGMA {name}').fetchone()[0]
                for name in ('journal_mode', 'synchronous', 'foreign_keys')
            ]
        assert asked == ['wal', 1, 1]

    def test_readers_keep_few_pages(self, on_disk):
        with on_disk._reading() as db:
            assert db.execute('PRAGMA cache_size').fetchone() == (-READER_KIB,)

    def test_a_durable_transaction_is_flushed(self, on_disk):
        with on_disk.writing(durable=True) as w:
            assert w._db.execute('PRAGMA synchronous').fetchone() == (2,)

    def test_a_database_of_the_future_is_refused(self, folder, file):
        run_sql(file, LATER)
        for read_only in (False, True):
            with pytest.raises(DatabaseTooNew, match='9999-later') as caught:
                Store.open(folder, read_only=read_only)
            assert '--data' in caught.value.hint

    def test_one_of_the_past_is_copied_first_and_a_reader_says_so(self, folder, file):
        with Store.open(folder) as store, store.writing() as w:
            w.set_meta('k', 'v')
        with closing(connect(file, 1)) as db:
            with pytest.raises(DataError, match='earlier version'):
                refuse_the_past(db, file, next_version(works))
            migrate(db, file, next_version(works))
        before = folder / 'aggregator.db.before-9998-next'
        assert run_sql(before, 'SELECT value FROM meta') == [[('v',)]]
        assert run_sql(before, TRIED) == [[]]
        assert run_sql(file, TRIED) == [[(1,)]]

    def test_a_migration_that_fails_leaves_nothing(self, folder, file):
        with closing(connect(file, 1)) as db, pytest.raises(ZeroDivisionError):
            migrate(db, file, next_version(fails))
        assert run_sql(file, TRIED) == [[]]
        Store.open(folder).close()

    @pytest.mark.parametrize('read_only', [False, True])
    def test_a_file_that_is_no_database_names_the_way_back(self, tmp_path, read_only):
        (tmp_path / 'aggregator.db').write_bytes(b'this is no database at all' * 100)
        with pytest.raises(DatabaseDamaged) as caught:
            Store.open(tmp_path, read_only=read_only)
        assert 'aggregator backup' in caught.value.hint
        assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)

    def test_a_database_that_breaks_while_open(self, folder, file):
        size = file.stat().st_size
        with file.open('r+b') as broken:
            broken.seek(4096)
            broken.write(b'\xff' * (size - 4096))
        with pytest.raises(DatabaseDamaged), Store.open(folder) as store, store.writing() as w:
            w.set_meta('k', 'v')

    def test_the_database_of_another_program_is_left_alone(self, tmp_path):
        run_sql(tmp_path / 'aggregator.db', 'CREATE TABLE theirs (x)')
        with pytest.raises(DataError, match='another program'):
            Store.open(tmp_path)

    def test_a_process_that_died_before_the_first_migration_refuses_nobody(self, tmp_path):
        (tmp_path / 'aggregator.db').touch()
        Store.open(tmp_path).close()

    def test_a_reader_makes_nothing(self, tmp_path):
        with pytest.raises(DataError, match='no database'):
            Store.open(tmp_path, read_only=True)
        assert list(tmp_path.iterdir()) == []

    def test_a_reader_cannot_write(self, folder):
        with (
            Store.open(folder, read_only=True) as store,
            pytest.raises(DataError, match='reading only'),
            store.writing(),
        ):
            pytest.fail('it could')

    def test_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / 'data').touch()
        with pytest.raises(DataError, match='cannot be used') as caught:
            Store.open(tmp_path / 'data')
        assert caught.value.hint

    @pytest.mark.skipif(os.geteuid() == 0, reason='root may write anywhere')
    @pytest.mark.parametrize('name', ['aggregator.db', '.'])
    def test_a_file_or_folder_that_cannot_be_written(self, folder, name):
        (folder / name).chmod(0o500)
        try:
            with pytest.raises(DataError), Store.open(folder) as store, store.writing() as w:
                w.set_meta('k', 'v')
        finally:
            (folder / name).chmod(0o700)

    def test_a_name_that_no_file_can_have_is_a_sentence(self, tmp_path):
        for read_only in (True, False):
            with pytest.raises(DataError, match='cannot be used'):
                Store.open(tmp_path / ('x' * 300), read_only=read_only)

    def test_a_full_disk_is_a_sentence_and_loses_nothing(self, on_disk):
        with on_disk.writing() as w:
            w.set_meta('k', 'v')
            pages = w._db.execute('PRAGMA page_count').fetchone()[0]
            w._db.execute(f'PRAGMA max_page_count = {pages}')
        with pytest.raises(DataError, match='full'), on_disk.writing() as w:
            w.set_meta('k', 'x' * 10**6)
        assert on_disk.meta('k') == 'v'

    def test_closing_twice_is_closing_once(self, tmp_path):
        store = Store.open(tmp_path)
        store.close()
        store.close()


class TestTransaction:
    def test_an_error_leaves_nothing(self, tale_on_disk):
        store = tale_on_disk.store
        with pytest.raises(ZeroDivisionError), store.writing() as w:
            fails_after(w.set_meta('k', 'v'))
        assert store.meta('k') is None
        with store.writing() as w:
            w.set_meta('k', 'w')
        assert store.meta('k') == 'w'

    def test_readers_see_it_when_it_is_whole(self, on_disk):
        with on_disk.writing() as w:
            w.set_meta('k', 'v')
            assert on_disk.meta('k') is None
        assert on_disk.meta('k') == 'v'

    def test_a_process_that_is_killed_leaves_nothing(self, folder):
        script = (
            'import os, signal, sys, pathlib\n'
            'from aggregator.store import Store\n'
            'store = Store.open(pathlib.Path(sys.argv[1]))\n'
            'with store.writing() as w: w.set_meta("whole", "1")\n'
            'with store.writing() as w:\n'
            '    w.set_meta("half", "1")\n'
            '    os.kill(os.getpid(), signal.SIGKILL)\n'
        )
        done = subprocess.run([sys.executable, '-c', script, str(folder)], check=False)
        assert done.returncode == -9
        with Store.open(folder, wait_s=0) as store:
            assert (store.meta('whole'), store.meta('half')) == ('1', None)

    def test_two_processes_take_turns(self, folder):
        script = (
            'import sys, pathlib\n'
            'from aggregator.store import Store\n'
            'with Store.open(pathlib.Path(sys.argv[1])) as store:\n'
            '    for _ in range(50):\n'
            '        with store.writing() as w: w.set_meta("n", str(int(w.meta("n") or 0) + 1))\n'
        )
        both = [subprocess.Popen([sys.executable, '-c', script, str(folder)]) for _ in range(2)]
        assert [one.wait() for one in both] == [0, 0]
        with Store.open(folder, read_only=True) as store:
            assert store.meta('n') == '100'

    def test_one_that_waits_too_long_says_so(self, on_disk, tmp_path):
        with (tmp_path / 'data' / 'write.lock').open() as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            with pytest.raises(DataInUse, match='another process'), on_disk.writing():
                pytest.fail('it did not wait')
        with on_disk.writing() as w:
            w.set_meta('k', 'v')

    def test_threads_read_and_write_together(self, on_disk):
        def count():
            for _ in range(20):
                with on_disk.writing() as w:
                    w.set_meta('n', str(int(w.meta('n') or 0) + 1))
                on_disk.counts()

        threads = [threading.Thread(target=count) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert on_disk.meta('n') == '80'

    def test_of_many_who_read_at_once_few_connections_stay(self, on_disk):
        together = threading.Barrier(3 * IDLE)

        def read():
            with on_disk._reading():
                together.wait(20)

        threads = [threading.Thread(target=read) for _ in range(3 * IDLE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(on_disk._idle) == len(on_disk._readers) == IDLE
        assert on_disk.sources() == []

    def test_a_stream_is_of_one_moment(self, tale_on_disk):
        tale = tale_on_disk
        seqs = [tale.hear() for _ in range(LOADED + 2)]
        tale.put(*(Placed(tale.draft(seq), f'id{seq:03}') for seq in seqs))
        stream = tale.store.all_entries()
        assert next(stream).id == 'id001'
        tale.tell('id999', tale.hear())
        tale.put(over=tuple(seqs[-2:]))
        assert [entry.id for entry in stream] == [f'id{seq:03}' for seq in seqs[1:]]
        assert tale.ids(limit=1000) == [*(f'id{seq:03}' for seq in seqs[:-2]), 'id999']

    def test_a_stream_may_be_left_in_the_middle(self, tmp_path, tale_on_disk):
        tale_on_disk.tell('id1', tale_on_disk.hear())
        stream = tale_on_disk.store.all_entries()
        next(stream)
        tale_on_disk.store.close()
        stream.close()


class TestBackup:
    def test_a_backup_is_one_file_that_opens(self, tale_on_disk, tmp_path):
        tale_on_disk.tell('id1', tale_on_disk.hear())
        (tmp_path / 'saved').mkdir()
        tale_on_disk.store.backup(tmp_path / 'saved' / 'aggregator.db')
        assert [one.name for one in (tmp_path / 'saved').iterdir()] == ['aggregator.db']
        with Store.open(tmp_path / 'saved') as again:
            assert list(again.all_entries()) == list(tale_on_disk.store.all_entries())

    def test_never_overwrites(self, tale, tmp_path):
        (tmp_path / 'b.db').write_text('precious')
        with pytest.raises(DataError, match='already'):
            tale.store.backup(tmp_path / 'b.db')
        assert (tmp_path / 'b.db').read_text() == 'precious'

    def test_into_nowhere_is_a_sentence(self, store, on_disk, tmp_path):
        for one in (store, on_disk):
            with pytest.raises(DataError):
                one.backup(tmp_path / 'nowhere' / 'b.db')


class TestRehearsal:
    @pytest.mark.parametrize('where', ['tale', 'tale_on_disk'])
    def test_what_was_written_is_seen_within_and_gone_afterwards(self, where, request):
        tale = request.getfixturevalue(where)
        with tale.store.writing() as w:
            w.set_meta('k', 'v')
        with tale.store.rehearsing() as w:
            w.set_meta('k', 'w')
            assert w.meta('k') == 'w'
        assert tale.store.meta('k') == 'v'
        with tale.store.writing() as w:
            w.set_meta('k', 'x')
        assert tale.store.meta('k') == 'x'

    def test_an_error_within_is_told(self, store):
        with pytest.raises(ZeroDivisionError), store.rehearsing():
            fails_after(None)
