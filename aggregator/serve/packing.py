"""The compressed forms of a document: gzip when it is written, brotli when a reader first asks for it.

Every change of a document is packed once, whether it is read or not, so that has to be cheap; of many categories few
are read by those who take brotli. CPU and what is left of 60 real feeds of 127 KB: ISA-L's gzip 3 0.32 ms, 26.1 %;
zlib's 4 1.19 ms, 24.9 %; brotli 4 1.20 ms, 23.1 %; brotli 5 2.26 ms, 21.8 % (11 takes a hundred times as long).
"""

from __future__ import annotations

import brotli
from isal import isal_zlib

FORMS = {'br': '.br', 'gzip': '.gz'}  # content coding -> suffix of the file that holds it
LEAST = 200  # bytes; what is shorter is sent as it is


def gzipped(body: bytes) -> bytes:
    """Without a time or a name inside (RFC 1952): equal bytes give equal bytes."""
    return isal_zlib.compress(body, level=3, wbits=31)


def brotlied(body: bytes) -> bytes:
    return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=5))


def packed(body: bytes) -> dict[str, bytes]:
    """The forms that are made with the document, by content coding, as far as they are shorter."""
    form = gzipped(body) if len(body) >= LEAST else body
    return {'gzip': form} if len(form) < len(body) else {}
