"""A few of the histories that `python tests/adversary/adversary.py` plays by the thousand, and some told by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from adversary_documents import NOON, Head, Said, rss
from adversary_played import Played, play, settings_in, told
from adversary_story import FIRST, LAST, SECOND, Feeds, Step, history

HOUR = timedelta(hours=1)
LINK = 'https://victim.example/a/1.html'
MINE = rss(Head('甲报'), [Said('原题', LINK, 'v-1', '正文', '记者', NOON - HOUR)])


@pytest.mark.parametrize('start', range(0, 24, 8))
def test_what_victims_say_is_unchanged(start):
    found = [play(history(seed)) for seed in range(start, start + 8)]
    assert sum(one.compared for one in found) > 100
    assert [one.words for one in found if one.found] == []


def test_nor_what_is_published(tmp_path):
    found = play(history(17), settings_in(tmp_path))
    assert found.documents > 5
    assert not found.found, found.words


def test_one_who_is_trusted_changes_much():
    """Else nothing would be shown: the same documents, of a source of the victim's own group."""
    story = history(18)
    steps = [replace(s, feeds=s.feeds and replace(s.feeds, trusted=True)) for s in story.steps]
    assert play(replace(story, feeds=replace(story.feeds, trusted=True), steps=steps)).found


class World:
    """One history by hand, with the adversary at this place of feeds.yml."""

    def __init__(self, evil_at: int = LAST, *, coded: bool = False, changed: frozenset[str] = frozenset()) -> None:
        self.played = Played(Feeds(evil_at, coded, changed=changed))
        self.now = NOON

    def says(self, who: str, body: bytes, after: timedelta = HOUR) -> None:
        self.now += after
        self.played.do(Step(self.now, who, body))

    def prunes(self, after: timedelta = HOUR) -> None:
        self.now += after
        self.played.do(Step(self.now, 'prune'))

    def takes_down(self, entry_id: str) -> None:
        with self.played.store.writing() as writer:
            assert writer.takedown(entry_id, self.now)

    def entries(self):
        return {e.id: (e.title, e.source) for e in self.played.entries()}


@pytest.mark.parametrize('evil_at', [FIRST, LAST])
class TestBeforeThePublisher:
    """Addresses that count up can be told of before there is anything at them."""

    def test_an_entry_that_retention_has_removed_does_not_silence_the_publisher(self, evil_at):
        world = World(evil_at)
        world.says('evil', rss(Head(), [Said('假', LINK, at=NOON - timedelta(days=4000))]))
        world.says('evil', rss(Head(), [Said('别的', 'https://evil.example/1')]))
        world.prunes()
        assert LINK not in world.entries()
        world.says('甲报', MINE)
        assert world.entries()[LINK] == ('原题', '甲报')

    def test_nor_takes_its_id(self, evil_at):
        """By two addresses that are joined, and one of them made useless afterwards."""
        world = World(evil_at)
        world.says('evil', rss(Head(), [Said('假', LINK, 'g')]))
        world.says('evil', rss(Head(), [Said('假', 'https://evil.example/1', 'g')]))
        world.says('evil', rss(Head(), [Said('一', LINK, 'h'), Said('二', LINK, 'i')]))
        world.says('甲报', MINE)
        assert world.entries()[LINK] == ('原题', '甲报')

    def test_nor_comes_back_what_the_publisher_s_retention_has_removed(self, evil_at):
        world = World(evil_at)
        world.says('甲报', rss(Head(), [Said('原题', LINK, at=NOON - HOUR)]))
        world.says('甲报', rss(Head(), [Said('别的', 'https://victim.example/a/2.html')]))
        world.prunes(timedelta(days=30))
        world.says('evil', rss(Head(), [Said('假', LINK, at=world.now)]))
        assert LINK not in world.entries()
        assert '假' not in {title for title, _ in world.entries().values()}

    def test_nor_does_a_flood_of_publishers_use_up_the_categories_of_others(self, evil_at):
        world = World(evil_at)
        flood = [Said(f'水{n}', f'https://evil.example/{n}', text=f'水（文章来源：水{n}报）') for n in range(30)]
        world.says('evil', rss(Head(), flood))
        world.says('甲报', MINE)
        (mine,) = world.played.of_victims().values()
        assert mine.labels == ('甲报新闻',)


def test_listing_it_does_not_keep_an_entry_alive():
    world = World()
    world.says('甲报', MINE)
    world.says('evil', rss(Head(), [Said('假', LINK)]))
    world.says('甲报', rss(Head(), [Said('别的', 'https://victim.example/a/2.html')]))
    world.prunes(timedelta(days=30))
    assert LINK not in world.entries()


