"""What an entry costs the store, new and known, against sqlite-utils one row at a time. Read the ratios.

`kept` is what sqlite-utils does too: what was said is written, or found to be known, and its runs with it. `round` is
a whole round without its visit: entries decided, categories marked, words indexed, the outcome of each item told. Ours
are 30 entries a round and 50 rounds a transaction. sqlite-utils upserts a row of five columns for each entry, a
transaction each, as the loop that a user would write does. Both start on a database on disk that holds so many entries:
the first 15,000 were taken in as any, the others are copies of them made by SQL (copies.py). What is taken in comes from
sources whose names stand anywhere among those that are there. A first turn does not count: a daemon is not asked right
after a million entries were put before it.
"""

from __future__ import annotations

import gc
import json
import random
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import copies
import said
import sqlite_utils
from measure import median
from plan import Plan
from report import Table, figure, ratio

from aggregator.model import Entry
from aggregator.poll.gather import Page
from aggregator.poll.record import record
from aggregator.rules.slugs import slug_of
from aggregator.store import Store, Writer
from aggregator.store.opening import FILE

ROUND, TRANSACTION = 30, 50  # entries a round, rounds a transaction
TALKERS = 10  # sources that have much
TAKEN_IN = 15_000  # entries; a whole number of transactions
FIRST = range(1_000, 1_000 + TAKEN_IN // ROUND)  # their sources
AMONG_THEM = range(1_000_000, 1_500_000)  # sources of what is taken in: so they are ordered, for names are text
NOW = said.NOON + timedelta(days=300)


@dataclass(frozen=True)
class Round:
    source: int
    number: int
    said: Sequence[Entry]
    page: Page

    @classmethod
    def of(cls, source: int, number: int, entries: Sequence[Entry]) -> Round:
        """With the digests, which belong to the visit."""
        return cls(source, number, entries, said.page(list(entries)))


def rounds(sources: Iterable[int]) -> Iterator[Round]:
    """Of one new source each."""
    for source in sources:
        yield Round.of(source, 1, list(islice(said.entries(source), ROUND)))


class Ours:
    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder)

    def take_in(self, given: Sequence[Round]) -> None:
        policy = said.policy(one.source for one in given)
        for start in range(0, len(given), TRANSACTION):
            with self.store.writing() as writer:
                for one in given[start : start + TRANSACTION]:
                    record(writer, said.source(one.source), one.number, [one.page], policy, NOW)

    def keep(self, given: Sequence[Round]) -> None:
        for start in range(0, len(given), TRANSACTION):
            with self.store.writing() as writer:
                for one in given[start : start + TRANSACTION]:
                    keep(writer, one)


def keep(writer: Writer, one: Round) -> None:
    name, page = f'kept {one.source}', one.page
    known = writer.known(name, page.digests)
    unseen = {digest: ('u', entry) for digest, entry in zip(page.digests, one.said, strict=True) if digest not in known}
    if unseen:
        known |= writer.add_carriers(name, unseen, NOW)
    writer.list_round(name, one.number, {0: [known[digest] for digest in page.digests]})


class Rows:
    """One transaction for each row."""

    def __init__(self, file: Path) -> None:
        self.db = sqlite_utils.Database(file)
        self.db.enable_wal()

    def fill(self, given: Sequence[Round]) -> None:
        self.db['entries'].upsert_all((row for one in given for row in self.rows(one)), pk='id')

    def take_in(self, given: Sequence[Round]) -> None:
        for one in given:
            for row in self.rows(one):
                self.db['entries'].upsert(row, pk='id')

    def rows(self, one: Round) -> Iterator[dict[str, str]]:
        for entry in one.said:
            yield {
                'id': entry.guid,
                'feed': str(one.source),
                'title': entry.title,
                'link': entry.link,
                'json': json.dumps({'title': entry.title, 'link': entry.link, 'summary': entry.summary}),
            }


def cpu_us(act: Callable[[], None], entries: int) -> float:
    gc.collect()  # what was made for the measuring is not collected in the middle of it
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1e6 / entries


