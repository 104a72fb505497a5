"""Sources as readers see them, from how they stand in feeds.yml and what is remembered of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from aggregator.model import Site, Source, SourceState, SourceView, StoredEntry
from aggregator.version import VERSION


def views_of(sources: Iterable[Source], states: Iterable[SourceState]) -> dict[str, SourceView]:
    """Those that are gone from feeds.yml but still have entries included."""
    named = {s.name: s for s in sources}
    polled = {s.name: view_of(named, s) for s in states}
    known = {name: polled.get(name) or view_of(named, SourceState(name=name)) for name in named}
    return known | polled


def view_of(rows: Mapping[str, Source], state: SourceState) -> SourceView:
    """Of this source, which may stand in no row any more."""
    source = rows.get(state.name) or Source(name=state.name, url=state.url)
    head = state.head
    url = source.url if urlsplit(source.url).scheme in ('http', 'https') else ''
    return SourceView(
        name=source.name,
        url=url,
        link=head.link,
        title=head.title or source.name,
        id=head.id,
        icon=head.icon,
        rights=head.rights,
        content=source.content,
        kind=source.kind,
        state=state.state,
        error=state.error,
        hint=state.hint,
        entries=state.entries,
        last_poll_at=state.last_poll_at,
    )


def still(view: SourceView) -> SourceView:
    """Without what changes at every poll: no entry shows it."""
    return replace(view, state='', error='', hint='', entries=0, last_poll_at=None)


def made_with(site: Site, view: SourceView | None) -> str:
    """Digest of all but the entry itself that its fragments are made of."""
    parts = (VERSION, site, view)
    return hashlib.sha256(repr(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:16]


def outline_of(entry: StoredEntry) -> StoredEntry:
    """As much of it as a feed must know to choose, and around its fragment."""
    return StoredEntry(
        id=entry.id,
        identity=entry.identity,
        rule=entry.rule,
        title='',
        link='',
        publisher='',
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        source=entry.source,
    )
