"""Pages about sources, for whoever runs this and for publishers: all of them, those in trouble first, and each alone.

They are made when somebody asks, so they may say how long ago. `now` is an argument.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from markupsafe import Markup

from aggregator.model import PollReport, Site, Source, SourceNow, StoredEntry
from aggregator.render.charts import columns, new_in, spark
from aggregator.render.front import Chart
from aggregator.render.instants import local, zone_of
from aggregator.render.links import live_path, root_of, web
from aggregator.render.pages import rows_of
from aggregator.render.paper import Moment, fitting, moment, moment_at, page
from aggregator.render.plainly import Told, told
from aggregator.render.text import one_line, scrub
from aggregator.render.words import Words, words_of

ROUNDS = 30  # of a spark
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_LONG = 30 * _DAY  # from here on a date says more
_FACT = 300  # characters
_PHRASES = {status.value: status.phrase for status in HTTPStatus}  # a server's own ones mean nothing (RFC 9112, 4)


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


@dataclass(frozen=True, slots=True)
class _Answer:
    status: str
    at: Moment
    ago: str
    url: str  # '' where it is the one of the source
    fields: list[tuple[str, str, bool]]  # name, value, whether the value is withheld
    left_out: str


def sources_page(
    site: Site,
    sources: Sequence[SourceNow],
    states: Mapping[str, int],
    now: datetime,
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
            answer=_answer(site, one, words, now),
            held=_held(one),
            shared=[(row, others.get(row.shown.id, [])[:5]) for row in rows],
        )

    return fitting(made, len(one.polls))


def ago(at: datetime, now: datetime, words: Words) -> str:
    """'3 minutes ago', '12 minutes from now'; a date where it is long ago or far off."""
    seconds = int((now - at).total_seconds())
    form = words.ago if seconds >= 0 else words.ahead
    for most, unit, name in ((_HOUR, _MINUTE, words.minutes), (_DAY, _HOUR, words.hours), (_LONG, _DAY, words.days)):
        if abs(seconds) < most:
            count = abs(seconds) // unit
            return form.format(name(count)) if count else words.just_now if seconds >= 0 else words.soon
    return at.date().isoformat()


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
    return [(name, value[:_FACT], link) for name, value, link in facts if value]


def _answer(site: Site, one: SourceNow, words: Words, now: datetime) -> _Answer | None:
    if one.answer is None:
        return None
    answer, there = one.answer, moment(one.answer.at, zone_of(site.timezone))
    return _Answer(
        status=' '.join(filter(None, ('HTTP', str(answer.status), _PHRASES.get(answer.status)))),
        at=there,
        ago=ago(answer.at, now, words),
        url='' if answer.url == one.view.url else web(scrub(answer.url))[:_FACT],
        fields=[(scrub(f.name), scrub(f.value), f.withheld) for f in answer.fields],
        left_out=words.fields_left_out.format(answer.left_out) if answer.left_out else '',
    )


def _held(one: SourceNow) -> list[tuple[str, str]]:
    """What the last answer told for the next request (RFC 9110, 8.8; RFC 9111, 5.2)."""
    rows: list[tuple[str, str]] = []
    for validators in list(one.state.validators.values())[:3]:
        rows += [('ETag', scrub(validators.etag)[:_FACT])] if validators.etag else []
        rows += [('Last-Modified', scrub(validators.last_modified)[:_FACT])] if validators.last_modified else []
    if one.state.max_age is not None:
        rows.append(('Cache-Control', f'max-age={int(one.state.max_age.total_seconds())}'))
    return rows


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
