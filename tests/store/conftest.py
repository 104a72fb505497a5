"""A store in memory, one on disk, and a way to tell it short stories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from aggregator.model import CategoryState, Draft, Entry, Placed, Stated
from aggregator.store import Store

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


class Tale:
    """Tells a store what was said and what was decided, with as few words as possible."""

    NOON = NOON

    def __init__(self, store: Store) -> None:
        self.store = store
        self._numbers = count(1)

    def hear(self, *keys: str, source: str = 'a', **said: Any) -> int:
        """A carrier with these keys; its seq."""
        digest = f'digest-{next(self._numbers)}'
        said.setdefault('published', Stated('noon', NOON))
        with self.store.writing() as w:
            seq = w.add_carrier(source, digest, f'https://{source}.example/feed', Entry(**said), NOON)
            w.set_keys(seq, keys)
        return seq

    def draft(self, *own: int, **fields: Any) -> Draft:
        given: dict[str, Any] = {
            'identity': f'code:NW{own[0]}', 'rule': 'code', 'natural_id': 'unused', 'keys': (), 'own': own, 'others': (),
            'text': own[0], 'title': '标题', 'link': 'https://a.example/1', 'publisher': '某报', 'authors': (),
            'published_at': NOON, 'updated_at': NOON, 'offset_min': 480, 'dated': True, 'labels': ('甲新闻',), 'slugs': {},
            'fingerprint': 'f1',
        }  # fmt: skip
        return Draft(**(given | fields))

    def put(self, *placed: Placed, over: tuple[int, ...] = ()) -> dict[str, str]:
        with self.store.writing() as w:
            return w.put(placed, over or tuple(s for p in placed for s in p.draft.own), SLUGS, NOON)

    def tell(self, entry_id: str, *own: int, replaces: tuple[str, ...] = (), **fields: Any) -> dict[str, str]:
        """One entry of these carriers; what became of it."""
        over = (*own, *fields.get('others', ()))
        return self.put(Placed(self.draft(*own, **fields), entry_id, replaces), over=over)

    def dirty(self) -> set[str]:
        """The marks, taken away."""
        marks = self.store.dirty()
        self.store.clear_dirty(marks)
        return {slug for slug, _ in marks}

    def ids(self, label: str | None = None, limit: int = 100) -> list[str]:
        return [entry.id for entry in self.store.entries(label=label, limit=limit)]


SLUGS = {
    label: CategoryState(label=label, slug=slug, title=f'{label}!')
    for label, slug in (('甲新闻', 'jia'), ('乙新闻', 'yi'), ('丙新闻', 'bing'))
}
SECOND = timedelta(seconds=1)


@pytest.fixture
def store():
    with Store.in_memory() as opened:
        yield opened


@pytest.fixture
def on_disk(tmp_path):
    with Store.open(tmp_path / 'data', wait_s=0.1) as opened:
        yield opened


@pytest.fixture
def tale(store):
    return Tale(store)


@pytest.fixture
def tale_on_disk(on_disk):
    return Tale(on_disk)
