"""How many values are asked about in one statement: whole numbers as one JSON list, texts as parameters in chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

from sqlite_utils import Database

from aggregator.store.codec import storable

CHUNK = 512  # parameters of one statement; SQLite allows 32,766, older builds 999

T = TypeVar('T')


class Part:
    """What the parts of Writer share: the writing connection, in a transaction."""

    __slots__ = ('_db', '_told')

    def __init__(self, db: Database) -> None:
        self._db = db
        self._told: dict[str, set[int]] = {}  # carriers by source, as they were just read (carriers.py)


def numbers(values: Iterable[int]) -> str:
    """For `IN (SELECT value FROM json_each(?))`."""
    return f'[{",".join(map(str, values))}]'


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    row = list(values)
    for start in range(0, len(row), size):
        yield row[start : start + size]


def ask(db: Database, sql: str, texts: Iterable[str], *before: Any) -> Iterator[Any]:
    """The rows of `sql`, in which `{}` stands for the list of texts; `before` are the parameters ahead of it."""
    asked = set(texts)
    for chunk in chunks(sorted(asked if all(map(str.isascii, asked)) else set(map(storable, asked)))):
        places = 1 << (len(chunk) - 1).bit_length()  # few lengths, so few statements, which SQLite prepares once each
        repeated = (chunk[-1],) * (places - len(chunk))
        yield from db.conn.execute(_with_places(sql, places), (*before, *chunk, *repeated))


@cache
def _with_places(sql: str, places: int) -> str:
    return sql.format(', '.join('?' * places))


def tell(db: Database, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """One prepared statement for many rows."""
    db.conn.executemany(sql, rows)
