"""Law: what is written is read again, exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import (
    Enclosure,
    Entry,
    Fault,
    FeedHead,
    Origin,
    Person,
    PollReport,
    Source,
    SourceState,
    Stated,
    Validators,
)
from aggregator.store.codec import as_json, dumps, encode, encode_after, from_us, loads, storable, to_us

zones = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC) | zones)  # noqa: DTZ001  # hypothesis adds the zone
texts = st.text(max_size=8)
whole = st.integers(-(2**63), 2**63 - 1)
counts = st.integers(0, 2**63 - 1)
stated = st.builds(
    Stated, texts, st.none() | instants, st.none() | st.integers(-900, 900), st.booleans(), st.booleans()
)
people = st.lists(st.builds(Person, texts, texts, texts), max_size=2).map(tuple)
lengths = st.timedeltas(timedelta(days=-(10**8)), timedelta(days=10**8))  # 64 bits of microseconds
spans = st.none() | lengths
entries = st.builds(
    Entry,
    title=texts,
    guid=texts,
    published=st.none() | stated,
    authors=people,
    summary=texts,
    content=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    enclosures=st.lists(st.builds(Enclosure, texts, texts, counts), max_size=2).map(tuple),
    origin=st.none() | st.builds(Origin, title=texts, url=texts),
    title_made=st.booleans(),
)
heads = st.builds(
    FeedHead,
    title=texts,
    updated=st.none() | stated,
    authors=people,
    ttl=spans,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
states = st.builds(
    SourceState,
    name=texts,
    validators=st.dictionaries(texts, st.builds(Validators, texts, texts), max_size=2),
    digests=st.dictionaries(texts, texts, max_size=2),
    last_poll_at=st.none() | instants,
    failures=counts,
    head=heads,
)
reports = st.builds(
    PollReport,
    source=texts,
    url=texts,
    at=instants,
    outcome=st.sampled_from(['changed', 'failed']),
    counts=st.dictionaries(texts, whole, max_size=2),
    faults=st.lists(st.builds(Fault, texts, texts), max_size=2).map(tuple),
)
sources = st.builds(Source, name=texts, every=lengths, headers=st.dictionaries(texts, texts, max_size=2))


@given(st.one_of(entries, heads, states, reports, sources))
def test_reads_what_it_wrote(value):
    assert loads(type(value), dumps(value)) == value


@given(states)
def test_equal_values_give_equal_text(state):
    again = loads(SourceState, dumps(state))
    assert dumps(again) == dumps(state)


def test_leaves_defaults_out():
    assert dumps(Entry(title='标题', published=Stated('noon'))) == '{"title":"标题","published":{"raw":"noon"}}'


def test_passes_over_fields_that_are_no_longer():
    assert loads(Person, '{"name": "n", "shoe_size": 43}') == Person('n')


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_stored(text):
    storable(text).encode()
    as_json(text).encode()


@pytest.mark.parametrize(
    ('text', 'stored'), [('标题', '标题'), ('a\ud800b', 'a\ufffdb'), ('\ud83d\ude00', '😀'), ('a\0b', 'a\0b')]
)
def test_a_lone_surrogate_becomes_a_replacement_character(text, stored):
    assert storable(text) == stored


@given(instants)
def test_microseconds_are_exact(at):
    assert from_us(to_us(at)) == at


@given(states, states)
def test_what_is_encoded_after_another_is_the_same_as_alone(one, other):
    mixed = replace(one, head=other.head, validators=other.validators, rounds=other.rounds, state=other.state)
    assert encode_after(mixed, one, encode(one)) == encode(mixed)
    assert encode_after(mixed, other, encode(other)) == encode(mixed)
