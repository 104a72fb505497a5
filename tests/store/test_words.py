from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.store.words import INDEXED, NEAR, NEWEST, _holding, plain

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
    for k in range(1, NEAR + 2):
        tale.tell(f'e{k:03}', tale.hear(), title=TITLE, published_at=tale.NOON + timedelta(minutes=k))
    with tale.store.writing() as w:
        first, after = w._db.execute(NEWEST, (NEAR,)).fetchone()
        assert first == 3, 'id1 and e001 are older'
        assert after == int((tale.NOON + timedelta(minutes=2)).timestamp() * 1e6)
        assert _holding(w._db, '"数 字"', 1, first, after) == [NEAR + 2]
