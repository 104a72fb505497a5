"""Bytes to entries. Everything that comes from a source is hostile here; what leaves is plain, clean and bounded."""

from aggregator.parse.detail import DetailOf
from aggregator.parse.discover import Found, feeds_in, well_known
from aggregator.parse.encoding import encoding_of
from aggregator.parse.kinds import KINDS, KindRow, detail_request, parse_document, with_detail, written_addresses
from aggregator.parse.opml import OpmlRead, OpmlRow, read_opml
from aggregator.parse.pool import InlineParser, WorkerParser

__all__ = [
    'KINDS',
    'DetailOf',
    'Found',
    'InlineParser',
    'KindRow',
    'OpmlRead',
    'OpmlRow',
    'WorkerParser',
    'detail_request',
    'encoding_of',
    'feeds_in',
    'parse_document',
    'read_opml',
    'well_known',
    'with_detail',
    'written_addresses',
]
