"""The last answer of each source, for a person to read."""

from __future__ import annotations

from sqlite_utils import Database

from aggregator.model import LastAnswer
from aggregator.store.asking import Part
from aggregator.store.codec import dumps, loads


class AnswerWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def save_answer(self, source: str, answer: LastAnswer) -> None:
        """In place of the one before."""
        self._db.conn.execute('INSERT OR REPLACE INTO answers (source, answer) VALUES (?, ?)', (source, dumps(answer)))


def last_answer(db: Database, source: str) -> LastAnswer | None:
    row = db.execute('SELECT answer FROM answers WHERE source = ?', (source,)).fetchone()
    return loads(LastAnswer, row[0]) if row else None
