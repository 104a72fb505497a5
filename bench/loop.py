"""The baseline, a loop as a user would write it: requests + feedparser + sqlite-utils + threads.

python bench/loop.py BASE FEEDS DATABASE
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import feedparser
import requests
import sqlite_utils


def fetch(session: requests.Session, url: str, validators: dict[str, str]) -> tuple[str, requests.Response]:
    fields = {'If-None-Match': validators['etag']} if validators else {}
    return url, session.get(url, headers=fields, timeout=30)


def main(base: str, feeds: int, database: str) -> None:
    db = sqlite_utils.Database(database)
    known = {row['url']: row for row in db['feeds'].rows} if db['feeds'].exists() else {}
    session = requests.Session()
    urls = [f'{base}/f/{n}.xml' for n in range(feeds)]
    with ThreadPoolExecutor(16) as pool:
        for url, answer in pool.map(lambda url: fetch(session, url, known.get(url, {})), urls):
            if answer.status_code != requests.codes.ok:
                continue
            parsed = feedparser.parse(answer.content, response_headers={'content-location': url})
            rows = [
                {
                    'id': e.get('id') or e.get('link'),
                    'feed': url,
                    'title': e.get('title'),
                    'link': e.get('link'),
                    'json': json.dumps(e, default=str),
                }
                for e in parsed.entries
            ]
            db['entries'].upsert_all(rows, pk='id')
            db['feeds'].upsert({'url': url, 'etag': answer.headers.get('ETag', '')}, pk='url')


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
