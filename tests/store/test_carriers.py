from __future__ import annotations

import pytest

from aggregator.model import Entry, Person, Run, Stated
from aggregator.store import Previous
from aggregator.store.carriers import RUNS_KEPT
from aggregator.store.components import components


def seqs(carriers):
    return [one.seq for one in carriers]


def steps(store, act) -> int:
    """Steps of SQLite's machine, which no clock counts."""
    taken = []
    conn = store._writer.conn  # the machine that is counted
    conn.set_progress_handler(lambda: taken.append(1), 1)
    act()
    conn.set_progress_handler(None, 1)
    return len(taken)


class TestAdding:
    def test_gives_back_what_was_said(self, tale):
        said = {'title': '标题', 'summary': '<p>短</p>', 'content': '<p>长\0</p>', 'authors': (Person('甲'),)}
        seq = tale.hear('k', **said)
        with tale.store.writing() as w:
            (carrier,) = w.closure([seq])
        assert carrier.entry == Entry(published=Stated('noon', tale.NOON), **said)
        assert (carrier.source, carrier.url, carrier.first_seen_at) == ('a', 'https://a.example/feed', tale.NOON)

    def test_the_same_digest_is_one_carrier_for_a_source_and_another_for_another(self, tale):
        with tale.store.writing() as w:
            one, again, other = (w.add_carrier(s, 'd', 'u', Entry(), tale.NOON) for s in ('a', 'a', 'b'))
            assert one == again != other
            assert w.known('a', ['d', 'x']) == {'d': one}

    def test_thousands_are_asked_for_at_once(self, tale):
        with tale.store.writing() as w:
            made = {str(n): w.add_carrier('a', str(n), 'u', Entry(), tale.NOON) for n in range(1200)}
            assert w.known('a', [*made, 'x']) == made
        assert tale.store.known('a', ['7', 'x']) == {'7': made['7']}

    def test_a_number_is_never_given_twice(self, tale):
        seq = tale.hear('k')
        with tale.store.writing() as w:
            w.remove_carriers([seq])
        assert tale.hear('k') > seq

    def test_surrogates_do_no_harm(self, tale):
        seq = tale.hear('k\ud800', title='\ud800', content='x\udfff')
        with tale.store.writing() as w:
            (carrier,) = w.closure([seq])
        assert carrier.entry.content == 'x\ufffd'


class TestRounds:
    def listed(self, tale, seq, *rounds, page=0):
        with tale.store.writing() as w:
            started = [bool(w.list_round('a', number, {page: [seq]})) for number in rounds]
            (carrier,) = w.closure([seq])
        return started, carrier.runs

    def test_goes_on_while_it_is_listed(self, tale):
        assert self.listed(tale, tale.hear(), 1, 2, 3) == ([True, False, False], (Run(0, 1, 3),))

    def test_begins_again_after_a_gap(self, tale):
        assert self.listed(tale, tale.hear(), 1, 3, 4) == ([True, True, False], (Run(0, 1, 1), Run(0, 3, 4)))

    def test_pages_are_apart(self, tale):
        seq = tale.hear()
        self.listed(tale, seq, 1)
        assert self.listed(tale, seq, 2, page=1) == ([True], (Run(0, 1, 1), Run(1, 2, 2)))

    def test_twice_on_a_page_is_once(self, tale):
        seq = tale.hear()
        with tale.store.writing() as w:
            assert w.list_round('a', 1, {0: [seq, seq], 1: [seq]}) == {seq}
            assert w.closure([seq])[0].runs == (Run(0, 1, 1), Run(1, 1, 1))

    def test_flicker_is_bounded(self, tale):
        started, runs = self.listed(tale, tale.hear(), *range(1, 100, 2))
        assert (sum(started), len(runs), runs[-1]) == (50, RUNS_KEPT, Run(0, 39, 99))

    def test_a_stranger_cannot_list_it(self, tale):
        seq = tale.hear(source='a')
        with tale.store.writing() as w:
            assert w.known('a', ['digest-1']) == {'digest-1': seq}
            assert not w.list_round('b', 1, {0: [seq, 4711]})
            assert w.closure([seq])[0].runs == ()

    def test_what_was_known_may_be_gone_a_round_later(self, tale):
        with tale.store.writing() as w:
            seq = w.add_carrier('a', 'd', 'u', Entry(), tale.NOON)
            assert w.list_round('a', 1, {0: [seq]}) == {seq}
            w.purge_source('a', tale.NOON)
            assert not w.list_round('a', 2, {0: [seq]})

    def test_says_what_a_page_listed(self, tale):
        one, other, third = tale.hear(), tale.hear(), tale.hear()
        with tale.store.writing() as w:
            w.list_round('a', 1, {0: [other, one], 1: [third]})
            w.list_round('a', 2, {0: [one]})
            assert [w.listed('a', 1, 0), w.listed('a', 1, 1), w.listed('a', 2, 0)] == [[one, other], [third], [one]]

    def test_costs_the_same_where_the_source_has_said_much(self, tale):
        spent = []
        for many in (10, 1_000):
            with tale.store.writing() as w:
                for n in range(many):
                    w.add_carrier('a', f'{many}-{n}', 'u', Entry(), tale.NOON)
            one = tale.hear()
            tale.tell(f'tag:{many}', one)
            with tale.store.writing() as w:
                spent.append(steps(tale.store, lambda w=w, one=one: self.two_rounds(w, one)))
        assert spent[1] < 1.2 * spent[0]

    def two_rounds(self, writer, seq):
        for number in (1, 2):
            writer.list_round('a', number, {0: [seq]})
            writer.outlived('a', number, [seq])

    def test_one_that_goes_while_another_of_its_entry_stays_is_told(self, tale):
        one, other, strange, apart = tale.hear(), tale.hear(), tale.hear(source='b'), tale.hear()
        tale.tell('tag:1', one, other, strange)
        tale.tell('tag:2', apart)
        with tale.store.writing() as w:
            w.list_round('a', 1, {0: [one, other, apart], 1: [one]})
            w.list_round('b', 1, {0: [strange]})
            assert w.outlived('a', 2, [other, apart]) == {one}
            assert not any((w.outlived('a', 2, [apart]), w.outlived('a', 2, [one, other]), w.outlived('a', 3, [other])))


