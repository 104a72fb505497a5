"""Options that every command takes, after its name: which feeds.yml, which settings, which data folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from aggregator.model import Settings
from aggregator.settings import load_settings

FEEDS_YML = Path('feeds.yml')
SETTINGS = Path('config/aggregator.yml')  # beside it

_CONFIG = click.option(
    '-c',
    '--config',
    type=click.Path(path_type=Path),
    default=FEEDS_YML,
    show_default=True,
    help='The feeds.yml to use.',
)
_SETTINGS = click.option(
    '--settings',
    'settings_file',
    type=click.Path(path_type=Path),
    help='The file of settings.  [default: config/aggregator.yml beside feeds.yml]',
)
_DATA = click.option(
    '--data', type=click.Path(path_type=Path), help='The data folder.  [default: data/ beside feeds.yml]'
)

as_json = click.option('--json', 'in_json', is_flag=True, help='Answer in JSON, one object a line.')


class Place:
    """Where a command works: the paths that it was given. The files are read when they are asked for."""

    def __init__(self, config: Path, settings_file: Path | None, data: Path | None) -> None:
        self.config = config
        self.settings_file = settings_file
        self._data = data

    @property
    def data(self) -> Path:
        """The data folder, which is known without reading feeds.yml."""
        return self._data or self.config.parent / 'data'

    @property
    def files(self) -> tuple[Path, Path]:
        """What `settings` reads; the second need not be there."""
        return self.config, self.settings_file or self.config.parent / SETTINGS

    def settings(self) -> Settings:
        """Raises ConfigError with every fault."""
        return load_settings(self.config, settings_file=self.settings_file, data=self._data)


def located(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the common options, as one `place`."""

    @_CONFIG
    @_SETTINGS
    @_DATA
    @wraps(command)
    def with_place(config: Path, settings_file: Path | None, data: Path | None, **rest: Any) -> Any:
        return command(Place(config, settings_file, data), **rest)

    return with_place
