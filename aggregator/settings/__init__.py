"""feeds.yml and config/aggregator.yml: read, judged with every fault at its place, and turned into Settings.

    source_file -> tree -> judging (slips, words, crossing) over shape, rows and knobs -> meaning -> Settings

`load` is the door, and `apart` one that leaves nothing behind; `edit` writes rows into feeds.yml, `format` shows
faults, `editors` makes schemas and config/aggregator.yml from the shapes, `schema` writes them, `origins` says where
each value that holds comes from.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.settings.apart import load_settings_apart
    from aggregator.settings.edit import add_source, add_sources, refused_rows
    from aggregator.settings.editors import feeds_schema, settings_schema
    from aggregator.settings.format import show_faults
    from aggregator.settings.load import load_settings

__all__ = [
    'add_source',
    'add_sources',
    'feeds_schema',
    'load_settings',
    'load_settings_apart',
    'refused_rows',
    'settings_schema',
    'show_faults',
]

_FILES = {
    'add_source': 'edit',
    'add_sources': 'edit',
    'feeds_schema': 'editors',
    'load_settings': 'load',
    'load_settings_apart': 'apart',
    'refused_rows': 'edit',
    'settings_schema': 'editors',
    'show_faults': 'format',
}


def __getattr__(name: str) -> Any:
    """Loaded when it is asked for: pydantic and ruamel take 15 MB, which the daemon does without."""
    if name not in _FILES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_FILES[name]}'), name)
