"""What was said and in which rounds it was listed, and how carriers find each other over shared keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from aggregator.model import Carrier, Entry, Run
from aggregator.store.asking import Part, ask, chunks, numbers, tell
from aggregator.store.codec import as_json, decode, encode, from_json, from_us, is_storable, storable, to_us
from aggregator.store.components import components

RUNS_KEPT = 20  # of one carrier; a document that flickers cannot make more
LOADED = 500  # carriers read in one go where all are wanted

INSERT = """
INSERT INTO carriers (source, digest, first_seen_at, url, said, summary, content)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest) DO NOTHING
"""
HOLDERS = 'SELECT a.carrier FROM entries e JOIN assigned a ON a.entry = e.n WHERE e.id IN ({})'
FOLDED = """
SELECT a.carrier FROM tombstones t JOIN entries e ON e.id = t.into_id JOIN assigned a ON a.entry = e.n
WHERE t.id IN ({})
"""
LISTED = """
SELECT carrier, min(first) FROM runs
WHERE page = ? AND last >= ? AND carrier IN (SELECT value FROM json_each(?)) GROUP BY carrier
"""
# A source may have many carriers: `+` keeps SQLite from going through them all (sqlite.org/optoverview.html, 2).
THEIRS = 'SELECT seq FROM carriers WHERE +source = ? AND seq IN (SELECT value FROM json_each(?))'
# Keys and carriers take turns, so that each edge is walked once; a key shared by m carriers costs m, not m².
REACH = """
WITH RECURSIVE reach (seq, key) AS (
    SELECT value, NULL FROM json_each(?)
    UNION
    SELECT NULL, keys.key FROM reach JOIN keys ON keys.carrier = reach.seq
        WHERE NOT EXISTS (SELECT 1 FROM barren WHERE barren.key = keys.key)
    UNION
    SELECT keys.carrier, NULL FROM reach JOIN keys ON keys.key = reach.key
)
SELECT seq FROM reach WHERE seq IS NOT NULL LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Previous:
    """The entry that a carrier belongs to until now; of two ids the one with the lower `n` was published first. `own`:
    of the voice that speaks for it.
    """

    id: str
    n: int
    own: bool


class CarrierWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def known(self, source: str, digests: Iterable[str]) -> dict[str, int]:
        """The seqs of those digests that this source has shown before."""
        found = known(self._db, source, digests)
        self._told.setdefault(source, set()).update(found.values())
        return found

    def add_carrier(self, source: str, digest: str, url: str, entry: Entry, at: datetime) -> int:
        """Its seq; the one it has already where this source has shown this digest before."""
        return self.add_carriers(source, {digest: (url, entry)}, at)[digest]

    def add_carriers(self, source: str, said: Mapping[str, tuple[str, Entry]], at: datetime) -> dict[str, int]:
        """Several, by digest, in this order, each with the URL of its document; the seq of each by its digest."""
        first_seen_at = to_us(at)
        rows = ((source, digest, first_seen_at, *_columns(url, entry)) for digest, (url, entry) in said.items())
        tell(self._db, INSERT, rows)
        return self.known(source, said)

    def list_round(self, source: str, round_no: int, pages: Mapping[int, Sequence[int]]) -> frozenset[int]:
        """Notes which carriers each document (by its number) of a round listed; the seqs that it had not listed before.

        A run goes on when it was last seen in the round before, on the same page. A carrier that has used up its runs
        goes on with the last one, so flicker costs a bounded number of rows. Seqs of other sources are passed over.
        """
        theirs = self._of_source(source, {seq for seqs in pages.values() for seq in seqs})
        listed = {page: theirs.intersection(seqs) for page, seqs in pages.items()}
        going_on = {page: self._listed_before(round_no, page, seqs) for page, seqs in listed.items()}
        left = {page: seqs - going_on[page].keys() for page, seqs in listed.items()}
        runs = _runs(self._db, {seq for seqs in left.values() for seq in seqs})
        longer = [(round_no, seq, page, first) for page, found in going_on.items() for seq, first in found.items()]
        started, fresh = set(), []
        for page, seqs in left.items():
            for seq in sorted(seqs):
                run = _run_to_extend(runs.get(seq, ()), page)
                if run is None:
                    started.add(seq)
                    fresh.append((seq, page, round_no, round_no))
                    runs[seq] = (*runs.get(seq, ()), Run(page, round_no, round_no))
                else:
                    started.add(seq)
                    longer.append((round_no, seq, run.page, run.first))
        tell(self._db, 'INSERT INTO runs (carrier, page, first, last) VALUES (?, ?, ?, ?)', fresh)
        tell(self._db, 'UPDATE runs SET last = max(last, ?) WHERE carrier = ? AND page = ? AND first = ?', longer)
        return frozenset(started)

    def set_keys(self, seq: int, keys: Iterable[str]) -> None:
        """These keys and no others name this carrier."""
        wanted = {storable(key) for key in keys}
        present = {key for (key,) in self._db.execute('SELECT key FROM keys WHERE carrier = ?', (seq,))}
        tell(self._db, 'DELETE FROM keys WHERE key = ? AND carrier = ?', ((key, seq) for key in present - wanted))
        tell(
            self._db, 'INSERT INTO keys (key, carrier) VALUES (?, ?)', ((key, seq) for key in sorted(wanted - present))
        )

    def add_keys(self, keys: Mapping[int, Iterable[str]]) -> None:
        """`set_keys` for carriers that have none yet."""
        rows = sorted({(storable(key), seq) for seq, several in keys.items() for key in several})
        tell(self._db, 'INSERT INTO keys (key, carrier) VALUES (?, ?)', rows)

    def add_barren(self, keys: Iterable[str]) -> None:
        tell(self._db, 'INSERT OR IGNORE INTO barren (key) VALUES (?)', ((storable(key),) for key in keys))

    def barren_of(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys that name nothing."""
        return frozenset(key for (key,) in ask(self._db, 'SELECT key FROM barren WHERE key IN ({})', keys))

    def named_by(self, keys: Iterable[str]) -> frozenset[int]:
        """The seqs of carriers that these keys name, or named until they were found to name nothing."""
        bare = (key.rpartition('\x1f')[2] for key in keys)
        return frozenset(seq for (seq,) in ask(self._db, 'SELECT carrier FROM keys WHERE key IN ({})', bare))

    def clear_derived(self) -> None:
        """Forgets keys and barren keys, before a rebuild. Carriers, runs, entries and their ids stay."""
        self._db.execute('DELETE FROM keys')
        self._db.execute('DELETE FROM barren')

    def closure(self, seqs: Iterable[int], *, limit: int = 20_000) -> tuple[Carrier, ...]:
        """All carriers reachable from these over keys that are not barren, by seq; the nearest where the limit cuts."""
        return tuple(load_carriers(self._db, self.reach(seqs, limit=limit)))

    def reach(self, seqs: Iterable[int], *, limit: int = 20_000) -> list[int]:
        """The seqs of `closure`, as far as there are such carriers."""
        found = self._db.execute(REACH, (numbers(sorted(set(seqs))), limit))
        return [seq for (seq,) in found]

    def runs(self, seqs: Iterable[int]) -> dict[int, tuple[Run, ...]]:
        """In order of their first round; a carrier that no document has listed is not in the answer."""
        return _runs(self._db, seqs)

    def carriers_of_source(self, source: str) -> Iterator[Carrier]:
        """In order of arrival."""
        rows = self._db.execute('SELECT seq FROM carriers WHERE source = ? ORDER BY seq', (source,)).fetchall()
        return _load_all(self._db, [seq for (seq,) in rows])

    def all_carriers(self) -> Iterator[Carrier]:
        """In order of arrival; a rebuild gives each its keys anew."""
        rows = self._db.execute('SELECT seq FROM carriers ORDER BY seq').fetchall()
        return _load_all(self._db, [seq for (seq,) in rows])

    def all_components(self) -> list[list[int]]:
        """Every carrier once, with all that `closure` would reach from it, ordered by the first of each."""
        edges = self._db.execute(
            'SELECT key, carrier FROM keys WHERE key NOT IN (SELECT key FROM barren) ORDER BY key, carrier'
        )
        return list(components((seq for (seq,) in self._db.execute('SELECT seq FROM carriers ORDER BY seq')), edges))

    def placed(self, seqs: Iterable[int]) -> dict[int, Previous]:
        """What entry each carrier belongs to now; a carrier without one is not in the answer."""
        rows = self._db.execute(
            'SELECT a.carrier, e.id, e.n, a.own FROM assigned a JOIN entries e ON e.n = a.entry'
            ' WHERE a.carrier IN (SELECT value FROM json_each(?)) ORDER BY a.carrier',
            (numbers(seqs),),
        )
        return {seq: Previous(entry_id, n, bool(own)) for seq, entry_id, n, own in rows}

    def holders(self, ids: Iterable[str]) -> frozenset[int]:
        """Carriers of the entries that have these output ids, or that entries with these ids were folded into."""
        asked = list(ids)
        return frozenset(seq for sql in (HOLDERS, FOLDED) for (seq,) in ask(self._db, sql, asked))

    def _listed_before(self, round_no: int, page: int, seqs: Collection[int]) -> dict[int, int]:
        """Those that this page listed in the round before as well, with the first round of the run that goes on."""
        return dict(self._db.execute(LISTED, (page, round_no - 1, numbers(seqs))).fetchall())

    def _of_source(self, source: str, seqs: set[int]) -> set[int]:
        """Forgets what was told of the source: what is asked for later may be gone by then."""
        told = seqs & self._told.pop(source, set())
        others = seqs - told
        rows = self._db.execute(THEIRS, (source, numbers(others))) if others else ()
        return told.union(seq for (seq,) in rows)


def kept(seq: int, source: str, url: str, entry: Entry, at: datetime, runs: tuple[Run, ...]) -> Carrier:
    """The carrier that `load_carriers` would give for what was just added: what is at hand need not be read again."""
    return Carrier(
        seq=seq,
        source=source,
        url=storable(url),
        entry=_as_read(entry),
        first_seen_at=from_us(to_us(at)),
        runs=runs,
    )


def known(db: Database, source: str, digests: Iterable[str]) -> dict[str, int]:
    sql = 'SELECT digest, seq FROM carriers WHERE source = ? AND digest IN ({})'
    return dict(ask(db, sql, digests, source))


def load_carriers(db: Database, seqs: Iterable[int]) -> list[Carrier]:
    """Complete, by seq."""
    wanted = numbers(seqs)
    rows = db.execute(
        'SELECT seq, source, url, first_seen_at, said, summary, content FROM carriers'
        ' WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq',
        (wanted,),
    ).fetchall()
    runs = _runs(db, [row[0] for row in rows])
    return [_carrier(row, runs) for row in rows]


def _carrier(row: tuple[Any, ...], runs: Mapping[int, tuple[Run, ...]]) -> Carrier:
    seq, source, url, first_seen_at, said, summary, content = row
    return Carrier(
        seq=seq,
        source=source,
        url=url,
        entry=entry_of(said, summary, content),
        first_seen_at=from_us(first_seen_at),
        runs=runs.get(seq, ()),
    )


def entry_of(said: str, summary: str, content: str) -> Entry:
    return decode(Entry, from_json(said) | {'summary': summary, 'content': content})


def _as_read(entry: Entry) -> Entry:
    """What writing and reading would make of it: nothing else, but for lone surrogates and zones that have a name."""
    dates = [s.at for s in (entry.published, entry.updated) if s is not None and s.at is not None]
    if all(at.tzinfo is UTC for at in dates) and is_storable(entry.summary) and is_storable(entry.content):
        return entry
    _, said, summary, content = _columns('', entry)
    return entry_of(said, summary, content)


def _columns(url: str, entry: Entry) -> tuple[str, str, str, str]:
    said = encode(entry)
    summary, content = said.pop('summary', ''), said.pop('content', '')
    return storable(url), as_json(said), storable(summary), storable(content)


def _load_all(db: Database, seqs: Sequence[int]) -> Iterator[Carrier]:
    for chunk in chunks(seqs, LOADED):
        yield from load_carriers(db, chunk)


def _runs(db: Database, seqs: Iterable[int]) -> dict[int, tuple[Run, ...]]:
    rows = db.execute(
        'SELECT carrier, page, first, last FROM runs'
        ' WHERE carrier IN (SELECT value FROM json_each(?)) ORDER BY carrier, first, page',
        (numbers(seqs),),
    )
    found = defaultdict(list)
    for seq, page, first, last in rows:
        found[seq].append(Run(page, first, last))
    return {seq: tuple(runs) for seq, runs in found.items()}


def _run_to_extend(runs: Sequence[Run], page: int) -> Run | None:
    """The run that goes on although the round before did not list it; None where a new one begins."""
    if len(runs) < RUNS_KEPT:
        return None
    return max(runs, key=lambda run: (run.page == page, run.last, run.first))
