from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import CategoryState


@pytest.fixture
def tale(tale):
    with tale.store.writing() as w:
        w.add_category('乙新闻', 'yi', '乙')
        w.add_category('甲新闻', 'jia', '甲')
    return tale


def test_in_order_of_first_sight_and_in_order_of_label(tale):
    with tale.store.writing() as w:
        assert list(w.categories()) == ['乙新闻', '甲新闻']
        assert w.categories()['甲新闻'] == CategoryState(label='甲新闻', slug='jia', title='甲')
    assert [c.label for c in tale.store.categories(with_newest=False)] == ['乙新闻', '甲新闻']
    assert [c.label for c in tale.store.categories()] == sorted(['甲新闻', '乙新闻'])


def test_the_newest_of_each(tale):
    tale.tell('old', tale.hear(), published_at=tale.NOON - timedelta(days=1), title='alt')
    tale.tell('new', tale.hear(), title='neu')
    tale.tell('dropped', tale.hear(), dropped=True, published_at=tale.NOON + timedelta(days=1))
    assert {c.label: (c.newest_at, c.newest_title) for c in tale.store.categories()} == {
        '甲新闻': (tale.NOON, 'neu'),
        '乙新闻': (None, ''),
    }


def test_seen_again_only_the_title_changes(tale):
    with tale.store.writing() as w:
        w.add_category('甲新闻', 'other', '甲')
        assert tale.store.dirty() == []
        w.add_category('甲新闻', 'other', '新')
        assert w.categories()['甲新闻'] == CategoryState(label='甲新闻', slug='jia', title='新')
    assert tale.dirty() == {'', 'jia'}


def test_a_renamed_slug_leads_on(tale):
    with tale.store.writing() as w:
        w.rename_slug('甲新闻', 'first')
        w.rename_slug('甲新闻', 'first')
        w.rename_slug('甲新闻', 'second')
        assert w.slugs_taken() == {'jia': '甲新闻', 'first': '甲新闻', 'second': '甲新闻', 'yi': '乙新闻'}
    assert [tale.store.slug_target(old) for old in ('jia', 'first', 'second', '?')] == ['second', 'second', None, None]
    assert tale.dirty() == {'', 'jia', 'first', 'second'}


def test_a_slug_may_come_home(tale):
    with tale.store.writing() as w:
        w.rename_slug('甲新闻', 'first')
        w.rename_slug('甲新闻', 'jia')
    assert [tale.store.slug_target(old) for old in ('jia', 'first')] == [None, 'jia']


def test_a_slug_that_is_in_use_is_refused(tale):
    with tale.store.writing() as w:
        with pytest.raises(ValueError, match='taken'):
            w.rename_slug('甲新闻', 'yi')
        with pytest.raises(ValueError, match='taken'):
            w.add_category('丙新闻', 'yi', '')
        with pytest.raises(KeyError):
            w.rename_slug('丙新闻', 'bing')


def test_marks_by_hand(tale):
    with tale.store.writing() as w:
        w.mark_dirty(['yi', 'yi', ''])
    assert tale.dirty() == {'', 'yi'}
