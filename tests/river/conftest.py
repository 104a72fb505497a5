import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `river_made` can be imported by its neighbours

from river_made import River  # its place is known only now


@pytest.fixture
def river(tmp_path: Path) -> River:
    return River(tmp_path)


@pytest.fixture
def another(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], River]:
    return lambda: River(tmp_path_factory.mktemp('river'))
