"""States at hand: never others than the database says."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from aggregator.model import SourceState
from aggregator.store import Store
from aggregator.store.codec import dumps
from aggregator.store.memories import Memories

STATE = SourceState(name='a', url='https://a.example/', hosts=('a.example',), failures=2)


def test_a_state_that_was_written_is_not_decoded_again():
    memories = Memories()
    assert memories.state('a', memories.text(STATE)) is STATE


def test_a_state_that_was_read_is_not_decoded_again():
    memories, text = Memories(), dumps(STATE)
    first = memories.state('a', text)
    assert first == STATE
    assert memories.state('a', text) is first
    assert memories.in_passing('a', text) is first


def test_another_text_is_another_state():
    memories = Memories()
    memories.text(STATE)
    later = replace(STATE, failures=3)
    assert memories.state('a', dumps(later)) == later


@pytest.mark.parametrize('change', [{'failures': 0}, {'hosts': ()}, {'url': ''}, {'entries': 7}, {}])
def test_what_is_written_after_another_is_what_would_be_written_alone(change):
    memories = Memories()
    memories.text(STATE)
    after = replace(STATE, **change)
    assert memories.text(after) == dumps(after)


def test_no_more_are_held_than_that():
    memories = Memories(most=2)
    texts = {name: memories.text(replace(STATE, name=name)) for name in 'abc'}
    kept = memories.state('c', texts['c'])
    assert memories.state('c', texts['c']) is kept
    assert memories.state('a', texts['a']) is not memories.in_passing('b', texts['b'])
    assert memories.in_passing('b', texts['b']) is not memories.in_passing('b', texts['b'])


def test_of_more_sources_than_can_be_held_only_those_on_their_way_are():
    memories = Memories()
    texts = {n: memories.text(replace(STATE, name=str(n))) for n in range(1000)}
    held = {n: memories.in_passing(str(n), text) for n, text in texts.items()}
    memories.expect(1000)
    assert memories.in_passing('0', texts[0]) is held[0]
    memories.expect(1001)
    assert [n for n, text in texts.items() if memories.in_passing(str(n), text) is held[n]] == list(range(750, 1000))
    memories.text(STATE)
    assert memories.in_passing('750', texts[750]) is not held[750]
    memories.expect(1000)
    memories.text(STATE)
    assert memories.in_passing('751', texts[751]) is held[751]


def test_what_was_rolled_back_is_not_remembered(store):
    with store.writing() as w:
        w.save_source(STATE)
    with contextlib.suppress(ZeroDivisionError), store.writing() as w:
        w.save_source(replace(STATE, failures=9))
        raise ZeroDivisionError
    assert store.source('a') == STATE


def test_what_another_store_wrote_is_read(tmp_path):
    with Store.open(tmp_path) as one, Store.open(tmp_path) as other:
        with one.writing() as w:
            w.save_source(STATE)
        with other.writing() as w:
            w.save_source(replace(STATE, failures=9))
        assert one.source('a') == replace(STATE, failures=9)
        assert one.sources() == [replace(STATE, failures=9)]
