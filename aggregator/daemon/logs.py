"""What the daemon logs: one line a poll, for people or as JSON, and the same trouble again and again in few lines."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aggregator.model import Logging, PollReport

AGAIN = 10  # of the same trouble of one source, the first is told and then every tenth
_LEVELS = {'debug': logging.DEBUG, 'info': logging.INFO, 'warning': logging.WARNING, 'error': logging.ERROR}


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What one source says again and again, and how often in a row so far."""

    what: tuple[object, ...]
    times: int


class PollLog:
    """Lines about polls. `line` writes one for people; with `format: json` each is an object instead.

    A failure that repeats is one line for the first time and for every tenth, with the count; a fault that repeats in
    rounds that go well is left out of their lines in the same way. `level: debug` tells everything. Safe from the one
    thread that records.
    """

    def __init__(self, settings: Logging, line: Callable[[PollReport], str]) -> None:
        self._json = settings.format == 'json'
        self._level = _LEVELS[settings.level]
        self._line = line
        self._troubles: dict[str, _Trouble] = {}

    def report(self, report: PollReport) -> str | None:
        """The line for this round; None where it is folded into others, or below the level."""
        failed = report.outcome == 'failed'
        times = self._count(report)
        level = 'warning' if failed else 'info'
        if _LEVELS[level] < self._level:
            return None
        if self._level > logging.DEBUG and times > 1 and times % AGAIN:
            if failed:
                return None
            report, times = replace(report, faults=()), 0
        return self._written(report, level, times)

    def _count(self, report: PollReport) -> int:
        """How often in a row this source has had this trouble; 0 for none."""
        what = (report.outcome == 'failed', report.status, report.error, *(f.rule for f in report.faults))
        if not report.error and not report.faults:
            if report.outcome == 'changed':  # a document that is as it was says nothing of the faults in it
                self._troubles.pop(report.source, None)
            return 0
        before = self._troubles.get(report.source)
        times = before.times + 1 if before and before.what == what else 1
        self._troubles[report.source] = _Trouble(what, times)
        return times

    def _written(self, report: PollReport, level: str, times: int) -> str:
        if self._json:
            return as_line(poll_row(report, level, times))
        return self._line(report) + _again(times)


def poll_row(report: PollReport, level: str, times: int) -> dict[str, Any]:
    """A poll as one JSON object: flat, with the same keys every time."""
    return {
        'at': _stamp(report.at),
        'level': level,
        'event': 'poll',
        'source': report.source,
        'url': report.url,
        'outcome': report.outcome,
        'status': report.status,
        'conditional': report.conditional,
        'requests': report.requests,
        'bytes': report.bytes,
        'ms': report.elapsed_ms,
        'counts': dict(sorted(report.counts.items())),
        'next_at': _stamp(report.next_poll_at) if report.next_poll_at else None,
        'why_next': report.why_next,
        'error': report.error,
        'faults': [f'{fault.rule}: {fault.message}' for fault in report.faults],
        'times': times,
    }


def note(settings: Logging, text: str, now: datetime) -> str:
    """What the daemon says of itself ('serving …', 'stopping'), in the form of the other lines."""
    if settings.format == 'text':
        return text
    return as_line({'at': _stamp(now), 'level': 'info', 'event': 'note', 'message': text})


class Repeated:
    """Trouble of our own that is met again and again while something is tried: told the first time and every tenth."""

    def __init__(self) -> None:
        self._text, self._times = '', 0

    def line(self, text: str) -> str | None:
        """What to log of this trouble, with the count; None where it was told before."""
        self._times = self._times + 1 if text == self._text else 1
        self._text = text
        return text + _again(self._times) if self._times == 1 or self._times % AGAIN == 0 else None

    def over(self) -> None:
        """It went well: the next trouble is a new one."""
        self._text = ''


def _again(times: int) -> str:
    return f'  ({times} times in a row)' if times > 1 else ''


class JsonFormatter(logging.Formatter):
    """Records of the program's own log as JSON lines; a traceback is one text in its line."""

    def format(self, record: logging.LogRecord) -> str:
        row = {
            'at': _stamp(datetime.fromtimestamp(record.created, UTC)),
            'level': record.levelname.lower(),
            'event': 'log',
            'logger': record.name,
            'message': record.getMessage(),
        }
        if record.exc_info:
            row['traceback'] = ''.join(traceback.format_exception(*record.exc_info))
        return as_line(row)


def set_up(settings: Logging, root: logging.Logger) -> None:
    """Form of all that goes through `logging`, on the handlers that are there; level of what is the program's own.

    What other packages log stays at the level of `root`; where that is DEBUG, because a person asked, all of it does.
    """
    if root.level != logging.DEBUG:
        root.getChild('aggregator').setLevel(_LEVELS[settings.level])
    if settings.format == 'json':
        for handler in root.handlers:
            handler.setFormatter(JsonFormatter())


def as_line(row: Mapping[str, Any]) -> str:
    """One line whatever is in it: JSON escapes line ends; lone surrogates, which no stream takes, are escaped too."""
    text = json.dumps(row, ensure_ascii=False, default=str)
    return text if text.isprintable() else json.dumps(row, default=str)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
