"""What docs/tour.md shows is what is said again: the second terminal is replayed, without the daemon of the first."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from cli_made import World
from docs_made import DOCS, ROOT, blocks
from origin_made import Origin
from tour_made import site, steps, timeless

SHOWN = {block.name: block.text for block in blocks(DOCS / 'tour.md')}


@pytest.fixture
def world(tmp_path):
    """A clone as far as the tour needs it, and the site."""
    origin = Origin()
    site(origin)
    shutil.copy(ROOT / 'feeds.yml', tmp_path)
    shutil.copytree(ROOT / 'config', tmp_path / 'config')
    yield World(tmp_path, origin)
    origin.close()


def said(world, line):
    if not line.startswith('aggregator '):
        told = subprocess.run(['sh', '-c', line], cwd=world.folder, capture_output=True, text=True, check=True)
        return told.stdout + told.stderr
    return world.run(*shlex.split(line)[1:]).output


def test_the_tour_is_as_it_is_shown(world):
    for step in steps(world.origin.base):
        if step.name == 'look':
            world.ok('poll', '城市晚报')  # the daemon's part
        told = ''.join(f'$ {line}\n{said(world, line)}' for line in step.typed)
        assert timeless(told) == timeless(SHOWN[step.name]), 'run: python tests/tour/record.py'


def test_every_block_is_recorded():
    told = steps('')
    names = {'start', 'status', *(s.name for s in told), *(f'daemon-{s.name}' for s in told if s.daemon)}
    assert set(SHOWN) == names
    assert all(SHOWN.values())


def test_the_daemon_says_at_last_what_the_tour_waits_for():
    assert all(step.daemon in SHOWN.get(f'daemon-{step.name}', '') for step in steps(''))
