"""What searching Chinese entries costs, and what its index costs, against an index of pairs of characters.

    python bench/search.py [--entries 1000000] [--dates shuffled] [--keep FOLDER]

The entries are made up, the same at every run: words of one to four characters by Zipf's law, put together from
characters that follow it too, so that common characters meet in rare words as they do in Chinese. They go the way of a
round into a store on disk; the text that it indexes goes into two bare indexes beside it, one character a token (what
the store has) and two characters a token (`bigrams`), in transactions of the same size.

A query is timed as `Store.search` answers it, entries loaded, and as the bare indexes name their rows, unordered and
all of them. Times are CPU of this process. "Storing" an entry is what its round costs without the index of one
character a token.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import accumulate, islice, pairwise
from pathlib import Path

import said

from aggregator.model import Entry, Stated
from aggregator.poll.record import record
from aggregator.store import Store
from aggregator.store.words import plain

ROUND, TRANSACTION, SOURCES = 30, 50, 1000  # entries a round, rounds a transaction
QUERIES = 60  # of each length, common and rare
LIMITS = (26, 501)  # the first page of a search and the last one
LENGTHS = ((1, 5), (2, 70), (3, 15), (4, 10))  # of words in characters, in percent
VOCABULARY, CHARACTERS = 300_000, 4000
NOW = said.NOON + timedelta(days=400)
TITLE, SUMMARY = 9, 50  # words


class Vocabulary:
    """Words by rank, the commonest first."""

    def __init__(self, seed: int, size: int = VOCABULARY) -> None:
        choice = random.Random(seed)
        characters = choice.sample([chr(c) for c in range(0x4E00, 0x9FA6)], CHARACTERS)
        weights = list(accumulate(1 / rank for rank in range(1, CHARACTERS + 1)))
        lengths, shares = zip(*LENGTHS, strict=True)
        found: dict[str, None] = {}
        while len(found) < size:
            (length,) = choice.choices(lengths, shares)
            found[''.join(choice.choices(characters, cum_weights=weights, k=length))] = None
        self.words = list(found)
        self._weights = list(accumulate(1 / rank for rank in range(1, size + 1)))

    def some(self, choice: random.Random, k: int) -> str:
        return ''.join(choice.choices(self.words, cum_weights=self._weights, k=k))

    def queries(self, length: int, *, common: bool) -> list[str]:
        words = [word for word in self.words if len(word) == length]
        return words[:QUERIES] if common else words[-QUERIES:]


def entries(vocabulary: Vocabulary, count: int, *, shuffled: bool) -> Iterator[Entry]:
    """Two a minute, said up to two hours late and one in a hundred up to a month; or in no order at all."""
    choice = random.Random(7)
    for n in range(count):
        late = choice.random() * (43_200 if choice.random() < 0.01 else 120)
        at = said.NOON + timedelta(minutes=choice.random() * count / 2 if shuffled else n / 2 - late)
        yield Entry(
            title=vocabulary.some(choice, TITLE),
            link=f'https://h.example/a/{n}.html',
            guid=str(n),
            published=Stated(at.isoformat(), at, 480),
            summary=f'<p>{vocabulary.some(choice, SUMMARY)}</p>',
        )


def apart(text: str) -> str:
    return ' '.join(text)


class Bare:
    """An index and nothing else."""

    def __init__(self, file: Path, cut: Callable[[str], str]) -> None:
        self.file, self.cut, self.cpu_s = file, cut, 0.0
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.execute('PRAGMA journal_mode = WAL')
        self.db.execute('PRAGMA synchronous = NORMAL')
        self.db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (said, tokenize = 'unicode61 remove_diacritics 2')"
        )

    def add(self, first: int, texts: list[str]) -> None:
        start = time.process_time()
        self.db.execute('BEGIN')
        rows = ((first + k, self.cut(text)) for k, text in enumerate(texts))
        self.db.executemany('INSERT INTO words (rowid, said) VALUES (?, ?)', rows)
        self.db.execute('COMMIT')
        self.cpu_s += time.process_time() - start

    def matches(self, phrase: str) -> int:
        return len(self.db.execute('SELECT rowid FROM words WHERE words MATCH ?', (phrase,)).fetchall())


def pairs(text: str) -> str:
    return ' '.join(a + b for run in text.split() for a, b in pairwise(run))


def bytes_of(file: Path) -> int:
    """What is still in the WAL too."""
    with closing(sqlite3.connect(file)) as db:
        return db.execute('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size').fetchone()[0]


class Built:
    """The store and the two bare indexes, filled side by side."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store_s = folder, 0.0
        self.store = Store.open(folder / 'store')
        self.single, self.double = Bare(folder / 'single.db', apart), Bare(folder / 'double.db', pairs)

    def fill(self, given: Iterator[Entry]) -> None:
        policy, first, number = said.policy(range(SOURCES)), 0, 0
        while batch := list(islice(given, ROUND * TRANSACTION)):
            pages = [said.page(batch[start : start + ROUND]) for start in range(0, len(batch), ROUND)]
            start = time.process_time()
            with self.store.writing() as writer:
                for page in pages:
                    source = said.source(number % SOURCES)
                    record(writer, source, number // SOURCES + 1, [page], policy, NOW)
                    number += 1
            self.store_s += time.process_time() - start
            texts = [f'{entry.title} {plain(entry.summary)}' for entry in batch]
            for index in (self.single, self.double):
                index.add(first, texts)
            first += len(batch)

    def sizes(self) -> dict[str, int]:
        files = {'store': self.folder / 'store' / 'aggregator.db', 'one': self.single.file, 'two': self.double.file}
        return {name: bytes_of(file) for name, file in files.items()}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument('--entries', type=int, default=1_000_000)
    asked.add_argument('--dates', choices=('follow', 'shuffled'), default='follow')
    asked.add_argument('--keep', type=Path, help='a folder that is filled once and asked again')
    given = asked.parse_args()
    vocabulary = Vocabulary(3)
    with ExitStack() as leaving:
        folder = given.keep or Path(leaving.enter_context(tempfile.TemporaryDirectory()))
        there = (folder / 'single.db').exists()
        built = Built(folder)
        if not there:
            built.fill(entries(vocabulary, given.entries, shuffled=given.dates == 'shuffled'))
            show_building(built, given.entries)
        show_asking(built, vocabulary)


def show_building(built: Built, entries: int) -> None:
    stored = built.store_s - built.single.cpu_s
    print(f'{entries} entries; CPU-µs and bytes an entry')
    rows = (
        ('stored and indexed', built.store_s, 'store'),
        ('one a token', built.single.cpu_s, 'one'),
        ('two a token', built.double.cpu_s, 'two'),
    )
    sizes = built.sizes()
    for name, cpu_s, file in rows:
        ratio = '' if file == 'store' else f'{cpu_s / stored:8.2f} of storing it'
        print(f'{name:20}{cpu_s * 1e6 / entries:9.1f}{sizes[file] / entries:9.0f}{ratio}')


def show_asking(built: Built, vocabulary: Vocabulary) -> None:
    print(f'\n{"query":24}{"found":>9}{"limit":>7}{"store ms: p50":>15}{"p95":>8}{"one: p95":>10}{"two: p95":>10}')
    for common in (True, False):
        for length in (2, 3, 4):
            words = vocabulary.queries(length, common=common)
            show_queries(built, f'{"common" if common else "rare"}, {length} characters', words)
    twos = vocabulary.queries(2, common=True)
    show_queries(built, 'two common words', [f'{a} {b}' for a, b in pairwise(twos)])
    mixed = zip(twos, vocabulary.queries(3, common=False), strict=True)
    show_queries(built, 'a common and a rare one', [f'{a} {b}' for a, b in mixed])


def show_queries(built: Built, name: str, queries: list[str]) -> None:
    single = [timed(built.single.matches, phrases(apart, query)) for query in queries]
    double = [timed(built.double.matches, phrases(pairs, query)) for query in queries]
    found = sum(built.single.matches(phrases(apart, query)) for query in queries) // len(queries)
    for limit in LIMITS:
        ours = [timed(built.store.search, query, limit) for query in queries]
        print(
            f'{name:24}{found:9}{limit:7}{at(ours, 50):15.1f}{at(ours, 95):8.1f}{at(single, 95):10.1f}{at(double, 95):10.1f}'
        )


def phrases(cut: Callable[[str], str], query: str) -> str:
    return ' AND '.join(f'"{cut(word)}"' for word in query.split())


def timed(act: Callable[..., object], *given: object) -> float:
    """CPU-ms."""
    start = time.process_time()
    act(*given)
    return (time.process_time() - start) * 1e3


def at(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


if __name__ == '__main__':
    main()
