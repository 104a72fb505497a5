"""The memory of each source between rounds: when it is due, what it last answered, its recent rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from aggregator.model import PollReport, SourceState, Told
from aggregator.store.codec import as_json, dumps, from_json, from_us, loads, storable, to_us
from aggregator.store.hosts import HostWriting
from aggregator.store.memories import MEMORIES

POLLS_KEPT = 50  # rounds of one source
DETAILS_KEPT = 1000  # answers of one source: they serve rounds that were lost, not history

# Two halves, so that both are found by the index; as one condition with OR all sources would be read at every tick.
DUE = """
SELECT name FROM (
    SELECT name, next_poll_at FROM sources WHERE next_poll_at <= :now AND state <> 'retired'
    UNION ALL
    SELECT name, next_poll_at FROM sources WHERE next_poll_at IS NULL AND state = 'new'
) AS waiting
WHERE NOT EXISTS (
    SELECT 1 FROM source_hosts w JOIN hosts h ON h.host = w.host WHERE w.source = waiting.name AND h.not_before > :now
)
ORDER BY next_poll_at, name LIMIT :limit
"""
SAVE = """
INSERT INTO sources (name, state, next_poll_at, memory) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET state = excluded.state, next_poll_at = excluded.next_poll_at, memory = excluded.memory
"""


class SourceWriting(HostWriting):
    """Part of Writer."""

    __slots__ = ()

    def source(self, name: str) -> SourceState | None:
        return source(self._db, name)

    def save_source(self, state: SourceState) -> None:
        next_poll_at = None if state.next_poll_at is None else to_us(state.next_poll_at)
        self._db.conn.execute(SAVE, (state.name, state.state, next_poll_at, MEMORIES.text(state)))
        self._save_way(state)

    def forget_source(self, name: str) -> None:
        """Its state, rounds and cached details. What it carried stays."""
        for table, column in (
            ('sources', 'name'),
            ('polls', 'source'),
            ('details', 'source'),
            ('marks', 'source'),
            ('answers', 'source'),
        ):
            self._db.execute(f'DELETE FROM {table} WHERE {column} = ?', (name,))  # noqa: S608  # constants

    def add_poll(self, report: PollReport) -> None:
        """Without its traces, which belong to the command that asked for them. The last fifty are kept."""
        said = dumps(replace(report, traces=()) if report.traces else report)
        self._db.conn.execute('INSERT INTO polls (source, report) VALUES (?, ?)', (report.source, said))
        self._keep_newest('polls', report.source, POLLS_KEPT)

    def detail(self, source: str, url: str) -> str | None:
        return detail(self._db, source, url)

    def save_detail(self, source: str, url: str, body: str) -> None:
        """The newest thousand of a source are kept."""
        self._db.execute(
            'INSERT OR REPLACE INTO details (source, url, body) VALUES (?, ?, ?)',
            (source, storable(url), storable(body)),
        )
        self._keep_newest('details', source, DETAILS_KEPT)

    def save_told(self, source: str, page: int, told: Sequence[Told]) -> None:
        """What this document lists, in place of what it listed before; nothing where it cannot be cut into items."""
        if not told:
            self._db.execute('DELETE FROM marks WHERE source = ? AND page = ?', (source, page))
            return
        rows = [[t.mark.hex(), t.plain, t.by_guid, None if t.at is None else to_us(t.at)] for t in told]
        self._db.execute(
            'INSERT OR REPLACE INTO marks (source, page, told) VALUES (?, ?, ?)', (source, page, as_json(rows))
        )

    def meta(self, key: str) -> str | None:
        return meta(self._db, key)

    def set_meta(self, key: str, value: str) -> None:
        self._db.execute(
            'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
            (key, value),
        )

    def _keep_newest(self, table: str, source: str, kept: int) -> None:
        newest = f'SELECT n FROM {table} WHERE source = ? ORDER BY n DESC LIMIT 1 OFFSET {kept}'  # noqa: S608  # constants
        self._db.conn.execute(f'DELETE FROM {table} WHERE source = ? AND n <= ({newest})', (source, source))  # noqa: S608  # too


def sources(db: Database) -> Iterator[SourceState]:
    for name, memory in db.execute('SELECT name, memory FROM sources ORDER BY name'):
        yield MEMORIES.in_passing(name, memory)


def sources_named(db: Database, names: Iterable[str]) -> dict[str, SourceState]:
    rows = db.execute(
        'SELECT name, memory FROM sources WHERE name IN (SELECT value FROM json_each(?))', (as_json(list(names)),)
    )
    return {name: MEMORIES.state(name, memory) for name, memory in rows}


def source(db: Database, name: str) -> SourceState | None:
    row = db.conn.execute('SELECT memory FROM sources WHERE name = ?', (name,)).fetchone()
    return MEMORIES.state(name, row[0]) if row else None


def due(db: Database, now: datetime, limit: int) -> list[str]:
    return [name for (name,) in db.execute(DUE, {'now': to_us(now), 'limit': limit})]


def polls(db: Database, source: str, limit: int) -> list[PollReport]:
    rows = db.execute('SELECT report FROM polls WHERE source = ? ORDER BY n DESC LIMIT ?', (source, limit))
    return [loads(PollReport, report) for (report,) in rows]


def detail(db: Database, source: str, url: str) -> str | None:
    row = db.execute('SELECT body FROM details WHERE source = ? AND url = ?', (source, storable(url))).fetchone()
    return row[0] if row else None


def told(db: Database, source: str, page: int) -> tuple[Told, ...]:
    row = db.execute('SELECT told FROM marks WHERE source = ? AND page = ?', (source, page)).fetchone()
    items = from_json(row[0]) if row else ()
    return tuple(
        Told(bytes.fromhex(mark), plain, by_guid, None if at is None else from_us(at))
        for mark, plain, by_guid, at in items
    )


def meta(db: Database, key: str) -> str | None:
    row = db.execute('SELECT value FROM meta WHERE key = ?', (key,)).fetchone()
    return row[0] if row else None
