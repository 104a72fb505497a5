"""The watchdog: connections are shut when their time is over, and only then."""

import socket
import threading
import time

import pytest

from aggregator.fetch.deadline import Deadline, Watchdog
from aggregator.fetch.failure import Failure


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(20)
        yield near, far


@pytest.fixture
def watchdog():
    watchdog = Watchdog(time.monotonic)
    yield watchdog
    watchdog.close()


def test_a_read_that_waits_is_ended(pair, watchdog):
    deadline = watchdog.start(0.02)
    deadline.hold(pair[0])
    assert pair[0].recv(1) == b''
    assert deadline.passed
    deadline.release()


def test_the_sooner_deadline_comes_first_whatever_the_order(pair, watchdog):
    late, soon = watchdog.start(60), watchdog.start(0.02)
    soon.hold(pair[0])
    assert pair[0].recv(1) == b''
    assert not late.passed
    late.release()
    soon.release()


def test_a_released_connection_is_left_alone(pair, watchdog):
    first, second = watchdog.start(0.01), watchdog.start(0.02)
    first.hold(pair[0])
    first.release()
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(20)
        second.hold(near)
        near.recv(1)  # ends when the second time is over, and so the first is too
    second.release()
    pair[1].sendall(b'a')
    assert pair[0].recv(1) == b'a'


def test_a_connection_that_comes_too_late_is_shut_at_once(pair):
    deadline = Deadline(60, time.monotonic)
    deadline.cut()
    deadline.hold(pair[0])
    assert pair[0].recv(1) == b''
    deadline.release()


def test_no_time_left_is_a_failure():
    clock = iter([0.0, 1.0, 3.0])
    deadline = Deadline(2.0, lambda: next(clock))
    assert deadline.left_s() == 1.0
    with pytest.raises(Failure):
        deadline.left_s()


def test_the_thread_ends_when_closed():
    watchdog = Watchdog(time.monotonic)
    watchdog.start(60).release()
    thread = next(thread for thread in threading.enumerate() if thread is watchdog._thread)
    watchdog.close()
    thread.join(20)
    assert not thread.is_alive()
