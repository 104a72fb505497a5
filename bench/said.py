"""Made-up sources and what they say, for the benchmarks of the store and of publishing: the same at every run.

Words follow Zipf's law over two thousand words of two characters, so texts compress about as real ones do.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from aggregator.model import CategoryRule, Entry, Item, Policy, Source, Stated
from aggregator.poll.gather import Page
from aggregator.rules.identity import digests_of

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
_CHOICE = random.Random(1)
_CHARACTERS = [chr(0x4E00 + _CHOICE.randrange(20_000)) for _ in range(1200)]
WORDS = [_CHOICE.choice(_CHARACTERS) + _CHOICE.choice(_CHARACTERS) for _ in range(2000)]
_WEIGHTS = [1 / rank for rank in range(1, len(WORDS) + 1)]


def source(number: int) -> Source:
    name = f'来源{number}'
    category = CategoryRule(labels=('新闻',))
    return Source(name=name, order=number, url=f'https://h{number}.example/rss', category=category)


def policy(numbers: Iterable[int]) -> Policy:
    return Policy(sources={s.name: s for s in map(source, numbers)}, authority='news.example.org,2026')


def entries(number: int) -> Iterator[Entry]:
    """What source `number` says, one after the other, without end: some 600 characters each.

    Of later sources it is newer, for what is new is what was published last.
    """
    choice = random.Random(number)
    at = NOON + timedelta(seconds=number)
    n = 0
    while True:
        n += 1
        at += timedelta(minutes=1)
        said = choice.choices(WORDS, _WEIGHTS, k=310)
        paragraphs = (''.join(said[k : k + 50]) for k in range(10, 310, 50))
        yield Entry(
            title=''.join(said[:10]),
            link=f'https://h{number}.example/a/{n}.html',
            guid=f'{number}-{n}',
            published=Stated(at.isoformat(), at, 480),
            summary=''.join(
                f'<p>{text}，<a href="https://h{number}.example/t/{n}">{text[:4]}</a>。</p>' for text in paragraphs
            ),
            tags=(said[0],),
        )


def page(said: list[Entry]) -> Page:
    items = tuple(Item(url='u', index=index, entry=entry) for index, entry in enumerate(said))
    return Page(0, items, digests_of(said))
