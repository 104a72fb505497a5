"""The pages as JSON, for programs. Keys that a command prints are called the same here; what a page hides is not here.

Instants are UTC (RFC 3339), None where there is none. Every link is http(s), every text scrubbed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aggregator.model import (
    CategoryState,
    Fault,
    LastAnswer,
    PollReport,
    Site,
    SourceNow,
    SourceView,
    StoredEntry,
)
from aggregator.render.formats import FORMATS
from aggregator.render.instants import rfc3339
from aggregator.render.links import document_url, web
from aggregator.render.shown import Shown, shown_of
from aggregator.render.text import scrub, scrubbed

MEDIA_TYPE = 'application/json'


def as_json(value: Mapping[str, Any]) -> bytes:
    """Compact UTF-8, characters as they are."""
    return json.dumps(scrubbed(dict(value)), ensure_ascii=False, separators=(',', ':')).encode() + b'\n'


def sources_json(sources: Sequence[SourceNow], states: Mapping[str, int], *, number: int, pages: int) -> bytes:
    """Page `number` of all sources, those in trouble first; `states` counts all of them."""
    rows = [_source(one) for one in sources]
    return as_json({'states': dict(states), 'page': number, 'pages': pages, 'sources': rows})


def source_json(one: SourceNow) -> bytes:
    """One source with its last rounds and its last answer."""
    state = one.state
    return as_json(
        {
            **_source(one),
            'why_next': state.why_next,
            'last_success_at': _at(state.last_success_at),
            'last_change_at': _at(state.last_change_at),
            'failures': state.failures,
            'moved_to': web(scrub(state.moved_to)),
            'polls': [_poll(poll) for poll in one.polls],
            'answer': _answer(one.answer) if one.answer else None,
        }
    )


def categories_json(site: Site, categories: Sequence[CategoryState]) -> bytes:
    """All categories that have entries, with the addresses of their documents."""
    return as_json({'categories': [_category(site, one) for one in categories]})


def entry_json(entry: StoredEntry, view: SourceView | None, site: Site) -> bytes | Fault:
    """One entry with as much of its text as its source lets be shown, or why it cannot be shown."""
    match shown_of(entry, view, site):
        case Fault() as fault:
            return fault
        case shown:
            return as_json(_entry(entry, shown))


def _source(one: SourceNow) -> dict[str, Any]:
    """A folder on this machine has no address for others."""
    state = one.state
    going_on = state.state not in ('gone', 'retired')
    return {
        'name': one.view.name,
        'kind': one.view.kind,
        'url': web(scrub(one.view.url)),
        'state': state.state,
        'error': state.error,
        'hint': state.hint,
        'last_poll_at': _at(state.last_poll_at),
        'next_poll_at': _at(state.next_poll_at) if going_on else None,
        'entries': state.entries,
        'day': one.day,
    }


def _poll(poll: PollReport) -> dict[str, Any]:
    return {
        'at': _at(poll.at),
        'outcome': poll.outcome,
        'status': poll.status,
        'bytes': poll.bytes,
        'elapsed_ms': poll.elapsed_ms,
        'counts': dict(poll.counts),
        'error': poll.error,
    }


def _answer(answer: LastAnswer) -> dict[str, Any]:
    return {
        'url': web(scrub(answer.url)),
        'status': answer.status,
        'at': _at(answer.at),
        'fields': [{'name': f.name, 'value': None if f.withheld else f.value} for f in answer.fields],
        'left_out': answer.left_out,
    }


def _category(site: Site, one: CategoryState) -> dict[str, Any]:
    return {
        'label': one.label,
        'slug': one.slug,
        'title': one.title or one.label,
        'newest_at': _at(one.newest_at),
        'newest_title': one.newest_title,
        'documents': {suffix: document_url(site, one.slug, suffix) for suffix in FORMATS},
    }


def _entry(entry: StoredEntry, shown: Shown) -> dict[str, Any]:
    return {
        'id': shown.id,
        'title': shown.title,
        'url': shown.link,
        'published': rfc3339(shown.published_at),
        'updated': rfc3339(shown.updated_at),
        'publisher': shown.publisher,
        'categories': [label for _, label in shown.categories],
        'slugs': [slug for slug, _ in shown.categories],
        'carriers': [{'source': c.source, 'url': web(scrub(c.url)), 'guid': c.guid} for c in entry.carriers],
        'replaces': list(entry.replaces),
        'identity': entry.identity,
        'rule': entry.rule,
        'content_html': shown.text,
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
