"""A database made large by SQL: every entry it has once more, under other names, as often as is asked for.

Taking in so many one after the other would be measured in hours; what matters to the next entry is how large the tables
and their indices are. Texts are cut short, or five million entries were fifty gigabytes, ours and theirs. Whatever columns
a table has besides the named ones are copied as they are.

Tables are filled in the order in which they lie, and their indices made afterwards, by sorting. The index of words is
written as rounds write it, for how many segments it has is what the next entry pays for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

OTHER = "{0} || '-' || copy"
NUMBERED = '{0} + copy * :step'
LATER = '{0} + copy * :span'  # as what arrives later is published later, mostly
SHORT = 'substr({0}, 1, 100)'
TABLES: Mapping[str, Mapping[str, str]] = {
    'carriers': {'seq': NUMBERED, 'source': OTHER, 'summary': SHORT},
    'runs': {'carrier': NUMBERED},
    'keys': {'key': OTHER, 'carrier': NUMBERED},
    'entries': {
        'n': NUMBERED,
        'id': OTHER,
        'identity': OTHER,
        'text_seq': NUMBERED,
        'published_at': LATER,
        'updated_at': LATER,
    },
    'assigned': {'carrier': NUMBERED, 'entry': NUMBERED},
    'entry_categories': {'published_at': LATER, 'id': OTHER, 'entry': NUMBERED},
    'polls': {'n': NUMBERED, 'source': OTHER},
}
NUMBERS = {'carriers': 'seq', 'entries': 'n', 'polls': 'n'}
# Others lie by their numbers: one copy comes after the other.
ORDERS = {'keys': 'first CROSS JOIN as_text', 'entry_categories': 'last_first CROSS JOIN first'}
SWIFTLY = ('journal_mode = OFF', 'synchronous = OFF', 'secure_delete = OFF', 'cache_size = -1500000')  # kB
INDEXED_AT_ONCE = 1_048_576  # bytes of words that FTS5 gathers before it writes them (sqlite.org/fts5.html, 6.8)
CUT = 10  # times shorter than the whole text is what is indexed of a copy; so many times less fills a segment


def of_store(file: Path, times: int) -> None:
    with _opened(file, times) as db:
        limits = {
            'step': max(_one(db, f'SELECT max({column}) FROM {table}') for table, column in NUMBERS.items()),
            'span': _one(db, 'SELECT max(published_at) - min(published_at) + 1 FROM entries'),
        }
        with _bare(db, TABLES):
            for table, special in TABLES.items():
                _copy(db, table, special, limits)
        _index_at_once(db, INDEXED_AT_ONCE // CUT)
        _copy(db, 'words', {'rowid': NUMBERED, 'said': SHORT}, limits)
        _index_at_once(db, INDEXED_AT_ONCE)


def of_rows(file: Path, times: int) -> None:
    with _opened(file, times) as db:
        limits = {'step': _one(db, 'SELECT max(rowid) FROM entries')}
        _copy(db, 'entries', {'rowid': NUMBERED, 'id': OTHER, 'json': SHORT}, limits)


@contextmanager
def _opened(file: Path, times: int) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as db:
        for pragma in SWIFTLY:
            db.execute(f'PRAGMA {pragma}')
        db.execute('CREATE TEMP TABLE copies (copy INTEGER PRIMARY KEY)')
        db.executemany('INSERT INTO copies VALUES (?)', ((copy,) for copy in range(1, times + 1)))
        db.execute('CREATE TEMP TABLE as_text AS SELECT copy FROM copies ORDER BY CAST(copy AS TEXT)')
        db.execute('CREATE TEMP TABLE last_first AS SELECT copy FROM copies ORDER BY copy DESC')
        yield db
        db.commit()
        db.execute('PRAGMA journal_mode = WAL')


@contextmanager
def _bare(db: sqlite3.Connection, tables: Collection[str]) -> Iterator[None]:
    """Without the indices and triggers of these tables, but for the indices that are part of a table."""
    found = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        f' AND tbl_name IN ({", ".join("?" * len(tables))})',
        tuple(tables),
    ).fetchall()
    for kind, name, _ in found:
        db.execute(f'DROP {kind} {name}')
    yield
    for _, _, sql in found:
        db.execute(sql)


def _copy(db: sqlite3.Connection, table: str, special: Mapping[str, str], limits: Mapping[str, int]) -> None:
    columns = [row[1] for row in db.execute(f'PRAGMA table_info({table})')]
    columns = [*(name for name in special if name not in columns), *columns]  # `rowid` is not told
    how = [(column, special.get(column, '{0}')) for column in columns]
    cut = ', '.join(f'{SHORT.format(column)} AS {column}' if form == SHORT else column for column, form in how)
    named = ', '.join(column if form == SHORT else form.format(column) for column, form in how)
    both = ORDERS.get(table, 'copies CROSS JOIN first')
    db.execute(f'CREATE TEMP TABLE first AS SELECT {cut} FROM {table}')
    db.execute(f'INSERT INTO {table} ({", ".join(columns)}) SELECT {named} FROM {both}', limits)
    db.execute('DROP TABLE first')


def _index_at_once(db: sqlite3.Connection, size: int) -> None:
    db.execute("INSERT INTO words (words, rank) VALUES ('hashsize', ?)", (size,))


def _one(db: sqlite3.Connection, sql: str) -> int:
    found: int | None = db.execute(sql).fetchone()[0]
    return found or 0
