"""A database made large by SQL: every entry it has once more, under other names, as often as is asked for.

Taking in so many one after the other would be measured in hours; what matters to the next entry is how large the tables
and their indices are. Texts are cut short, or five million entries were fifty gigabytes, ours and theirs. Whatever columns
a table has besides the named ones are copied as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

OTHER = "{0} || '-' || :copy"
NUMBERED = '{0} + :copy * :step'
SHORT = 'substr({0}, 1, 100)'
TABLES: Mapping[str, Mapping[str, str]] = {
    'carriers': {'seq': NUMBERED, 'source': OTHER, 'summary': SHORT},
    'runs': {'carrier': NUMBERED},
    'keys': {'key': OTHER, 'carrier': NUMBERED},
    'entries': {'n': NUMBERED, 'id': OTHER, 'text_seq': NUMBERED},
    'assigned': {'carrier': NUMBERED, 'entry': NUMBERED},
    'entry_categories': {'id': OTHER, 'entry': NUMBERED},
    'polls': {'n': NUMBERED, 'source': OTHER},
}


def of_store(file: Path, times: int) -> None:
    with closing(_opened(file)) as db:
        step = max(_highest(db, 'carriers', 'seq'), _highest(db, 'entries', 'n'), _highest(db, 'polls', 'n'))
        limits = {'step': step}
        for copy in range(1, times + 1):
            for table, special in TABLES.items():
                _copy(db, table, special, f'{_key(special)} <= :step', {'copy': copy, **limits})
            db.execute(
                'INSERT INTO words (rowid, said) SELECT rowid + :copy * :step, substr(said, 1, 100) FROM words WHERE rowid <= :step',
                {'copy': copy, **limits},
            )
            db.commit()


def of_rows(file: Path, times: int) -> None:
    with closing(_opened(file)) as db:
        limits = {'step': _highest(db, 'entries', 'rowid')}
        for copy in range(1, times + 1):
            _copy(db, 'entries', {'id': OTHER, 'json': SHORT}, 'rowid <= :step', {'copy': copy, **limits})
            db.commit()


def _copy(
    db: sqlite3.Connection, table: str, special: Mapping[str, str], where: str, values: Mapping[str, int]
) -> None:
    columns = [row[1] for row in db.execute(f'PRAGMA table_info({table})')]
    picked = ', '.join(special.get(column, '{0}').format(column) for column in columns)
    db.execute(f'INSERT INTO {table} ({", ".join(columns)}) SELECT {picked} FROM {table} WHERE {where}', values)


def _key(special: Mapping[str, str]) -> str:
    """The column by which the first ones are told from their copies."""
    return next(column for column, how in special.items() if how == NUMBERED)


def _highest(db: sqlite3.Connection, table: str, column: str) -> int:
    found: int | None = db.execute(f'SELECT max({column}) FROM {table}').fetchone()[0]
    return found or 0


def _opened(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file)
    db.execute('PRAGMA synchronous = OFF')
    db.execute('PRAGMA cache_size = -400000')  # kB
    return db
