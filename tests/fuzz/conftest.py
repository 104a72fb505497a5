import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# So that these files, and the judge of the hostile corpus, can be imported by their neighbours.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / 'hostile')]


@pytest.fixture(autouse=True)
def loud_again() -> Iterator[None]:
    """A run silences the house's log, in whatever process it works."""
    log = logging.getLogger('aggregator')
    level = log.level
    yield
    log.setLevel(level)
