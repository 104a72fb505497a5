"""What is taken away stays away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import Placed, SourceState


class TestTakedown:
    @pytest.fixture
    def taken(self, tale):
        one, other = tale.hear('url:x', 'home', content='secret', summary='secret'), tale.hear('url:y')
        tale.tell('id1', one, identity='code:NW1')
        tale.tell('id2', other)
        tale.tell('id1', one, other, identity='code:NW1', replaces=('id2',))
        tale.dirty()
        with tale.store.writing() as w:
            w.add_barren(['home'])
            assert w.takedown('id2', tale.NOON)
        return one, other

    def test_it_is_in_no_output(self, tale, taken):
        assert tale.ids() == tale.ids('甲新闻') == list(tale.store.all_entries(dropped=True)) == []
        assert tale.store.search('标题', 10) == []
        assert tale.dirty() == {'', 'jia'}

    def test_its_ids_answer_that_it_is_gone(self, tale, taken):
        assert [tale.store.tombstone(old).reason for old in ('id1', 'id2')] == ['takedown', 'takedown']
        assert [tale.store.entry(old) for old in ('id1', 'id2')] == [None, None]

    def test_its_texts_are_gone_and_its_carriers_known(self, tale, taken):
        with tale.store.writing() as w:
            assert {c.entry.content + c.entry.summary for c in w.closure(taken)} == {''}
            assert len(w.known('a', ['digest-1', 'digest-2'])) == 2

    def test_its_keys_are_blocked_and_shared_ones_are_not(self, tale, taken):
        with tale.store.writing() as w:
            asked = ['url:x', 'url:y', 'code:NW1', 'home', 'url:z']
            assert w.blocked(asked) == {key: {'a': 'takedown'} for key in ('url:x', 'url:y', 'code:NW1')}

    def test_it_does_not_come_back(self, tale, taken):
        again = tale.hear('url:x')
        assert tale.tell('id9', again, *taken, keys=('url:x',)) == {'id9': 'blocked'}
        assert tale.tell('id1', again) == {'id1': 'blocked'}
        assert tale.ids() == []

    def test_nor_under_the_keys_of_other_rules(self, tale, taken):
        with tale.store.writing() as w:
            w.clear_derived()
            w.set_keys(taken[0], ['url:new'])
            assert w.blocked(['url:new']) == {'url:new': {'a': 'takedown'}}

    def test_whoever_is_heard_all_the_same_lives(self, tale, taken):
        again = tale.hear('url:x', source='home')
        with tale.store.writing() as w:
            placed = Placed(tale.draft(again, identity='url:x', keys=('url:x',), labels=()), 'id9')
            assert w.put([placed], [again], {}, tale.NOON, heard={'url:x'}) == {'id9': 'new'}

    def test_what_is_not_there_is_not_taken_down(self, tale, taken):
        with tale.store.writing() as w:
            assert [w.takedown(entry_id, tale.NOON) for entry_id in ('id1', 'id2', '?')] == [False, False, False]


def test_a_takedown_outranks_retention(tale):
    with tale.store.writing() as w:
        w.block(['x', 'y'], 'retention', tale.NOON)
        w.block(['x'], 'takedown', tale.NOON)
        w.block(['x'], 'retention', tale.NOON)
        assert w.blocked(['x', 'y']) == {'x': {'': 'takedown'}, 'y': {'': 'retention'}}


def test_retention_removes_all_but_the_memory(tale):
    one, other = tale.hear('url:x'), tale.hear('url:y')
    tale.tell('id1', one)
    tale.tell('id2', other)
    with tale.store.writing() as w:
        assert w.retire(['id1', '?'], tale.NOON) == 1
        assert w.closure([one]) == ()
        assert w.blocked(['url:x', 'url:y']) == {'url:x': {'a': 'retention'}}
    assert tale.ids() == ['id2']
    assert tale.store.tombstone('id1').reason == 'retention'
    assert tale.store.counts()['carriers'] == 1
    assert tale.tell('id1', tale.hear('url:x')) == {'id1': 'blocked'}


class TestRemovingCarriers:
    def test_an_entry_without_carriers_goes(self, tale):
        one, other = tale.hear(), tale.hear()
        tale.tell('id1', one)
        tale.tell('id2', other)
        tale.dirty()
        with tale.store.writing() as w:
            w.remove_carriers([one, 4711])
        assert tale.ids() == ['id2']
        assert tale.dirty() == {'', 'jia'}

    def test_an_entry_that_keeps_some_stays_and_may_lack_its_text(self, tale):
        one, other = tale.hear(content='x'), tale.hear(source='b')
        tale.tell('id1', one, other)
        with tale.store.writing() as w:
            w.remove_carriers([one])
        (entry,) = tale.store.entries()
        assert (entry.content, entry.source, [c.source for c in entry.carriers]) == ('', '', ['b'])

    def test_of_nothing_marks_nothing(self, tale):
        with tale.store.writing() as w:
            w.remove_carriers([])
            w.remove_carriers([1, 2])
        assert tale.dirty() == set()


class TestSurplus:
    @pytest.fixture
    def aged(self, tale):
        """id0 is of today, id1 of yesterday and so on; id4 is still listed."""
        seqs = [tale.hear() for _ in range(5)]
        for days, seq in enumerate(seqs):
            tale.tell(f'id{days}', seq, published_at=tale.NOON - timedelta(days=days))
        with tale.store.writing() as w:
            w.list_round('a', 1, {0: seqs})
            w.list_round('a', 2, {0: [seqs[4]]})
            w.save_source(SourceState(name='a', state='ok', rounds=2))
        return tale

    def surplus(self, tale, days=100, kept=100):
        return tale.store.surplus_entries(older_than=tale.NOON - timedelta(days=days, hours=-1), per_source=kept)

    def test_the_old_ones(self, aged):
        assert self.surplus(aged, days=2) == ['id3', 'id2']

    def test_the_many(self, aged):
        assert self.surplus(aged, kept=1) == ['id3', 'id2', 'id1']

    def test_a_retired_source_lists_nothing(self, aged):
        with aged.store.writing() as w:
            w.save_source(SourceState(name='a', state='retired', rounds=2))
        assert self.surplus(aged, days=4) == ['id4']

    def test_none(self, aged):
        assert self.surplus(aged) == []