@pytest.mark.parametrize('removed', ['takedown', 'retention'])
def test_a_bridge_does_not_carry_it_over_when_an_entry_is_removed(removed):
    """Carriers with the addresses of two victims, joined by a guid, are for the second one no reason to go."""
    world = World()
    other = 'https://second.example/a/2.html'
    world.says('乙社', rss(Head(), [Said('乙题', other, at=NOON - HOUR)]))
    world.says('甲报', rss(Head(), [Said('甲题', LINK, at=NOON - HOUR)]))
    world.says('evil', rss(Head(), [Said('假', other, 'g')]))
    world.says('evil', rss(Head(), [Said('假', LINK, 'g')]))
    with world.played.store.writing() as writer:
        assert writer.takedown(other, world.now) if removed == 'takedown' else writer.retire([other], world.now)
    world.says('甲报', rss(Head(), [Said('甲题（改）', LINK, at=NOON)]))
    assert [title for title, _ in world.entries().values()] == ['甲题（改）']


def test_nor_is_the_address_gone_that_a_stranger_s_entry_had_before_it_joined_another():
    world = World()
    other = 'https://second.example/a/2.html'
    world.says('evil', rss(Head(), [Said('假', LINK, 'g')]))
    world.says('evil', rss(Head(), [Said('假', other, 'g')]))
    world.says('乙社', rss(Head(), [Said('乙题', other, at=NOON - HOUR)]))
    world.takes_down(other)
    world.says('甲报', MINE)
    assert world.entries() == {LINK: ('原题', '甲报')}


def test_nor_one_that_joined_an_entry_of_the_publisher_s_own_house():
    world = World()
    other = 'https://victim.example/a/2.html'
    world.says('evil', rss(Head(), [Said('假', LINK, 'g')]))
    world.says('evil', rss(Head(), [Said('假', other, 'g')]))
    world.says('甲网', rss(Head(), [Said('甲网题', other, at=NOON - HOUR)]))
    world.takes_down(other)
    world.says('甲报', MINE)
    assert world.entries() == {LINK: ('原题', '甲报')}


def test_an_id_that_joined_another_is_not_a_stranger_s():
    """A guid that is an address, then an item that shows that its address is another one."""
    world = World()
    old, new = 'https://second.example/a/2.html', 'https://second.example/b/2.html'
    world.says('乙社', rss(Head(), [Said('乙题', new)]))
    world.says('乙社', rss(Head(), [Said('乙题', guid=old)]))
    world.says('乙社', rss(Head(), [Said('乙题（改）', new, old)]))
    assert list(world.entries()) == [new]
    world.says('evil', rss(Head(), [Said('假', old)]))
    assert {source for i, (_, source) in world.entries().items() if i in (old, new)} == {'乙社'}


def test_nor_which_id_a_publisher_s_own_join_keeps():
    """Of two addresses of one article, the one that the publisher told first, whatever others told before."""
    world = World()
    old, new = 'https://victim.example/old', LINK
    world.says('evil', rss(Head(), [Said('假', new)]))
    world.says('甲报', rss(Head(), [Said('原题', old, 'v-1')]))
    world.says('甲报', rss(Head(), [Said('原题', new)]))
    world.says('甲报', rss(Head(), [Said('原题（改）', new, 'v-1')]))
    assert [i for i, (title, _) in world.entries().items() if title == '原题（改）'] == [old]


def test_a_stranger_does_not_choose_between_two_who_show_one_code():
    """With a link to the second one's page beside the code."""
    world = World(coded=True)
    world.says('甲报', rss(Head(), [Said('甲题', 'https://victim.example/a/1.html?infoCode=NW1', at=NOON)]))
    world.says('乙社', rss(Head(), [Said('乙题', 'https://second.example/b/1.html?infoCode=NW1', at=NOON)]))
    before = [told(e) for e in world.played.entries()]
    world.says('evil', rss(Head(), [Said('假', 'https://second.example/b/1.html?infoCode=NW1', at=NOON)]))
    assert [told(e) for e in world.played.entries()] == before
    assert [e.title for e in world.played.entries()] == ['甲题']


def test_a_label_of_an_item_does_not_take_the_slug_of_one_that_stands_in_feeds_yml():
    """更正 is added by a rule; 庚正 is spelled alike."""
    world = World()
    world.says('evil', rss(Head(), [Said('假', 'https://evil.example/1', text='水（文章来源：庚正）')]))
    world.says('甲报', rss(Head(), [Said('原题（改）', LINK)]))
    (mine,) = world.played.of_victims().values()
    assert dict(zip(mine.labels, mine.slugs, strict=True))['更正'] == 'gengzheng'


def test_what_a_house_s_retention_has_removed_stays_away_whoever_of_the_house_had_the_last_word():
    """The voice ranks as its first source does, though the text was of one that stands after the adversary."""
    world = World(SECOND, coded=True)
    link = 'https://victim.example/a/1.html?infoCode=NW1'
    away = rss(Head(), [Said('别的', 'https://victim.example/a/2.html')])
    world.says('甲报', rss(Head(), [Said('初稿', link, at=NOON - 2 * HOUR)]))
    world.says('甲网', rss(Head(), [Said('改稿', link, at=NOON - HOUR)]))
    world.says('甲报', away)
    world.says('甲网', away)
    world.prunes(timedelta(days=30))
    world.says('evil', rss(Head(), [Said('假', 'https://evil.example/1?infoCode=NW1', at=world.now)]))
    assert '假' not in {title for title, _ in world.entries().values()}


