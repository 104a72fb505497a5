"""Retention, through rounds: what is too old or too much goes, what a source still lists stays, and nothing comes back."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import brotli
import pytest
from fault_child import Place
from hypothesis import given, settings
from hypothesis import strategies as st
from river_made import NOON, item, rss

from aggregator.daemon import prune_now
from aggregator.daemon.pruning import BATCH, LOOKED_AT, prune_if_due
from aggregator.model import Retention
from aggregator.rules.retention import due, oldest_kept_at

SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
JIA, YI = 'https://jia.example/rss', 'https://yi.example/rss'
TWO = f"""
defaults: {{group: g}}
sources:
  - {{name: 甲报, url: "{JIA}", category: {{from: publisher}}}}
  - {{name: 乙报, url: "{YI}", category: 乙报新闻}}
"""
DAY = 24 * 60  # minutes, the unit of `item`


def days_ago(n, **more):
    """Number n of the source, of n days before yesterday."""
    return item(n, at=-n * DAY, **more)


def keep(river, **retention):
    (river.folder / 'config').mkdir(exist_ok=True)
    (river.folder / 'config' / 'aggregator.yml').write_text(json.dumps({'retention': retention}))


def prune(river):
    from aggregator.publish import publish

    with river.open() as house:
        removed = prune_now(house, river.now)
        publish(house.store, house.settings, house.folder)
    return removed


def numbers(river):
    """Of the entries there are."""
    return sorted(int(e.link.rpartition('/')[2].removesuffix('.html')) for e in river.entries())


@pytest.fixture
def aged(river):
    """The first round listed 1 to 9, of so many days ago; the second one 4 and 9 only."""
    river.write(SITE + TWO)
    river.net.pages = {JIA: rss(*(days_ago(n) for n in range(1, 10))), YI: rss(item(100))}
    river.poll()
    river.net.pages[JIA] = rss(days_ago(4), days_ago(9))
    river.now += timedelta(minutes=15)
    river.poll()
    return river


class TestWhatGoes:
    def test_the_old_ones_that_are_not_listed(self, aged):
        keep(aged, max_age='6d')
        assert prune(aged) == 4
        assert numbers(aged) == [1, 2, 3, 4, 9, 100]

    def test_the_many_that_are_not_listed(self, aged):
        keep(aged, per_source=2)
        assert prune(aged) == 5
        assert numbers(aged) == [1, 2, 4, 9, 100]

    def test_nothing_while_the_bounds_are_wide(self, aged):
        assert prune(aged) == 0

    def test_rounds_without_news_do_not_make_it_forget_what_is_listed(self, aged):
        keep(aged, max_age='1d', per_source=1)
        for _ in range(3):
            aged.now += timedelta(minutes=15)
            aged.poll()
        prune(aged)
        assert {4, 9} <= set(numbers(aged))

    def test_nor_does_a_source_that_fails(self, aged):
        keep(aged, max_age='1d', per_source=1)
        del aged.net.pages[JIA]
        aged.poll()
        prune(aged)
        assert {4, 9} <= set(numbers(aged))

    def test_what_another_source_lists_stays(self, aged):
        aged.net.pages[YI] = rss(item(100), days_ago(7))
        aged.poll('乙报')
        keep(aged, max_age='2d')
        prune(aged)
        assert numbers(aged) == [4, 7, 9, 100]

    def test_a_source_that_left_feeds_yml_lists_nothing_any_more(self, aged):
        keep(aged, max_age='6d')
        aged.write(SITE + TWO.replace(f'  - {{name: 甲报, url: "{JIA}", category: {{from: publisher}}}}\n', ''))
        aged.publish()
        prune(aged)
        assert numbers(aged) == [1, 2, 3, 4, 100]

    def test_what_came_to_be_listed_after_the_look_is_spared(self, aged):
        with aged.open() as house:
            doomed = house.store.surplus_entries(older_than=aged.now - timedelta(days=2), per_source=100)
            assert 'https://jia.example/7.html' in doomed
        aged.net.pages[YI] = rss(item(100), days_ago(7))
        aged.poll('乙报')
        with aged.open() as house, house.store.writing() as writer:
            assert writer.retire_unlisted(doomed, aged.now) == len(doomed) - 1
        assert 7 in numbers(aged)


class TestWhatIsGone:
    @pytest.fixture
    def pruned(self, aged):
        keep(aged, max_age='6d')
        assert prune(aged) == 4
        return aged

    def test_leaves_tombstones(self, pruned):
        with pruned.open() as house:
            tombs = {n: house.store.tombstone(f'https://jia.example/{n}.html') for n in (4, 5, 9)}
        assert {n: tomb and tomb.reason for n, tomb in tombs.items()} == {4: None, 5: 'retention', 9: None}

    def test_does_not_come_back_as_it_was(self, pruned):
        pruned.net.pages[JIA] = rss(*(days_ago(n) for n in range(1, 10)))
        reports = pruned.poll('甲报', reread=True)
        assert [t.outcome for t in reports[0].traces].count('dropped') == 4
        assert numbers(pruned) == [1, 2, 3, 4, 9, 100]

    def test_nor_revised_nor_from_another_source(self, pruned):
        again = rss(item(100), days_ago(5, title='第5条 再发', text='又来'), item(6, '第6条', at=600))
        pruned.net.pages[YI] = again
        pruned.poll('乙报')
        assert numbers(pruned) == [1, 2, 3, 4, 9, 100]

    def test_nor_after_a_change_of_rules(self, pruned):
        pruned.net.pages[JIA] = rss(*(days_ago(n) for n in range(1, 10)))
        pruned.poll()
        pruned.write(SITE + TWO + 'rules: [{when: {title: 第}, add: 数字经济}]\n')
        pruned.publish()
        assert numbers(pruned) == [1, 2, 3, 4, 9, 100]

    def test_the_ids_of_the_others_are_untouched(self, aged):
        before = {e.link: e.id for e in aged.entries()}
        keep(aged, max_age='6d')
        prune(aged)
        aged.write(SITE + TWO + 'aliases: {甲报: 某报}\n')
        aged.publish()
        assert {e.link: e.id for e in aged.entries()}.items() <= before.items()

    def test_is_in_no_document(self, pruned):
        assert not any('第5条'.encode() in body for body in pruned.public().values())
        assert '第3条'.encode() in pruned.public()['all.atom']


BOUNDS = st.fixed_dictionaries({'days': st.integers(1, 12), 'kept': st.integers(1, 8)})
ROUNDS = st.lists(st.lists(st.integers(1, 12), min_size=1, unique=True), min_size=1, max_size=5)


@settings(max_examples=12)
@given(bounds=BOUNDS, rounds=ROUNDS, after=st.lists(st.integers(1, 12), min_size=1, unique=True))
def test_the_law_of_retention(tmp_path_factory, bounds, rounds, after):
    """What is listed stays; what is neither old nor too much stays; the rest goes and stays away whatever is told."""
    from river_made import River

    river = River(tmp_path_factory.mktemp('law'))
    river.write(SITE + TWO)
    keep(river, max_age=f'{bounds["days"]}d', per_source=bounds['kept'])
    river.net.pages[YI] = rss(item(100))
    for listed in rounds:
        river.net.pages[JIA] = rss(*(days_ago(n) for n in listed))
        river.poll('甲报')
    prune(river)
    told = sorted({n for listed in rounds for n in listed})
    young = [n for n in told if n + 1 <= bounds['days']]
    kept = {n for n in young if told.index(n) < bounds['kept']} | set(rounds[-1])
    assert numbers(river) == sorted(kept)
    river.net.pages[JIA] = rss(*(days_ago(n) for n in after))
    river.poll('甲报')
    assert numbers(river) == sorted(kept | (set(after) - set(told)))


class TestOnceADay:
    @pytest.mark.parametrize(
        ('ago', 'word'),
        [
            (None, 'note'),
            (timedelta(0), 'wait'),
            (timedelta(hours=23, minutes=59), 'wait'),
            (timedelta(days=1), 'prune'),
            (timedelta(days=7), 'prune'),
            (timedelta(days=7, seconds=1), 'note'),
            (timedelta(days=3650), 'note'),
            (timedelta(seconds=-1), 'note'),
        ],
    )
    def test_when(self, ago, word):
        assert due(None if ago is None else NOON - ago, NOON) == word

    def test_an_age_without_end_is_no_trouble(self):
        assert oldest_kept_at(Retention(max_age=timedelta(days=999_999_999)), NOON).year == 1

    def test_the_first_look_only_notes_and_a_day_later_it_removes(self, aged):
        keep(aged, max_age='6d')
        with aged.open() as house:
            assert prune_if_due(house, aged.now) == 0
            assert prune_if_due(house, aged.now + timedelta(hours=23)) == 0
            assert prune_if_due(house, aged.now + timedelta(days=1)) == 4
            assert prune_if_due(house, aged.now + timedelta(days=1, seconds=30)) == 0
            assert house.store.meta(LOOKED_AT) == (aged.now + timedelta(days=1)).isoformat()

    def test_a_clock_that_jumps_ahead_by_years_empties_nothing(self, aged):
        keep(aged, max_age='6d')
        with aged.open() as house:
            prune_if_due(house, aged.now)
            assert prune_if_due(house, aged.now + timedelta(days=3650)) == 0
            assert prune_if_due(house, aged.now + timedelta(minutes=1)) == 0  # and back again
        assert numbers(aged) == [*range(1, 10), 100]

    def test_what_is_interrupted_goes_on_at_the_next_look(self, river):
        river.write(SITE + TWO)
        many = BATCH + 10
        river.net.pages = {JIA: rss(*(days_ago(n) for n in range(1, many))), YI: rss(item(9999))}
        river.poll()
        river.net.pages[JIA] = rss(days_ago(1))
        river.poll()
        keep(river, per_source=1)
        with river.open() as house:
            prune_if_due(house, river.now)
            later = river.now + timedelta(days=1)
            assert prune_if_due(house, later, stop=iter((False, True, True, True)).__next__) == BATCH
            assert prune_if_due(house, later) == many - 2 - BATCH
        assert numbers(river) == [1, 9999]

    def test_nonsense_in_the_store_is_no_trouble(self, aged):
        with aged.open() as house:
            for nonsense in ('', 'yesterday', '2026-11-25'):
                with house.store.writing() as writer:
                    writer.set_meta(LOOKED_AT, nonsense)
                assert prune_if_due(house, aged.now) == 0

    def test_the_file_shrinks(self, river):
        river.write(SITE + TWO)
        keep(river, per_source=1)
        river.net.pages = {YI: rss(item(9999))}
        for round_no in range(2):
            start = 1 + 100 * round_no
            river.net.pages[JIA] = rss(*(days_ago(n, text=f'长文{n}' * 2000) for n in range(start, start + 100)))
            river.poll('甲报')
        river.net.pages[JIA] = rss(days_ago(1))
        river.poll()
        file = river.folder / 'data' / 'aggregator.db'
        before = file.stat().st_size
        prune(river)
        assert file.stat().st_size < before / 2


class TestTakedown:
    def test_it_reaches_every_output_and_survives_rounds_rules_and_retention(self, aged):
        with aged.open() as house, house.store.writing() as writer:
            assert writer.takedown('https://jia.example/4.html', aged.now)
        aged.publish()
        again = rss(days_ago(4, title='第4条 再发', text='又来'), days_ago(9))
        for page in (JIA, YI):
            aged.net.pages[page] = again
        aged.poll()
        aged.write(SITE + TWO + 'rules: [{when: {title: 第4条}, add: 数字经济}]\n')
        keep(aged, max_age='1d')
        prune(aged)
        aged.poll()
        assert 4 not in numbers(aged)
        root = aged.folder / 'data' / 'public'
        files = [p for p in root.rglob('*') if p.is_file()]
        unpack = {'.gz': gzip.decompress, '.br': brotli.decompress}
        shown = [p.name for p in files if '第4条'.encode() in unpack.get(p.suffix, bytes)(p.read_bytes())]
        assert shown == []
        assert len(files) > 20
        with aged.open() as house:
            assert house.store.tombstone('https://jia.example/4.html').reason == 'takedown'
            assert house.store.search('第4条', 10) == []

    def test_it_survives_a_document_that_lists_it_twice(self, aged):
        with aged.open() as house, house.store.writing() as writer:
            assert writer.takedown('https://jia.example/4.html', aged.now)
        aged.net.pages[JIA] = rss(days_ago(4, title='第4条 再发', text='又来'), item(4, '第4条', at=60), days_ago(9))
        aged.poll()
        assert 4 not in numbers(aged)

    def test_a_command_takes_it_out_of_every_output(self, aged):
        place = Place(aged.folder)
        assert '第4条'.encode() in aged.public()['all.atom']
        done = place.ask('takedown', 'https://jia.example/4.html')
        assert (done.code, '第4条' in done.out) == (0, True)
        assert not any('第4条'.encode() in body for body in aged.public().values())
        assert place.ask('explain', 'https://jia.example/4.html').code == 2
