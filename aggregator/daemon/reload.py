"""The configuration as files: read again when their bytes are others; what is wrong with them is said once.

bytes as before? | load | faults: say them, keep what runs | else: Settings to the daemon
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import Settings
from aggregator.settings import show_faults

KEEPS = 'the configuration that runs stays in use'
_ATTEMPTS = 5  # to read files that change while they are read


class Configuration:
    """feeds.yml and config/aggregator.yml: `load` reads them, `files` are all that it reads. Safe from any thread."""

    def __init__(self, load: Callable[[], Settings], files: Sequence[Path]) -> None:
        self.files = tuple(file.absolute() for file in files)
        self._load = load
        self._read = ''  # the version that was read last, good or bad
        self._turn = threading.Lock()
        self.version = ''  # of the one that was good last

    def read(self) -> Settings:
        """Raises ConfigError with every fault, and what else `load` raises."""
        with self._turn:
            return self._loaded(version_of(self.files))

    def read_if_changed(self, *, again: bool = False) -> Settings | None:
        """None where the bytes are those of the version that was good last, or of a bad one that was told already.

        `again` reads a bad one once more. Raises what `read` does.
        """
        with self._turn:
            found = version_of(self.files)
            if found == self.version or (found == self._read and not again):
                self._read = found
                return None
            return self._loaded(found)

    @property
    def is_good(self) -> bool:
        """Whether what was read last could be used."""
        return self._read == self.version

    def _loaded(self, found: str) -> Settings:
        for _ in range(_ATTEMPTS):
            self._read = found
            settings, error = self._try()
            found = version_of(self.files)
            if found == self._read:
                break
        if settings is None:
            assert error is not None
            raise error
        self.version = self._read
        return settings

    def _try(self) -> tuple[Settings | None, AggregatorError | None]:
        try:
            return self._load(), None
        except AggregatorError as error:
            return None, error


class Reloader:
    """Looks at the files when asked to, and hands on what is new and good. `fault` is told '' when all is well."""

    def __init__(
        self,
        configuration: Configuration,
        take_up: Callable[[Settings], None],
        say: Callable[[str], None],
        fault: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._take_up = take_up
        self._say = say
        self._fault = fault

    def look(self, *, asked: bool = False) -> None:
        """`asked` by a person (SIGHUP), who gets an answer in any case."""
        was_good = self._configuration.is_good
        try:
            settings = self._configuration.read_if_changed(again=asked)
        except AggregatorError as error:
            told = _told(error)
            self._fault(told)
            self._say(told)
            return
        if self._configuration.is_good and not was_good:
            self._fault('')
        if settings is not None:
            self._take_up(settings)
        elif asked or (self._configuration.is_good and not was_good):
            self._say('the configuration is the one that runs')


def _told(error: AggregatorError) -> str:
    if isinstance(error, ConfigError):
        return show_faults(error.faults, KEEPS).rstrip('\n')
    return f'{error}; {KEEPS}'


def version_of(files: Sequence[Path]) -> str:
    """Digest of what the files hold; a file that is not there or cannot be read counts as well."""
    whole = hashlib.sha256()
    for file in files:
        try:
            body = file.read_bytes()
            whole.update(b'%d\x00%b' % (len(body), body))
        except (OSError, ValueError) as error:
            whole.update(f'{type(error).__name__}\x00'.encode())
    return whole.hexdigest()[:16]
