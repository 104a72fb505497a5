"""Writes what was decided: entries, which carriers are theirs, their categories, what a join leaves, what is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlite_utils import Database

from aggregator.model import Carrier, CategoryState, Draft, Placed, StoredEntry
from aggregator.store.asking import Part, ask, numbers, tell
from aggregator.store.blocking import blocked
from aggregator.store.categories import CategoryWriting, category_numbers, mark_labels
from aggregator.store.codec import as_json, encode, storable, to_us
from aggregator.store.reading import load_entries, number_of
from aggregator.store.tombstones import add_speakers
from aggregator.store.voiding import void_entries
from aggregator.store.words import index_new, index_words

Change = Literal['new', 'revised', 'merged', 'same', 'blocked']

COLUMNS = (
    'identity', 'rule', 'title', 'link', 'publisher', 'authors', 'published_at', 'updated_at', 'offset_min',
    'dated', 'text_seq', 'dropped', 'fingerprint',
)  # fmt: skip
INSERT = f'INSERT INTO entries (id, revision, {", ".join(COLUMNS)}) VALUES (?, 0, {", ".join("?" * len(COLUMNS))})'  # noqa: S608  # constants
UPDATE = f'UPDATE entries SET revision = revision + ?, {", ".join(f"{one} = ?" for one in COLUMNS)} WHERE n = ?'  # noqa: S608  # constants
HELD = f'SELECT n, id, {", ".join(COLUMNS)} FROM entries WHERE '  # noqa: S608  # constants
TAKEN = 'SELECT id, n FROM entries WHERE id IN ({})'
LAID = """
SELECT t.id, coalesce(e.n, 0) FROM tombstones t LEFT JOIN entries e ON e.id = t.into_id
WHERE (t.reason <> 'join' OR e.n IS NOT NULL) AND t.id IN ({})
"""


class _Held(NamedTuple):
    """An entry as it stands before a put."""

    n: int
    id: str
    values: tuple[Any, ...]  # of COLUMNS


class _Loaded(NamedTuple):
    """Entries by n, and which of them are in no feed."""

    entries: dict[int, StoredEntry]
    dropped: frozenset[int]

    def shown(self) -> dict[int, StoredEntry]:
        return {n: entry for n, entry in self.entries.items() if n not in self.dropped}


class EntryWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def put(
        self,
        placed: Sequence[Placed],
        over: Iterable[int] | Mapping[int, Carrier],
        slugs: Mapping[str, CategoryState],
        at: datetime,
        *,
        heard: Collection[str] = (),
    ) -> dict[str, Change]:
        """Makes the entries of these carriers be exactly those drafts; what became of each, by output id.

        `over` are all carriers of the closures that the drafts come from. An entry that had some of them and that no
        draft keeps is removed; where a draft `replaces` it, a tombstone leads on. Labels never seen before come to
        life as `slugs` has them. A draft with a blocked key is not written ('blocked'), unless it is `heard` under that
        key all the same. Carriers that are `frozen` are given to no entry. Only rows that differ are written, and only
        categories in which something shown differs are marked. Several closures may be put at once. Where `over` is a
        mapping its carriers are not read again. Raises ValueError where an id is held by an entry outside `over`.
        """
        seqs = {*over, *(seq for one in placed for seq in _seqs(one.draft))}
        at_hand = over if isinstance(over, Mapping) else {}
        wanted, refused = _unblocked(self._db, placed, heard)
        held = _held(self._db, seqs, wanted)
        _refuse_theft(self._db, held, wanted, seqs)
        before = _loaded(self._db, (one.n for one in held.values()))
        ns = _written(self._db, wanted, held)
        _assign(self._db, wanted, ns, seqs if held else ())
        self._categorise(wanted, ns, slugs, [ns[one.id] for one in wanted if one.id in held])
        gone = [one for one in held.values() if one.id not in ns]
        _remove(self._db, gone)
        _fold(self._db, wanted, {one.id: before.entries[one.n] for one in gone}, at)
        after = _loaded(self._db, (n for entry_id, n in ns.items() if entry_id in held))
        fresh = [one for one in wanted if one.id not in held]
        index_words(self._db, before.entries, after.entries)
        index_new(self._db, {ns[one.id]: one.draft for one in fresh}, at_hand)
        _mark(self._db, before.shown(), after.shown(), fresh)
        changes: dict[str, Change] = {one.id: _change(one, held, before.entries, after.entries) for one in wanted}
        return changes | dict.fromkeys(refused, 'blocked')

    def ids_taken(self, ids: Iterable[str], apart_from: Collection[int] = ()) -> frozenset[str]:
        """Those of the ids that an entry or a tombstone has; entries of these `n` and what was folded into them aside.

        What was folded into an entry that has gone since leads nowhere, and has nothing.
        """
        asked = list(ids)
        having = ((i, n) for sql in (TAKEN, LAID) for i, n in ask(self._db, sql, asked))
        found = {i for i, n in having if n not in apart_from}
        return frozenset(i for i in asked if storable(i) in found)

    def id_taken(self, entry_id: str, apart_from: Collection[int] = ()) -> bool:
        """Whether it is one of `ids_taken`."""
        return bool(self.ids_taken([entry_id], apart_from))

    def entry(self, entry_id: str) -> StoredEntry | None:
        """As within this transaction; dropped ones too."""
        n = number_of(self._db, entry_id, dropped=True)
        return None if n is None else load_entries(self._db, [n])[n]

    def _categorise(
        self,
        wanted: Sequence[Placed],
        ns: Mapping[str, int],
        slugs: Mapping[str, CategoryState],
        filed: Sequence[int],
    ) -> None:
        labels = sorted({label for one in wanted if not one.draft.dropped for label in one.draft.labels})
        known = category_numbers(self._db, labels)
        fresh = [label for label in labels if storable(label) not in known]
        for label in fresh:
            one = slugs[label]
            CategoryWriting(self._db).add_category(label, one.slug, one.title, one.source)
        known = category_numbers(self._db, labels) if fresh else known
        _file(self._db, wanted, ns, known, filed)


def _unblocked(db: Database, placed: Sequence[Placed], heard: Collection[str]) -> tuple[list[Placed], list[str]]:
    """The caller asks first; here it is made sure. Also an id that was removed does not live again."""
    names = {one.id: {one.draft.identity, *one.draft.keys} for one in placed}
    never = blocked(db, (name for some in names.values() for name in some)).keys() - set(heard)
    removed = "SELECT id FROM tombstones WHERE reason <> 'join' AND id IN ({})"
    dead = {entry_id for (entry_id,) in ask(db, removed, names)}
    refused = {one for one, some in names.items() if one in dead or some & never}
    return [one for one in placed if one.id not in refused], sorted(refused)


def _held(db: Database, seqs: Iterable[int], wanted: Iterable[Placed]) -> dict[str, _Held]:
    """Entries that have one of these carriers now, or one of these ids; by id."""
    having = 'n IN (SELECT entry FROM assigned WHERE carrier IN (SELECT value FROM json_each(?)))'
    rows = [*db.execute(HELD + having, (numbers(seqs),)), *ask(db, f'{HELD} id IN ({{}})', (one.id for one in wanted))]
    return {row[1]: _Held(row[0], row[1], tuple(row[2:])) for row in rows}


def _refuse_theft(db: Database, held: Mapping[str, _Held], wanted: Iterable[Placed], seqs: set[int]) -> None:
    """An id held by an entry none of whose carriers is here belongs to somebody else."""
    claimed = {held[one.id].n: one.id for one in wanted if one.id in held}
    rows = db.execute(
        'SELECT entry, carrier FROM assigned WHERE entry IN (SELECT value FROM json_each(?))', (numbers(claimed),)
    )
    carriers: dict[int, set[int]] = {}
    for n, seq in rows:
        carriers.setdefault(n, set()).add(seq)
    for n, theirs in carriers.items():
        if not theirs & seqs:
            raise ValueError(f'{claimed[n]!r} names another entry')


def _loaded(db: Database, ns: Iterable[int]) -> _Loaded:
    wanted = list(ns)
    if not wanted:
        return _Loaded({}, frozenset())
    rows = db.execute(
        'SELECT n FROM entries WHERE dropped = 1 AND n IN (SELECT value FROM json_each(?))', (numbers(wanted),)
    )
    return _Loaded(load_entries(db, wanted), frozenset(n for (n,) in rows))


def _written(db: Database, wanted: Iterable[Placed], held: Mapping[str, _Held]) -> dict[str, int]:
    """The n of each entry, by its id; a row is touched only where it differs."""
    return {one.id: _write(db, one, held.get(one.id)) for one in wanted}


def _write(db: Database, one: Placed, held: _Held | None) -> int:
    values = _values(one.draft)
    if held is None:
        n = db.conn.execute(INSERT, (storable(one.id), *values)).lastrowid
        assert n is not None
        return n
    if held.values != values:
        db.execute(UPDATE, (int(held.values[-1] != values[-1]), *values, held.n))
    return held.n


def _values(draft: Draft) -> tuple[Any, ...]:
    return (
        storable(draft.identity),
        draft.rule,
        storable(draft.title),
        storable(draft.link),
        storable(draft.publisher),
        as_json([encode(person) for person in draft.authors]) if draft.authors else '[]',
        to_us(draft.published_at),
        to_us(draft.updated_at),
        draft.offset_min,
        int(draft.dated),
        draft.text,
        int(draft.dropped),
        draft.fingerprint,
    )


def _seqs(draft: Draft) -> tuple[int, ...]:
    return (*draft.own, *draft.others)


def _assign(db: Database, wanted: Iterable[Placed], ns: Mapping[str, int], seqs: Iterable[int]) -> None:
    new = {seq: (ns[one.id], 0) for one in wanted for seq in one.draft.others}
    new |= {seq: (ns[one.id], 1) for one in wanted for seq in one.draft.own}
    rows = db.execute(
        'SELECT carrier, entry, own FROM assigned WHERE carrier IN (SELECT value FROM json_each(?))', (numbers(seqs),)
    )
    old = {seq: (n, own) for seq, n, own in rows}
    tell(db, 'DELETE FROM assigned WHERE carrier = ?', ((seq,) for seq in sorted(old.keys() - new.keys())))
    moved = ((*to, seq) for seq, to in sorted(new.items()) if old.get(seq, to) != to)
    tell(db, 'UPDATE assigned SET entry = ?, own = ? WHERE carrier = ?', moved)
    fresh = ((seq, *to) for seq, to in sorted(new.items()) if seq not in old)
    tell(db, 'INSERT INTO assigned (carrier, entry, own) VALUES (?, ?, ?)', fresh)


def _file(
    db: Database, wanted: Iterable[Placed], ns: Mapping[str, int], known: Mapping[str, int], filed: Sequence[int]
) -> None:
    """The rows of entry_categories; a dropped entry has none. Those that were filed before may have some."""
    new = {
        (known[storable(label)], to_us(one.draft.published_at), storable(one.id), ns[one.id])
        for one in wanted
        if not one.draft.dropped
        for label in one.draft.labels
    }
    old = set(
        db.execute(
            'SELECT category, published_at, id, entry FROM entry_categories'
            ' WHERE entry IN (SELECT value FROM json_each(?))',
            (numbers(filed),),
        )
        if filed
        else ()
    )
    away = ((category, at, entry_id) for category, at, entry_id, _ in sorted(old - new))
    tell(db, 'DELETE FROM entry_categories WHERE category = ? AND published_at = ? AND id = ?', away)
    tell(
        db,
        'INSERT INTO entry_categories (category, published_at, id, entry) VALUES (?, ?, ?, ?)',
        sorted(new - old),
    )


def _remove(db: Database, gone: Iterable[_Held]) -> None:
    tell(db, 'DELETE FROM entries WHERE n = ?', ((one.n,) for one in gone))


def _fold(db: Database, wanted: Sequence[Placed], gone: Mapping[str, StoredEntry], at: datetime) -> None:
    """Tombstones of a join. They lead to the end in one step; an id that lives again has none.

    `gone` are the entries that went, by id. Who spoke for them is remembered.
    """
    joined = [(one.id, replaced) for one in wanted for replaced in one.replaces if replaced != one.id]
    known = "SELECT id FROM tombstones WHERE reason = 'join' AND id IN ({})"
    folded = gone.keys() | {old for (old,) in ask(db, known, (replaced for _, replaced in joined))}
    for into, replaced in joined:
        if replaced in folded:
            db.execute('UPDATE tombstones SET into_id = ? WHERE into_id = ?', (into, replaced))
            db.execute(
                "INSERT INTO tombstones (id, into_id, reason, at) VALUES (?, ?, 'join', ?)"
                ' ON CONFLICT (id) DO UPDATE SET into_id = excluded.into_id',
                (replaced, into, to_us(at)),
            )
    laid = {replaced for _, replaced in joined} & gone.keys()
    add_speakers(db, sorted({(old, c.source) for old in laid for c in gone[old].carriers if c.own}))
    tell(db, 'DELETE FROM tombstones WHERE id = ?', ((one.id,) for one in wanted))


def _mark(
    db: Database, before: Mapping[int, StoredEntry], after: Mapping[int, StoredEntry], fresh: Iterable[Placed]
) -> None:
    """Marks where a reader of our feeds would see a difference."""
    different = [n for n in before.keys() | after.keys() if before.get(n) != after.get(n)]
    void_entries(db, different)
    shown = [entry.labels for n in different for entry in (before.get(n), after.get(n)) if entry is not None]
    shown += [one.draft.labels for one in fresh if not one.draft.dropped]
    if shown:
        mark_labels(db, {label for labels in shown for label in labels})


def _change(
    one: Placed, held: Mapping[str, _Held], before: Mapping[int, StoredEntry], after: Mapping[int, StoredEntry]
) -> Change:
    """'merged' goes before 'revised': a source that joins may speak from now on, and both is one event."""
    old = held.get(one.id)
    if old is None:
        return 'new'
    was = before.get(old.n)
    if any(replaced in held for replaced in one.replaces) or (was and _sources(after[old.n]) - _sources(was)):
        return 'merged'
    return 'same' if old.values[-1] == one.draft.fingerprint else 'revised'


def _sources(entry: StoredEntry) -> set[str]:
    return {carrier.source for carrier in entry.carriers}