def filled(folder: Path, at: int) -> tuple[Ours, Rows]:
    first = list(rounds(FIRST[: at // ROUND]))
    ours, rows = Ours(folder / 'data'), Rows(folder / 'rows.db')
    ours.take_in(first)
    rows.fill(first)
    ours.store.close()
    rows.db.close()
    if at > TAKEN_IN:
        copies.of_store(folder / 'data' / FILE, -(-at // TAKEN_IN) - 1)
        copies.of_rows(folder / 'rows.db', -(-at // TAKEN_IN) - 1)
    return Ours(folder / 'data'), Rows(folder / 'rows.db')


def measured(folder: Path, at: int, entries: int, times: int) -> dict[str, tuple[float, float]]:
    """CPU-µs an entry, ours and theirs, by what the entry is: the medians of so many times, in turns."""
    ours, rows = filled(folder, at)
    slug_of('重庆')  # the dictionary of pinyin is read at the first new category
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    unheard = iter(random.Random(1).sample(AMONG_THEM, (times + 1) * entries // ROUND))
    for turn in range(-1, times):
        new = list(rounds(islice(unheard, entries // ROUND)))
        again = [Round.of(one.source, 2, one.said) for one in new]
        later = [Round.of(one.source, 3, list(islice(said.entries(one.source), ROUND + 1))[1:]) for one in new]
        for name, given in (('new', new), ('known', again), ('1 new of 30', later)):
            theirs = cpu_us(partial(rows.take_in, given), entries)
            kept, round_ = (cpu_us(partial(act, given), entries) for act in (ours.keep, ours.take_in))
            if turn >= 0:
                found[f'{name}, kept'].append((kept, theirs))
                found[f'{name}, round'].append((round_, theirs))
    ours.store.close()
    rows.db.close()
    return {name: (median(one for one, _ in spent), median(one for _, one in spent)) for name, spent in found.items()}


class Talkers:
    """Sources that go on and on, and list their newest thirty entries."""

    def __init__(self, folder: Path) -> None:
        self.ours = Ours(folder)
        self._streams = [(source, said.entries(source), deque[Entry](maxlen=ROUND)) for source in FIRST[:TALKERS]]
        self._number = 0

    def round(self, new: int) -> list[Round]:
        """The next one, with so many new entries of each."""
        self._number += 1
        for _, stream, listed in self._streams:
            listed.extend(islice(stream, new))
        return [Round.of(source, self._number, list(listed)) for source, _, listed in self._streams]


def by_source(folder: Path, has: int, times: int) -> Iterator[float]:
    """CPU-µs an entry of a round where each source has so many: all known, one new of thirty."""
    talkers = Talkers(folder)
    for _ in range(has // ROUND):
        talkers.ours.take_in(talkers.round(ROUND))
    for new in (0, 1):
        told = [talkers.round(new) for _ in range(times)]
        yield median(cpu_us(partial(talkers.ours.take_in, one), TALKERS * ROUND) for one in told)
    talkers.ours.store.close()


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    head = ('entries there, and taken in', 'ours µs', 'a second', 'sqlite-utils µs', 'ratio')
    table = Table('Store: CPU-µs an entry', head)
    for at in plan.stored:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            for name, (ours, theirs) in measured(Path(place), at, plan.entries, plan.stored_repeats).items():
                cells = figure(ours), f'{1e6 / ours:,.0f}', figure(theirs), ratio(theirs, ours)
                table.rows.append((f'{at:,}: {name}', *cells))
    table.notes.append(
        '`kept` is what sqlite-utils does too: written, or found to be known. `round` is all that a round does after its '
        'visit: which entries are one, categories, words, the outcome of each item.'
    )
    yield table
    much = Table('Store: CPU-µs an entry of a round, by what its source has', ('entries', 'known', '1 new of 30'))
    for has in plan.said:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            much.rows.append((f'{has:,}', *map(figure, by_source(Path(place), has, 4 * plan.stored_repeats))))
    yield much
