"""Feeds made of real documents: the tools beside the checkout make ids and links of a document unique to each feed."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from runpy import run_path

SHARED = Path(__file__).parents[1] / '..' / 'shared'
MAX_BYTES = 200_000  # larger documents are left out
CACHE_MB = 1024


def is_there(folder: Path) -> bool:
    return (folder / 'tools' / 'origin.py').is_file() and (folder / 'corpus' / 'feeds').is_dir()


class Real:
    def __init__(self, folder: Path, feeds: int) -> None:
        tools = run_path(str(folder / 'tools' / 'origin.py'))
        told = Namespace(
            corpus=str(folder / 'corpus' / 'feeds'),
            max_bytes=MAX_BYTES,
            cache_mb=CACHE_MB,
            seed=1,
            feeds=feeds,
            hosts=0,
            max_age=60,
            port=80,
        )
        self._state = tools['Origin'](told)
        for number in range(feeds):  # not while it is asked
            self.body(number)

    def body(self, number: int) -> bytes:
        made: bytes = self._state.feed_body(number, gz=False)
        return made

    def media_type(self, number: int) -> str:
        documents = self._state.corpus.docs
        told: str = documents[number % len(documents)].ctype
        return told

    def etag(self, number: int) -> str:
        told: bytes = self._state.validators(number)[0]
        return told.decode()

    def tick(self, percent: int) -> None:
        self._state.tick(percent, 1, None)
