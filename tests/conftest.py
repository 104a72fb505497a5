"""What all tests share: the folder of the corpora, hypothesis kept quick and repeatable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / 'shared'

settings.register_profile('quick', max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('quick')


@pytest.fixture(scope='session')
def shared() -> Path:
    """The folder of corpora and tools that lies beside a checkout; a user has none."""
    if not SHARED.is_dir():
        pytest.skip('the shared corpora do not lie beside this checkout')
    return SHARED
