import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# So that these files can be imported by their neighbours.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / 'river')]

from fault_child import Place  # noqa: E402  # their place is known only now
from fault_disk import Disk  # noqa: E402
from fault_origin import Origin  # noqa: E402
from river_made import River  # noqa: E402


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A server of its own with documents that grow; sources that tell of the same world."""
    with Origin(worlds=2) as origin:
        yield origin


@pytest.fixture
def place(tmp_path: Path, origin: Origin) -> Place:
    """A folder with feeds.yml for the sources of the origin; nothing polled yet."""
    place = Place(tmp_path / 'place')
    place.configure(origin.rows())
    return place


@pytest.fixture
def disk(place: Place) -> Iterator[Disk]:
    """A small disk under the data folder of the place; skips where none can be mounted."""
    with Disk(place.data) as disk:
        yield disk


@pytest.fixture
def river(tmp_path: Path) -> River:
    return River(tmp_path)


@pytest.fixture
def another(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], River]:
    return lambda: River(tmp_path_factory.mktemp('river'))
