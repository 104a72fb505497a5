"""Which carriers are one entry, and what it says: stories of a few carriers each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import C1, C2, CODES, NOON, carrier, policy, source, together

from aggregator.model import CategoryRule, Enclosure, Match, Rule, Run, UrlRules
from aggregator.rules.clusters import clusters_of
from aggregator.rules.derive import Closure, derive, entries_of
from aggregator.rules.voices import Voiced, voiced


def drafts(carriers, rules=None):
    closure = Closure(carriers, rules or policy())
    return derive(closure, closure.barren(frozenset()))


def groups(carriers, rules=None):
    return sorted(sorted((*d.own, *d.others)) for d in drafts(carriers, rules))


LINK = 'https://news.example/p/1'
CODED = f'https://site.example/share?infoCode={C1}'


@pytest.mark.parametrize(
    ('carriers', 'expected'),
    [
        pytest.param([carrier(1, link=CODED), carrier(2, link=CODED + '&x=1')], [[1, 2]], id='one code'),
        pytest.param([carrier(1, link=LINK), carrier(2, link='http://www.news.example/p/1#c')], [[1, 2]], id='one URL'),
        pytest.param([carrier(1, link=LINK), carrier(2, link=LINK + '0')], [[1], [2]], id='two URLs'),
        pytest.param([carrier(1, guid='g', link=LINK), carrier(2, guid='g', link=LINK + '0')], [[1, 2]], id='one guid'),
        pytest.param(
            [carrier(1, guid='g', link=LINK, run=(1, 3)), carrier(2, guid='g', link=LINK + '0', run=(2, 2))],
            [[1], [2]],
            id='a guid on two items of one document',
        ),
        pytest.param(
            [carrier(n, guid='same', title=f'第{n}条', run=(1, 1)) for n in range(1, 21)],
            [[n] for n in range(1, 21)],
            id='20 items with one guid',
        ),
        pytest.param(
            [carrier(n, guid='same', title='快讯', content=f'<p>{n}</p>', run=(1, 1)) for n in range(1, 4)],
            [[1], [2], [3]],
            id='one guid, one title, no date',
        ),
        pytest.param(
            [carrier(1, title='快讯', at=0, content='a', run=(1, 1)), carrier(2, title='快讯', at=0, content='b', run=(1, 1))],
            [[1, 2]],
            id='one title and one date',
        ),
        pytest.param(
            [carrier(1, link='https://home.example/', title='甲', run=(1, 1)), carrier(2, link='https://home.example/', title='乙', run=(1, 1))],
            [[1], [2]],
            id='every item links to the home page',
        ),
        pytest.param(
            [carrier(1, link=LINK), carrier(2, link=LINK, code=C1), carrier(3, code=C1)], [[1, 2, 3]], id='an item joins code and URL'
        ),
        pytest.param(
            [carrier(1, link=LINK), carrier(2, link=LINK, code=C2), carrier(3, link=LINK, code=C1)],
            [[1, 3], [2]],
            id='one URL with two codes',
        ),
        pytest.param(
            [carrier(1, link=LINK, guid='g'), carrier(2, link=LINK + '0', guid='g'), carrier(3, link=LINK, code=C1), carrier(4, link=LINK + '0', code=C2)],
            [[1, 3], [2, 4]],
            id='a guid never joins two codes',
        ),
        pytest.param(
            [carrier(1, code=C1), carrier(2, code=C1.replace('NW', 'AP'))], [[1], [2]], id='equal digits, another prefix'
        ),
        pytest.param([carrier(1, title='同题', link=LINK), carrier(2, title='同题', link=LINK + '0')], [[1], [2]], id='equal titles'),
    ],
)  # fmt: skip
def test_who_is_one_entry(carriers, expected):
    assert groups(carriers) == expected
    assert groups(carriers[::-1]) == expected


def test_a_title_is_no_worse_for_standing_beside_one_that_names_nothing():
    """An item with a link is not looked for by its title, so whether it is at hand must not matter."""
    alone, beside = carrier(1, title='快讯', run=(1, 1)), carrier(2, title='快讯', link=LINK, run=(1, 1))
    assert {d.identity for d in drafts([alone])} < {d.identity for d in drafts([alone, beside])}


def test_a_dispute_is_told():
    said = [carrier(1, link=LINK, code=C1), carrier(2, link=LINK, code=C2)]
    assert {f.rule for d in drafts(said) for f in d.faults} == {'two-codes'}


def test_a_guid_counts_only_inside_its_source():
    rules = policy(*together('a', 'b'))
    assert groups([carrier(1, 'a', guid='g', link=LINK), carrier(2, 'b', guid='g', link=LINK + '0')], rules) == [
        [1],
        [2],
    ]


def test_a_guid_that_is_the_feed_itself_names_nothing():
    said = [
        carrier(1, guid='https://a.example/rss', link=LINK),
        carrier(2, guid='https://a.example/rss', link=LINK + '0'),
    ]
    assert groups(said) == [[1], [2]]


def test_dropped_parameters_decide():
    said = [carrier(1, link=LINK + '?from=x'), carrier(2, link=LINK)]
    assert groups(said) == [[1], [2]]
    assert groups(said, policy(source('a'), urls=UrlRules(drop=('from',)))) == [[1, 2]]


class TestWords:
    """Which version speaks."""

    def test_the_newest_by_stated_date(self):
        said = [carrier(1, title='旧', at=0, link=LINK), carrier(2, title='新', at=9, link=LINK)]
        assert [d.title for d in drafts(said)] == [d.title for d in drafts(said[::-1])] == ['新']

    def test_a_stale_carrier_never_wins(self):
        rules = policy(*together('a', 'b'))
        said = [carrier(1, 'b', title='新', at=9, link=LINK), carrier(2, 'a', title='旧', at=0, link=LINK)]
        assert drafts(said, rules)[0].title == '新'

    def test_a_tie_goes_to_the_earlier_source(self):
        rules = policy(*together('a', 'b'))
        said = [carrier(1, 'b', title='乙', at=0, link=LINK), carrier(2, 'a', title='甲', at=0, link=LINK)]
        assert drafts(said, rules)[0].title == '甲'

    def test_an_undated_change_is_just_after_its_source_s_last_date(self):
        rules = policy(*together('a', 'b'))
        said = [
            carrier(1, 'b', title='乙', at=5, link=LINK),
            carrier(2, 'a', title='甲', at=5, link=LINK),
            carrier(3, 'b', title='乙改', link=LINK),
        ]
        assert drafts(said, rules)[0].title == '乙改'
        assert drafts([*said, carrier(4, 'a', title='甲新', at=6, link=LINK)], rules)[0].title == '甲新'

    def test_a_source_without_dates_does_not_win_over_one_with_dates(self):
        rules = policy(*together('a', 'b'))
        said = [carrier(1, 'b', title='乙', at=0, link=LINK), carrier(9, 'a', title='甲', link=LINK)]
        assert drafts(said, rules)[0].title == '乙'

    def test_an_empty_title_never_wins(self):
        said = [carrier(1, title='有题', at=0, link=LINK), carrier(2, title='正文', title_made=True, at=9, link=LINK)]
        assert drafts(said)[0].title == '有题'

    def test_a_list_without_texts_does_not_empty_the_feed_s(self):
        said = [carrier(1, at=0, link=LINK, content='<p>全文</p>'), carrier(2, title='改', at=9, link=LINK)]
        draft = drafts(said)[0]
        assert (draft.title, draft.text) == ('改', 1)

    def test_published_is_the_earliest_and_updated_when_the_words_were_new(self):
        said = [
            carrier(1, title='旧', at=3, link=LINK),
            carrier(2, title='新', at=9, link=LINK),
            carrier(3, title='新', at=12, link=LINK, guid='x'),
        ]
        draft = drafts(said)[0]
        assert (draft.published_at - NOON).seconds == 3 * 60
        assert (draft.updated_at - NOON).seconds == 9 * 60

    def test_an_undated_change_is_updated_when_it_was_seen(self):
        said = [carrier(1, title='旧', at=0, link=LINK), carrier(2, title='新', at=0, link=LINK, seen=30)]
        assert drafts(said)[0].updated_at == said[1].first_seen_at

    def test_a_date_in_the_future_counts_as_none(self):
        draft = drafts([carrier(1, at=60 * 24 * 30, link=LINK)])[0]
        assert (draft.dated, draft.published_at) == (False, carrier(1).first_seen_at)

    def test_a_page_that_embeds_the_clock_freezes(self):
        rules = replace(policy(), max_revisions=3)
        said = [carrier(n, title=f'第{n}版', link=LINK) for n in range(1, 9)]
        draft = drafts(said, rules)[0]
        assert (draft.own, draft.frozen, draft.title) == ((1, 2, 3), (4, 5, 6, 7, 8), '第3版')

    def test_so_does_a_stranger_who_carries_it_again_and_again(self):
        rules = replace(policy(source('a', 0), source('b', 1)), max_revisions=3)
        said = [carrier(1, 'a', title='原题', link=LINK)]
        said += [carrier(n, 'b', title=f'第{n}版', link=LINK) for n in range(2, 9)]
        draft = drafts(said, rules)[0]
        assert (draft.own, draft.others, draft.frozen) == ((1,), (2, 3, 4), (5, 6, 7, 8))


class TestVoices:
    """Who may speak, where sources don't trust each other."""

    def test_the_publisher_speaks_for_its_own_host(self):
        rules = policy(source('other', 0), source('news', 1, url='https://news.example/feed'))
        draft = drafts(
            [carrier(1, 'other', title='改写', at=9, link=LINK), carrier(2, 'news', title='原题', at=0, link=LINK)],
            rules,
        )[0]
        assert (draft.title, draft.own, draft.others) == ('原题', (2,), (1,))

    def test_else_the_earlier_source(self):
        rules = policy(source('a', 0), source('b', 1))
        draft = drafts(
            [carrier(1, 'b', title='乙', at=9, link=LINK), carrier(2, 'a', title='甲', at=0, link=LINK)], rules
        )[0]
        assert (draft.title, draft.own, draft.others) == ('甲', (2,), (1,))

    def test_a_stranger_adds_its_fixed_categories_and_nothing_else(self):
        rules = policy(source('a', 0), source('b', 1, category=CategoryRule(labels=('固定',), origin='publisher')))
        said = [carrier(1, 'a', publisher='甲报', link=LINK), carrier(2, 'b', publisher='乙报', link=LINK)]
        assert drafts(said, rules)[0].labels == ('固定', '甲报新闻')

    def test_a_stranger_never_joins_two_entries(self):
        rules = policy(source('a', 0, key=CODES), source('evil', 1, key=CODES))
        said = [carrier(1, 'a', link=LINK), carrier(2, 'a', code=C1), carrier(3, 'evil', link=LINK, code=C1)]
        assert groups(said, rules) == [[1], [2, 3]]

    def test_a_code_beside_a_link_of_one_s_own_gains_nothing(self):
        rules = policy(source('a', 0, key=CODES), source('evil', 1, key=CODES))
        said = [
            carrier(1, 'a', title='真', code=C1),
            carrier(2, 'evil', title='假', link='https://evil.example/1', code=C1),
        ]
        assert [d.title for d in drafts(said, rules)] == ['真']

    def test_a_rule_on_the_source_does_not_let_a_stranger_hide_an_entry(self):
        rules = policy(source('a', 0), source('evil', 1), rules=(Rule(when=Match('source', '^evil$'), drop=True),))
        said = [carrier(1, 'a', link=LINK), carrier(2, 'evil', link=LINK)]
        assert [d.dropped for d in drafts(said, rules)] == [False]


