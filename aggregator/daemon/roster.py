"""Who stands in feeds.yml now, against who is remembered: sources come, leave, come back, move and change names.

    remembered states | rename | leave (retire or purge) | come back | move | come | clock set right | decide again

Done at every start and at every reload, in one transaction, so what was changed while nothing ran counts as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model import Policy, Polling, Settings, Source, SourceState, StateWord
from aggregator.poll import Progress, host_of, rebuild_if_changed, with_retired
from aggregator.rules.cadence import MAX_RETRY_AFTER, first_poll_at, own_interval
from aggregator.store import Store, Writer

RETIRED = 'it stands no longer in feeds.yml'
_AHEAD = timedelta(seconds=5)  # a last poll further in the future than this: the clock has gone back
_FIRST = timedelta(hours=1)  # no source waits longer for its first poll
_LATE = 1.8  # times our own interval; a source that goes back to its place waits up to 1.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What became of the sources, by name; `decided`: the entries were decided again."""

    added: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()  # from, to
    retired: tuple[str, ...] = ()
    purged: tuple[str, ...] = ()
    decided: bool = False

    def __str__(self) -> str:
        """'2 sources added, 1 renamed, the entries decided again'; '' where nothing of that happened."""
        groups = (
            (self.added, 'added'),
            (self.returned, 'back'),
            (self.moved, 'at a new address'),
            (self.renamed, 'renamed'),
            (self.retired, 'retired'),
            (self.purged, 'purged'),
        )
        told = [f'{len(group)} {word}' for group, word in groups if group]
        if told:
            told[0] = told[0].replace(' ', ' source ' if told[0].startswith('1 ') else ' sources ', 1)
        return ', '.join([*told, *['the entries decided again'] * self.decided])


def take_up(
    store: Store, settings: Settings, now: datetime, progress: Progress | None = None
) -> tuple[Policy, Changes]:
    """Make the store agree with these settings; the policy to decide by, retired sources included.

    `progress` is told where all is decided again. All of it is kept, or, where it fails, nothing. Raises DataError.
    """
    with store.writing() as writer:
        changes = _reconciled(writer, settings, now)
        policy = with_retired(writer, settings.policy)
        told = {'progress': progress} if progress else {}
        decided = rebuild_if_changed(writer, policy, now, anyway=bool(changes.purged), **told)
    return policy, replace(changes, decided=decided)


def read_alike(one: Source, other: Source) -> bool:
    """Whether both give the same entries from the same documents."""
    return _reading(one) == _reading(other)


def _reading(source: Source) -> tuple[object, ...]:
    return (source.kind, source.url, source.encoding, source.timezone, source.options)


@dataclass(frozen=True, slots=True)
class _Known:
    """As much as is kept of a state, which takes some 4 KB."""

    state: StateWord
    url: str


def _reconciled(writer: Writer, settings: Settings, now: datetime) -> Changes:
    named = {s.name: s for s in settings.sources}
    same, rows = _rows_of(writer, named)
    known, other = _states_of(writer, named, now, settings.polling)
    renamed = _renamed(named.values(), known, same, rows)
    for old, new in renamed:
        writer.rename_source(old, new)
        known[new] = known.pop(old)
        other += _gone_on(named[new], writer.source(new), now, settings.polling)
    purge = settings.retention.removed_source == 'purge'
    leaving = [name for name, how in known.items() if name not in named and (purge or how.state != 'retired')]
    for name in leaving:
        _leave(writer, name, now, purge=purge)
    added = [name for name in named if name not in known]
    for nth, name in enumerate(added):
        _come(writer, named[name], first_poll_at(named[name], now, settings.polling, nth))
    for state in other:
        writer.save_source(state)
    writer.shorten_holds(now + MAX_RETRY_AFTER)
    for source in named.values():
        if source.name not in same:
            writer.save_row(_as_row(source))
    before = {name: known[name] for name in named if name in known}
    changes = Changes(
        added=tuple(added),
        returned=tuple(name for name, how in before.items() if how.state == 'retired'),
        moved=tuple(name for name, how in before.items() if _has_moved(named[name], how)),
        renamed=tuple(renamed),
        retired=() if purge else tuple(leaving),
        purged=tuple(leaving) if purge else (),
    )
    if changes != Changes():
        writer.mark_sources()
    return changes


def _rows_of(writer: Writer, named: Mapping[str, Source]) -> tuple[set[str], dict[str, Source]]:
    """The names of those that stand in feeds.yml as they stood; and how all others stood."""
    same: set[str] = set()
    rows = {}
    for row in writer.each_row():
        if row.name in named and row == _as_row(named[row.name]):
            same.add(row.name)
        else:
            rows[row.name] = row
    return same, rows


