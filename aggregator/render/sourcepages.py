"""Pages about sources, for whoever runs this and for publishers: all of them, those in trouble first, and each alone.

They are made when somebody asks, so they may say how long ago. `now` is an argument.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from aggregator.model import Installation, PollReport, Site, Source, SourceNow, StoredEntry
from aggregator.render.aboutpage import refused_in_words
from aggregator.render.answered import FACT, answered, held
from aggregator.render.charts import columns, new_in, spark
from aggregator.render.front import Chart
from aggregator.render.instants import local, zone_of
from aggregator.render.links import live_path, root_of, web
from aggregator.render.pages import rows_of
from aggregator.render.paper import Moment, ago, fitting, moment, moment_at, page
from aggregator.render.plainly import Told, told
from aggregator.render.text import one_line, scrub
from aggregator.render.words import Words, words_of

ROUNDS = 30  # of a spark
_NOTED = Installation()


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    state: str
    spark: Markup
    last: Moment | None
    last_ago: str
    next: Moment | None
    next_ahead: str
    day: int
    error: Told | None


@dataclass(frozen=True, slots=True)
class _Round:
    at: Moment
    word: str
    status: int
    bytes: int
    ms: int
    new: int
    revised: int
    merged: int


def sources_page(
    site: Site,
    sources: Sequence[SourceNow],
    states: Mapping[str, int],
    now: datetime,
    installed: Installation = _NOTED,
    *,
    number: int = 1,
    pages: int = 1,
) -> bytes:
    """Page `number` of all sources; `states` counts all of them by state."""
    words, root = words_of(site.language), root_of(site)
    summary = words.comma.join(
        [words.of_sources.format(sum(states.values()))]
        + [f'{words.states[word]} {n}' for word, n in states.items() if word in words.states]
    )

    def made(limit: int) -> bytes:
        return page(
            'sources.html',
            site,
            title=words.sources,
            here='sources',
            summary=summary + words.full_stop,
            refused=refused_in_words(site, installed, now),
            rows=[_row(one, site, words, now) for one in sources[:limit]],
            newer=root + live_path('sources', page=str(number - 1)) if number > 1 else '',
            older=root + live_path('sources', page=str(number + 1)) if number < pages else '',
        )

    return fitting(made, len(sources))


def source_page(
    site: Site,
    source: Source,
    one: SourceNow,
    published: Sequence[datetime],
    shared: Sequence[StoredEntry],
    now: datetime,
) -> bytes:
    """All about one source: `published` are instants of what it carried, `shared` what others carried as well."""
    words = words_of(site.language)
    rows = rows_of(shared, {}, site)
    others = {e.id: sorted({c.source for c in e.carriers} - {one.view.name}) for e in shared}

    def made(limit: int) -> bytes:
        return page(
            'source.html',
            site,
            title=one_line(one.view.name),
            here='sources',
            one=_row(one, site, words, now),
            facts=_facts(site, source, one, words, now),
            charts=_charts(site, published, words),
            rounds=[_round(poll, site, words) for poll in one.polls[:limit]],
            answer=answered(site, one, words, now),
            held=held(one),
            shared=[(row, others.get(row.shown.id, [])[:5]) for row in rows],
        )

    return fitting(made, len(one.polls))


def _row(one: SourceNow, site: Site, words: Words, now: datetime) -> _Row:
    state = one.state
    asked = state.state not in ('gone', 'retired')
    following = state.next_poll_at if asked else None
    return _Row(
        name=one.view.name,
        state=state.state,
        spark=_spark(one.polls, words),
        last=moment_at(site, state.last_poll_at),
        last_ago=ago(state.last_poll_at, now, words) if state.last_poll_at else '',
        next=moment_at(site, following),
        next_ahead=(words.due if following <= now else ago(following, now, words)) if following else '',
        day=one.day,
        error=told(state.error, state.hint, words) if state.error else None,
    )


def _spark(polls: Sequence[PollReport], words: Words) -> Markup:
    recent = polls[:ROUNDS]
    failed = sum(poll.outcome == 'failed' for poll in recent)
    came = sum(bool(new_in(poll)) for poll in recent if poll.outcome != 'failed')
    return spark(
        recent,
        ROUNDS,
        words.of_rounds.format(rounds=len(recent), new=came, same=len(recent) - came - failed, failed=failed),
    )


def _facts(site: Site, source: Source, one: SourceNow, words: Words, now: datetime) -> list[tuple[str, str, str]]:
    """(name, value, link) of everything that is worth a line."""
    state, url = one.state, web(scrub(one.view.url))

    def at(instant: datetime | None) -> str:
        if instant is None:
            return ''
        there = moment(instant, zone_of(site.timezone))
        return f'{there.day} {there.time}{words.opening}{ago(instant, now, words)}{words.closing}'

    facts = [
        (words.address, url or words.folder, url),
        (words.site_of, web(scrub(one.view.link)), web(scrub(one.view.link))),
        (words.kind, source.kind, ''),
        (words.last_poll, at(state.last_poll_at), ''),
        (words.last_success, at(state.last_success_at), ''),
        (words.last_change, at(state.last_change_at), ''),
        (words.next_poll, at(state.next_poll_at) if state.state not in ('gone', 'retired') else '', ''),
        (words.why, one_line(state.why_next), ''),
        (words.in_a_row, str(state.failures) if state.failures else '', ''),
        (words.listed, str(state.entries) if state.entries else '', ''),
        (words.day, str(one.day), ''),
        (words.moved_to, web(scrub(state.moved_to)), web(scrub(state.moved_to))),
        (words.rights, one_line(one.view.rights), ''),
    ]
    return [(name, value[:FACT], link) for name, value, link in facts if value]


def _charts(site: Site, published: Sequence[datetime], words: Words) -> list[Chart]:
    if not published:
        return []
    there = [local(at, zone_of(site.timezone)) for at in published]
    hours, days = Counter(at.hour for at in there), Counter(at.weekday() for at in there)
    names = [f'{hour:02}:00' for hour in range(24)]
    by_hour, by_day = [hours[n] for n in range(24)], [days[n] for n in range(7)]
    return [
        Chart(
            words.by_hour,
            columns(by_hour, names, words.by_hour),
            names[::6],
            words.hour,
            list(zip(names, by_hour, strict=True)),
        ),
        Chart(
            words.by_weekday,
            columns(by_day, words.weekdays, words.by_weekday),
            words.weekdays_short,
            words.weekday,
            list(zip(words.weekdays, by_day, strict=True)),
        ),
    ]


def _round(poll: PollReport, site: Site, words: Words) -> _Round:
    counts = poll.counts
    return _Round(
        at=moment(poll.at, zone_of(site.timezone)),
        word=words.outcomes.get(poll.outcome, poll.outcome),
        status=poll.status,
        bytes=poll.bytes,
        ms=poll.elapsed_ms,
        new=counts.get('new', 0),
        revised=counts.get('revised', 0),
        merged=counts.get('merged', 0),
    )
