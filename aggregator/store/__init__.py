"""What is remembered: one SQLite file, one writer, many readers. Nothing here decides what an entry is."""

from aggregator.store.around import Around
from aggregator.store.carriers import Previous, kept
from aggregator.store.categories import SOURCES_SHOWN
from aggregator.store.codec import dumps, loads
from aggregator.store.entries import Change
from aggregator.store.fragments import Place
from aggregator.store.reading import Tombstone
from aggregator.store.rounds import Line
from aggregator.store.standing import Standing
from aggregator.store.store import Store, Writer

__all__ = [
    'SOURCES_SHOWN',
    'Around',
    'Change',
    'Line',
    'Place',
    'Previous',
    'Standing',
    'Store',
    'Tombstone',
    'Writer',
    'dumps',
    'kept',
    'loads',
]
