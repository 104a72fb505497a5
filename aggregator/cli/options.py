"""Options that every command takes, after its name: which feeds.yml, which settings, which data folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from aggregator.errors import AggregatorError

if TYPE_CHECKING:  # loaded by the commands that read settings, and by no other
    from aggregator.model import Settings
    from aggregator.settings.load import Loaded

FEEDS_YML = Path('feeds.yml')
SETTINGS = Path('config/aggregator.yml')  # beside it

_CONFIG = click.option(
    '-c',
    '--config',
    type=click.Path(readable=False, path_type=Path),
    default=FEEDS_YML,
    show_default=True,
    help='The feeds.yml to use.',
)
_SETTINGS = click.option(
    '--settings',
    'settings_file',
    type=click.Path(readable=False, path_type=Path),
    help='The file of settings.  [default: config/aggregator.yml beside feeds.yml]',
)
_DATA = click.option(
    '--data',
    type=click.Path(readable=False, path_type=Path),
    help='The data folder.  [default: data/ beside feeds.yml]',
)

as_json = click.option('--json', 'in_json', is_flag=True, help='Answer in JSON, one object a line.')


class Moment(click.ParamType[datetime]):
    """A day, or a day and a time (ISO 8601); UTC unless it names its zone."""

    name = 'date'

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f'{value!r} is no date; write it like 2026-11-25 or 2026-11-25T08:00+08:00', param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


MOMENT = Moment()


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
        return self.loaded().settings

    def settings_apart(self) -> Settings:
        """The same, for whoever runs for years."""
        from aggregator.settings import load_settings_apart  # noqa: PLC0415  # see above

        return load_settings_apart(self.config, settings_file=self.settings_file, data=self._data)

    def loaded(self) -> Loaded:
        """The same with where each value is written."""
        from aggregator.settings.load import load_with_trees  # noqa: PLC0415  # see above

        return load_with_trees(self.config, settings_file=self.settings_file, data=self._data)


def located(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the common options, as one `place`."""

    @_CONFIG
    @_SETTINGS
    @_DATA
    @wraps(command)
    def with_place(config: Path, settings_file: Path | None, data: Path | None, **rest: Any) -> Any:
        return command(Place(config, settings_file, data), **rest)

    return with_place


def source_or_url(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of sources that begin so, for a shell; none where feeds.yml cannot be read."""
    given = ctx.params
    try:
        settings = Place(given.get('config') or FEEDS_YML, given.get('settings_file'), None).settings()
    except AggregatorError:
        return []
    return [CompletionItem(s.name) for s in settings.sources if s.name.startswith(begun)]
