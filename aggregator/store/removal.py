"""Takes away for good: what a person took down, what retention lets go, and carriers that are not kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from aggregator.store.asking import Part, ask, numbers, tell
from aggregator.store.blocking import Why, block, blocked, lift, removed
from aggregator.store.categories import mark_entries
from aggregator.store.codec import to_us
from aggregator.store.reading import number_of
from aggregator.store.surplus import unlisted

# A stranger that carries it too may show a key of somebody else beside: only what the speaking voice shows is blocked.
KEYS = """
SELECT k.key FROM assigned a JOIN keys k ON k.carrier = a.carrier
WHERE a.entry = ?1 AND a.own = 1 AND k.key NOT IN (SELECT key FROM barren)
UNION SELECT identity FROM entries WHERE n = ?1
"""
FOLDED_IDS = "SELECT id, source FROM tombstones WHERE reason = 'join' AND id IN ({})"
SPEAKER = """
SELECT e.id, coalesce(c.source, '') FROM entries e LEFT JOIN carriers c ON c.seq = e.text_seq WHERE e.n = ?
"""


class Removing(Part):
    """Part of Writer."""

    __slots__ = ()

    def blocked(self, keys: Iterable[str]) -> dict[str, str]:
        """Those of the keys whose entries never come back, with the reason: 'takedown' or 'retention'."""
        return blocked(self._db, keys)

    def block(self, keys: Iterable[str], reason: Why, at: datetime) -> None:
        block(self._db, keys, reason, at)

    def removed(self, keys: Iterable[str], ids: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Those of the keys that retention removed, and those of the output ids that were removed, by retention or by
        a person, each with the source that spoke then.
        """
        return removed(self._db, keys, ids)

    def folded(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of the output ids that were folded into an entry, with the source that spoke until then."""
        return dict(ask(self._db, FOLDED_IDS, list(ids)))

    def lift(self, keys: Iterable[str], ids: Iterable[str]) -> None:
        """These may live again: who may speak over who spoke then has come. Keys of a takedown stay blocked."""
        lift(self._db, keys, ids)

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
    entry_id, source = db.execute(SPEAKER, (n,)).fetchone()
    block(db, [key for (key,) in db.execute(KEYS, (n,))], reason, at, source)
    mark_entries(db, numbers([n]))
    folded = db.execute('SELECT id, source FROM tombstones WHERE into_id = ?', (entry_id,)).fetchall()
    tell(
        db,
        "INSERT OR REPLACE INTO tombstones (id, into_id, reason, at, source) VALUES (?, '', ?, ?, ?)",
        ((one, reason, to_us(at), spoke or source) for one, spoke in ((entry_id, source), *folded)),
    )
    db.execute('DELETE FROM entries WHERE n = ?', (n,))
