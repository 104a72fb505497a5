import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `trap_made` can be imported by its neighbours

from trap_made import Trap  # its place is known only now


@pytest.fixture(scope='module')
def listening() -> Iterator[Trap]:
    with Trap() as trap:
        yield trap


@pytest.fixture
def trap(listening: Trap) -> Trap:
    """Nobody has come yet."""
    listening.trapped()
    return listening
