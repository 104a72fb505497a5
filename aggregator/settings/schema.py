"""Writes the files of config/ that are made from the shapes; a test holds them equal.

python -m aggregator.settings.schema [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from aggregator.settings.editors import editor_files


def write_files(folder: Path) -> None:
    for name, text in editor_files().items():
        (folder / name).write_text(text, 'utf-8')


if __name__ == '__main__':
    write_files(Path(sys.argv[1] if len(sys.argv) > 1 else 'config'))
