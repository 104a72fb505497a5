import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that `world` can be imported by its neighbours
