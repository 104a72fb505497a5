"""A place with an origin, polled once for the whole session and copied for whoever changes it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'system')]  # so that `cli_made` and `origin_made` can be imported

from cli_made import World, made_world  # noqa: E402  # their place is known only now
from origin_made import Origin  # noqa: E402


@pytest.fixture(scope='session')
def origin():
    made = Origin()
    yield made
    made.close()


@pytest.fixture(scope='session')
def polled(tmp_path_factory, origin) -> World:
    """Only to be looked at."""
    return made_world(tmp_path_factory.mktemp('world'), origin)


@pytest.fixture
def world(polled, tmp_path) -> World:
    """The same, to be changed."""
    shutil.copytree(polled.folder, tmp_path / 'world')
    return World(tmp_path / 'world', polled.origin)