def _states_of(
    writer: Writer, named: Mapping[str, Source], now: datetime, polling: Polling
) -> tuple[dict[str, _Known], list[SourceState]]:
    """A little of each state; and those of sources in feeds.yml that go on otherwise than they stood."""
    known: dict[str, _Known] = {}
    other: list[SourceState] = []
    for state in writer.each_source():
        known[state.name] = _Known(state.state, state.url)
        if state.name in named:
            other += _gone_on(named[state.name], state, now, polling)
    return known, other


def _renamed(
    sources: Iterable[Source], known: Mapping[str, _Known], same: Container[str], rows: Mapping[str, Source]
) -> list[tuple[str, str]]:
    """From and to: where just one name vanished and just one appeared with the same address and kind."""
    named = {s.name: (s.kind, s.url) for s in sources}
    vanished: dict[tuple[str, str], list[str]] = defaultdict(list)
    appeared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, row in rows.items():
        if name in known and name not in named and known[name].state != 'retired':
            vanished[row.kind, row.url].append(name)
    for name, what in named.items():
        if name not in known and name not in same and name not in rows:
            appeared[what].append(name)
    pairs = ((vanished[what], appeared[what]) for what in vanished)
    return [(old[0], new[0]) for old, new in pairs if len(old) == len(new) == 1]


def _leave(writer: Writer, name: str, now: datetime, *, purge: bool) -> None:
    """A retired source keeps its validators, and when it may be asked again, for the day on which it comes back."""
    if purge:
        writer.purge_source(name, now)
    elif state := writer.source(name):
        writer.save_source(replace(state, state='retired', why_next=RETIRED))


def _come(writer: Writer, source: Source, at: datetime) -> None:
    writer.welcome_back(source.name)
    writer.save_source(SourceState(name=source.name, url=source.url, next_poll_at=at))


def _gone_on(source: Source, state: SourceState | None, now: datetime, polling: Polling) -> list[SourceState]:
    """How it goes on, where that is otherwise than it stood."""
    if state is None:
        return []
    after = _in_time(_present(source, state, now, polling), source, now, polling)
    return [after] if after != state else []


def _present(source: Source, state: SourceState, now: datetime, polling: Polling) -> SourceState:
    """One that is back goes on where it stood; one with a new address is asked there soon, its history kept."""
    soon = first_poll_at(source, now, polling, nth=0)
    if state.state == 'retired':
        at = max(soon, state.next_poll_at or soon)
        state = replace(state, state=_word(state), next_poll_at=at, why_next='back in feeds.yml')
    if _has_moved(source, state):
        told_to_wait = state.failures and host_of(state.url) == host_of(source.url)
        at = max(soon, state.next_poll_at or soon) if told_to_wait else soon
        state = replace(state, state=_word(state), url=source.url, hosts=(), next_poll_at=at, why_next='a new address')
    return state


def _has_moved(source: Source, state: SourceState | _Known) -> bool:
    return bool(state.url) and state.url != source.url


def _word(state: SourceState) -> StateWord:
    if state.failures:
        return 'failing'
    return 'ok' if state.last_success_at else 'new'


def _in_time(state: SourceState, source: Source, now: datetime, polling: Polling) -> SourceState:
    """A clock that was set back, or an interval that was shortened, must not keep a source waiting."""
    if state.next_poll_at is None:
        return state
    last, at = state.last_poll_at, state.next_poll_at
    if last is not None and last > now + _AHEAD:  # the wait it was given counts from now
        last, at = now, now + max(at - last, timedelta(0))
    if last is not None and state.why_next.startswith(('every ', 'min_interval ')):
        own = own_interval(source, polling)
        at = last + own if at - last > own * _LATE else at
    if last is None and at > now + _FIRST:
        at = first_poll_at(source, now, polling, nth=0)
    if at > now + _longest(source, polling):
        at = now + own_interval(source, polling)
    return replace(state, last_poll_at=last, next_poll_at=at)


def _longest(source: Source, polling: Polling) -> timedelta:
    """No wait that cadence gives is longer: a week goes on top for days that are stepped over, a year for cron."""
    steps = timedelta(days=366 if source.cron else 7)
    return max(own_interval(source, polling), polling.max_interval, MAX_RETRY_AFTER) + steps


def _as_row(source: Source) -> Source:
    """How it stands in feeds.yml, for when it stands there no more; a line that moved is not worth a write."""
    return replace(source, options=None, line=0)
