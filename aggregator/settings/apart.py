"""`load_settings` in a process of its own, for whoever runs for years: what it takes to read and judge ends with it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from aggregator import interpreter
from aggregator.errors import AggregatorError, ConfigError, ConfigFault
from aggregator.model import Settings

START = """
import sys
from aggregator.settings.apart import main
main(*sys.argv[1:])
"""


def load_settings_apart(feeds_yml: Path, *, settings_file: Path | None = None, data: Path | None = None) -> Settings:
    """The same settings, or ConfigError with the same faults. AggregatorError where the process itself failed."""
    paths = [str(path or '') for path in (feeds_yml, settings_file, data)]
    ran = subprocess.run(  # noqa: S603  # every word is ours or a person's own path
        interpreter.command(START, *paths),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=interpreter.environment(),
    )
    if ran.returncode:
        raise AggregatorError(
            f'the configuration could not be read: the process that reads it ended with {ran.returncode}',
            'Is there memory enough?',
        )
    found: Settings | tuple[ConfigFault, ...] = pickle.loads(ran.stdout)  # noqa: S301  # of our own process
    if isinstance(found, tuple):
        raise ConfigError(found)
    return found


def main(feeds_yml: str, settings_file: str, data: str) -> None:
    """In that process: what was found, pickled, to the output."""
    from aggregator.settings.load import load_settings  # noqa: PLC0415  # the daemon, which imports this file, goes without

    found: Settings | tuple[ConfigFault, ...]
    try:
        found = load_settings(Path(feeds_yml), settings_file=_path(settings_file), data=_path(data))
    except ConfigError as error:
        found = error.faults
    with suppress(BrokenPipeError), open(sys.stdout.fileno(), 'wb', closefd=False) as output:  # no path
        output.write(pickle.dumps(found))  # whoever asked may have been killed


def _path(text: str) -> Path | None:
    return Path(text) if text else None
