"""Which names mean something: elements that feedparser has a reader for, and fields that we read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from feedparser.util import FeedParserDict

from aggregator.parse.bounds import Strict

# Elements for which feedparser has something to do, even where they end inside of a text.
JUDGED: Final = frozenset(
    name.removeprefix('_start_').removeprefix('_end_') for name in dir(Strict) if name.startswith(('_start_', '_end_'))
)
# Fields that we read and feedparser fills with whatever an element of that name says.
KEPT: Final = frozenset(('icon', 'logo', 'ttl', 'feedburner_origlink', 'sy_updateperiod', 'sy_updatefrequency'))

_WORDS: Final = (
    'author authors content contributors created dc_date dc_description guidislink href id image itunes_summary '
    'language license link links media_content media_credit media_description media_license media_player media_rating '
    'media_restriction media_thumbnail psc_chapters published publisher publishers rights skip_days skip_hours source '
    'subtitle summary tags textinput title updated where'
)
_READ: Final = KEPT | frozenset(_WORDS.split())
# feedparser's dictionaries keep some keys under another one.
_RENAMED: Final[Mapping[str, str]] = {
    **{name: key for name, key in FeedParserDict.keymap.items() if isinstance(key, str)},
    'url': 'href',
    'description': 'summary',
}


def is_read(name: str) -> bool:
    """Whether somebody reads the field that an element of this name, which feedparser does not know, would fill."""
    return _RENAMED.get(name, name) in _READ or name.endswith('_detail')