class TestLabels:
    def test_the_source_s_name_only_where_there_is_no_other_label(self):
        rules = policy(*together('甲报', '乙报'))
        assert drafts([carrier(1, '甲报', link=LINK)], rules)[0].labels == ('甲报新闻',)
        said = [
            carrier(1, '甲报', link=LINK),
            carrier(2, '乙报', link=LINK, content='<p>文</p><p>（文章来源：丙报）</p>'),
        ]
        assert drafts(said, rules)[0].labels == ('丙报新闻',)

    def test_what_a_source_says_now_counts(self):
        said = [carrier(1, publisher='甲报', at=0, link=LINK), carrier(2, publisher='乙报', at=1, link=LINK)]
        assert drafts(said)[0].labels == ('乙报新闻',)

    def test_a_rule_adds_and_drops(self):
        rules = policy(
            rules=(
                Rule(when=Match('title', '数字经济'), add=('数字经济',)),
                Rule(when=Match('text', '广告'), drop=True),
            )
        )
        assert drafts([carrier(1, title='谈数字经济', link=LINK)], rules)[0].labels == ('a新闻', '数字经济')
        assert drafts([carrier(1, link=LINK, content='<p>广<b>告</b></p>')], rules)[0].dropped


# ---------------------------------------------------------------- laws

