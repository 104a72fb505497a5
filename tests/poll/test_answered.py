"""The last answer of a source is kept for a person: also of a 304 and a failure, after a restart, and not twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from world import HOUR, URL, Reply, World, rss

from aggregator.model import Validators


@pytest.fixture
def world():
    world = World()
    world.source(headers={'X-Key': 's3cr3t-word'})
    return world


def told(world):
    kept = world.store.last_answer('甲')
    return kept.status, {f.name: None if f.withheld else f.value for f in kept.fields}


def written(world, after=HOUR):
    """Whether this round wrote the answer, told by its time."""
    world.poll(after=after)
    return world.store.last_answer('甲').at == world.now


def test_a_document_a_304_and_a_failure(world):
    world.net.at[URL] = Reply(rss('一'), etag='"1"', headers=(('Content-Type', 'text/xml'), ('Set-Cookie', 'a=b')))
    world.poll()
    assert told(world) == (200, {'Content-Type': 'text/xml', 'Set-Cookie': None})
    world.net.at[URL] = Reply(rss('一'), etag='"1"', headers=(('ETag', '"1"'), ('X-Echo', 's3cr3t-word')))
    world.poll(after=HOUR)
    assert told(world) == (304, {'ETag': '"1"', 'X-Echo': None})
    world.net.at[URL] = Reply(status=403, headers=(('Server', 'guard'),))
    world.poll(after=HOUR)
    assert told(world) == (403, {'Server': 'guard'})


def test_what_tells_the_same_is_written_once(world):
    answers = [Reply(rss('一'), etag='"1"', headers=(('Date', f'{n}'), ('ETag', '"1"'))) for n in range(3)]
    for reply, expected in zip(answers, (True, True, False), strict=True):  # the second is the first 304
        world.net.at[URL] = reply
        assert written(world) is expected
    world.net.at[URL] = Reply(rss('一'), etag='"1"', headers=(('ETag', '"1"'), ('Date', '9'), ('Vary', '*')))
    assert written(world), 'there is a field more'


def test_who_did_not_answer_leaves_what_was_answered(world):
    world.net.at[URL] = Reply(rss('一'), headers=(('Server', 's'),))
    world.poll()
    world.net.silent = True
    assert world.poll(after=HOUR).outcome == 'failed'
    assert told(world) == (200, {'Server': 's'})


def test_a_round_that_fails_to_be_recorded_leaves_both_as_they_were(world):
    world.net.at[URL] = Reply(rss('一'), headers=(('Server', 's'),))
    world.poll()
    before = world.state(), world.store.last_answer('甲')
    world.net.at[URL] = Reply(rss('二'), headers=(('Server', 't'),))
    with pytest.raises(ZeroDivisionError), world.store.writing() as writer:
        conclude_and_fail(world, writer)
    assert (world.state(), world.store.last_answer('甲')) == before
    world.poll(after=HOUR)
    assert told(world) == (200, {'Server': 't'})


def conclude_and_fail(world, writer):
    from aggregator.poll import visit
    from aggregator.poll.round import conclude_in

    tools = world.tools()
    conclude_in(writer, visit(world.sources['甲'], tools, world.now + timedelta(hours=1)), tools)
    raise ZeroDivisionError


def test_it_goes_with_its_source(world):
    world.net.at[URL] = Reply(rss('一'), headers=(('Server', 's'),))
    world.poll()
    with world.store.writing() as writer:
        writer.forget_source('甲')
    assert world.store.last_answer('甲') is None


def test_it_follows_a_new_name(world):
    world.net.at[URL] = Reply(rss('一'), headers=(('Server', 's'),))
    world.poll()
    kept = world.store.last_answer('甲')
    with world.store.writing() as writer:
        writer.rename_source('甲', '乙')
    assert world.store.last_answer('乙') == kept
    assert world.store.last_answer('甲') is None
    assert world.state('乙').validators == {URL: Validators()}
