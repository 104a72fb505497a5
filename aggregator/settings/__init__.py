"""feeds.yml and config/aggregator.yml: read, judged with every fault at its place, and turned into Settings.

    source_file -> tree -> judging (slips, words, crossing) over shape, rows and knobs -> meaning -> Settings

`load` is the door; `edit` writes rows into feeds.yml, `format` shows faults, `editors` makes schemas and
config/aggregator.yml from the shapes, `schema` writes them, `origins` says where each value that holds comes from.
"""

from aggregator.settings.edit import add_source, add_sources, refused_rows
from aggregator.settings.editors import feeds_schema, settings_schema
from aggregator.settings.format import show_faults
from aggregator.settings.load import load_settings

__all__ = [
    'add_source',
    'add_sources',
    'feeds_schema',
    'load_settings',
    'refused_rows',
    'settings_schema',
    'show_faults',
]
