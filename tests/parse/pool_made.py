"""What the workers of test_pool run. They import it by name, so it lies where any process finds it."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

from aggregator.model import FeedHead, ParsedFeed


def parse_document(received, source, limits):
    """The body says what happens."""
    match received.body:
        case b'wait':
            Path(received.url).touch()
            time.sleep(600)
        case b'sleep':
            time.sleep(60)
        case b'spin':
            sum(range(10**12))  # one call inside C: no signal handler of Python runs
        case b'memory':
            bytearray(1 << 30)
        case b'exit':
            os._exit(3)
        case b'crash':
            sys.stderr = None
            ctypes.string_at(0)
        case b'raise':
            raise KeyError('x')
    return ParsedFeed(
        head=FeedHead(title=f'{source.name} {received.body.decode()} {limits.entries}', id=str(os.getpid()))
    )
