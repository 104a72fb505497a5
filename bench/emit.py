"""CPU of publishing a category of 100 entries after one new entry, against rendering all of it. Read the ratios.

The yardstick is feedgen writing the very bytes of our Atom and RSS, all 100 entries, never compressed; that they are the
same bytes is checked. Beside it stands what a user would write: a FeedGenerator with fewer fields. `all` is ours with
nothing kept from before, `one new` when all but one of the entries were rendered before, by a publisher that goes on.
Taking in the new entry is not counted; finding it, reading it, rendering it and keeping it is.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
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
from aggregator.model import CategoryState, Document, Feed, Publishing, Settings, Site, StoredEntry
from aggregator.poll.record import record
from aggregator.publish import Memory, publish
from aggregator.publish.feeds import Feeds
from aggregator.render import FORMATS, atom, rss, shown
from aggregator.render.shown import Shown, shown_of
from aggregator.render.text import excerpt_of
from aggregator.serve import PublicFolder
from aggregator.serve.packing import packed
from aggregator.store import Store

ENTRIES = 100
OLDER = 300  # that the category has besides: a publisher looks at more entries than it shows
AS_IT_COMES, MENDED = feedgen.util.formatRFC2822, feedgen.entry.formatRFC2822  # ours spares the locale, and time
TTL = timedelta(minutes=15)
SITE = Site(title='基准', authority='news.example.org,2026')
TWO = ('atom', 'rss')
FOUR = (*TWO, 'json', 'html')


class Category:
    """One category of one source, on disk, as a round and the publisher see it."""

    def __init__(self, folder: Path, entries: int) -> None:
        self.store = Store.open(folder / 'data')
        self.folder = PublicFolder(folder / 'public')
        self.source, self.policy = said.source(0), said.policy([0])
        self.settings = Settings(
            path=folder / 'feeds.yml',
            data=folder / 'data',
            site=SITE,
            sources=(self.source,),
            policy=self.policy,
            publishing=Publishing(entries=entries),
        )
        self.memory = Memory()
        self.entries = entries
        self.stream = said.entries(0)
        self.listed = list(islice(self.stream, entries + OLDER))[::-1]
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
        self.listed = [next(self.stream), *self.listed[: self.entries]]
        self.take_in()

    def documents(self, suffixes: Sequence[str] = FOUR, *, anew: bool) -> Sequence[Document]:
        """As the publisher makes them."""
        memory, store = self.memory, self.store
        with store.one_moment():
            memory.refresh(store, self.settings)
            feeds = Feeds(store, self.settings, memory.entries, said.NOON, TTL)
            category = self.state()
            newest = memory.entries.newest(store, category.label, 3 * self.entries)
            chosen = feeds.chosen(newest)
            feed = feeds.feed(category, chosen, more=True)
            kept = KeptFragments(store, memory.entries, feed, chosen, suffixes, anew=anew)
        rows = [FORMATS[suffix] for suffix in suffixes]
        bodies = [row.write(feed, kept.maker(row.suffix, row.fragment), kept.ready(row.suffix)).body for row in rows]
        memory.entries.stands(category.slug, newest, chosen)
        with memory.entries.saving(store):
            pass
        return [Document(f'category/x.{row.suffix}', row.media_type, b) for row, b in zip(rows, bodies, strict=True)]

    def whole(self) -> Feed:
        """The same feed with whole entries."""
        entries = self.store.entries(limit=self.entries)
        feeds = Feeds(self.store, self.settings, self.memory.entries, said.NOON, TTL)
        return replace(feeds.feed(self.state(), self.memory.entries.newest(self.store, None, 1)), entries=entries)

    def state(self) -> CategoryState:
        (category,) = self.store.categories(with_newest=False)
        return category


def by_feedgen(feed: Feed) -> list[bytes]:
    """Our Atom and RSS, written by feedgen in one go."""
    in_atom, in_rss = atom.feed_writer(feed), rss.feed_writer(feed)
    for entry in feed.entries:
        one = shown_of(entry, feed.sources.get(entry.source), feed.site)
        assert isinstance(one, Shown)
        in_atom.add_entry(atom.entry_writer(one, feed), order='append')
        in_rss.add_entry(rss.entry_writer(one, feed), order='append')
    return [in_atom.atom_str(), rss.with_plain_text(in_rss.rss_str())]


def forget() -> None:
    """No entry was rendered before, in any format."""
    shown.forget()
    excerpt_of.cache_clear()


def fewer_fields(entries: Sequence[StoredEntry]) -> None:
    """What a user would write."""
    feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = AS_IT_COMES
    writer = feedgen.feed.FeedGenerator()
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
    feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = MENDED


def cpu_ms(times: int, act: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median of several."""
    spent = []
    for _ in range(times):
        before()
        start = time.process_time()
        act()
        spent.append((time.process_time() - start) * 1000)
    return sorted(spent)[times // 2]


def measured(one: Category, times: int) -> dict[str, float]:
    def new(suffixes: Sequence[str], then: Callable[[Sequence[Document]], object] = lambda _: None) -> float:
        one.documents(suffixes, anew=False)
        return cpu_ms(times, lambda: then(one.documents(suffixes, anew=False)), one.publish_one)

    def pack(documents: Sequence[Document]) -> None:
        for document in documents:
            packed(document.body)

    def all_of(suffixes: Sequence[str]) -> float:
        return cpu_ms(times, lambda: one.documents(suffixes, anew=True), forget)

    def everything() -> None:
        publish(one.store, one.settings, one.folder, memory=one.memory)

    everything()
    ours, feed = [document.body for document in one.documents(TWO, anew=True)], one.whole()
    assert by_feedgen(feed) == ours, 'the two sides do not write the same bytes'
    return {
        'feedgen: the same Atom and RSS': cpu_ms(times, lambda: by_feedgen(feed), forget),
        'feedgen: Atom and RSS, fewer fields': cpu_ms(times, lambda: fewer_fields(feed.entries)),
        'Atom and RSS, all': all_of(TWO),
        'Atom and RSS, one new': new(TWO),
        'Atom and RSS, one new, packed': new(TWO, pack),
        'Atom and RSS, one new, packed and written': new(TWO, one.folder.write),
        'four documents, all': all_of(FOUR),
        'four documents, one new': new(FOUR),
        'four documents, one new, packed and written': new(FOUR, one.folder.write),
        'category, everything, front page and lists, one new': cpu_ms(times, everything, one.publish_one),
    }


def levels(body: bytes) -> Table:
    """What each level of compression costs and gives. The folder takes ISA-L's third, the server brotli's fifth."""
    found = Table(f'Compression of one document of {len(body) / 1000:.0f} kB', ('level', 'CPU-ms', 'left over'))
    for quality in (1, 3, 4, 5, 6):
        pack = lambda q=quality: brotli.compress(body, mode=brotli.MODE_TEXT, quality=q)  # noqa: E731  # a row each
        found.rows.append((f'brotli {quality}', figure(cpu_ms(9, pack)), f'{100 * len(pack()) / len(body):.1f} %'))
    for level in (1, 2, 3):
        pack = lambda n=level: isal_zlib.compress(body, level=n, wbits=31)  # noqa: E731  # a row each
        found.rows.append((f'ISA-L {level}', figure(cpu_ms(9, pack)), f'{100 * len(pack()) / len(body):.1f} %'))
    for level in (1, 4, 5, 6):
        pack = lambda n=level: zlib.compress(body, level=n, wbits=31)  # noqa: E731  # a row each
        found.rows.append((f'gzip {level}', figure(cpu_ms(9, pack)), f'{100 * len(pack()) / len(body):.1f} %'))
    return found


def tables(plan: Plan, folder: Path) -> Iterator[Table]:
    category = Category(folder, ENTRIES)
    rows = measured(category, plan.renderings)
    same, fewer = islice(rows.values(), 2)
    head = ('of a category of 100 entries', 'CPU-ms', 'feedgen, the same/this', 'feedgen, fewer fields/this')
    table = Table('Emit: the documents of one category', head)
    table.rows += [(name, figure(ms), ratio(same, ms), ratio(fewer, ms)) for name, ms in rows.items()]
    table.notes.append(
        'feedgen writes two documents, never compressed, from entries that are read already. Ours are made from the store; '
        '`all` with nothing kept from before, `one new` when all but one of their entries were rendered before. Packed is '
        'gzip alone, as the folder holds it. The last row is all that a publisher does: ten documents.'
    )
    yield table
    yield levels(category.documents(anew=False)[0].body)
