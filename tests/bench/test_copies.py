"""A store made large by SQL is a store: it has every entry so many times, and takes in new ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import copies
import pytest
import store

from aggregator.store.opening import FILE

TABLES = ('carriers', 'runs', 'entries', 'assigned', 'words', 'keys', 'entry_categories')


@pytest.fixture
def file(tmp_path):
    ours = store.Ours(tmp_path)
    ours.take_in(list(store.rounds([1000, 1001])))
    ours.store.close()
    return tmp_path / FILE


def counted(file) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as db:
        return {table: db.execute(f'SELECT count(*) FROM {table}').fetchone()[0] for table in TABLES}


def schema(file) -> set[tuple[str, str, str | None]]:
    with closing(sqlite3.connect(file)) as db:
        return set(db.execute('SELECT type, name, sql FROM sqlite_master'))


def test_every_entry_is_there_so_many_times(file):
    before = counted(file)
    made_of = schema(file)
    copies.of_store(file, 2)
    assert before['entries'] == 60
    assert counted(file) == {table: 3 * rows for table, rows in before.items()}
    assert schema(file) == made_of
    with closing(sqlite3.connect(file)) as db:
        assert db.execute('PRAGMA journal_mode').fetchone() == ('wal',)
        assert db.execute('PRAGMA foreign_key_check').fetchall() == []
        assert db.execute('PRAGMA integrity_check').fetchall() == [('ok',)]


def test_it_takes_in_more(file):
    copies.of_store(file, 2)
    ours = store.Ours(file.parent)
    ours.take_in(list(store.rounds([5000])))
    newest = list(ours.store.entries(limit=300))
    found = ours.store.search(newest[-1].title, limit=300)
    ours.store.close()
    assert len(newest) == 3 * 60 + 30
    assert len({entry.id for entry in newest}) == len(newest)
    assert newest[-1] in found


def test_rows_of_the_baseline_too(tmp_path):
    rows = store.Rows(tmp_path / 'rows.db')
    rows.fill(list(store.rounds([1000])))
    rows.db.close()
    copies.of_rows(tmp_path / 'rows.db', 3)
    with closing(sqlite3.connect(tmp_path / 'rows.db')) as db:
        assert db.execute('SELECT count(*), count(DISTINCT id) FROM entries').fetchone() == (120, 120)
