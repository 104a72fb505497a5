"""One round of one source: fetch, parse, decide, record."""

from aggregator.poll.details import with_details
from aggregator.poll.gather import Changed, Failed, Gathered, Parser, Same, gather
from aggregator.poll.manners import Polite, host_of
from aggregator.poll.rebuild import Progress, rebuild, rebuild_if_changed, with_retired
from aggregator.poll.round import (
    Tools,
    Visited,
    begin,
    conclude,
    conclude_each,
    conclude_in,
    never_empty,
    visit,
)

__all__ = [
    'Changed',
    'Failed',
    'Gathered',
    'Parser',
    'Polite',
    'Progress',
    'Same',
    'Tools',
    'Visited',
    'begin',
    'conclude',
    'conclude_each',
    'conclude_in',
    'gather',
    'host_of',
    'never_empty',
    'rebuild',
    'rebuild_if_changed',
    'visit',
    'with_details',
    'with_retired',
]
