"""A document with the same wrong thing a thousand times fills no log."""

from __future__ import annotations

from world import URL, Reply, World

from aggregator.model import CategoryRule, Fault
from aggregator.poll.telling import FEW, in_few


def test_what_is_told_once_is_told_once():
    assert in_few([Fault('a', '1'), Fault('b', '1'), Fault('a', '1')]) == (Fault('a', '1'), Fault('b', '1'))


def test_of_a_kind_the_first_few_are_told_and_how_many_there_are():
    many = [Fault('a', str(n)) for n in range(30)]

    told = in_few([*many, Fault('b', 'x')])

    assert told[: FEW + 1] == (*many[:FEW], Fault('b', 'x'))
    assert [fault.message for fault in told[FEW + 1 :]] == ['30 faults are of the kind a; the first 5 are told']


def test_a_round_tells_so():
    world = World()
    world.source(category=CategoryRule(origin='publisher', cap=3))
    items = (f'<item><title>{n}</title><description>（文章来源：社{n}）</description></item>' for n in range(40))
    world.net.at[URL] = Reply(f'<rss version="2.0"><channel><title>甲</title>{"".join(items)}</channel></rss>'.encode())

    told = [fault.message for fault in world.poll().faults if fault.rule == 'too-many-categories']

    assert len(told) == FEW + 1
    assert told[0] == '3 came through 甲; 社3新闻 was not added'
    assert told[-1] == '37 faults are of the kind too-many-categories; the first 5 are told'
