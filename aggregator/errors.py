"""The exceptions that a person gets to see, as one small tree. Nothing here formats for a terminal.

    AggregatorError            exit 1: something failed; the message says what, where and what to do
      ConfigError              exit 2: feeds.yml or config/ cannot be used; carries every fault
      UsageError               exit 2: the command names something that is not there
      DataError                the data folder or the database cannot be used
        DatabaseTooNew         written by a later version
        DatabaseDamaged        SQLite says it is corrupt; the way back is a backup
        DataInUse              another process holds it; carries its pid
      PortInUse                the address to listen on is taken

Results of the outside world (a server that answers 500, a document that is no feed) are values, not exceptions:
see FetchFailed and Fault in model.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One mistake in feeds.yml or config/: `file:line:column: message`, the line itself, and how to mend it."""

    file: str
    line: int  # from 1
    column: int  # from 1
    message: str
    hint: str = ''
    text: str = ''  # the line as written
    width: int = 1  # how many characters the caret underlines


class AggregatorError(Exception):
    """Something that a person can act upon. `str()` is one sentence; `hint` says what to do, '' where nothing helps."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = '') -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def line(self) -> str:
        """What happened and what to do, for a log."""
        return f'{self} ({self.hint.rstrip(".")})' if self.hint else str(self)


class ConfigError(AggregatorError):
    """Every fault of the configuration at once, in file order."""

    exit_code = 2

    def __init__(self, faults: tuple[ConfigFault, ...]) -> None:
        plural = '' if len(faults) == 1 else 's'
        super().__init__(f'{len(faults)} problem{plural} in the configuration')
        self.faults = faults


class UsageError(AggregatorError):
    """The command names something that is not there (a source, an entry)."""

    exit_code = 2


class DataError(AggregatorError):
    """The data folder or its database cannot be used."""


class DatabaseTooNew(DataError):
    """The database was written by a later version of this program."""


class DatabaseDamaged(DataError):
    """SQLite reports a corrupt file; only a backup helps."""


class DataInUse(DataError):
    """Another process holds the data folder; `pid` is 0 where it could not be read."""

    def __init__(self, message: str, hint: str = '', pid: int = 0) -> None:
        super().__init__(message, hint)
        self.pid = pid


class PortInUse(AggregatorError):
    """The address to listen on is taken."""
