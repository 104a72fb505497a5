"""Which of the things said about an entry is the newest, and when it was said (design, 4.4 and 4.6).

Inside the voice that speaks, the newest version by stated date wins, ties go to the earlier source of feeds.yml. A text
that changes without a date counts as just after its own source's last stated date for this entry; a source that never
states a date for it never wins over one that does. Order of arrival decides only between undated texts of one source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from aggregator.model import Carrier, Stated
from aggregator.rules.identity import text_of

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)
_AHEAD = timedelta(days=1)  # a clock may be wrong by a zone, not by more


class Version(NamedTuple):
    """A carrier at its place in time. `changed`: its source had said something else at that date before."""

    carrier: Carrier
    at: datetime  # _NEVER where the source never stated a date
    changed: bool
    order: int  # of its source in feeds.yml
    turn: int  # among the versions of its source at that date

    @property
    def key(self) -> tuple[datetime, bool, int, int, int]:
        return self.at, self.changed, -self.order, self.turn, -self.carrier.seq


def versions_of(carriers: Sequence[Carrier], orders: Mapping[str, int]) -> list[Version]:
    """The carriers of one voice as versions, newest first."""
    if len(carriers) == 1:
        return [_only(carriers[0], orders)]
    by_source: dict[str, list[Carrier]] = defaultdict(list)
    for carrier in carriers:
        by_source[carrier.source].append(carrier)
    found = [v for name, said in by_source.items() for v in _of_one_source(said, orders.get(name, 1_000_000))]
    return sorted(found, key=lambda v: v.key, reverse=True)


def surplus(carriers: Sequence[Carrier], most: int) -> frozenset[int]:
    """Carriers beyond what one source may say of one entry: `most` texts, and as many repetitions of a text.

    A page that embeds the clock says something new at every visit; it freezes at what it has said by then.
    """
    if len(carriers) <= most:
        return frozenset()
    texts: dict[str, set[str]] = defaultdict(set)
    repeats: dict[str, int] = defaultdict(int)
    over: set[int] = set()
    for carrier in sorted(carriers, key=lambda c: c.seq):
        text, said = text_of(carrier.entry), texts[carrier.source]
        if text in said:
            repeats[carrier.source] += 1
            full = repeats[carrier.source] > most
        else:
            full = len(said) >= most
        if full:
            over.add(carrier.seq)
        else:
            said.add(text)
    return frozenset(over)


def published_of(carriers: Sequence[Carrier]) -> Stated | None:
    """The earliest date stated. A day without a time gives way to a time on that day, which says the same better."""
    if len(carriers) == 1:
        only = carriers[0]
        return usable(only.entry.published or only.entry.updated, only.first_seen_at)
    stated = [s for c in carriers if (s := usable(c.entry.published or c.entry.updated, c.first_seen_at))]
    exact = [s for s in stated if not s.day_only]
    days = [d for d in stated if d.day_only and not any(_within(d, s) for s in exact)]
    return min(exact + days, key=lambda s: (_at(s), s.raw), default=None)


def updated_of(versions: Sequence[Version]) -> datetime | None:
    """When the words of the newest version were first said: its stated date, or when we saw an undated change."""
    if len(versions) == 1:
        return _first_said(versions[0])
    words = text_of(versions[0].carrier.entry)
    same: list[Version] = []
    for version in versions:
        if version.carrier.source == versions[0].carrier.source and text_of(version.carrier.entry) != words:
            break
        if text_of(version.carrier.entry) == words:
            same.append(version)
    return _first_said(same[-1])


def _first_said(first: Version) -> datetime | None:
    if first.changed:
        return first.carrier.first_seen_at
    return None if first.at == _NEVER else first.at


def usable(stated: Stated | None, seen_at: datetime) -> Stated | None:
    """The date unless it is absent, absurd or in the future of the time it was seen (design, 4.6)."""
    if stated is None or stated.at is None or not _EARLIEST <= stated.at <= seen_at + _AHEAD:
        return None
    return stated


def current(versions: Sequence[Version]) -> list[Carrier]:
    """What each source says now, newest first: the carriers that the last document which named the entry listed."""
    if len(versions) == 1:
        return [versions[0].carrier]
    last: dict[str, int] = defaultdict(int)
    for version in versions:
        name = version.carrier.source
        last[name] = max(last[name], _last_listed(version.carrier))
    return [v.carrier for v in versions if _last_listed(v.carrier) == last[v.carrier.source]]


def _only(carrier: Carrier, orders: Mapping[str, int]) -> Version:
    """Most entries are said once. Without another carrier there is nothing to compare with, and no change."""
    date = usable(carrier.entry.updated or carrier.entry.published, carrier.first_seen_at)
    return Version(
        carrier, _at(date) if date else _NEVER, changed=False, order=orders.get(carrier.source, 1_000_000), turn=0
    )


def _of_one_source(said: Sequence[Carrier], order: int) -> list[Version]:
    dates = {c.seq: usable(c.entry.updated or c.entry.published, c.first_seen_at) for c in said}
    at_date: dict[datetime, list[Carrier]] = defaultdict(list)
    for carrier in said:
        date = dates[carrier.seq]
        at_date[_at(date) if date else _last_stated(carrier, said, dates)].append(carrier)
    return [v for at, group in at_date.items() for v in _in_turn(group, at, order, dates)]


def _last_stated(undated: Carrier, said: Sequence[Carrier], dates: Mapping[int, Stated | None]) -> datetime:
    """The last date that the source had stated when it last listed the undated text."""
    before = (c for c in said if _first_listed(c) <= _last_listed(undated))
    return max((_at(date) for c in before if (date := dates[c.seq])), default=_NEVER)


def _in_turn(group: Sequence[Carrier], at: datetime, order: int, dates: Mapping[int, Stated | None]) -> list[Version]:
    """Versions of one source at one date: the dated before the undated, then as its documents listed them."""
    turns = sorted(group, key=lambda c: (dates[c.seq] is None, _last_listed(c), -c.seq))
    first = text_of(turns[0].entry)
    return [Version(c, at, text_of(c.entry) != first, order, turn) for turn, c in enumerate(turns)]


def _last_listed(carrier: Carrier) -> int:
    return max((run.last for run in carrier.runs), default=0)


def _first_listed(carrier: Carrier) -> int:
    return min((run.first for run in carrier.runs), default=0)


def _within(day: Stated, exact: Stated) -> bool:
    return _at(day) <= _at(exact) < _at(day) + timedelta(days=1)


def _at(stated: Stated) -> datetime:
    return stated.at or _NEVER
