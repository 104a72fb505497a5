import sys
from pathlib import Path

# So that these files, and helpers of the other tests, can be imported by their neighbours.
_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(_TESTS / 'faults'), str(_TESTS / 'system'), str(_TESTS / 'pages')]