class TestClosure:
    def test_follows_shared_keys_to_the_end(self, tale):
        chain = [tale.hear(f'k{n}', f'k{n + 1}') for n in range(5)]
        stranger = tale.hear('other')
        with tale.store.writing() as w:
            assert [seqs(w.closure([seq])) for seq in chain] == [chain] * 5
            assert seqs(w.closure([stranger, chain[4]])) == [*chain, stranger]

    def test_does_not_cross_a_barren_key(self, tale):
        one, other = tale.hear('own1', 'home'), tale.hear('own2', 'home')
        with tale.store.writing() as w:
            assert seqs(w.closure([one])) == [one, other]
            w.add_barren(['home', 'home'])
            assert seqs(w.closure([one])) == [one]
            assert w.barren_of(['home', 'own1']) == {'home'}

    def test_a_key_shared_by_many_costs_no_square(self, tale):
        with tale.store.writing() as w:
            many = [w.add_carrier('a', str(n), 'u', Entry(), tale.NOON) for n in range(3000)]
            for seq in many:
                w.set_keys(seq, ['home'])
            assert len(w.closure(many[:1])) == 3000
            assert len(w.closure(many[:1], limit=10)) == 10

    def test_keys_are_set_as_a_whole(self, tale):
        one, other = tale.hear('x', 'y'), tale.hear('y')
        with tale.store.writing() as w:
            w.set_keys(one, ['x', 'z'])
            assert seqs(w.closure([other])) == [other]

    def test_nothing_of_nothing(self, store):
        with store.writing() as w:
            assert w.closure([]) == w.closure([4711]) == ()

    def test_components_are_the_closures(self, tale):
        chains = [[tale.hear(f'{c}{n}', f'{c}{n + 1}') for n in range(3)] for c in 'pq']
        alone = tale.hear()
        with tale.store.writing() as w:
            w.add_barren(['q1'])
            found = w.all_components()
            assert found == [chains[0], chains[1][:1], chains[1][1:], [alone]]
            assert found == [seqs(w.closure(part[:1])) for part in found]
            assert [one.seq for one in w.all_carriers()] == w.all_seqs() == [*chains[0], *chains[1], alone]
            assert seqs(w.carriers_of_source('a')) == w.all_seqs()
            assert seqs(w.carriers([alone, chains[0][0]])) == [chains[0][0], alone]

    def test_components_of_an_empty_store(self, store):
        with store.writing() as w:
            assert w.all_components() == []

    def test_clearing_what_is_derived_keeps_the_rest(self, tale):
        seq = tale.hear('k')
        tale.tell('id1', seq)
        with tale.store.writing() as w:
            w.add_barren(['b'])
            w.clear_derived()
            assert w.barren_of(['b']) == frozenset()
            assert w.placed([seq, 4711]) == {seq: Previous('id1', 1, own=True)}


@pytest.mark.parametrize(
    ('edges', 'groups'),
    [
        ([], [[1], [2], [3], [4]]),
        ([('a', 1), ('a', 3)], [[1, 3], [2], [4]]),
        ([('a', 3), ('a', 4), ('b', 1), ('b', 2), ('c', 2), ('c', 4)], [[1, 2, 3, 4]]),
    ],
)
def test_components(edges, groups):
    assert list(components([1, 2, 3, 4], edges)) == groups
