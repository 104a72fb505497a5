"""The pages as JSON, under /api/: asked, made, kept for a while and cached as the pages are. Only to be read."""

from __future__ import annotations

from functools import partial

from aggregator.daemon.seen import Asked, Seen
from aggregator.daemon.truth import facts_of
from aggregator.render.api import MEDIA_TYPE, as_json, categories_json, entry_json, source_json, sources_json
from aggregator.serve import LivePage, Made
from aggregator.version import VERSION

_Json = partial(Made, media_type=MEDIA_TYPE)


class Api:
    """Of one house, as long as its settings hold. Everything may be called from any thread."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def pages(self) -> dict[str, LivePage]:
        """By path."""
        return {
            '/api/status': LivePage(self.status, noindex=True),
            '/api/sources': LivePage(self.sources, ('page',), noindex=True),
            '/api/source': LivePage(self.source, ('name',), noindex=True),
            '/api/categories': LivePage(self.categories, noindex=True),
            '/api/entry': LivePage(self.entry, ('id',), noindex=True),
        }

    def status(self, _asked: Asked) -> Made:
        """The facts of `aggregator status`, but for the sources that fail: those are under /api/sources."""
        facts = facts_of(self._seen.store, self._seen.now())
        del facts['failing']
        return _Json(as_json({'version': VERSION, **facts}))

    def sources(self, asked: Asked) -> Made:
        found = self._seen.listed(asked)
        return _Json(sources_json(found.sources, found.states, number=found.number, pages=found.pages))

    def source(self, asked: Asked) -> Made:
        found = self._seen.source(asked.get('name', ''))
        return _Json(source_json(found[1])) if found else _nothing()

    def categories(self, _asked: Asked) -> Made:
        filled = [one for one in self._seen.store.categories() if one.newest_at]
        return _Json(categories_json(self._seen.settings.site, filled))

    def entry(self, asked: Asked) -> Made:
        """410 where it was removed."""
        entry, removed = self._seen.entry(asked.get('id', ''))
        if entry is None:
            return _nothing(gone=removed)
        body = entry_json(entry, self._seen.views([entry]).get(entry.source), self._seen.settings.site)
        return _Json(body) if isinstance(body, bytes) else _nothing()


def _nothing(*, gone: bool = False) -> Made:
    return _Json(as_json({'error': 'it was taken away' if gone else 'there is none'}), status=410 if gone else 404)