LINKS = st.sampled_from(['', LINK, LINK + '0', CODED, 'http://m.news.example/p/1?utm_source=x'])
SAID = st.builds(
    lambda seq, name, link, code, guid, title, at, first, length: carrier(
        seq, name, link=link, code=code, guid=guid, title=title, at=at, run=(first, first + length)
    ),
    st.just(0),
    st.sampled_from(['a', 'b', 'c', 'd']),
    LINKS,
    st.sampled_from(['', '', C1, C2]),
    st.sampled_from(['', 'g1', 'g2']),
    st.sampled_from(['甲', '乙', '']),
    st.one_of(st.none(), st.integers(0, 3)),
    st.integers(1, 4),
    st.integers(0, 3),
)
WORLD = policy(
    *together('a', 'b'), source('c', 2, key=CODES), source('d', 3, url='https://news.example/rss', key=CODES)
)


def numbered(said):
    return [replace(c, seq=n) for n, c in enumerate(said, 1)]


@given(st.lists(SAID, max_size=7), st.randoms(use_true_random=False))
def test_the_order_in_which_carriers_are_given_does_not_matter(said, random):
    said = numbered(said)
    shuffled = random.sample(said, len(said))
    assert sorted(map(repr, drafts(said, WORLD))) == sorted(map(repr, drafts(shuffled, WORLD)))


