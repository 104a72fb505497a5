import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that `adversary_played` can be imported by its neighbours
