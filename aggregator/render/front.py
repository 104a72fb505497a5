"""The front page: how things stand in a sentence, what needs a person first, the last two days, categories, the newest.

It is a file, and a function of the state alone: its day is the newest entry's, and no time of a poll stands on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from markupsafe import Markup

from aggregator.model import CategoryState, Fault, Feed, Pulse, Site, SourceView, StoredEntry
from aggregator.render.assembly import NOTHING, Fragment, Ready, each_made, written
from aggregator.render.charts import columns
from aggregator.render.instants import local, zone_of
from aggregator.render.pages import Row
from aggregator.render.paper import TROUBLE, Moment, day_in_words, fitting, moment, moment_at, page
from aggregator.render.plainly import Told, told
from aggregator.render.shown import Shown
from aggregator.render.text import one_line
from aggregator.render.words import Words, words_of

_ROWS = 160  # of each list, at most
_FAILING = 6  # that are shown with all they say
_ALARM = ('failing', 'gone')
_STILL = Pulse()
_TICK = 6  # hours between two names below the chart


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title, the names below it, and the table of its figures."""

    title: str
    svg: Markup
    axis: Sequence[str]
    head: str
    rows: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Category:
    slug: str
    title: str
    day: int
    newest: Moment | None
    newest_title: str


@dataclass(frozen=True, slots=True)
class _Failing:
    view: SourceView
    error: Told | None


def entry_fragment(entry: StoredEntry, feed: Feed) -> bytes | Fault:
    """`<article>…</article>` among the newest on the front page."""
    return written(entry, feed, _write)


def newest_rows(feed: Feed, fragment: Fragment = entry_fragment, ready: Ready = NOTHING) -> list[bytes]:
    """The entries that can be shown there."""
    return [body for body in each_made(feed, fragment, ready) if isinstance(body, bytes)]


def first_sources(states: Mapping[str, str], by_name: Iterable[str]) -> list[str]:
    """Names of the sources that the page has room for: those in trouble first, then the others `by_name`."""
    troubled = sorted((TROUBLE[state], name) for name, state in states.items() if state in TROUBLE)
    found = [name for _, name in troubled[:_ROWS]]
    others = (name for name in by_name if states[name] not in TROUBLE)
    return found + list(islice(others, _ROWS - len(found)))


def needy_among(first: Iterable[str], states: Mapping[str, str]) -> list[str]:
    """Those of them of which the page says what ails them."""
    return [name for name in first if states[name] in _ALARM][:_FAILING]


