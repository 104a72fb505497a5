"""What a publisher that goes on remembers between two rounds. Whoever publishes once begins with an empty one."""

from __future__ import annotations

import hashlib

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
        self._settings: Settings | None = None
        self._made_with = ''

    def refresh(self, store: Store, settings: Settings) -> None:
        """Forget what has changed."""
        if self.entries.refresh(store, settings):
            self.sources_opml = None

    def made_with(self, settings: Settings) -> str:
        """Digest of all but the entries that documents are made of; when it changes, all of them are made again."""
        if self._settings is not settings:
            self._settings, self._made_with = settings, _digest(settings)
        return self._made_with


def _digest(settings: Settings) -> str:
    shown = [(s.name, s.url, s.content, s.kind, s.every) for s in settings.sources]
    named = settings.policy.categories  # slugs and titles stand in documents of other categories too
    parts = (VERSION, settings.site, settings.publishing, settings.polling.contact, settings.retention, shown, named)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
