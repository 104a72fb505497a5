import sys
from pathlib import Path

# So that these files, and the judge of the hostile corpus, can be imported by their neighbours.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / 'hostile')]
