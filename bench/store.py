"""What an entry costs the store, new and known, against sqlite-utils one row at a time. Read the ratios.

    python bench/store.py [--at 0 100000] [--entries 3000]

`kept` is what sqlite-utils does too: what was said is written, or found to be known, and its runs with it. `round` is
a whole round without its visit: entries decided, categories marked, words indexed, the outcome of each item told. Ours
are 30 entries a round and 50 rounds a transaction. sqlite-utils upserts a row of five columns for each entry, a
transaction each, as the loop that a user would write does. Both start on a database on disk that holds so many rows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import said
import sqlite_utils

from aggregator.model import Entry
from aggregator.poll.gather import Page
from aggregator.poll.record import record
from aggregator.rules.slugs import slug_of
from aggregator.store import Store, Writer

ROUND, TRANSACTION = 30, 50  # entries a round, rounds a transaction
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


def rounds(first: int, entries: int) -> Iterator[Round]:
    """Of one new source each."""
    for source in range(first, first + entries // ROUND):
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
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1e6 / entries


def measured(folder: Path, at: int, entries: int) -> dict[str, tuple[float, float]]:
    """CPU-µs an entry, ours and theirs, by what the entry is."""
    ours, rows = Ours(folder / 'ours'), Rows(folder / 'rows.db')
    for start in range(0, at, 30_000):
        chunk = list(rounds(1000 + start // ROUND, min(30_000, at - start)))
        ours.take_in(chunk)
        rows.fill(chunk)
    new = list(rounds(1_000_000, entries))
    again = [Round.of(one.source, 2, one.said) for one in new]
    once_more = [
        Round.of(one.source, 3, list(islice(said.entries(one.source), ROUND + 1))[1:]) for one in new
    ]  # one new entry, 29 known
    slug_of('重庆')  # the dictionary of pinyin is read at the first new category
    found = {}
    for name, given in (('new', new), ('known', again), ('1 new of 30', once_more)):
        theirs = cpu_us(partial(rows.take_in, given), entries)
        found[f'{name}, kept'] = cpu_us(partial(ours.keep, given), entries), theirs
        found[f'{name}, round'] = cpu_us(partial(ours.take_in, given), entries), theirs
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument('--at', type=int, nargs='+', default=[0, 100_000])
    asked.add_argument('--entries', type=int, default=3000)
    given = asked.parse_args()
    print(f'{"rows":>9}  {"entries":20}{"ours µs":>9}{"a second":>10}{"sqlite-utils µs":>17}{"ratio":>7}')
    for at in given.at:
        with tempfile.TemporaryDirectory() as folder:
            for name, (ours, theirs) in measured(Path(folder), at, given.entries).items():
                print(f'{at:9}  {name:20}{ours:9.1f}{1e6 / ours:10.0f}{theirs:17.1f}{theirs / ours:7.1f}')


if __name__ == '__main__':
    main()
