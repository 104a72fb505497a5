"""The page of a search: what was found, with the words marked where they stand, and the same as a feed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from markupsafe import Markup, escape

from aggregator.model import Site, SourceView, StoredEntry
from aggregator.render.links import live_path, root_of
from aggregator.render.pages import Row, rows_of
from aggregator.render.paper import fitting, page, searches
from aggregator.render.text import one_line, plain_of
from aggregator.render.words import words_of

_BEFORE, _AFTER = 30, 110  # characters of a text around the first word that is found in it
_READ = 20_000  # characters of a text's HTML that are looked through
_MOST_WORDS = 10
_MOST_MARKS = 20  # in one text


def search_page(
    site: Site,
    query: str,
    found: Sequence[StoredEntry],
    sources: Mapping[str, SourceView] = MappingProxyType({}),
    *,
    number: int = 1,
    more: bool = False,
    refused: bool = False,
) -> bytes:
    """Page `number` of what was found; `more`: there is another. `refused`: the query was too long to be asked."""
    words = words_of(site.language)
    title = f'{words.search}{words.colon}{query}' if query else words.search
    feeds = searches(site, query, title) if query and not refused else []
    rows = _marked(rows_of(found, sources, site), query)
    lead = words.search_refused if refused else words.search_hint if not query else words.no_result if not rows else ''
    path = root_of(site)

    def made(limit: int) -> bytes:
        return page(
            'search.html',
            site,
            title=title,
            noindex=True,
            query=query,
            refused=refused,
            feeds=feeds,
            **({'alternates': feeds} if feeds else {}),
            lead=lead or words.result_page.format(number),
            rows=rows[:limit],
            newer=path + live_path('search', q=query, page=str(number - 1)) if number > 1 else '',
            older=path + live_path('search', q=query, page=str(number + 1)) if more else '',
        )

    return fitting(made, len(rows))


def _marked(rows: Sequence[Row], query: str) -> list[Row]:
    wanted = sorted(query.split()[:_MOST_WORDS], key=len, reverse=True)
    if not wanted:
        return list(rows)
    pattern = re.compile('|'.join(map(re.escape, wanted)), re.IGNORECASE)
    return [
        replace(row, title=_mark(row.shown.title, pattern), text=_mark(_around(row, pattern), pattern), whole=False)
        for row in rows
    ]


def _around(row: Row, pattern: re.Pattern[str]) -> str:
    """A piece of its text with one of the words in it; its beginning where there is none."""
    text = plain_of((row.shown.said or row.shown.summary)[:_READ])
    found = pattern.search(text)
    start = max(0, found.start() - _BEFORE) if found else 0
    piece = text[start : start + _BEFORE + _AFTER]
    return ('…' if start else '') + one_line(piece) + ('…' if start + len(piece) < len(text) else '')


def _mark(text: str, pattern: re.Pattern[str]) -> Markup:
    parts, last = Markup(), 0
    for found in islice(pattern.finditer(text), _MOST_MARKS):
        parts += escape(text[last : found.start()]) + Markup('<mark>{}</mark>').format(found[0])
        last = found.end()
    return parts + escape(text[last:])
