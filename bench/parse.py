"""CPU of parsing, the extractor against feedparser in the same run, and unseen items against whole documents.

    python bench/parse.py [--feeds 1000]

Reads ../shared/corpus/feeds beside the checkout where it is there, else documents made up here. Read the ratios.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aggregator.model import ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.bounded import read_raw
from aggregator.parse.cutting import cut
from aggregator.parse.encoding import declared_in_xml, decode
from aggregator.parse.extractor import extracted
from aggregator.parse.feed import parse_feed
from aggregator.parse.shield import shield

CORPUS = Path(__file__).parents[1] / '..' / 'shared' / 'corpus' / 'feeds'
URL = 'https://feeds.example/d/feed.xml'
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = ParseLimits()
SOURCE = Source(name='bench')


def real(limit: int) -> list[bytes]:
    lines = (CORPUS / 'manifest.jsonl').read_text(encoding='utf-8').splitlines()
    rows = [row for row in map(json.loads, lines) if row['format'] != 'jsonfeed']
    return [(CORPUS / row['file']).read_bytes() for row in rows[:limit]]


def made_up(limit: int) -> list[bytes]:
    words = '数字经济提速，各地加快布局；算力 and <em>networks</em> grow. ' * 20
    head = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>新闻</title><link>https://x.example/</link>'
    item = (
        '<item><title>标题 {0}</title><link>https://x.example/{0}</link><guid>{0}</guid><dc:creator>记者</dc:creator>'
        '<pubDate>Tue, 12 Apr 2022 05:57:24 +0800</pubDate><category>a</category><description><![CDATA[<p>{1}</p>]]></description></item>'
    )
    return [
        (head + ''.join(item.format(f'{n}-{i}', words) for i in range(20)) + '</channel></rss>').encode()
        for n in range(limit)
    ]


def cpu_ms(work: Callable[..., object], on: Sequence[object]) -> float:
    """CPU milliseconds for each, the best of three runs."""
    runs = []
    for _ in range(3):
        start = time.process_time()
        for one in on:
            work(one)
        runs.append(time.process_time() - start)
    return min(runs) / max(len(on), 1) * 1000


def parsed(body: bytes, seen: frozenset[bytes] = frozenset(), *, quick: bool = True) -> ParsedFeed:
    return parse_feed(Received(url=URL, body=body, fetched_at=NOW), SOURCE, LIMITS, seen, quick=quick)


def shielded(body: bytes) -> str:
    return shield(decode(body, declared=declared_in_xml(body)).text.lstrip())


def row(name: str, documents: int, slow: float, fast: float) -> None:
    print(f'{name:<52} {documents:>5} {slow:>9.2f} {fast:>9.2f} {slow / fast:>7.1f}')


def main(bodies: list[bytes]) -> None:
    whole = [parsed(body, quick=False) for body in bodies]
    texts = [shielded(body) for body in bodies]
    opinions = [extracted(text, URL, LIMITS.entries, 80) is not None for text in texts]
    accepted = [n for n, yes in enumerate(opinions) if yes]
    fine = [n for n, feed in enumerate(whole) if not feed.failed and not feed.degraded]
    entries, all_entries = (sum(len(whole[n].items) for n in some) for some in (accepted, range(len(whole))))
    equal = sum(replace(parsed(bodies[n]), marks=()) == whole[n] for n in range(len(bodies)))
    print(f'{len(bodies)} documents, {sum(map(len, bodies)):,} bytes; equal to feedparser: {equal}')
    print(f'the extractor reads {len(accepted)} of {len(fine)} well-formed ones, {entries} of {all_entries} entries')

    ours = [bodies[n] for n in accepted]
    marks = [parsed(body).marks for body in ours]
    markable = [(body, marked) for body, marked in zip(ours, marks, strict=True) if marked]
    print(f'{len(markable)} can be cut into items\n')
    print(f'{"CPU-ms a document":<52} {"docs":>5} {"feedparser":>9} {"ours":>9} {"ratio":>7}')
    some = [texts[n] for n in accepted]
    slow = cpu_ms(lambda text: read_raw(text, URL, LIMITS.entries, 80), some)
    row(
        'reading alone (text to dictionaries)',
        len(some),
        slow,
        cpu_ms(lambda t: extracted(t, URL, LIMITS.entries, 80), some),
    )
    slow = cpu_ms(lambda body: parsed(body, quick=False), ours)
    row('all of parsing, documents that it reads', len(ours), slow, cpu_ms(parsed, ours))
    slow = cpu_ms(lambda body: parsed(body, quick=False), bodies)
    row('all of parsing, every document', len(bodies), slow, cpu_ms(parsed, bodies))
    slow = cpu_ms(lambda pair: parsed(pair[0], quick=False), markable)
    row(
        'one unseen item, documents that can be cut',
        len(markable),
        slow,
        cpu_ms(lambda pair: parsed(pair[0], frozenset(pair[1][1:])), markable),
    )
    row(
        'nothing unseen, documents that can be cut',
        len(markable),
        slow,
        cpu_ms(lambda pair: parsed(pair[0], frozenset(pair[1])), markable),
    )
    known = [(body, frozenset(parsed(body).marks[1:])) for body in bodies]
    slow = cpu_ms(lambda body: parsed(body, quick=False), bodies)
    row('one unseen item, every document', len(known), slow, cpu_ms(lambda pair: parsed(*pair), known))
    spent = cpu_ms(cut, some)
    print(
        f'\ncutting alone: {spent:.2f} ms a document, {sum(map(len, some)) / len(some) / spent / 1000:.0f} million characters a second'
    )


if __name__ == '__main__':
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('--feeds', type=int, default=1000)
    count = arguments.parse_args().feeds
    main(real(count) if CORPUS.is_dir() else made_up(min(count, 100)))
