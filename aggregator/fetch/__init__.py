"""Bytes over the wire or from a folder; headers become values. Everything that goes wrong is a value too."""

from aggregator.fetch.addresses import is_public
from aggregator.fetch.choice import transport_of
from aggregator.fetch.folder import FolderRead, read_folder
from aggregator.fetch.lookup import Resolve, resolve_by_system
from aggregator.fetch.posting import Posted, Poster
from aggregator.fetch.transport import Begins, RequestsTransport, Then, Transport, beginner
from aggregator.fetch.user_agent import user_agent

__all__ = [
    'Begins',
    'FolderRead',
    'Posted',
    'Poster',
    'RequestsTransport',
    'Resolve',
    'Then',
    'Transport',
    'beginner',
    'is_public',
    'read_folder',
    'resolve_by_system',
    'transport_of',
    'user_agent',
]
