"""What a publisher that goes on remembers between two rounds. Whoever publishes once begins with an empty one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from aggregator.emit import LIMIT, Cache
from aggregator.model import Settings
from aggregator.render import Undated
from aggregator.store import Store
from aggregator.version import VERSION


class Memory:
    """Of one store. Not for several threads at once."""

    def __init__(self, limit_bytes: int = LIMIT) -> None:
        self.entries = Cache(limit_bytes)
        self.sources_opml: Undated | None = None
        self.made_with = ''
        self.by_name: Sequence[str] = ()
        self.ttl = timedelta()
        self._settings: Settings | None = None

    def take_up(self, settings: Settings) -> None:
        """What follows from them: a digest of all but the entries that documents are made of, the names of sources in
        their order, how long a reader may wait. They are the same from round to round.
        """
        if self._settings is not settings:
            self._settings, self.made_with = settings, _digest(settings)
            self.by_name = sorted(source.name for source in settings.sources)
            self.ttl = ttl_of(settings)

    def refresh(self, store: Store, settings: Settings) -> None:
        """Forget what has changed."""
        if self.entries.refresh(store, settings):
            self.sources_opml = None


def ttl_of(settings: Settings) -> timedelta:
    """How long a reader may wait before it asks again: our shortest interval (RSS 2.0 ttl, Cache-Control)."""
    shortest = min((s.every for s in settings.sources), default=settings.serving.min_max_age)
    return max(shortest, settings.serving.min_max_age)


def _digest(settings: Settings) -> str:
    shown = [(s.name, s.url, s.content, s.kind, s.every) for s in settings.sources]
    named = settings.policy.categories  # slugs and titles stand in documents of other categories too
    parts = (VERSION, settings.site, settings.publishing, settings.polling.contact, settings.retention, shown, named)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
