"""What a process spends is read with that of its descendants, those that have ended included."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing

import pytest
from measure import Driven, cpu_s, once, tree

BURN = 'import time\nwhile time.process_time() < 0.2: pass\n'
ANSWERS = 'import subprocess, sys\nfor line in sys.stdin:\n    {}\n    print(line.strip(), flush=True)'
PARENT = f'import subprocess, sys\nsubprocess.run([sys.executable, "-c", {BURN!r}])'

pytestmark = pytest.mark.skipif(not sys.platform.startswith('linux'), reason='the kernel of Linux tells what it reads')


def driven(work: str) -> closing[Driven]:
    return closing(Driven('child', [sys.executable, '-c', ANSWERS.format(work)]))


def test_a_child_of_a_child_counts():
    assert once([sys.executable, '-c', PARENT]).cpu_ms >= 200


def test_what_a_child_does_when_asked_counts_and_nothing_else():
    burns = f'subprocess.run([sys.executable, "-c", {BURN!r}]) if line.strip() == "burn" else None'
    with driven(burns) as child:
        child.ask('idle')
        idle = child.ask('idle')
        assert child.ask('burn').cpu_ms >= 190  # what ended is told in ticks of 10 ms
        assert idle.cpu_ms < 190
        assert idle.memory_mb > 1


def test_a_child_that_ends_before_it_has_answered_is_told():
    with driven('sys.exit()') as child, pytest.raises(SystemExit, match='child ended'):
        child.ask('anything')


def test_the_tree_has_what_lives_below():
    with subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE) as process:
        assert process.pid in tree(os.getpid())
        assert process.stdin is not None
        process.stdin.close()
    assert process.pid not in tree(os.getpid())


def test_a_process_that_is_gone_spends_nothing():
    process = subprocess.Popen([sys.executable, '-c', ''])
    process.wait()
    assert cpu_s(process.pid) == 0
