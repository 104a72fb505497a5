"""What a server answered last, and what is held of its answers: parts of the page of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aggregator.model import Site, SourceNow
from aggregator.render.instants import zone_of
from aggregator.render.links import web
from aggregator.render.paper import Moment, ago, moment
from aggregator.render.text import scrub
from aggregator.render.words import Words

FACT = 300  # characters of a value
_PHRASES = {status.value: status.phrase for status in HTTPStatus}  # a server's own ones mean nothing (RFC 9112, 4)


@dataclass(frozen=True, slots=True)
class Answered:
    status: str
    at: Moment
    ago: str
    url: str  # '' where it is the one of the source
    fields: list[tuple[str, str, bool]]  # name, value, whether the value is withheld
    left_out: str


def answered(site: Site, one: SourceNow, words: Words, now: datetime) -> Answered | None:
    if one.answer is None:
        return None
    answer, there = one.answer, moment(one.answer.at, zone_of(site.timezone))
    return Answered(
        status=' '.join(filter(None, ('HTTP', str(answer.status), _PHRASES.get(answer.status)))),
        at=there,
        ago=ago(answer.at, now, words),
        url='' if answer.url == one.view.url else web(scrub(answer.url))[:FACT],
        fields=[(scrub(f.name), scrub(f.value), f.withheld) for f in answer.fields],
        left_out=words.fields_left_out.format(answer.left_out) if answer.left_out else '',
    )


def held(one: SourceNow) -> list[tuple[str, str]]:
    """What the last answer told for the next request (RFC 9110, 8.8; RFC 9111, 5.2)."""
    rows: list[tuple[str, str]] = []
    for validators in list(one.state.validators.values())[:3]:
        rows += [('ETag', scrub(validators.etag)[:FACT])] if validators.etag else []
        rows += [('Last-Modified', scrub(validators.last_modified)[:FACT])] if validators.last_modified else []
    if one.state.max_age is not None:
        rows.append(('Cache-Control', f'max-age={int(one.state.max_age.total_seconds())}'))
    return rows
