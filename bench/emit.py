"""CPU of publishing a category of 100 entries after one new entry, against rendering all of it. Read the ratios.

`feedgen` is what a user would write: a FeedGenerator with all entries, written as Atom and as RSS, never compressed. `all`
is our four documents with nothing kept from before, `one new` the same documents when all but one of their entries were
rendered before. Both are read from the store and written to the folder with their compressed forms, each of which is
timed by itself too. Taking in the new entry is not counted.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

import brotli
import feedgen.entry
import feedgen.feed
import feedgen.util
import said
from isal import isal_zlib
from plan import Plan
from report import Table, figure, ratio

from aggregator.emit import KeptFragments
from aggregator.model import Document, Feed, Publishing, Site, SourceView, StoredEntry
from aggregator.poll.record import record
from aggregator.render import edition_of
from aggregator.rules.selection import select
from aggregator.serve import PublicFolder
from aggregator.store import Store

ENTRIES = 100
AS_IT_COMES, MENDED = feedgen.util.formatRFC2822, feedgen.entry.formatRFC2822  # ours spares the locale, and time
SITE = Site(title='基准', authority='news.example.org,2026')


class Category:
    """One category of one source, on disk, as a round and the publisher see it."""

    def __init__(self, folder: Path, entries: int) -> None:
        self.store = Store.open(folder / 'data')
        self.folder = PublicFolder(folder / 'public')
        self.source, self.policy = said.source(0), said.policy([0])
        self.entries = entries
        self.stream = said.entries(0)
        self.listed = list(islice(self.stream, entries))[::-1]
        self.rounds = count(1)
        self.take_in()

    def take_in(self) -> None:
        with self.store.writing() as writer:
            record(
                writer,
                self.source,
                next(self.rounds),
                [said.page(self.listed)],
                self.policy,
                said.NOON + timedelta(days=9),
            )

    def publish_one(self) -> None:
        """A new entry, not yet published."""
        self.listed = [next(self.stream), *self.listed[:-1]]
        self.take_in()

    def feed(self) -> Feed:
        (category,) = self.store.categories()
        chosen = select(
            self.store.outlines(label=category.label, limit=3 * self.entries), Publishing(entries=self.entries)
        )
        view = SourceView(name=self.source.name, url=self.source.url)
        return Feed(
            slug=category.slug,
            label=category.label,
            title=category.title,
            updated_at=max(e.updated_at for e in chosen),
            entries=chosen,
            sources={view.name: view},
            site=SITE,
        )  # fmt: skip

    def documents(self, *, anew: bool) -> Sequence[Document]:
        feed = self.feed()
        kept = KeptFragments(self.store, feed, anew=anew)
        made = edition_of(feed, kept.keep).documents
        kept.save(())
        return made


def by_feedgen(entries: Sequence[StoredEntry]) -> None:
    feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = AS_IT_COMES
    write(feedgen.feed.FeedGenerator(), entries)
    feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = MENDED


def write(writer: feedgen.feed.FeedGenerator, entries: Sequence[StoredEntry]) -> None:
    writer.id('https://news.example/')
    writer.title('新闻')
    writer.link(href='https://news.example/')
    writer.description('新闻')
    for entry in entries:
        one = writer.add_entry(order='append')
        one.id(entry.id)
        one.title(entry.title)
        one.link(href=entry.link)
        one.published(entry.published_at)
        one.updated(entry.updated_at)
        one.author(name=entry.publisher or '?')
        one.content(entry.summary, type='html')
    writer.atom_str()
    writer.rss_str()


def cpu_ms(times: int, act: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median of several."""
    spent = []
    for _ in range(times):
        before()
        start = time.process_time()
        act()
        spent.append((time.process_time() - start) * 1000)
    return sorted(spent)[times // 2]


def measured(category: Category, times: int) -> dict[str, float]:
    whole = list(category.store.entries(limit=category.entries))

    def one_new_written() -> None:
        category.folder.write(category.documents(anew=False))

    def all_written() -> None:
        category.folder.write(category.documents(anew=True))

    one_new_written()
    return {
        'feedgen: Atom and RSS': cpu_ms(times, lambda: by_feedgen(whole)),
        'all': cpu_ms(times, lambda: category.documents(anew=True)),
        'one new': cpu_ms(times, lambda: category.documents(anew=False), category.publish_one),
        'all, compressed and written': cpu_ms(times, all_written, category.publish_one),
        'one new, compressed and written': cpu_ms(times, one_new_written, category.publish_one),
    }


def levels(body: bytes) -> Table:
    """What each level of compression costs and gives. The folder takes ISA-L's third, the server brotli's fifth."""
    found = Table(f'Compression of one document of {len(body) / 1000:.0f} kB', ('level', 'CPU-ms', 'left over'))
    for quality in (1, 3, 4, 5, 6):
        packed = lambda q=quality: brotli.compress(body, mode=brotli.MODE_TEXT, quality=q)  # noqa: E731  # a row each
        found.rows.append((f'brotli {quality}', figure(cpu_ms(9, packed)), f'{100 * len(packed()) / len(body):.1f} %'))
    for level in (1, 2, 3):
        packed = lambda n=level: isal_zlib.compress(body, level=n, wbits=31)  # noqa: E731  # a row each
        found.rows.append((f'ISA-L {level}', figure(cpu_ms(9, packed)), f'{100 * len(packed()) / len(body):.1f} %'))
    for level in (1, 4, 5, 6):
        packed = lambda n=level: zlib.compress(body, level=n, wbits=31)  # noqa: E731  # a row each
        found.rows.append((f'gzip {level}', figure(cpu_ms(9, packed)), f'{100 * len(packed()) / len(body):.1f} %'))
    return found


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    category = Category(folder, ENTRIES)
    rows = measured(category, plan.renderings)
    feedgen = rows['feedgen: Atom and RSS']
    head = ('of a category of 100 entries', 'CPU-ms', 'feedgen/this', 'all/this')
    table = Table('Emit: the documents of one category', head)
    for name, ms in rows.items():
        whole = rows['all, compressed and written' if 'written' in name else 'all']
        table.rows.append((name, figure(ms), ratio(feedgen, ms), ratio(whole, ms)))
    table.notes.append(
        'feedgen writes two documents, never compressed. Ours are four, from the store; `all` with nothing kept from before, '
        '`one new` when all but one of their entries were rendered before.'
    )
    yield table
    yield levels(category.documents(anew=False)[0].body)
