"""A disk of its own for a data folder, which can be filled up and made read-only. Only root may mount one."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

SIZE = '8m'


@dataclass
class Disk:
    folder: Path

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._mount('-t', 'tmpfs', '-o', f'size={SIZE}', 'tmpfs')
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f'only root may mount a small disk ({error})')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(['umount', '-l', self.folder], check=False, capture_output=True)

    def fill(self) -> None:
        """Not one byte is left."""
        with (self.folder / 'ballast').open('wb', buffering=0) as file:
            try:
                while file.write(b'\0' * 4096):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        (self.folder / 'ballast').unlink()

    def read_only(self, yes: bool) -> None:
        self._mount('-o', f'remount,{"ro" if yes else "rw"}')

    def _mount(self, *words: str) -> None:
        subprocess.run(['mount', *words, self.folder], check=True, capture_output=True)
