"""Makes `pool_made` known to the tests here, and to the processes that they start."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
