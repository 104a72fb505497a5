"""One town for all tests of this folder: it is only looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.daemon.installed import note_refused

sys.path.insert(0, str(Path(__file__).parent))  # so that `pages_made` can be imported by its neighbours

from pages_made import ENGLISH_SITE, NOW, Town, served  # its place is known only now


@pytest.fixture(scope='session')
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(Path(tmp_path_factory.mktemp('town'))) as town:
        yield town


@pytest.fixture(scope='session')
def english_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Its feeds.yml has a mistake since."""
    with served(Path(tmp_path_factory.mktemp('english')), ENGLISH_SITE, rounds=8) as town:
        note_refused(town.house.store, 'feeds.yml:3:1: a secret line', NOW)
        yield town
