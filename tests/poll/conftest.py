import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that `world` and `rounds_made` can be imported by their neighbours
