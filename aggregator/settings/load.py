"""feeds.yml and config/aggregator.yml to Settings, or to every fault in both files at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import ConfigError
from aggregator.model import ConfigFault, Settings
from aggregator.settings.crossing import feeds_faults
from aggregator.settings.faults import Page, mark_of
from aggregator.settings.judging import Judge
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.meaning import settings_of
from aggregator.settings.rows import FeedsShape
from aggregator.settings.source_file import read_page
from aggregator.settings.tree import Listing, Mapping, Node

_DEFAULT_SETTINGS = Path('config/aggregator.yml')
_SECTIONS = tuple((name,) for name in FeedsShape.model_fields if name != 'sources')
_KNOB_SECTIONS = (*((name,) for name in KnobsShape.model_fields), ('polling', 'fetch'), ('parsing', 'limits'))
_NO_FEEDS = 'create it, or name another with -c FEEDS.YML'

_feeds_judge = Judge(FeedsShape, _SECTIONS, feeds_faults, 'write sources: and below it - name: and url:')
_knobs_judge = Judge(KnobsShape, _KNOB_SECTIONS)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings with what was written: the trees of both files and their names as shown."""

    settings: Settings
    feeds: Node | None
    feeds_file: str
    knobs: Node | None  # None also where there is no such file
    knobs_file: str


def load_settings(feeds_yml: Path, *, settings_file: Path | None = None, data: Path | None = None) -> Settings:
    """The settings, complete and valid. Relative paths in feeds.yml start at its folder, and so does the default data/.

    Without `settings_file` config/aggregator.yml beside feeds.yml is read if it is there. Raises ConfigError with every
    fault of both files, in file order, and nothing else.
    """
    return load_with_trees(feeds_yml, settings_file=settings_file, data=data).settings


def load_with_trees(feeds_yml: Path, *, settings_file: Path | None = None, data: Path | None = None) -> Loaded:
    """The same, for whoever asks where a value stands."""
    path = feeds_yml.absolute()
    feeds, tree, faults = _feeds(path)
    file, name = _knobs_file(path.parent, settings_file)
    knobs, knobs_tree, knob_faults = _knobs(file, name, may_be_absent=settings_file is None)
    if feeds is None or knobs is None or faults or knob_faults:
        raise ConfigError((*faults, *knob_faults))
    lines = tuple(mark_of(row).line for row in _rows(tree))
    settings = settings_of(feeds, knobs, path, (data or path.parent / 'data').absolute(), lines)
    return Loaded(settings, tree, path.name, knobs_tree, name)


def check_feeds(text: str, page: Page) -> tuple[FeedsShape | None, Node | None, tuple[ConfigFault, ...]]:
    """The text of a feeds.yml: its shape (None where there are faults), its tree, and its faults."""
    return _feeds_judge.judge(text, page)


def _feeds(path: Path) -> tuple[FeedsShape | None, Node | None, tuple[ConfigFault, ...]]:
    text, page, unreadable = read_page(path, path.name, _NO_FEEDS)
    if unreadable:
        return None, None, unreadable
    return check_feeds(text, page)


def _rows(tree: Node | None) -> list[Node]:
    sources = tree.pairs.get('sources') if isinstance(tree, Mapping) else None
    return sources[1].items if sources and isinstance(sources[1], Listing) else []


def _knobs_file(folder: Path, settings_file: Path | None) -> tuple[Path, str]:
    """The path, and the name as shown."""
    path = folder / _DEFAULT_SETTINGS if settings_file is None else settings_file.absolute()
    return path, path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(settings_file)


def _knobs(
    path: Path, name: str, *, may_be_absent: bool
) -> tuple[KnobsShape | None, Node | None, tuple[ConfigFault, ...]]:
    if may_be_absent and _absent(path):
        return KnobsShape(), None, ()
    text, page, unreadable = read_page(path, name, 'name a file that is there, or leave --settings away')
    if unreadable:
        return None, None, unreadable
    return _knobs_judge.judge(text, page)


def _absent(path: Path) -> bool:
    """Not there; a file that cannot be looked at for another reason is there, and its fault will be told."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