@dataclass(frozen=True, slots=True)
class _Front:
    """All that the page shows, before it is cut to its size."""

    site: Site
    summary: str
    day: str
    chart: Chart | None
    categories: Sequence[_Category]
    failing: Sequence[_Failing]  # the first
    unshown: int  # further ones
    sources: Sequence[SourceView]  # the first
    listed: int  # all of them
    rows: Sequence[Markup]

    def page(self, limit: int) -> bytes:
        """With about `limit` rows a list; categories are shown in full, then by name, then counted."""
        full = limit * 3 // 8
        return page(
            'index.html',
            self.site,
            title=one_line(self.site.title),
            canonical=self.site.url,
            here='home',
            summary=self.summary,
            day=self.day,
            chart=self.chart,
            failing=self.failing[:limit],
            unshown=self.unshown + max(0, len(self.failing) - limit),
            categories=[_card(self.site, one) for one in self.categories[:full]],
            others=self.categories[full : 2 * limit],
            sources=[_chip(self.site, source.name, source.state) for source in self.sources[:limit]],
            rows=self.rows[: limit // 4],
            more=(max(0, len(self.categories) - 2 * limit), max(0, self.listed - min(limit, len(self.sources)))),
        )


def index_page(
    site: Site,
    categories: Sequence[CategoryState],
    sources: Sequence[SourceView],
    rows: Sequence[bytes],
    pulse: Pulse = _STILL,
    states: Mapping[str, int] | None = None,
) -> bytes:
    """The front page, however much there is of everything; `rows` are its newest entries, rendered.

    `states` tells how many sources are in each state, where `sources` are only the first of them.
    """
    words = words_of(site.language)
    counted = states or Counter(source.state for source in sources)
    troubled_first = sorted(sources, key=lambda source: (TROUBLE.get(source.state, len(TROUBLE)), source.name))
    failing = [source for source in troubled_first if source.state in _ALARM]
    newest = moment_at(site, pulse.newest_at)
    front = _Front(
        site=site,
        summary=_summary(words, len(categories), counted, pulse, newest),
        day=day_in_words(newest.day, words) if newest else '',
        chart=_chart(site, words, pulse),
        categories=[_category(site, c, pulse) for c in sorted(categories, key=_newest_first)],
        failing=[_told(source, words) for source in failing[:_FAILING]],
        unshown=max(0, sum(counted.get(state, 0) for state in _ALARM) - _FAILING),
        sources=troubled_first,
        listed=sum(counted.values()),
        rows=[Markup(row.decode()) for row in rows],  # noqa: S704  # rendered here, of what was sanitised
    )
    return fitting(front.page, _ROWS)


def _summary(
    words: Words,
    categories: int,
    states: Mapping[str, int],
    pulse: Pulse,
    newest: Moment | None,
) -> str:
    """'6 sources, 4 healthy, 2 failing; 8 categories; 31 entries on 2026-11-25, the newest at 12:04.'"""
    groups = (('ok', 'degraded'), _ALARM, ('new',))
    healthy, failing, new = (sum(states.get(state, 0) for state in group) for group in groups)
    sources = sum(states.values())
    parts = [words.of_sources.format(sources)]
    parts.append(words.all_healthy if healthy == sources and sources else words.healthy.format(healthy))
    parts += [words.failing.format(failing)] if failing else []
    parts += [words.waiting.format(new)] if new else []
    clauses = [words.comma.join(parts), words.of_categories.format(categories)]
    if newest:
        clauses.append(words.of_day.format(day=newest.day, entries=pulse.day, time=newest.time))
    return words.semicolon.join(clauses) + words.full_stop


def _chart(site: Site, words: Words, pulse: Pulse) -> Chart | None:
    if pulse.until_at is None or not pulse.hours:
        return None
    names, axis = _names(pulse.until_at, len(pulse.hours), site.timezone)
    title = words.per_hour.format(hours=len(pulse.hours), entries=sum(pulse.hours), most=max(pulse.hours))
    return Chart(
        title=title,
        svg=columns(pulse.hours, names, title),
        axis=axis,
        head=words.hour,
        rows=list(zip(names, pulse.hours, strict=True)),
    )


def _category(site: Site, one: CategoryState, pulse: Pulse) -> _Category:
    title = one_line(one.title) or one_line(one.label)
    return _Category(one.slug, title, pulse.days.get(one.slug, 0), moment_at(site, one.newest_at), one.newest_title)


@lru_cache(maxsize=2)  # for an hour they are the same
def _names(until_at: datetime, hours: int, timezone: str) -> tuple[Sequence[str], Sequence[str]]:
    """Of the hours before that, in the chart and below it."""
    zone, first = zone_of(timezone), until_at - hours * timedelta(hours=1)
    starts = [local(first + n * timedelta(hours=1), zone) for n in range(hours)]
    return [f'{at:%m-%d %H:%M}' for at in starts], [f'{at:%H:%M}' for at in starts[::_TICK]]


def _newest_first(one: CategoryState) -> tuple[bool, float, str]:
    return one.newest_at is None, -one.newest_at.timestamp() if one.newest_at else 0.0, one.slug


def _told(source: SourceView, words: Words) -> _Failing:
    return _Failing(source, told(source.error, source.hint, words) if source.error else None)


def _write(shown: Shown, feed: Feed) -> bytes:
    row = Row(shown, moment(shown.published_at, zone_of(feed.site.timezone)), '', whole=False)
    return page('row.html', feed.site, row=row)


@lru_cache(maxsize=256)
def _card(site: Site, one: _Category) -> Markup:
    return Markup(page('card.html', site, one=one).decode())  # noqa: S704  # rendered here


@lru_cache(maxsize=512)
def _chip(site: Site, name: str, state: str) -> Markup:
    return Markup(page('chip.html', site, one={'name': name, 'state': state}).decode())  # noqa: S704  # rendered here
