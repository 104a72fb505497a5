"""What a worker reads arrives as it was read, and the quick way is the one that is taken."""

from __future__ import annotations

import copyreg
import pickle
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Entry, FeedHead, Item, Origin, ParsedFeed, Person, Received, Source, Stated
from aggregator.parse.border import CROSSING, open_border

TEXT = st.text(max_size=4)
DATES = st.none() | st.builds(Stated, TEXT, st.datetimes(timezones=st.just(UTC)), st.integers(), st.booleans())
ENTRIES = st.builds(
    Entry,
    title=TEXT,
    published=DATES,
    authors=st.lists(st.builds(Person, TEXT), max_size=2).map(tuple),
    enclosures=st.lists(st.builds(Enclosure, TEXT), max_size=2).map(tuple),
    origin=st.none() | st.builds(Origin, title=TEXT),
    title_made=st.booleans(),
)
ITEMS = st.builds(Item, url=TEXT, index=st.integers(0), entry=ENTRIES)
FEEDS = st.builds(
    ParsedFeed, head=st.builds(FeedHead, title=TEXT, updated=DATES), items=st.lists(ITEMS, max_size=3).map(tuple)
)


@given(FEEDS)
def test_what_was_read_arrives_as_it_was_read(feed):
    open_border()

    assert pickle.loads(pickle.dumps(feed)) == feed


def test_what_is_sent_arrives_and_everything_takes_the_quick_way():
    open_border()
    sent = (Received(url='u', body=b'\x00', fetched_at=datetime(2022, 4, 12, tzinfo=UTC)), Source(name='s', every=None))

    assert pickle.loads(pickle.dumps(sent)) == sent
    assert set(CROSSING) <= copyreg.dispatch_table.keys()