def test_nor_does_it_come_back_because_an_entry_of_the_adversary_went_at_the_same_time():
    """A guid that is spelled like the address of another's entry is decided together with it, and gone with it."""
    world = World(FIRST)
    world.says('evil', rss(Head(), [Said('假', 'https://victim.example/a/5.html', 'https://second.example/a/4.html')]))
    world.says('乙社', rss(Head(), [Said('乙题', 'https://second.example/a/4.html')]))
    world.says('乙社', rss(Head(), [Said('别的')]))
    world.says('evil', rss(Head(), [Said('假', guid='https://second.example/a/4.html')]))
    world.says('evil', rss(Head(), [Said('别的')]))
    world.prunes(timedelta(days=30))
    world.says('乙社', rss(Head(), [Said('乙题', 'https://second.example/a/4.html')]))
    assert '乙题' not in {title for title, _ in world.entries().values()}


def test_an_id_that_joined_what_is_gone_is_its_publisher_s_again():
    """The adversary's entry, with an address of the publisher folded into it, goes because it joins what was taken down."""
    world = World()
    other = 'https://second.example/a/2.html'
    world.says('乙社', rss(Head(), [Said('乙题', other)]))
    world.says('evil', rss(Head(), [Said('假', 'https://evil.example/1', 'g')]))
    world.says('evil', rss(Head(), [Said('假', LINK, 'h')]))
    world.says('evil', rss(Head(), [Said('假（二）', LINK, 'g')]))
    assert list(world.entries()) == ['https://evil.example/1', other]
    world.takes_down(other)
    world.says('evil', rss(Head(), [Said('假', other, 'h')]))
    assert world.entries() == {}
    world.says('甲报', MINE)
    assert world.entries() == {LINK: ('原题', '甲报')}


class TestTakenDown:
    """A person takes down what the adversary tells: a publisher whose names it had borrowed is heard all the same."""

    def test_with_the_address_of_an_article_that_is_still_to_come(self):
        world = World()
        world.says('evil', rss(Head(), [Said('假', LINK)]))
        world.takes_down(LINK)
        world.says('乙社', rss(Head(), [Said('乙题', LINK)]))
        assert world.entries() == {}
        world.says('甲报', MINE)
        assert world.entries() == {LINK: ('原题', '甲报')}

    def test_with_many_of_them_in_one_entry(self):
        world = World()
        links = [f'https://victim.example/a/{n}.html' for n in range(5)]
        for n, link in enumerate(links):
            world.says('evil', rss(Head(), [Said(f'假{n}', link, 'g')]))
        (only,) = world.entries()
        world.takes_down(only)
        world.says('甲报', rss(Head(), [Said(f'第{n}条', link) for n, link in enumerate(links)]))
        assert world.entries() == {link: (f'第{n}条', '甲报') for n, link in enumerate(links)}

    def test_with_a_guid_that_is_spelled_like_an_address(self):
        world = World()
        world.says('甲报', MINE)
        world.says('evil', rss(Head(), [Said('假', guid=LINK)]))
        (his,) = world.entries().keys() - {LINK}
        world.takes_down(his)
        world.says('甲报', rss(Head(), [Said('原题（改）', LINK, 'v-1', at=NOON)]))
        assert world.entries() == {LINK: ('原题（改）', '甲报')}

    def test_but_what_the_publisher_s_house_had_told_stays_away(self):
        world = World()
        world.says('甲网', MINE)
        world.says('evil', rss(Head(), [Said('假', LINK, 'g')]))
        world.takes_down(LINK)
        world.says('甲报', MINE)
        world.says('evil', rss(Head(), [Said('假（二）', LINK)]))
        assert world.entries() == {}

    def test_nor_does_a_code_come_back_which_is_at_home_nowhere(self):
        world = World(coded=True)
        world.says('乙社', rss(Head(), [Said('乙题', 'https://second.example/1?infoCode=NW1')]))
        world.takes_down('tag:news.example.org,2026:NW1')
        world.says('甲报', rss(Head(), [Said('甲题', 'https://victim.example/1?infoCode=NW1')]))
        assert world.entries() == {}


def test_a_stranger_inherits_nothing_when_two_of_one_host_find_each_other():
    """Each alone, with one code: the second to tell it speaks, the first follows, and the adversary follows neither."""
    world = World(coded=True, changed=frozenset({'alone'}))
    link = 'https://victim.example/a/1.html?infoCode=NW1'
    world.says('甲网', rss(Head(), [Said('甲网题', link)]))
    world.says('evil', rss(Head(), [Said('假', 'https://evil.example/1?infoCode=NW1')]))
    assert world.entries() == {'tag:news.example.org,2026:NW1': ('甲网题', '甲网')}
    world.says('甲报', rss(Head(), [Said('甲报题', link)]))
    assert world.entries() == {'tag:news.example.org,2026:NW1': ('甲报题', '甲报')}
