"""Rounds in which only unseen items are read end as rounds in which all are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import MINUTE, Reply, World

from aggregator.model import ParsedFeed, ParseLimits, Received, Source
from aggregator.parse import InlineParser, parse_document
from aggregator.poll import Tools, conclude, visit

URL = 'https://a.example/feed'


class Counting(InlineParser):
    """Notes how many items each document gave; `forgetful` reads everything, as if nothing were ever seen."""

    def __init__(self, *, forgetful: bool = False) -> None:
        super().__init__(parse_document, ParseLimits())
        self.forgetful = forgetful
        self.read: list[int] = []

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = frozenset()) -> ParsedFeed:
        parsed = super().parse(source, received, frozenset() if self.forgetful else seen)
        self.read.append(len(parsed.items))
        return replace(parsed, marks=()) if self.forgetful else parsed


class Reading(World):
    """A world whose parser is the same in all rounds."""

    def __init__(self, parser: Counting) -> None:
        super().__init__()
        self.parser = parser

    def tools(self) -> Tools:
        return replace(super().tools(), parser=self.parser)


@pytest.fixture
def world():
    made = Reading(Counting())
    made.source()
    return made


def item(name, text='', guid=''):
    guid = f'<guid isPermaLink="false">{guid}</guid>' if guid else ''
    return f'<item><title>{name}</title><link>https://a.example/{name}</link>{guid}<description>{text}</description></item>'


def rss(*items, head=''):
    return f'<rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'.encode()


def served(world, *items, head='', reread=False):
    world.net.at[URL] = Reply(rss(*items, head=head))
    world.now += MINUTE
    world.net.now = world.now
    tools = world.tools()
    return conclude(visit(world.sources['甲'], tools, world.now, reread=reread), tools)


A, B, C = item('a'), item('b'), item('c')


def test_only_unseen_items_are_read(world):
    served(world, A, B)
    report = served(world, C, A, B)

    assert world.parser.read == [2, 1]
    assert report.counts == {'new': 1, 'unchanged': 2}
    assert [(t.index, t.outcome, t.entry) for t in report.traces] == [
        (0, 'new', 'https://a.example/c'),
        (1, 'unchanged', 'https://a.example/a'),
        (2, 'unchanged', 'https://a.example/b'),
    ]
    assert world.state().entries == 3


def test_a_document_that_only_tells_another_time_is_not_read_again(world):
    served(world, A, head='<ttl>1</ttl>')
    report = served(world, A, head='<ttl>90</ttl>')

    assert (world.parser.read, report.counts) == ([1, 0], {'unchanged': 1})
    assert world.state().head.ttl == 90 * MINUTE


def test_an_item_that_came_back_is_read_again(world):
    for items in ((A, B), (B,), (A, B)):
        served(world, *items)

    assert world.parser.read == [2, 0, 1]


def test_a_trace_reads_all_of_it(world):
    served(world, A, B)
    served(world, A, B, reread=True)

    assert world.parser.read == [2, 2]


def test_items_whose_carriers_are_gone_are_read_again(world):
    served(world, A, B)
    with world.store.writing() as writer:
        writer.remove_carriers(writer.known('甲', [t.plain for t in world.store.told('甲', 0)][:1]).values())

    report = served(world, A, B, C)

    assert world.parser.read == [2, 1, 3]  # left out first, then missed
    assert sum(report.counts.values()) == 3


def test_a_carrier_that_goes_while_a_round_is_under_way_costs_one_round(world):
    served(world, A, B)
    world.net.at[URL] = Reply(rss(A, B, C))
    under_way = visit(world.sources['甲'], world.tools(), world.now)
    with world.store.writing() as writer:
        writer.remove_carriers(writer.known('甲', [world.store.told('甲', 0)[0].plain]).values())
    conclude(under_way, world.tools())
    assert world.store.told('甲', 0) == ()

    report = served(world, A, B, C, head='<ttl>1</ttl>')

    assert world.parser.read == [2, 1, 3]
    assert sum(report.counts.values()) == 3


def test_an_item_that_begins_to_say_the_same_as_a_seen_one_is_told_by_its_guid(world):
    served(world, item('a', guid='1'))
    served(world, item('a', guid='1'), item('a', guid='2'))

    plain = Reading(Counting(forgetful=True))
    plain.source()
    served(plain, item('a', guid='1'))
    served(plain, item('a', guid='1'), item('a', guid='2'))
    assert world.memory() == plain.memory()


def test_what_was_told_goes_with_its_source_and_is_forgotten_with_it(world):
    served(world, A)
    with world.store.writing() as writer:
        writer.rename_source('甲', '乙')
    assert (len(world.store.told('乙', 0)), world.store.told('甲', 0)) == (1, ())

    with world.store.writing() as writer:
        writer.forget_source('乙')
    assert world.store.told('乙', 0) == ()


_ITEMS = st.builds(item, st.sampled_from('abc'), st.sampled_from(('', 'x', 'y')), st.sampled_from(('', '1', '2', URL)))
_HEADS = st.sampled_from(
    ('', '<ttl>1</ttl>', '<language>de</language>', f'<link>{URL}</link>', '<image><url>u</url></image>')
)
_DOCUMENTS = st.tuples(st.lists(_ITEMS, max_size=5), _HEADS)


@given(st.lists(_DOCUMENTS, max_size=6))
def test_any_rounds_end_as_if_everything_had_been_read(documents):
    quick, plain = Reading(Counting()), Reading(Counting(forgetful=True))
    for world in (quick, plain):
        world.source()
    for items, head in documents:
        told, all_told = served(quick, *items, head=head), served(plain, *items, head=head)
        assert (told.counts, told.traces, told.faults) == (all_told.counts, all_told.traces, all_told.faults)
        assert quick.state() == plain.state()
    assert quick.memory() == plain.memory()
