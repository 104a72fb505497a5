"""Categories, their slugs that never change by themselves, and the marks that say which must be rendered again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from aggregator.model import CategoryState
from aggregator.store.asking import Part, ask, tell
from aggregator.store.codec import from_us, storable
from aggregator.store.voiding import void_source

SOURCES_SHOWN = '*'  # marked like the slug of a category: what the pages tell of sources has changed
# One seek a category, however many entries it has.
WITH_NEWEST = """
SELECT k.label, k.slug, k.title, k.published, k.source, x.published_at, coalesce(e.title, '')
FROM categories k LEFT JOIN entry_categories x ON x.category = k.n AND (x.published_at, x.id) = (
    SELECT published_at, id FROM entry_categories WHERE category = k.n ORDER BY published_at DESC, id LIMIT 1
) LEFT JOIN entries e ON e.n = x.entry
ORDER BY k.label
"""
PLAIN = "SELECT label, slug, title, published, source, NULL, '' FROM categories ORDER BY {}"


OF_SOURCE = """
SELECT DISTINCT k.slug
FROM carriers c JOIN assigned a ON a.carrier = c.seq JOIN entries e ON e.n = a.entry AND e.text_seq = c.seq
JOIN entry_categories x ON x.entry = e.n JOIN categories k ON k.n = x.category
WHERE c.source = ?
"""


class CategoryWriting(Part):
    """Part of Writer."""

    __slots__ = ()

    def categories(self) -> dict[str, CategoryState]:
        """By label, in order of first sight, without their newest entries."""
        return {one.label: one for one in map(_state, self._db.execute(PLAIN.format('n')))}

    def known_labels(self, labels: Iterable[str]) -> frozenset[str]:
        """Those of the labels that have come to life."""
        return frozenset(
            label for (label,) in ask(self._db, 'SELECT label FROM categories WHERE label IN ({})', labels)
        )

    def slugs_taken(self) -> dict[str, str]:
        """Slug -> label, of now and of before a renaming."""
        rows = self._db.execute('SELECT slug, label FROM slug_moves UNION ALL SELECT slug, label FROM categories')
        return dict(rows.fetchall())

    def add_category(self, label: str, slug: str, title: str, source: str = '') -> None:
        """At first sight; `source` is the one through which it came, '' where it stands in feeds.yml.

        Of a label seen before only the title is set, never the slug. Raises ValueError where another label has that
        slug now; one that another has left is taken over.
        """
        present = self._db.execute('SELECT slug, title FROM categories WHERE label = ?', (storable(label),)).fetchone()
        if present is None:
            self._claim(slug)
            self._db.execute(
                'INSERT INTO categories (label, slug, title, source) VALUES (?, ?, ?, ?)',
                (storable(label), slug, storable(title), source),
            )
        elif present[1] != storable(title):
            self._db.execute('UPDATE categories SET title = ? WHERE label = ?', (storable(title), storable(label)))
            mark_dirty(self._db, [present[0], ''])

    def rename_slug(self, label: str, new: str) -> None:
        """Keeps the old slug, which leads to the label from now on. Both are marked to be rendered.

        Raises ValueError where another label has the new slug, KeyError where there is no such label.
        """
        row = self._db.execute('SELECT slug FROM categories WHERE label = ?', (label,)).fetchone()
        if row is None:
            raise KeyError(label)
        if row[0] == new:
            return
        self._claim(new)
        self._db.execute('UPDATE categories SET slug = ? WHERE label = ?', (new, label))
        self._db.execute('INSERT INTO slug_moves (slug, label) VALUES (?, ?)', (row[0], label))
        mark_dirty(self._db, [row[0], new, ''])

    def mark_published(self, slugs: Iterable[str]) -> None:
        """Their documents have been written: from now on their addresses answer, whatever becomes of their entries."""
        tell(self._db, 'UPDATE categories SET published = 1 WHERE slug = ? AND published = 0', ((s,) for s in slugs))

    def mark_dirty(self, slugs: Iterable[str]) -> None:
        """For what the store cannot see, such as a new title of the site."""
        mark_dirty(self._db, slugs)

    def mark_source(self, source: str, *, documents: bool = True) -> None:
        """What pages tell of this source, and all `documents` that name it: those of entries for which it speaks."""
        slugs = [slug for (slug,) in self._db.execute(OF_SOURCE, (source,))] if documents else []
        mark_dirty(self._db, [*slugs, *[''] * documents, SOURCES_SHOWN])
        void_source(self._db, source)

    def mark_sources(self) -> None:
        """What pages tell of any source; feeds.yml names others now, so documents are made anew for that reason."""
        mark_dirty(self._db, [SOURCES_SHOWN])
        void_source(self._db, '')

    def clear_dirty(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Takes away the marks that are still those that were read."""
        tell(self._db, 'DELETE FROM dirty WHERE slug = ? AND change = ?', pairs)

    def _claim(self, slug: str) -> None:
        if self._db.execute('SELECT 1 FROM categories WHERE slug = ?', (slug,)).fetchone():
            raise ValueError(f'the slug {slug!r} is taken')
        self._db.execute('DELETE FROM slug_moves WHERE slug = ?', (slug,))


def mark_dirty(db: Database, slugs: Iterable[str]) -> None:
    tell(db, 'INSERT OR REPLACE INTO dirty (slug) VALUES (?)', ((slug,) for slug in sorted(set(slugs))))


def mark_labels(db: Database, labels: Iterable[str]) -> None:
    """The categories of something shown that changed, and the feed of everything."""
    slugs = [slug for (slug,) in ask(db, 'SELECT slug FROM categories WHERE label IN ({})', labels)]
    mark_dirty(db, [*slugs, ''])


def mark_entries(db: Database, ns: str) -> None:
    """All that shows one of these entries (a JSON list of their n)."""
    shown = 'SELECT 1 FROM entries WHERE dropped = 0 AND n IN (SELECT value FROM json_each(?)) LIMIT 1'
    if db.execute(shown, (ns,)).fetchone() is None:
        return
    rows = db.execute(
        'SELECT DISTINCT k.slug FROM entry_categories x JOIN categories k ON k.n = x.category'
        ' WHERE x.entry IN (SELECT value FROM json_each(?))',
        (ns,),
    )
    mark_dirty(db, [*(slug for (slug,) in rows), ''])


def dirty(db: Database) -> list[tuple[str, int]]:
    return db.execute('SELECT slug, change FROM dirty ORDER BY slug').fetchall()


def category_states(db: Database, *, with_newest: bool) -> list[CategoryState]:
    return [_state(row) for row in db.execute(WITH_NEWEST if with_newest else PLAIN.format('label'))]


def category_numbers(db: Database, labels: Iterable[str]) -> Mapping[str, int]:
    return dict(ask(db, 'SELECT label, n FROM categories WHERE label IN ({})', labels))


def slug_target(db: Database, old: str) -> str | None:
    row = db.execute(
        'SELECT k.slug FROM slug_moves m JOIN categories k ON k.label = m.label WHERE m.slug = ?', (old,)
    ).fetchone()
    return row[0] if row else None


def _state(row: tuple[Any, ...]) -> CategoryState:
    label, slug, title, published, source, newest_at, newest_title = row
    return CategoryState(
        label=label,
        slug=slug,
        title=title,
        published=bool(published),
        source=source,
        newest_at=None if newest_at is None else from_us(newest_at),
        newest_title=newest_title,
    )