@given(st.lists(SAID, max_size=7))
def test_every_carrier_is_in_exactly_one_entry(said):
    said = numbered(said)
    placed = [seq for d in drafts(said, WORLD) for seq in (*d.own, *d.others, *d.frozen)]
    assert sorted(placed) == [c.seq for c in said]


@given(st.lists(SAID, max_size=7))
def test_what_shares_no_key_is_the_entry_that_it_is_among_all(said):
    closure = Closure(numbered(said), WORLD)
    keys = closure.keys(closure.barren(frozenset()))
    found = entries_of(closure, keys)
    voices = {closure.voices[seq] for seq in keys}
    clusters = [(v, c) for v in voices for c in clusters_of({s: k for s, k in keys.items() if closure.voices[s] == v})]
    by_cluster = {entry.part.cluster: entry.part for one in found for entry in (one, *map(_alone, one.others))}

    assert {cluster for _, cluster in clusters} == by_cluster.keys()
    assert found == voiced([by_cluster[cluster] for _, cluster in clusters])


def _alone(part):
    return Voiced(part, part.cluster.keys, ())


@given(st.lists(SAID, max_size=6), st.lists(SAID, max_size=4), st.integers(0, 9))
def test_a_stranger_changes_nothing_of_what_a_victim_says(victims, strangers, order):
    """The victim speaks for its host or stands earlier; the adversary may stand anywhere in time."""
    rules = policy(source('v', 0, url='https://news.example/rss', key=CODES), source('evil', 1 + order, key=CODES))
    victims = numbered([replace(c, source='v') for c in victims])
    evil = [replace(c, source='evil', seq=100 + n) for n, c in enumerate(strangers)]
    alone = {d.own: replace(d, others=()) for d in drafts(victims, rules)}
    beside = {d.own: replace(d, others=()) for d in drafts([*evil, *victims], rules) if d.own and d.own[0] < 100}
    assert beside == alone


def test_runs_that_do_not_overlap_are_a_change_not_twins():
    one, other = carrier(1, title='甲', link=LINK, run=(1, 4)), carrier(2, title='乙', link=LINK, run=(5, 6))
    back = replace(one, runs=(Run(0, 1, 4), Run(0, 7, 9)))
    assert groups([back, other]) == [[1, 2]]
    assert drafts([back, other])[0].title == '甲'


def test_an_undated_text_counts_from_what_its_source_had_stated_by_then():
    said = [
        carrier(1, title='旧', at=0, link=LINK),
        carrier(2, title='旧', link=LINK, guid='x'),
        carrier(3, title='新', at=9, link=LINK),
    ]
    assert drafts(said)[0].title == '新'
    said[1] = replace(said[1], runs=(Run(0, 2, 2), Run(0, 4, 4)), entry=replace(said[1].entry, title='又旧'))
    assert drafts(said)[0].title == '又旧'


def test_two_posts_of_one_entry_both_say_its_labels():
    posts = source('posts', key=CODES, category=CategoryRule(origin='tags'))
    said = [
        carrier(1, 'posts', code=C1, tags=('甲',), run=(1, 3), page=1),
        carrier(2, 'posts', code=C1, tags=('乙',), run=(2, 3), page=2),
    ]
    assert drafts(said, policy(posts))[0].labels == ('乙', '甲')


@pytest.mark.parametrize(
    ('said', 'dropped'),
    [
        pytest.param({}, True, id='an empty element'),
        pytest.param({'code': C1}, True, id='a code and nothing else'),
        pytest.param(
            {'tags': ('x',), 'guid': 'g', 'publisher': '某报', 'at': 0}, True, id='nothing to read or to follow'
        ),
        pytest.param({'title': '题'}, False, id='a title'),
        pytest.param({'link': LINK}, False, id='a link'),
        pytest.param({'summary': '<p>文</p>'}, False, id='a summary'),
        pytest.param({'content': '<p>文</p>'}, False, id='a text'),
        pytest.param({'enclosures': (Enclosure('https://news.example/a.mp3'),)}, False, id='something to hear'),
    ],
)
def test_who_says_nothing_is_in_no_feed(said, dropped):
    assert [d.dropped for d in drafts([carrier(1, **{'title': '', **said})])] == [dropped]


def test_a_code_alone_is_shown_once_another_carrier_has_words():
    said = [carrier(1, title='', code=C1), carrier(2, title='题', link=LINK, code=C1)]
    assert [(d.own, d.title, d.dropped) for d in drafts(said)] == [((1, 2), '题', False)]
