"""What a process that runs for years gives back of its memory: glibc keeps it otherwise, for each thread apart.

Once it has freed a large block it takes all smaller ones from its own stock too, where they lie between others that
stay (mallopt(3), M_MMAP_THRESHOLD). With a fixed bound documents come from the system and go back to it whole. Python
gives back its own only in pieces of a megabyte in which nothing is left.

What was freed below something that stays is given back only where that is asked for (malloc_trim(3)).
"""

from __future__ import annotations

import ctypes
import gc

_ELSEWHERE = OSError, AttributeError  # another C library, which has its own ways
_MADE = 10_000  # objects
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h
_BOUNDS = ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, 64 * 1024), (_TRIM_THRESHOLD, 128 * 1024))


def bound_memory() -> bool:
    """To be called before threads start; False where the C library is not glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except _ELSEWHERE:
        return False
    return all(mallopt(bound, value) for bound, value in _BOUNDS)


def collect_rarely() -> None:
    """Look for circles among what was made since, and one time in ten of what Python would: a round makes none, and
    looking for them took a tenth of its CPU. For whoever owns the process, once what it needs is loaded.
    """
    gc.freeze()
    gc.set_threshold(_MADE, 20, 20)


def give_back() -> bool:
    """Whether there was something to give back. It takes some milliseconds."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except _ELSEWHERE:
        return False
