"""Documents that are freed go back to the system. In a process of its own, because the bounds hold until its end."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FREED = """
import ctypes, sys
from aggregator.daemon.memory import bound_memory
libc = ctypes.CDLL(None)
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost'.split()]
libc.mallinfo2.restype = Info
if sys.argv[1] == 'bound':
    assert bound_memory()
bytes(8_000_000)  # freed at once: from here on glibc would take the others from its own stock
kept = []
for n in range(200):
    document = bytes(100_000)
    kept.append(bytes(2_000))  # lies behind it
    del document
held = [bytes(100_000) for _ in range(50)]
print(libc.mallinfo2().arena)
"""


GIVEN_BACK = """
from pathlib import Path
from aggregator.daemon.memory import give_back
kept = []
for n in range(2000):  # each of what stays lies above ten thousand bytes that do not
    document = bytearray(10_000)
    kept.append(bytearray(10_000))
    del document
def resident():
    return int(Path('/proc/self/statm').read_text().split()[1])
freed = [bytearray(10_000) for _ in range(4000)]
kept += freed[::10]
del freed
before = resident()
assert give_back()
print(4096 * (before - resident()))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='another C library has its own ways')
def test_documents_do_not_swell_what_the_process_keeps():
    def arena(word: str) -> int:
        return int(subprocess.run([sys.executable, '-c', FREED, word], check=True, capture_output=True).stdout)

    assert arena('unbound') - arena('bound') > 4_000_000  # fifty documents of 100 KB stand elsewhere


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='another C library has its own ways')
def test_what_was_freed_between_what_stays_is_given_back():
    ran = subprocess.run([sys.executable, '-c', GIVEN_BACK], check=True, capture_output=True)
    assert int(ran.stdout) > 10_000_000


def test_circles_are_looked_for_rarely_and_not_among_what_is_loaded():
    looked = 'import gc; from aggregator.daemon import collect_rarely as c; c(); print(gc.get_threshold()[0], gc.get_freeze_count())'
    told = subprocess.run([sys.executable, '-c', looked], check=True, capture_output=True, text=True).stdout

    every, frozen = map(int, told.split())
    assert every >= 10_000
    assert frozen > 10_000
