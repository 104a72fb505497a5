import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `daemon_made` can be imported by its neighbours

from daemon_made import BegunNet, Net, Town  # its place is known only now


@pytest.fixture(params=[Net, BegunNet])
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """A folder with feeds.yml, a network that is a table and either holds a thread or none, a clock set by hand."""
    with ExitStack() as stack:
        yield Town(tmp_path, stack, kind=request.param)


@pytest.fixture
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    with ExitStack() as stack:
        yield lambda: Town(tmp_path_factory.mktemp('town'), stack)
