"""Hosts that asked us to slow down, and which sources lead to them: a hold outlives a restart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlite_utils import Database

from aggregator.model import HostState, SourceState
from aggregator.store.asking import Part, tell
from aggregator.store.codec import as_json, from_us, loads, storable, to_us


class HostWriting(Part):
    """Part of Writer."""

    __slots__ = ('_heard_of',)

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._heard_of: frozenset[str] | None = None  # all hosts of the table, once they were asked for

    def hosts(self, names: Iterable[str]) -> dict[str, HostState]:
        """What these hosts asked for last, by name; whether it still holds is for `not_before` to say."""
        if self._heard_of is None:
            self._heard_of = frozenset(host for (host,) in self._db.conn.execute('SELECT host FROM hosts'))
        asked = self._heard_of.intersection(map(storable, names))
        if not asked:
            return {}
        rows = self._db.execute(
            'SELECT host, not_before, why, failures FROM hosts WHERE host IN (SELECT value FROM json_each(?))',
            (as_json(sorted(asked)),),
        )
        return {
            host: HostState(host=host, not_before=from_us(at), why=why, failures=failures)
            for host, at, why, failures in rows
        }

    def save_host(self, state: HostState) -> None:
        self._heard_of = None
        self._db.execute(
            'INSERT OR REPLACE INTO hosts (host, not_before, why, failures) VALUES (?, ?, ?, ?)',
            (storable(state.host), to_us(state.not_before), storable(state.why), state.failures),
        )

    def sources_of(self, host: str) -> list[SourceState]:
        """Every source whose last visit burdened this host, by name."""
        rows = self._db.execute(
            'SELECT s.memory FROM source_hosts h JOIN sources s ON s.name = h.source WHERE h.host = ? ORDER BY s.name',
            (storable(host),),
        )
        return [loads(SourceState, memory) for (memory,) in rows]

    def shorten_holds(self, latest: datetime) -> None:
        """No hold lasts beyond this instant: one that does was made by a clock that has been set back since."""
        self._db.execute('UPDATE hosts SET not_before = ?1 WHERE not_before > ?1', (to_us(latest),))

    def forget_hosts(self, before: datetime) -> None:
        """Holds that ended before this instant."""
        self._db.execute('DELETE FROM hosts WHERE not_before < ?', (to_us(before),))

    def _save_way(self, state: SourceState) -> None:
        """To whom a visit of this source leads; nothing is written where that is known."""
        self._leads_to(state.name, state.hosts or _own_host(state.url))

    def _leads_to(self, source: str, hosts: Sequence[str]) -> None:
        known = self._db.conn.execute('SELECT host FROM source_hosts WHERE source = ?', (source,)).fetchall()
        wanted = {storable(host) for host in hosts}
        if {host for (host,) in known} == wanted:
            return
        listed = as_json(sorted(wanted))
        self._db.execute(
            'DELETE FROM source_hosts WHERE source = ? AND host NOT IN (SELECT value FROM json_each(?))',
            (source, listed),
        )
        rows = ((source, host) for host in sorted(wanted))
        tell(self._db, 'INSERT OR IGNORE INTO source_hosts (source, host) VALUES (?, ?)', rows)


def _own_host(url: str) -> tuple[str, ...]:
    """A folder has none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return ()
    return (host.lower(),) if host else ()
