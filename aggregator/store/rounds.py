"""What a round asks of the store: carriers as they lie there, and the entries that they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from sqlite_utils import Database

from aggregator.model import Carrier, Source
from aggregator.store.asking import Part, numbers
from aggregator.store.carriers import load_carriers
from aggregator.store.codec import dumps, loads, storable

ROW = 'row of '  # the keys in `meta` that hold sources as they last stood in feeds.yml

OUTLIVED = """
SELECT DISTINCT b.carrier FROM assigned b
CROSS JOIN carriers c ON c.seq = b.carrier AND +c.source = ?1
CROSS JOIN runs r ON r.carrier = b.carrier AND r.last = ?2 - 1
WHERE b.entry IN (SELECT entry FROM assigned WHERE own = 1 AND carrier IN (SELECT value FROM json_each(?3)))
AND b.own = 1 AND b.carrier NOT IN (SELECT value FROM json_each(?3))
"""  # in this order: a source may have many carriers


class Line(NamedTuple):
    """The entry that a carrier belongs to, as a trace tells it."""

    id: str
    identity: str
    rule: str
    dropped: bool


class RoundWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def carriers(self, seqs: Iterable[int]) -> tuple[Carrier, ...]:
        """Complete, in order of arrival."""
        return tuple(load_carriers(self._db, seqs))

    def all_seqs(self) -> list[int]:
        """Every carrier there is, in order of arrival."""
        return [seq for (seq,) in self._db.execute('SELECT seq FROM carriers ORDER BY seq')]

    def lines(self, seqs: Iterable[int]) -> dict[int, Line]:
        """The entry of each carrier; a carrier without one is not in the answer."""
        rows = self._db.execute(
            'SELECT a.carrier, e.id, e.identity, e.rule, e.dropped FROM assigned a JOIN entries e ON e.n = a.entry'
            ' WHERE a.carrier IN (SELECT value FROM json_each(?)) ORDER BY a.carrier',
            (numbers(seqs),),
        )
        return {seq: Line(entry_id, identity, rule, bool(dropped)) for seq, entry_id, identity, rule, dropped in rows}

    def listed(self, source: str, round_no: int, page: int) -> list[int]:
        """The carriers that this page listed in that round."""
        rows = self._db.execute(
            'SELECT r.carrier FROM runs r JOIN carriers c ON c.seq = r.carrier'
            ' WHERE c.source = ? AND r.page = ? AND r.first <= ? AND r.last >= ? ORDER BY r.carrier',
            (source, page, round_no, round_no),
        )
        return [seq for (seq,) in rows]

    def outlived(self, source: str, round_no: int, listed: Iterable[int]) -> frozenset[int]:
        """Carriers that the source listed until this round, while it goes on listing others of the same entry: which of
        them says what is so now has changed.
        """
        return frozenset(seq for (seq,) in self._db.execute(OUTLIVED, (source, round_no, numbers(set(listed)))))

    def save_row(self, source: Source) -> None:
        """A source as it stands in feeds.yml, without the options of its kind, for when it stands there no more."""
        self._db.execute(
            'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
            (ROW + storable(source.name), dumps(replace(source, options=None))),
        )


def rows(db: Database) -> Iterator[Source]:
    found = db.execute('SELECT value FROM meta WHERE key >= ? AND key < ? ORDER BY key', (ROW, ROW + chr(0x10FFFF)))
    return (loads(Source, value) for (value,) in found)
