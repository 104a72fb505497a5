"""Which of a name's addresses are handed on, and how long a lookup may take."""

import threading
import time

import pytest

from aggregator.fetch.deadline import Deadline
from aggregator.fetch.failure import Failure
from aggregator.fetch.lookup import Lookup


def allowed(addresses, *, private=False):
    return Lookup(lambda *_: addresses).allowed('x.example', 80, private=private, deadline=Deadline(5, time.monotonic))


@pytest.mark.parametrize(
    ('addresses', 'expected'),
    [
        (['8.8.8.8', '2606:4700::1111'], ('8.8.8.8', '2606:4700::1111')),
        (['10.0.0.1', '8.8.8.8', '::1'], ('8.8.8.8',)),
        (['x', '8.8.8.8'], ('8.8.8.8',)),
        ([f'8.8.8.{n}' for n in range(100)], tuple(f'8.8.8.{n}' for n in range(8))),
    ],
)
def test_only_public_addresses_and_only_some(addresses, expected):
    assert allowed(addresses) == expected


def test_private_lets_all_through():
    assert allowed(['10.0.0.1', '8.8.8.8'], private=True) == ('10.0.0.1', '8.8.8.8')


def test_no_public_address_at_all():
    with pytest.raises(Failure, match=r'10\.0\.0\.1') as caught:
        allowed(['10.0.0.1', '::1'])
    assert caught.value.reason == 'address'


def test_an_address_needs_no_lookup():
    lookup = Lookup(lambda *_: pytest.fail('asked'))
    assert lookup.allowed('::ffff:8.8.8.8', 80, private=False, deadline=Deadline(5, time.monotonic))


def test_lookups_that_hang_are_bounded_and_end():
    """The second lookup waits for the thread that the first one holds, and no longer than it may."""
    hangs = threading.Event()
    lookup = Lookup(lambda *_: hangs.wait(20) and ('8.8.8.8',), threads=1)
    for _ in range(2):
        with pytest.raises(Failure) as caught:
            lookup.allowed('x.example', 80, private=False, deadline=Deadline(0.02, time.monotonic))
        assert caught.value.reason == 'timeout'
    hangs.set()
    assert lookup.allowed('x.example', 80, private=False, deadline=Deadline(5, time.monotonic)) == ('8.8.8.8',)
