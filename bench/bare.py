"""The least that a 304 can cost here: curl asks with a validator, and nothing is done with the answer.

    python bench/bare.py ADDRESSES

Each line `FIRST LAST` of standard input is a round of those addresses, sixteen at a time; connections are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pycurl

TOGETHER = 16


class Bare:
    def __init__(self, urls: list[str]) -> None:
        self.urls = urls
        self.etags = [''] * len(urls)
        self.multi = pycurl.CurlMulti()
        self.idle = [pycurl.Curl() for _ in range(TOGETHER)]

    def round(self, first: int, last: int) -> None:
        left = iter(range(first, last))
        under_way = sum(self._ask(left) for _ in range(TOGETHER))
        while under_way:
            self.multi.select(1.0)
            self.multi.perform()
            _, well, ill = self.multi.info_read()
            if ill:
                sys.exit(f'bench: curl alone failed: {ill[0][2]}')
            for easy in well:
                self.multi.remove_handle(easy)
                self.idle.append(easy)
                under_way -= 1 - self._ask(left)

    def _ask(self, left: Iterator[int]) -> int:
        number = next(left, None)
        if number is None:
            return 0
        easy = self.idle.pop()
        easy.setopt(pycurl.URL, self.urls[number])
        easy.setopt(pycurl.HTTPHEADER, [f'If-None-Match: {self.etags[number]}'] if self.etags[number] else [])
        easy.setopt(pycurl.HEADERFUNCTION, lambda line: self._heard(number, line))
        easy.setopt(pycurl.WRITEDATA, BytesIO())
        self.multi.add_handle(easy)
        self.multi.perform()
        return 1

    def _heard(self, number: int, line: bytes) -> None:
        if line[:5].lower() == b'etag:':
            self.etags[number] = line[5:].strip().decode('latin-1')


def main(addresses: Path) -> None:
    bare = Bare(addresses.read_text('utf-8').split())
    with closing(bare.multi):
        for line in sys.stdin:
            first, last = map(int, line.split())
            bare.round(first, last)
            print('done', flush=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
