"""Which configuration runs, and since when: noted by the daemon, read by pages and commands."""

from __future__ import annotations

import logging
from datetime import datetime

from aggregator.errors import DataError
from aggregator.model import Installation
from aggregator.store import Store

_log = logging.getLogger('aggregator')


def note_taken_up(store: Store, version: str, at: datetime) -> None:
    """From now on this version runs."""
    _note(store, config_version=version, config_at=at.isoformat())


def note_refused(store: Store, fault: str, at: datetime) -> None:
    """A newer version cannot be used, or, with '', there is none any more."""
    _note(store, config_error=fault, config_refused_at=at.isoformat() if fault else '')


def installation_of(store: Store) -> Installation:
    """Raises DataError."""
    database_bytes, free_bytes = store.sizes()
    return Installation(
        config_version=store.meta('config_version') or '',
        config_at=_instant(store.meta('config_at')),
        refused_at=_instant(store.meta('config_refused_at')),
        database_bytes=database_bytes,
        free_bytes=free_bytes,
    )


def _note(store: Store, **notes: str) -> None:
    try:
        with store.writing() as writer:
            for key, value in notes.items():
                writer.set_meta(key, value)
    except DataError as error:
        _log.error('not noted: %s', error.line)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
