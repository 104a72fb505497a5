"""Takes away for good: what a person took down, what retention lets go, and carriers that are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlite_utils import Database

from aggregator.store.asking import Part, numbers, tell
from aggregator.store.blocking import Why, block, blocked
from aggregator.store.categories import mark_entries
from aggregator.store.codec import to_us
from aggregator.store.reading import number_of
from aggregator.store.surplus import unlisted
from aggregator.store.tombstones import folded_ids, lay_tombstones, lift_ids, removed_ids

# A stranger that carries it too may show a key of somebody else beside: only what the speaking voice shows is blocked.
KEYS = """
SELECT k.key FROM assigned a JOIN keys k ON k.carrier = a.carrier
WHERE a.entry = ?1 AND a.own = 1 AND k.key NOT IN (SELECT key FROM barren)
UNION SELECT identity FROM entries WHERE n = ?1
"""
SPEAKERS = """
SELECT DISTINCT c.source FROM assigned a JOIN carriers c ON c.seq = a.carrier
WHERE a.entry = ? AND a.own = 1 ORDER BY c.source
"""


class Removing(Part):
    """Part of Writer."""

    __slots__ = ()

    def blocked(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, Why]]:
        """Those of the keys whose entries are gone for good: each with the sources that spoke then ('' is not known),
        and why it went.
        """
        return blocked(self._db, keys)

    def block(self, keys: Iterable[str], reason: Why, at: datetime, sources: Iterable[str] = ('',)) -> None:
        block(self._db, keys, reason, at, sources)

    def removed_ids(self, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Those of the output ids that retention or a person removed, each with the sources that spoke then."""
        return removed_ids(self._db, ids)

    def folded_ids(self, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Those of the output ids that were folded into an entry, each with the sources that spoke until then."""
        return folded_ids(self._db, ids)

    def lift(self, ids: Iterable[str]) -> None:
        """These may live again: who may speak over who spoke then has come."""
        lift_ids(self._db, ids)

    def takedown(self, entry_id: str, at: datetime) -> bool:
        """Removes an entry from every output for good; False where there is none of that id.

        Its carriers stay, empty of text, so that they are known when they come again. Ids that were folded into it
        go with it.
        """
        n = number_of(self._db, entry_id, dropped=True)
        if n is None:
            return False
        self._db.execute(
            "UPDATE carriers SET summary = '', content = '', taken_down = 2 - a.own FROM assigned a"
            ' WHERE a.carrier = seq AND a.entry = ?',
            (n,),
        )
        _bury(self._db, n, 'takedown', at)
        return True

    def retire(self, ids: Iterable[str], at: datetime) -> int:
        """Retention: removes these entries with their carriers, for good; how many there were."""
        ns = {number_of(self._db, entry_id, dropped=True) for entry_id in ids} - {None}
        for n in sorted(n for n in ns if n is not None):
            seqs = [seq for (seq,) in self._db.execute('SELECT carrier FROM assigned WHERE entry = ?', (n,))]
            _bury(self._db, n, 'retention', at)
            tell(self._db, 'DELETE FROM carriers WHERE seq = ?', ((seq,) for seq in seqs))
        return len(ns)

    def retire_unlisted(self, ids: Iterable[str], at: datetime) -> int:
        """The same, sparing what a source has come to list since somebody asked for `surplus_entries`."""
        return self.retire(unlisted(self._db, ids), at)

    def remove_carriers(self, seqs: Iterable[int]) -> None:
        """Forgets what was said, its runs and keys. An entry that is left without carriers goes, without a tombstone.

        An entry that keeps some is for the caller to decide again: until then it may stand without its text.
        """
        wanted = numbers(sorted(set(seqs)))
        rows = self._db.execute(
            'SELECT DISTINCT entry FROM assigned WHERE carrier IN (SELECT value FROM json_each(?)) ORDER BY entry',
            (wanted,),
        )
        ns = numbers(n for (n,) in rows.fetchall())
        mark_entries(self._db, ns)
        self._db.execute('DELETE FROM carriers WHERE seq IN (SELECT value FROM json_each(?))', (wanted,))
        self._db.execute(
            'DELETE FROM entries WHERE n IN (SELECT value FROM json_each(?))'
            ' AND NOT EXISTS (SELECT 1 FROM assigned WHERE assigned.entry = entries.n)',
            (ns,),
        )


def _bury(db: Database, n: int, reason: Why, at: datetime) -> None:
    """The entry goes; its keys are blocked, its id and those that led to it get a tombstone."""
    spoke = [source for (source,) in db.execute(SPEAKERS, (n,))]
    block(db, [key for (key,) in db.execute(KEYS, (n,))], reason, at, spoke or ('',))
    mark_entries(db, numbers([n]))
    lay_tombstones(db, numbers([n]), reason, to_us(at))
    db.execute('DELETE FROM entries WHERE n = ?', (n,))
