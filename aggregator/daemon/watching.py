"""Notices that a file was saved, whatever way the editor has: written in place, renamed over, a symlink turned.

The folders are watched, not the files: a watched file goes silent after one atomic replacement. Where a file is a
symlink, the folder of every link on the way is watched too.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

SETTLE_MS = 500  # nothing more for so long, and the save is over
PATIENCE_MS = 2000  # a folder in which something is always written
LOOK_MS = 5000  # without any news, for file systems that tell nothing
_LINKS = 40  # on the way to one file; more are a circle

_log = logging.getLogger('aggregator')


def watch_files(
    files: Sequence[Path], changed: Callable[[], None], stop: threading.Event, *, look_ms: int = LOOK_MS
) -> None:
    """Call `changed` whenever one of the files may have been saved, until `stop`. It may be called without need."""
    while not stop.is_set():
        places = frozenset(places_of(files))
        try:
            _watch(places, files, changed, stop, look_ms)
        except (OSError, RuntimeError) as error:  # no such folder, no more watches
            _log.debug('the folders of the configuration cannot be watched: %s', error)
            stop.wait(look_ms / 1000)
            changed()


def _watch(
    places: frozenset[Path], files: Sequence[Path], changed: Callable[[], None], stop: threading.Event, look_ms: int
) -> None:
    """Until the places are others, as after a link was turned."""

    def is_ours(_change: Change, path: str) -> bool:
        return Path(path) in places

    folders = sorted({str(place.parent) for place in places if place.parent.is_dir()})
    news = watch(
        *folders,
        watch_filter=is_ours,
        step=SETTLE_MS,
        debounce=PATIENCE_MS,
        rust_timeout=look_ms,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        recursive=False,
    )
    for _ in news:
        changed()
        if frozenset(places_of(files)) != places:
            return


def places_of(files: Iterable[Path]) -> Iterator[Path]:
    """Every name on the way to each file: its own, that of each link's target, and the nearest folder that is there."""
    for file in files:
        yield from _way(file.absolute())


def _way(path: Path) -> Iterator[Path]:
    for _ in range(_LINKS):
        yield from _up_to_what_is_there(path)
        turning = next((part for part in (path, *path.parents) if part.is_symlink()), None)
        if turning is None:
            return
        yield turning
        path = turning.parent / turning.readlink() / path.relative_to(turning)


def _up_to_what_is_there(path: Path) -> Iterator[Path]:
    """A folder can only be watched once it is there; until then the one above tells when it comes."""
    yield path
    while not path.parent.is_dir() and path.parent != path:
        path = path.parent
        yield path
