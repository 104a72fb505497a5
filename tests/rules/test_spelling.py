"""What goes into a digest of all that an entry says: the spelling is what `repr` gives, for ever."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Entry, Origin, Person, Stated
from aggregator.rules.spelling import FIELDS, spelled

TEXT = st.text(max_size=5)
DATES = st.none() | st.builds(
    Stated, TEXT, st.none() | st.datetimes(timezones=st.timezones()), st.none() | st.integers(), st.booleans()
)
ENTRIES = st.builds(
    Entry,
    title=TEXT,
    guid=TEXT,
    published=DATES,
    updated=DATES,
    authors=st.lists(st.builds(Person, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    tags=st.lists(TEXT, max_size=3).map(tuple),
    enclosures=st.lists(st.builds(Enclosure, TEXT, TEXT, st.integers(0)), max_size=3).map(tuple),
    origin=st.none() | st.builds(Origin, title=TEXT, url=TEXT),
    title_made=st.booleans(),
)


@given(ENTRIES)
def test_every_field_is_spelled_as_repr_spells_it_but_dates_counted_from_now(entry):
    values = [getattr(entry, field.name) for field in fields(Entry)]
    expected = [repr(None if isinstance(v, Stated) and v.relative else v) for v in values]

    assert spelled(entry) == expected
    assert len(FIELDS) == len(expected)
