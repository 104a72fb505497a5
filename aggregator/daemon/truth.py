"""How it is, told truthfully: readiness, levels for the metrics, and the facts of `status`, all from the same figures.

The store knows who is due, who fails and what is unpublished, so a stopped daemon can be asked as well. What only the
running daemon knows (ticks, the writer, the publisher) comes in as `Progress`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from aggregator.daemon.assembly import Assembly
from aggregator.daemon.installed import installation_of
from aggregator.errors import AggregatorError, DataError
from aggregator.model import Settings
from aggregator.rules.cadence import own_interval
from aggregator.serve import Health
from aggregator.serve.metrics import FORMATS, Levels
from aggregator.store import Standing, Store

LATE = timedelta(seconds=60)  # a source that has been due for longer is overdue
STILL_S = 60.0  # without a tick
STALE_S = 300.0  # of a change that is not published, or of a visit that is not recorded
SILENT_AT_LEAST = timedelta(hours=1)  # without a poll that went well
_MAIN = {'html': 'index.html', 'atom': 'all.atom', 'rss': 'all.rss', 'json': 'all.json'}
_ERRORS = ('failing', 'gone')


class Progress(Protocol):
    """What the running daemon tells of itself."""

    @property
    def house(self) -> Assembly: ...
    @property
    def last_tick_at(self) -> datetime | None: ...
    @property
    def last_record_at(self) -> datetime | None: ...
    @property
    def last_publish_at(self) -> datetime | None: ...
    @property
    def unrecorded(self) -> int: ...
    @property
    def under_way(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Starting:
    """A house whose daemon has not begun."""

    house: Assembly
    last_tick_at: datetime | None = None
    last_record_at: datetime | None = None
    last_publish_at: datetime | None = None
    unrecorded: int = 0
    under_way: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """For how long, in seconds, something has not moved that should."""

    tick_s: float
    unpublished_s: float
    unrecorded_s: float


class Truth:
    """Looks when it is asked, from any thread. `monotonic` measures what a clock that jumps must not."""

    def __init__(
        self, house: Assembly, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress: Progress = Starting(house)
        self._now = now
        self._monotonic = monotonic
        self._began_at = now()
        began_s = monotonic()
        self._ticks, self._marks, self._visits = _Streak(began_s), _Streak(began_s), _Streak(began_s)

    def attend(self, daemon: Progress) -> None:
        """From now on it is this daemon that is told of."""
        self._progress = daemon

    def look(self) -> tuple[Standing, Ages]:
        """How things stand now. Called every now and then, it notices early what stands still. Raises DataError."""
        standing = self._progress.house.store.standing(self._now(), late=LATE)
        return standing, self._ages(standing.unpublished)

    def health(self) -> Health:
        """Never raises: a store that cannot be read is a reason."""
        try:
            standing, ages = self.look()
            reasons = tuple(self._reasons(standing, ages))
        except AggregatorError as error:
            return Health(ready=False, reasons=(f'{error}',))
        return Health(ok=ages.tick_s < STILL_S, ready=not reasons, reasons=reasons)

    def levels(self) -> Levels:
        """For the metrics; without the figures of a store that cannot be read."""
        now = self._now()
        try:
            standing, ages = self.look()
        except AggregatorError:
            standing, ages = Standing(), self._ages(0)
        return Levels(
            sources=standing.states,
            due=standing.due,
            overdue=standing.overdue,
            behind_s=_seconds(standing.due_since_at, now) or 0.0,
            under_way=self._progress.under_way,
            unrecorded=self._progress.unrecorded,
            unpublished=standing.unpublished,
            unpublished_s=ages.unpublished_s,
            tick_age_s=ages.tick_s,
            success_age_s=_seconds(standing.last_success_at, now),
            output_age_s=self._output_ages(),
            database_bytes=standing.database_bytes,
            free_bytes=standing.free_bytes,
        )

    def output_age_s(self) -> float:
        """Since the newest of the main documents changed; 0 where there is none."""
        return min(self._output_ages().values(), default=0.0)

    def open_errors(self) -> int:
        try:
            states = self.look()[0].states
        except AggregatorError:
            return 0
        return sum(states.get(word, 0) for word in _ERRORS)

    def status_line(self) -> str:
        """A few words for the service manager."""
        try:
            standing, _ = self.look()
        except AggregatorError as error:
            return f'{error}'
        failing = sum(standing.states.get(word, 0) for word in _ERRORS)
        return f'{standing.active} sources, {failing} failing, {standing.overdue} overdue'

    def status_json(self) -> bytes:
        """The facts of `aggregator status --json`, with what only the running daemon knows."""
        health = self.health()
        try:
            facts = facts_of(self._progress.house.store, self._now())
        except AggregatorError as error:
            facts = {'error': f'{error}'}
        running = {
            'ready': health.ready,
            'reasons': list(health.reasons),
            'under_way': self._progress.under_way,
            'unrecorded': self._progress.unrecorded,
            'last_tick_at': _stamp(self._progress.last_tick_at),
            'last_publish_at': _stamp(self._progress.last_publish_at),
        }
        return json.dumps(facts | running, ensure_ascii=False).encode()

    # ---------------------------------------------------------------- reasons

    def _reasons(self, standing: Standing, ages: Ages) -> list[str]:
        """Sentences, the gravest first."""
        house = self._progress.house
        reasons = []
        if ages.tick_s >= STILL_S:
            reasons.append(f'the scheduler has stood still for {ages.tick_s:.0f} s')
        if ages.unrecorded_s >= STALE_S:
            reasons.append(f'what was fetched could not be recorded for {ages.unrecorded_s:.0f} s')
        if ages.unpublished_s >= STALE_S:
            reasons.append(f'changes have not been published for {ages.unpublished_s:.0f} s')
        if house.folder.stamp('index.html') is None:
            reasons.append('nothing has been published yet')
        silent = self._now() - max(standing.last_success_at or self._began_at, self._began_at)
        # A source that did well and is told to come back much later is no reason to worry.
        if standing.active and not standing.resting and silent > patience(house.settings):
            reasons.append(f'no source could be read for {silent.total_seconds():.0f} s')
        return reasons

    def _ages(self, unpublished: int) -> Ages:
        now, at_s, progress = self._now(), self._monotonic(), self._progress
        tick, record, publish = progress.last_tick_at, progress.last_record_at, progress.last_publish_at
        stale_s = self._marks.seconds(unpublished > 0, publish, at_s)
        if unpublished and record and (publish is None or record > publish):
            stale_s = max(stale_s, _seconds(record, now) or 0.0)
        return Ages(
            tick_s=max(self._ticks.seconds(True, tick, at_s), _seconds(tick, now) or 0.0),
            unpublished_s=stale_s,
            unrecorded_s=self._visits.seconds(progress.unrecorded > 0, record, at_s),
        )

    def _output_ages(self) -> dict[str, float]:
        folder, now_s = self._progress.house.folder, self._now().timestamp()
        try:
            stamps = {suffix: folder.stamp(_MAIN[suffix]) for suffix in FORMATS}
        except DataError:
            return {}
        return {suffix: max(0.0, now_s - found.modified_ns / 1e9) for suffix, found in stamps.items() if found}


class _Streak:
    """How long something has been so without any progress, as far as was looked."""

    def __init__(self, at_s: float) -> None:
        self._since_s = at_s
        self._progress: object = None

    def seconds(self, is_so: bool, progress: object, at_s: float) -> float:
        if not is_so or progress != self._progress:
            self._since_s, self._progress = at_s, progress
        return max(0.0, at_s - self._since_s)


def patience(settings: Settings) -> timedelta:
    """How long it may be that no source can be read: three of the shortest intervals, at least an hour."""
    shortest = min((own_interval(s, settings.polling) for s in settings.sources), default=timedelta(0))
    return max(3 * shortest, SILENT_AT_LEAST)


# ---------------------------------------------------------------- the facts of `status`


def facts_of(store: Store, now: datetime) -> dict[str, Any]:
    """What the store knows, ready for JSON. Raises DataError."""
    standing, counts, installed = store.standing(now, late=LATE), store.counts(), installation_of(store)
    failing = [s for s in store.each_source() if s.state in _ERRORS] if _fails(standing) else []
    return {
        'sources': sum(standing.states.values()),
        'states': dict(standing.states),
        'entries': counts['entries'],
        'categories': counts['categories'],
        'last_success_at': _stamp(standing.last_success_at),
        'due': standing.due,
        'overdue': standing.overdue,
        'behind_s': round(_seconds(standing.due_since_at, now) or 0.0),
        'unpublished': standing.unpublished,
        'open_errors': len(failing),
        'failing': [{'name': s.name, 'error': s.error, 'hint': s.hint} for s in failing],
        'database_bytes': standing.database_bytes,
        'free_bytes': standing.free_bytes,
        'config_version': installed.config_version,
        'config_at': _stamp(installed.config_at),
        'config_refused_at': _stamp(installed.refused_at),
    }


def _fails(standing: Standing) -> bool:
    return any(word in standing.states for word in _ERRORS)


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())


def _stamp(at: datetime | None) -> str | None:
    return at.strftime('%Y-%m-%dT%H:%M:%SZ') if at else None
