"""The baseline, a loop as a user would write it: requests + feedparser + sqlite-utils + threads.

python bench/loop.py ADDRESSES DATABASE

Each line `FIRST LAST` of standard input is a round of those addresses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import feedparser
import requests
import sqlite_utils


def fetch(session: requests.Session, url: str, validators: dict[str, str]) -> tuple[str, requests.Response]:
    fields = {'If-None-Match': validators['etag']} if validators else {}
    return url, session.get(url, headers=fields, timeout=30)


def poll(db: sqlite_utils.Database, urls: Sequence[str]) -> None:
    known = {row['url']: row for row in db['feeds'].rows} if db['feeds'].exists() else {}
    session = requests.Session()
    with ThreadPoolExecutor(16) as pool:
        for url, answer in pool.map(lambda url: fetch(session, url, known.get(url, {})), urls):
            if answer.status_code != requests.codes.ok:
                continue
            parsed = feedparser.parse(answer.content, response_headers={'content-location': url})
            rows = [
                {
                    'id': e.get('id') or e.get('link') or f'{url} {e.get("title")}',
                    'feed': url,
                    'title': e.get('title'),
                    'link': e.get('link'),
                    'json': json.dumps(e, default=str),
                }
                for e in parsed.entries
            ]
            db['entries'].upsert_all(rows, pk='id')
            db['feeds'].upsert({'url': url, 'etag': answer.headers.get('ETag', '')}, pk='url')


def main(addresses: Path, database: Path) -> None:
    urls = addresses.read_text('utf-8').split()
    db = sqlite_utils.Database(database)
    for line in sys.stdin:
        first, last = map(int, line.split())
        poll(db, urls[first:last])
        print('done', flush=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))
