"""How a command ends that does not end by itself: Ctrl-C, and a reader of its output that has gone.

Both end in one sentence or none, with the exit code that a shell gives to the signal: 130 and 141.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
UNREAD = 128 + signal.SIGPIPE
SAID = 'aggregator: stopped by Ctrl-C; what was recorded is kept'
_SHOW_CURSOR = '\x1b[?25h'  # a bar hides it


def say_interrupted() -> None:
    """On a line of its own: the terminal has written ^C where the cursor stood."""
    on_terminal = sys.stderr.isatty()
    with suppress(OSError):
        os.write(2, f'{_SHOW_CURSOR if on_terminal else ""}{os.linesep if on_terminal else ""}{SAID}\n'.encode())


def let_go_of_stdout() -> None:
    """So that nobody tries to write the rest of it when the process ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def ends_at_once() -> Iterator[None]:
    """While the block runs, Ctrl-C ends the process there and then.

    For work that waits for others: an orderly end would wait for their answers. What is recorded is on the disk, and
    what is not was never said to be (promise 2).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    say_interrupted()
    os._exit(INTERRUPTED)
