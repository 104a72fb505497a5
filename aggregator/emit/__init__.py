"""The entries of feeds as they stand in documents: from memory, from the store, or rendered now and kept in both."""

from aggregator.emit.cache import LIMIT, Cache, Held
from aggregator.emit.kept import KeptFragments, as_kept
from aggregator.emit.views import still, views_of

__all__ = ['LIMIT', 'Cache', 'Held', 'KeptFragments', 'as_kept', 'still', 'views_of']
