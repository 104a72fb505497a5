from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import Placed
from aggregator.store import Store
from aggregator.store.words import BLOCK, INDEXED, NEAR, NEWEST, _holding, plain

TITLE = '深圳数字经济产业集群 GDP grew'


@pytest.fixture
def tale(tale):
    tale.tell('id1', tale.hear(content='<p title="href">正文 <b>利</b>率 A&amp;B</p>'), title=TITLE)
    return tale


@pytest.mark.parametrize(
    ('words', 'found'),
    [
        ('数字', True), ('经济', True), ('数字经济', True), ('字数', False), ('数济', False), ('群', True), ('深圳 产业', True),
        ('深圳 上海', False), ('gdp', True), ('GDP grew', True), ('grew GDP', True), ('gre', False), ('利率', True),
        ('title', False), ('某报', True), ('A&B', True), ('', False), ('""', False), ('" OR "', False), ('*', False),
        ('NEAR(', False), ('数字\0', True), ('\ud800', False), ('said:', False), ('-深圳', True),
    ],
)  # fmt: skip
def test_finds_what_is_there(tale, words, found):
    assert [entry.id for entry in tale.store.search(words, 10)] == (['id1'] if found else [])


def test_follows_what_changes(tale):
    tale.tell('id1', 1, title='别的')
    assert tale.store.search('深圳', 10) == []
    assert len(tale.store.search('别的', 10)) == 1
    tale.tell('id1', 1, title='别的', dropped=True)
    assert tale.store.search('别的', 10) == []
    tale.put(over=(1,))
    with tale.store.writing() as w:
        assert w._db.execute('SELECT count(*) FROM words').fetchone() == (0,)


def test_newest_first_and_no_more_than_asked(tale):
    for name in ('b', 'a'):
        tale.tell(name, tale.hear(), title=TITLE)
    assert [entry.id for entry in tale.store.search('深圳', 2)] == ['a', 'b']


def test_a_long_text_costs_no_more():
    assert len(plain('字' * 10**6)) == INDEXED
    assert plain('<' * 10**6) == '<' * INDEXED


@pytest.mark.parametrize('limit', [1, 2, 5])
@pytest.mark.parametrize('often', [1, 2, 40], ids=lambda often: f'in every {often}')
def test_the_newest_first_wherever_they_came_in(tale, often, limit):
    """Numbers follow the order of arrival, dates do not; some entries are dropped, and some dates are there twice."""
    told = [(-tale.NOON.timestamp(), 'id1')]
    for k in range(3 * NEAR):
        at = tale.NOON + timedelta(minutes=k * 89 % 97)  # each date twice
        title, dropped = (TITLE if k % often == 0 else '别的'), k % 7 == 0
        tale.tell(f'e{k:03}', tale.hear(), title=title, published_at=at, dropped=dropped)
        if title == TITLE and not dropped:
            told.append((-at.timestamp(), f'e{k:03}'))
    assert [entry.id for entry in tale.store.search('数字', limit)] == [
        entry_id for _, entry_id in sorted(told)[:limit]
    ]


def test_a_word_that_is_everywhere_is_looked_for_among_the_newest_only(tale):
    """Of those beyond the window no row is read."""
    for k in range(2, 2 * BLOCK + 1):
        tale.tell(f'e{k:03}', tale.hear(), title=TITLE, published_at=tale.NOON + timedelta(minutes=k))
    with tale.store.writing() as w:
        first, after = w._db.execute(NEWEST, (BLOCK,)).fetchone()
        assert first == BLOCK + 1, 'those before are older'
        assert after == int((tale.NOON + timedelta(minutes=first)).timestamp() * 1e6)
        assert _holding(w._db, '"数 字"', 1, first, after) == [2 * BLOCK]


class TestBlocks:
    def indexed(self, tale):
        with tale.store.writing() as w:
            return [n for (n,) in w._db.execute('SELECT rowid FROM words')]

    def test_entries_come_into_the_index_by_the_block(self, tale):
        for n in range(2, BLOCK):
            tale.tell(f'e{n}', tale.hear(), title=TITLE)
        assert self.indexed(tale) == []
        drafts = [Placed(tale.draft(tale.hear(), title=TITLE), f'e{n}') for n in range(BLOCK, 2 * BLOCK + 9)]
        tale.put(*drafts, over=[seq for one in drafts for seq in one.draft.own])
        assert self.indexed(tale) == list(range(1, 2 * BLOCK + 1))
        assert len(tale.store.search('数字', 999)) == 2 * BLOCK + 8

    @pytest.mark.parametrize('others', [0, BLOCK])
    def test_whatever_becomes_of_an_entry_while_it_waits_and_after(self, tale, others):
        seq = tale.hear()
        tale.tell('one', seq, title='上海')
        for n in range(others):
            tale.tell(f'e{n}', tale.hear())
        tale.tell('one', seq, title='北京')
        assert (tale.store.search('上海', 9), len(tale.store.search('北京', 9))) == ([], 1)
        tale.put(over=(seq,))
        assert tale.store.search('北京', 9) == []
        for n in range(others, 2 * BLOCK):
            tale.tell(f'e{n}', tale.hear())
        assert tale.store.search('北京', 9) == []
        assert len(self.indexed(tale)) == BLOCK * ((2 * BLOCK + 2) // BLOCK) - 1

    def test_who_only_reads_finds_what_waits(self, tale, on_disk):
        tale = type(tale)(on_disk)
        tale.tell('one', tale.hear(), title=TITLE)
        with Store.open(on_disk._path.parent, read_only=True) as reader:
            for _ in range(2):
                assert [entry.id for entry in reader.search('数字', 9)] == ['one']
