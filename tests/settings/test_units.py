"""Durations and sizes as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.settings.units import duration, duration_text, size, size_text

DURATIONS = {
    '15m': timedelta(minutes=15),
    '30s': timedelta(seconds=30),
    '1h': timedelta(hours=1),
    '1d': timedelta(days=1),
    '1h30m': timedelta(minutes=90),
    '500ms': timedelta(milliseconds=500),
    '90m': timedelta(minutes=90),
    '0s': timedelta(0),
    '1d2h3m4s5ms': timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5),
    '': None,
    '15': None,
    'm': None,
    '1.5h': None,
    '15 m': None,
    '30m1h': None,
    '-5m': None,
    '１５m': None,
    '99999d': None,
    '9' * 5000 + 's': None,
}
SIZES = {
    '2MB': 2_000_000,
    '64KiB': 65_536,
    '10 MiB': 10_485_760,
    '512B': 512,
    '1GB': 10**9,
    '2mb': None,
    '2': None,
    '': None,
    '2M': None,
    '9999999GB': None,
    '1.5MB': None,
}


@pytest.mark.parametrize(('text', 'expected'), DURATIONS.items())
def test_duration(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize(('text', 'expected'), SIZES.items())
def test_size(text, expected):
    assert size(text) == expected


@given(st.integers(0, 10**12))
def test_a_duration_reads_back(millis):
    assert duration(duration_text(timedelta(milliseconds=millis))) == timedelta(milliseconds=millis)


@given(st.integers(0, 2**40))
def test_a_size_reads_back(value):
    assert size(size_text(value)) == value


def test_short_durations_are_written_in_seconds():
    assert duration_text(timedelta(minutes=1)) == '60s'
    assert size_text(64 * 1024) == '64KiB'
