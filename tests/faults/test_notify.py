"""The service manager is told, over a real socket, and nobody is hurt where there is none."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from aggregator.daemon.notify import Heartbeat, Notifier


@pytest.fixture(params=['path', 'abstract'])
def manager(request, tmp_path):
    """What listens, and the name of its socket."""
    name = str(tmp_path / 'notify') if request.param == 'path' else f'@aggregator-{os.getpid()}-{time.monotonic_ns()}'
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace('@', '\0', 1))
        listener.settimeout(5)
        yield listener, name


def told(listener):
    return listener.recv(4096).decode().split('\n')


def test_what_is_told(manager):
    listener, name = manager
    notifier = Notifier(name)
    assert [
        notifier.ready('serving\nhere'),
        notifier.status('  3 sources '),
        notifier.alive(),
        notifier.stopping(),
    ] == [True] * 4
    assert told(listener) == ['READY=1', 'STATUS=serving here']
    assert told(listener) == ['STATUS=3 sources']
    assert told(listener) == ['WATCHDOG=1']
    assert told(listener) == ['STOPPING=1', 'STATUS=stopping']


@pytest.mark.parametrize(
    'name', ['', '/nowhere/at/all', '@nobody-listens', 'relative', 'vsock:2:1234', '/zero\0byte', '/' + 'x' * 500]
)
def test_without_a_listener_it_is_silent(name):
    notifier = Notifier.of({'NOTIFY_SOCKET': name}, 1)
    assert [notifier.ready('x'), notifier.alive('x'), notifier.stopping()] == [False] * 3


def test_a_manager_that_does_not_read_is_not_waited_for(manager):
    _, name = manager
    notifier = Notifier(name)
    assert False in [notifier.status('x' * 100) for _ in range(5000)]


@pytest.mark.parametrize(
    ('environment', 'beat_s'),
    [
        ({}, 0),
        ({'WATCHDOG_USEC': '60000000'}, 30),
        ({'WATCHDOG_USEC': '60000000', 'WATCHDOG_PID': '7'}, 30),
        ({'WATCHDOG_USEC': '60000000', 'WATCHDOG_PID': '8'}, 0),
        ({'WATCHDOG_USEC': 'x'}, 0),
        ({'WATCHDOG_USEC': '-1'}, 0),
        ({'WATCHDOG_USEC': '9' * 5000}, 0),
    ],
)
def test_half_of_what_the_watchdog_allows(environment, beat_s):
    assert Notifier.of({'NOTIFY_SOCKET': '@x', **environment}, 7).beat_s == beat_s
    assert Notifier.of(environment, 7).beat_s == 0


def test_signs_of_life_only_while_something_moves(manager):
    listener, name = manager
    ticks = iter([None, 1, 1, 2, 2, 2, 3])
    heart = Heartbeat(Notifier(name), lambda: next(ticks), lambda: 'fine')
    assert [heart.beat() for _ in range(7)] == [False, True, False, True, False, False, True]
    assert [told(listener) for _ in range(3)] == [['WATCHDOG=1', 'STATUS=fine']] * 3


def test_the_thread_beats_and_ends(manager):
    listener, name = manager
    heart = Heartbeat(Notifier(name, watchdog_s=0.002), time.monotonic_ns, lambda: 'fine')
    heart.start()
    assert told(listener)[0] == 'WATCHDOG=1'
    heart.stop()
    assert not any(t.name == 'heartbeat' for t in threading.enumerate())


def test_without_a_watchdog_there_is_no_thread():
    heart = Heartbeat(Notifier(''), lambda: 1, lambda: '')
    heart.start()
    heart.stop()
    assert not any(t.name == 'heartbeat' for t in threading.enumerate())
