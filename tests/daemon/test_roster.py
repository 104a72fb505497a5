"""Sources come, leave, come back, move and change names: what becomes of their memory and of their entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from daemon_made import NOON, SITE, entries, published, row, rows, rss, state

from aggregator.daemon import poll_now
from aggregator.model import SourceState

JIA, YI = 'https://jia.example/rss', 'https://yi.example/rss'
BOTH = rows(row('甲报', JIA, ', group: g'), row('乙报', YI, ', group: g'))
ONLY_JIA = rows(row('甲报', JIA, ', group: g'))
PURGE = 'retention: {removed_source: purge}\n'


def polled(town, *names: str):
    """A round of each, then the house is closed."""
    with town.open() as house:
        sources = [s for s in house.settings.sources if not names or s.name in names]
        reports = list(poll_now(sources, house.tools, town.clock.now))
        published(house)
    return reports


@pytest.fixture
def two(town):
    """Both tell of 'shared'; each has one of its own."""
    town.write(BOTH)
    town.net.pages = {JIA: rss('jia', 'shared'), YI: rss('yi', 'shared', minute=5)}
    town.net.pages[YI] = town.net.pages[YI].replace(b'https://jia.example/yi', b'https://yi.example/yi')
    polled(town)
    return town


def test_new_sources_are_due_soon(town):
    town.write(BOTH)
    with town.open() as house:
        assert house.changes.added == ('甲报', '乙报')
        for name in ('甲报', '乙报'):
            assert NOON <= state(house, name).next_poll_at <= NOON + timedelta(seconds=10)


def test_nothing_is_done_twice(two):
    with two.open() as house:
        assert str(house.changes) == ''


def test_a_removed_source_is_retired_and_its_entries_stay(two):
    two.write(ONLY_JIA)
    with two.open() as house:
        assert house.changes.retired == ('乙报',)
        assert state(house, '乙报').state == 'retired'
        assert house.store.due(NOON + timedelta(days=400), 10) == ['甲报']
        assert set(entries(house)) == {'jia', 'yi', 'shared'}
    with two.open() as house:
        assert house.changes.retired == ()


def test_one_that_comes_back_goes_on_with_its_validators(two):
    with two.open() as house:
        before = state(house, '乙报')
    two.write(ONLY_JIA)
    with two.open():
        pass
    two.write(BOTH)
    with two.open() as house:
        assert house.changes.returned == ('乙报',)
        back = state(house, '乙报')
        assert (back.state, back.validators, back.rounds) == ('ok', before.validators, before.rounds)
        assert back.next_poll_at == before.next_poll_at  # it was asked not to come earlier
    (report,) = polled(two, '乙报')
    assert (report.outcome, report.conditional) == ('not-modified', True)


def test_one_that_comes_back_much_later_is_due_soon(two):
    two.write(ONLY_JIA)
    with two.open():
        pass
    two.clock.pass_by(86_400)
    two.write(BOTH)
    with two.open() as house:
        assert two.clock.at <= state(house, '乙报').next_poll_at <= two.clock.at + timedelta(seconds=10)


def test_a_purged_source_takes_what_only_it_carried(two):
    with two.open() as house:
        yi = entries(house)['yi'].id
        shared = entries(house)['shared']
        assert {c.source for c in shared.carriers} == {'甲报', '乙报'}
    two.write(ONLY_JIA, knobs=PURGE)
    with two.open() as house:
        assert house.changes.purged == ('乙报',)
        assert set(entries(house)) == {'jia', 'shared'}
        now = entries(house)['shared']
        assert now.id == shared.id
        assert {c.source for c in now.carriers} == {'甲报'}
        assert (house.store.tombstone(yi).into_id, house.store.tombstone(yi).reason) == ('', 'retention')
        assert house.store.source('乙报') is None
        assert '乙报' not in {one.name for one in house.store.each_row()}
        published(house)
    assert all(b'yi.example/yi' not in body for body in two.public().values())


def test_after_a_purge_all_is_as_if_the_source_had_never_been(two, another):
    two.write(ONLY_JIA, knobs=PURGE)
    with two.open() as house:
        published(house)
    fresh = another()
    fresh.write(ONLY_JIA, knobs=PURGE)
    fresh.net.pages = two.net.pages
    polled(fresh)
    found = two.public()
    assert {path: found.pop(path) for path in fresh.public()} == fresh.public()
    assert {path.partition('.')[0] for path in found} == {
        'category/yibao'
    }  # was published: its address answers for ever


def test_a_purged_source_that_comes_back_tells_its_entries_again_under_their_ids(two):
    with two.open() as house:
        before = {title: e.id for title, e in entries(house).items()}
    two.write(ONLY_JIA, knobs=PURGE)
    with two.open():
        pass
    two.write(BOTH)
    (report,) = polled(two, '乙报')
    assert report.conditional is False
    with two.open() as house:
        assert {title: e.id for title, e in entries(house).items()} == before


def test_what_was_purged_is_heard_from_another_source(two):
    two.write(ONLY_JIA, knobs=PURGE)
    with two.open():
        pass
    two.net.pages[JIA] = rss('jia', 'shared', 'yi').replace(b'https://jia.example/yi', b'https://yi.example/yi')
    polled(two)
    two.write(rows(row('丙报', 'https://bing.example/rss')), knobs=PURGE)
    two.net.pages['https://bing.example/rss'] = two.net.pages[JIA]
    polled(two)  # and again, when the second carrier was purged as well
    with two.open() as house:
        assert set(entries(house)) == {'jia', 'shared', 'yi'}


def test_a_takedown_outlives_a_purge(two):
    with two.open() as house, house.store.writing() as writer:
        assert writer.takedown(house.store.entry(entries(house)['yi'].id).id, NOON)
    two.write(ONLY_JIA, knobs=PURGE)
    with two.open():
        pass
    two.write(BOTH)
    polled(two)
    with two.open() as house:
        assert set(entries(house)) == {'jia', 'shared'}


def test_a_new_name_keeps_state_carriers_and_ids(two):
    with two.open() as house:
        before, ids = state(house, '乙报'), {t: e.id for t, e in entries(house).items()}
        polls = len(house.store.polls('乙报'))
    two.write(BOTH.replace('乙报', '乙日报'))
    with two.open() as house:
        assert house.changes.renamed == (('乙报', '乙日报'),)
        assert house.changes.added == house.changes.retired == ()
        assert state(house, '乙日报') == replace(before, name='乙日报')
        assert house.store.source('乙报') is None
        assert [p.source for p in house.store.polls('乙日报')] == ['乙日报'] * polls
        assert {t: e.id for t, e in entries(house).items()} == ids
        assert {c.source for e in entries(house).values() for c in e.carriers} == {'甲报', '乙日报'}
        published(house)
    assert '乙日报' in two.public()['sources.opml'].decode()
    (report,) = polled(two, '乙日报')
    assert report.outcome == 'not-modified'


def test_two_names_that_could_be_meant_are_no_renaming(town):
    town.write(rows(row('甲', JIA), row('乙', JIA)))
    with town.open():
        pass
    town.write(rows(row('丙', JIA), row('丁', JIA)))
    with town.open() as house:
        assert house.changes.renamed == ()
        assert set(house.changes.retired) == {'甲', '乙'}


def test_a_new_address_keeps_the_history_and_is_asked_soon(two):
    new = 'https://yi.example/feed.xml'
    two.write(BOTH.replace(YI, new))
    two.net.pages[new] = two.net.pages[YI]
    with two.open() as house:
        assert house.changes.moved == ('乙报',)
        assert state(house, '乙报').next_poll_at <= NOON + timedelta(seconds=10)
        assert state(house, '乙报').rounds == 1
    (report,) = polled(two, '乙报')
    assert (report.url, report.conditional) == (new, False)
    with two.open() as house:
        assert set(entries(house)) == {'jia', 'yi', 'shared'}
        assert house.changes.moved == ()


def test_changed_rules_decide_stored_entries_again(two):
    two.write(BOTH + 'rules: [{when: {title: yi}, add: 专题}]\n')
    with two.open() as house:
        assert house.changes.decided
        assert '专题' in entries(house)['yi'].labels
    two.write(BOTH)
    with two.open() as house:
        assert '专题' not in entries(house)['yi'].labels


def test_adding_a_source_decides_nothing_again(two):
    two.write(BOTH + row('丙报', 'https://bing.example/rss'))
    with two.open() as house:
        assert (house.changes.added, house.changes.decided) == (('丙报',), False)


def test_a_renamed_category_leaves_no_documents_behind(two):
    category = 'categories: [{label: 乙报新闻, slug: %s}]\n'
    labelled = BOTH.replace('group: g}\n', 'group: g, category: 乙报新闻}\n')
    two.write(labelled + category % 'old')
    with two.open() as house:
        published(house)
    assert 'category/old.atom' in two.public()
    two.write(labelled + category % 'new')
    with two.open() as house:
        published(house)
        assert house.store.slug_target('old') == 'new'
    found = two.public()
    assert [p for p in found if p.startswith('category/old')] == []
    assert {f'category/new.{s}' for s in ('atom', 'rss', 'json', 'html')} <= found.keys()
    assert all(b'category/old' not in body for body in found.values())


# ------------------------------------------------ clocks


@pytest.mark.parametrize(
    ('last', 'wait', 'back', 'wanted'),
    [
        ('a poll before the clock went back an hour', 900, 3600, 900),
        ('ten years', 900, 10 * 365 * 86_400, 900),
        ('a back-off of a day', 86_400, 3600, 86_400),
    ],
)
def test_a_clock_that_was_set_back_keeps_the_wait_and_counts_it_from_now(town, last, wait, back, wanted):
    town.write(ONLY_JIA)
    with town.open() as house, house.store.writing() as writer:
        writer.save_source(
            SourceState(
                name='甲报',
                url=JIA,
                state='ok',
                last_poll_at=NOON,
                next_poll_at=NOON + timedelta(seconds=wait),
                why_next='back-off',
            )
        )
    town.clock.jump(timedelta(seconds=-back))
    with town.open() as house:
        assert state(house, '甲报').next_poll_at == town.clock.at + timedelta(seconds=wanted)


def test_a_source_that_was_never_asked_survives_a_clock_that_was_set_back(town):
    town.write(ONLY_JIA)
    with town.open():
        pass
    town.clock.jump(timedelta(days=-3000))
    with town.open() as house:
        assert state(house, '甲报').next_poll_at <= town.clock.at + timedelta(seconds=10)


def test_no_wait_is_longer_than_any_that_cadence_gives(town):
    town.write(ONLY_JIA)
    with town.open() as house, house.store.writing() as writer:
        far = NOON + timedelta(days=3650)
        writer.save_source(SourceState(name='甲报', url=JIA, state='ok', last_poll_at=NOON, next_poll_at=far))
    with town.open() as house:
        assert state(house, '甲报').next_poll_at == NOON + timedelta(minutes=15)


def test_a_shorter_interval_counts_at_once(two):
    two.write(BOTH.replace('group: g', 'group: g, every: 5m'))
    with two.open() as house:
        assert state(house, '甲报').next_poll_at == NOON + timedelta(minutes=5)


def test_an_authority_that_comes_too_late_is_told(town, caplog):
    """Who tried it before setting one would else find out from the ids, when readers know them."""
    first = SITE.replace(', authority: "news.example,2026"', '')
    said = 'site.authority news.example,2020 is not used: ids are made with news.example,2026'
    for site, told in ((first, 0), (SITE.replace(',2026"', ',2020"'), 1), (first, 1)):
        town.write('sources: []\n', site=site)
        with town.open() as house:
            assert house.settings.site.authority == 'news.example,2026'
        assert caplog.text.count(said) == told
