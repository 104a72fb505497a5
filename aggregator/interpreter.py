"""Another interpreter, started anew, that finds modules where this one does."""

from __future__ import annotations

import os
import sys


def command(code: str, *words: str) -> list[str]:
    """Runs this code, which finds the words in `sys.argv[1:]`."""
    return [sys.executable, '-P', '-c', code, *words]


def environment() -> dict[str, str]:
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(path or '.' for path in sys.path)}
