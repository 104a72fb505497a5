"""Looks at a process belong to the rooms of the house."""

from __future__ import annotations

from collections import Counter

from shares import by_room

MAIN = '<module> (ours.py:3);main (ours.py:9)'
STORE = f'{MAIN};conclude (aggregator/poll/round.py:9);save (aggregator/store/sources.py:4)'


def test_a_look_belongs_to_the_innermost_function_of_ours():
    looks = by_room(
        [f'{STORE};dumps (json/__init__.py:231) 3', f'{STORE} 4', f'{MAIN};publish (aggregator/publish.py:7) 2']
    )

    assert looks == Counter(store=7, publish=2)


def test_a_thread_that_waits_is_left_out():
    asleep = f'{MAIN};parse (aggregator/parse/pool.py:83);Condition.wait (threading.py:327)'

    assert by_room([f'{asleep} 900', f'{STORE} 1']) == Counter(store=1)


def test_a_thread_in_which_nothing_of_ours_runs_is_left_out():
    assert (
        by_room(['_bootstrap (threading.py:995);_worker (concurrent/futures/thread.py:81) 9', f'{MAIN} 1']) == Counter()
    )
