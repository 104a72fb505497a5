"""What pages for people count and list: entries by hour, category and source, rounds of many sources, who shares what.

Each is one statement along an index, bounded by a time or a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlite_utils import Database

from aggregator.model import PollReport, StoredEntry
from aggregator.store.codec import from_us, storable, to_us
from aggregator.store.reading import load_entries
from aggregator.store.sources import polls

HOUR = timedelta(hours=1)
LOOKED_THROUGH = 2000  # carriers of one source, the newest

BY_HOUR = """
SELECT (published_at - ?1) / 3600000000, count(*) FROM entries
WHERE dropped = 0 AND published_at >= ?1 AND published_at < ?2 GROUP BY 1
"""
BY_CATEGORY = """
SELECT k.slug, (SELECT count(*) FROM entry_categories x WHERE x.category = k.n AND x.published_at >= ?1)
FROM categories k
"""
BY_SOURCE = """
SELECT c.source, count(*) FROM entries e JOIN carriers c ON c.seq = e.text_seq
WHERE e.dropped = 0 AND e.published_at >= ?1 GROUP BY c.source
"""
NEWEST = 'SELECT seq FROM carriers WHERE source = ? ORDER BY seq DESC LIMIT ?'
PUBLISHED = f"""
SELECT DISTINCT e.n, e.published_at
FROM ({NEWEST}) c JOIN assigned a ON a.carrier = c.seq JOIN entries e ON e.n = a.entry
WHERE e.dropped = 0
"""  # noqa: S608  # constants, here and below
SHARED = f"""
SELECT DISTINCT e.n FROM ({NEWEST}) c JOIN assigned a ON a.carrier = c.seq JOIN entries e ON e.n = a.entry
WHERE e.dropped = 0 AND EXISTS (
    SELECT 1 FROM assigned b JOIN carriers other ON other.seq = b.carrier
    WHERE b.entry = a.entry AND other.source <> ?
)
ORDER BY e.published_at DESC, e.id LIMIT ?
"""  # noqa: S608
OF_ALL = 'entries e WHERE e.dropped = 0'
OF_LABEL = 'entry_categories e WHERE e.category = (SELECT n FROM categories WHERE label = ?)'


class Figures:
    """Part of Store: what pages count and list."""

    def _reading(self) -> AbstractContextManager[Database]:
        raise NotImplementedError

    def by_hour(self, since: datetime, hours: int) -> tuple[int, ...]:
        """Entries of each hour from `since` on."""
        with self._reading() as db:
            counted = dict(db.execute(BY_HOUR, (to_us(since), to_us(since + hours * HOUR))).fetchall())
        return tuple(counted.get(n, 0) for n in range(hours))

    def by_category(self, since: datetime) -> dict[str, int]:
        """Entries published since then, by slug; categories without any are not in the answer."""
        with self._reading() as db:
            return {slug: n for slug, n in db.execute(BY_CATEGORY, (to_us(since),)) if n}

    def by_source(self, since: datetime) -> dict[str, int]:
        """The same by the source that speaks."""
        with self._reading() as db:
            return dict(db.execute(BY_SOURCE, (to_us(since),)).fetchall())

    def states(self) -> dict[str, str]:
        """The state of every source, by name."""
        with self._reading() as db:
            return dict(db.execute('SELECT name, state FROM sources').fetchall())

    def polls_of(self, names: Iterable[str], limit: int) -> dict[str, list[PollReport]]:
        """The recent rounds of each of these sources, newest first, without traces."""
        with self._reading() as db:
            return {name: polls(db, name, limit) for name in names}

    def published_by(self, source: str) -> list[datetime]:
        """When the entries that this source carried last were published."""
        with self._reading() as db:
            return [from_us(at) for _, at in db.execute(PUBLISHED, (source, LOOKED_THROUGH))]

    def shared_by(self, source: str, limit: int) -> list[StoredEntry]:
        """The newest entries that this source and another one carried."""
        with self._reading() as db:
            return _loaded(db, [n for (n,) in db.execute(SHARED, (source, LOOKED_THROUGH, source, limit))])

    def beside(
        self, edge: tuple[datetime, str], limit: int, *, label: str | None = None, older: bool = True
    ) -> list[StoredEntry]:
        """The entries of a category, or of all, next to an edge: published_at and id of an entry. Newest first."""
        with self._reading() as db:
            return _loaded(db, _beside(db, label, edge, limit, older=older))


def _beside(db: Database, label: str | None, edge: tuple[datetime, str], limit: int, *, older: bool) -> list[int]:
    room, start = (OF_ALL, ()) if label is None else (OF_LABEL, (label,))
    column = 'n' if label is None else 'entry'
    side, other, way = ('<', '>', 'DESC, e.id') if older else ('>', '<', ', e.id DESC')
    sql = (
        f'SELECT e.{column} FROM {room} AND e.published_at {side}= ? AND (e.published_at {side} ? OR e.id {other} ?)'  # noqa: S608  # constants
        f' ORDER BY e.published_at {way} LIMIT ?'
    )
    at = to_us(edge[0])
    ns = [n for (n,) in db.execute(sql, (*start, at, at, storable(edge[1]), limit))]
    return ns if older else ns[::-1]


def _loaded(db: Database, ns: Sequence[int]) -> list[StoredEntry]:
    found = load_entries(db, ns)
    return [found[n] for n in ns]
