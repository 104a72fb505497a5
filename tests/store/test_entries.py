"""Stories of entries: new, revised, merged, joined, split, dropped; and what is marked to be rendered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import CarrierView, Enclosure, Origin, Person, Placed, Stated


class TestPutting:
    def test_a_new_entry_is_complete(self, tale):
        seq = tale.hear('k', guid='g', link='https://a.example/1?raw', summary='短', content='长', rights='©',
                        language='zh', image='https://a.example/i', enclosures=(Enclosure('https://a.example/e'),),
                        origin=Origin(title='源'))  # fmt: skip
        assert tale.tell('id1', seq, authors=(Person('甲'),)) == {'id1': 'new'}
        (entry,) = tale.store.entries()
        assert (entry.id, entry.identity, entry.rule, entry.title) == ('id1', f'code:NW{seq}', 'code', '标题')
        assert (entry.authors, entry.published_at, entry.offset_min) == ((Person('甲'),), tale.NOON, 480)
        assert (entry.summary, entry.content, entry.guid, entry.source) == ('短', '长', 'g', 'a')
        assert (entry.rights, entry.language, entry.image) == ('©', 'zh', 'https://a.example/i')
        assert (entry.enclosures, entry.origin) == ((Enclosure('https://a.example/e'),), Origin(title='源'))
        assert (entry.labels, entry.slugs, entry.revision) == (('甲新闻',), ('jia',), 0)
        assert entry.carriers == (
            CarrierView(source='a', url='https://a.example/1?raw', guid='g', published_at=tale.NOON),
        )

    def test_the_same_again_changes_nothing(self, tale):
        seq = tale.hear()
        tale.tell('id1', seq)
        tale.dirty()
        assert tale.tell('id1', seq) == {'id1': 'same'}
        assert tale.dirty() == set()

    def test_another_fingerprint_is_a_revision(self, tale):
        one, other = tale.hear(content='1'), tale.hear(content='2')
        tale.tell('id1', one)
        assert tale.tell('id1', one, other, text=other, fingerprint='f2') == {'id1': 'revised'}
        assert [(e.revision, e.content) for e in tale.store.entries()] == [(1, '2')]

    def test_another_source_is_a_merge(self, tale):
        one, other = tale.hear(source='a'), tale.hear(source='b', guid='b1')
        tale.tell('id1', one)
        assert tale.tell('id1', one, others=(other,)) == {'id1': 'merged'}
        (entry,) = tale.store.entries()
        assert [(c.source, c.guid, c.own) for c in entry.carriers] == [('a', '', True), ('b', 'b1', False)]

    def test_versions_of_one_carrier_are_shown_once_with_the_earliest_date(self, tale):
        early = tale.NOON - timedelta(hours=1)
        own = [tale.hear(guid='g', published=stated) for stated in (None, Stated('', tale.NOON), Stated('', early))]
        tale.tell('id1', *own)
        assert [c.published_at for c in tale.store.entries()[0].carriers] == [early]

    def test_many_closures_at_once(self, tale):
        seqs = [tale.hear() for _ in range(3)]
        told = tale.put(*(Placed(tale.draft(seq), f'id{seq}') for seq in seqs))
        assert set(told.values()) == {'new'}
        assert len(tale.ids()) == 3

    def test_an_id_of_another_entry_is_refused_and_nothing_is_written(self, tale):
        tale.tell('id1', tale.hear())
        other = tale.hear()
        with pytest.raises(ValueError, match='another entry'):
            tale.tell('id1', other)
        assert tale.ids() == ['id1']

    def test_frozen_carriers_belong_to_no_entry(self, tale):
        one, frozen = tale.hear(), tale.hear()
        tale.put(Placed(tale.draft(one, frozen=(frozen,)), 'id1'), over=(one, frozen))
        with tale.store.writing() as w:
            assert list(w.placed([one, frozen])) == [one]


class TestJoinAndSplit:
    @pytest.fixture
    def two(self, tale):
        one, other = tale.hear('x'), tale.hear('y')
        tale.tell('id1', one)
        tale.tell('id2', other)
        tale.dirty()
        return one, other

    def test_a_join_leaves_a_tombstone(self, tale, two):
        assert tale.tell('id1', *two, replaces=('id2',)) == {'id1': 'merged'}
        assert tale.ids() == ['id1']
        assert tale.store.entry('id2') == tale.store.entry('id1')
        assert tale.store.entry('id1').replaces == ('id2',)
        stone = tale.store.tombstone('id2')
        assert (stone.into_id, stone.reason, stone.at) == ('id1', 'join', tale.NOON)
        assert tale.dirty() == {'', 'jia'}

    def test_tombstones_lead_to_the_end_in_one_step(self, tale, two):
        tale.tell('id1', *two, replaces=('id2',))
        third = tale.hear()
        tale.tell('id0', third)
        tale.tell('id0', third, *two, replaces=('id1',))
        assert tale.store.entry('id2').id == 'id0'
        assert tale.store.entry('id0').replaces == ('id1', 'id2')

    def test_a_split_gives_the_id_back(self, tale, two):
        one, other = two
        tale.tell('id1', *two, replaces=('id2',))
        drafts = (Placed(tale.draft(one), 'id1'), Placed(tale.draft(other), 'id2'))
        assert tale.put(*drafts, over=two) == {'id1': 'same', 'id2': 'new'}
        assert tale.store.tombstone('id2') is None
        assert tale.store.entry('id1').replaces == ()

    def test_what_no_draft_keeps_is_removed(self, tale, two):
        assert tale.put(over=two) == {}
        assert tale.ids() == []
        assert tale.store.tombstone('id1') is None
        assert tale.dirty() == {'', 'jia'}

    def test_an_id_is_taken_by_an_entry_or_a_tombstone(self, tale, two):
        with tale.store.writing() as w:
            assert [w.id_taken('id1'), w.id_taken('id2'), w.id_taken('free')] == [True, True, False]
            assert not w.id_taken('id1', apart_from=[1])
        tale.tell('id1', *two, replaces=('id2',))
        with tale.store.writing() as w:
            assert w.id_taken('id2')
            assert not w.id_taken('id2', apart_from=[1])

    def test_what_was_folded_into_one_that_is_gone_is_free(self, tale, two):
        tale.tell('id1', *two, replaces=('id2',))
        tale.put(over=two)
        with tale.store.writing() as w:
            assert w.ids_taken(['id1', 'id2']) == set()

    def test_ids_that_never_were_leave_no_tombstone(self, tale, two):
        tale.tell('id1', *two, replaces=('id2', 'never'))
        assert tale.store.tombstone('never') is None


class TestMarks:
    def test_old_and_new_categories_are_marked(self, tale):
        seq = tale.hear()
        tale.tell('id1', seq, labels=('甲新闻', '乙新闻'))
        assert tale.dirty() == {'', 'jia', 'yi'}
        tale.tell('id1', seq, labels=('丙新闻', '乙新闻'))
        assert tale.dirty() == {'', 'jia', 'yi', 'bing'}
        assert (tale.ids('甲新闻'), tale.ids('丙新闻')) == ([], ['id1'])

    @pytest.mark.parametrize(
        'change', [{'title': 't'}, {'link': 'l'}, {'publisher': 'p'}, {'offset_min': None}, {'identity': 'url:x'}]
    )
    def test_whatever_is_shown_counts(self, tale, change):
        seq = tale.hear()
        tale.tell('id1', seq)
        tale.dirty()
        assert tale.tell('id1', seq, **change) == {'id1': 'same'}
        assert tale.dirty() == {'', 'jia'}

    def test_a_carrier_that_shows_nothing_new_does_not(self, tale):
        one, other = tale.hear(guid='g'), tale.hear(guid='g')
        tale.tell('id1', one)
        tale.dirty()
        assert tale.tell('id1', one, other) == {'id1': 'same'}
        assert tale.dirty() == set()

    def test_a_mark_made_meanwhile_is_not_cleared(self, tale):
        seq = tale.hear()
        tale.tell('id1', seq)
        read = tale.store.dirty()
        tale.tell('id1', seq, title='neu', labels=())
        tale.store.clear_dirty(read)
        assert {slug for slug, _ in tale.store.dirty()} == {'', 'jia'}

    def test_a_mark_cleared_and_made_again_has_another_number(self, tale):
        seq = tale.hear()
        tale.tell('id1', seq)
        read = tale.store.dirty()
        tale.store.clear_dirty(read)
        tale.tell('id1', seq, title='neu')
        assert not set(read) & set(tale.store.dirty())

    def test_a_dropped_entry_is_in_no_feed_and_marks_none(self, tale):
        seq = tale.hear()
        assert tale.tell('id1', seq, dropped=True) == {'id1': 'new'}
        assert tale.dirty() == set()
        assert tale.ids() == tale.ids('甲新闻') == list(tale.store.all_entries()) == []
        assert tale.store.entry('id1') is None
        assert tale.store.entry('id1', dropped=True).id == 'id1'
        assert [e.id for e in tale.store.all_entries(dropped=True)] == ['id1']
        tale.tell('id1', seq)
        assert tale.dirty() == {'', 'jia'}
        assert tale.ids('甲新闻') == ['id1']

    def test_a_trace_asks_for_lines(self, tale):
        one, other = tale.hear(), tale.hear()
        tale.tell('id1', one, dropped=True)
        with tale.store.writing() as w:
            lines = w.lines([one, other])
        assert [(seq, line.id, line.rule, line.dropped) for seq, line in lines.items()] == [(one, 'id1', 'code', True)]


class TestReading:
    def test_newest_first_then_by_id(self, tale):
        hours = {'b': 1, 'a': 1, 'c': 2, 'd': 0}
        for name, back in hours.items():
            tale.tell(name, tale.hear(), published_at=tale.NOON - timedelta(hours=back))
        assert tale.ids() == tale.ids('甲新闻') == ['d', 'a', 'b', 'c']
        assert [e.id for e in tale.store.all_entries()] == ['d', 'a', 'b', 'c']
        for label in (None, '甲新闻'):
            page = tale.store.entries(label=label, limit=2, offset=1)
            oldest = tale.store.entries(label=label, limit=2, newest_first=False)
            assert ([e.id for e in page], [e.id for e in oldest]) == (['a', 'b'], ['c', 'b'])

    def test_moves_when_its_date_does(self, tale):
        one, other = tale.hear(), tale.hear()
        tale.tell('a', one)
        tale.tell('b', other)
        tale.tell('a', one, published_at=tale.NOON - timedelta(days=1))
        assert tale.ids('甲新闻') == ['b', 'a']

    def test_nothing_is_nothing(self, store):
        assert store.entries() == store.entries(label='?') == list(store.all_entries()) == []
        assert store.entry('x') is store.tombstone('x') is store.entry_by_key('x') is None

    @pytest.mark.parametrize(
        'wanted', ['NW7', 'nw7', 'https://a.example/raw', 'https://a.example/1', 'g7', 'a.example/k']
    )
    def test_a_person_may_name_it_by_code_or_link(self, tale, wanted):
        seq = tale.hear('code:NW7', 'url:a.example/k', link='https://a.example/raw', guid='g7')
        tale.tell('id1', seq)
        assert tale.store.entry_by_key(wanted).id == 'id1'

    def test_a_hundred_entries_cost_a_few_statements(self, tale):
        tale.put(*(Placed(tale.draft(seq), f'id{seq}') for seq in [tale.hear() for _ in range(100)]))
        asked = []
        with tale.store.writing() as w:
            w._db.conn.set_trace_callback(asked.append)
            assert len(tale.store.entries(label='甲新闻')) == 100
            w._db.conn.set_trace_callback(None)
        assert len(asked) < 12
