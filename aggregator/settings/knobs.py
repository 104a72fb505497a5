"""The raw shape of config/aggregator.yml: every setting, its default (taken from the model) and its sentence.

A field has the name of the model's field, an alias where the file says it without the unit (`total: 30s` is `total_s`).
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, StrictBool, StrictFloat, StrictInt, model_validator

from aggregator.model import FetchLimits, Logging, ParseLimits, Parsing, Polling, Publishing, Retention, Serving
from aggregator.settings.addresses import Url
from aggregator.settings.shape import Shape
from aggregator.settings.units import duration_text, size_text
from aggregator.settings.values import Contact, Duration, Interval, Seconds, Size, Text, wrong

_POLLING, _PARSING, _PUBLISHING = Polling(), Parsing(), Publishing()
_SERVING, _RETENTION, _LOGGING = Serving(), Retention(), Logging()
_FETCH, _LIMITS = FetchLimits(), ParseLimits()
T = TypeVar('T')


def _time(value: timedelta | float, description: str, **more: Any) -> Any:
    text = duration_text(value if isinstance(value, timedelta) else timedelta(seconds=value))
    return Field(text, validate_default=True, description=description, examples=[text], **more)


def _bytes(value: int, description: str, **more: Any) -> Any:
    return Field(size_text(value), validate_default=True, description=description, examples=[size_text(value)], **more)


def _count(value: int, description: str, ge: int = 1, le: int = 1_000_000) -> Any:
    return Field(value, ge=ge, le=le, description=description, examples=[value])


def _any(value: Any, description: str) -> Any:
    return Field(value, description=description, examples=[value] if value else None)


class FetchKnobs(Shape):
    """Bounds of one request."""

    total_s: Seconds = _time(_FETCH.total_s, 'One request, redirects included, takes no longer.', alias='total')
    connect_s: Seconds = _time(_FETCH.connect_s, 'Connecting takes no longer.', alias='connect')
    redirects: StrictInt = _count(_FETCH.redirects, 'Redirects that one request follows.', ge=0, le=20)
    header_bytes: Size = _bytes(_FETCH.header_bytes, 'Headers of one answer are no longer.', alias='headers')
    body_bytes: Size = _bytes(
        _FETCH.body_bytes, 'A document is no longer, counted after it was inflated.', alias='body'
    )


class PollingKnobs(Shape):
    """How sources are visited."""

    min_interval: Duration = _time(_POLLING.min_interval, 'No source is polled more often, whatever feeds.yml says.')
    max_interval: Interval = _time(_POLLING.max_interval, 'No source is left alone for longer, failures included.')
    host_spacing: Duration = _time(_POLLING.host_spacing, 'Between two requests to one host.')
    host_concurrency: StrictInt = _count(_POLLING.host_concurrency, 'Requests to one host at once.', le=64)
    threads: StrictInt = _count(_POLLING.threads, 'Requests under way at once.', le=512)
    contact: Contact = _any(_POLLING.contact, "URL or address in the User-Agent; empty: the site's about page.")
    max_revisions: StrictInt = _count(_POLLING.max_revisions, 'Texts that one source may give to one entry.')
    fetch: FetchKnobs = Field(default_factory=FetchKnobs, description='Bounds of one request.')

    @model_validator(mode='after')
    def _in_order(self) -> Self:
        if self.min_interval > self.max_interval:
            raise wrong('min_interval is longer than max_interval', 'the least interval must not be above the greatest')
        return self


class LimitKnobs(Shape):
    """Bounds of one document and of what it may say."""

    parse_s: Seconds = _time(_LIMITS.parse_s, 'Reading one document takes no longer.', alias='time')
    memory_bytes: Size = _bytes(_LIMITS.memory_bytes, 'A worker that reads takes no more memory.', alias='memory')
    entries: StrictInt = _count(_LIMITS.entries, 'Entries that are taken of one document.')
    title: StrictInt = _count(_LIMITS.title, 'Characters of a title.')
    author: StrictInt = _count(_LIMITS.author, 'Characters of the name of an author or publisher.')
    tag: StrictInt = _count(_LIMITS.tag, 'Characters of a tag.')
    tags: StrictInt = _count(_LIMITS.tags, 'Tags of an entry.', ge=0)
    html_bytes: Size = _bytes(_LIMITS.html_bytes, 'HTML of an entry is no longer.', alias='html')
    guid_bytes: Size = _bytes(_LIMITS.guid_bytes, 'A guid is no longer.', alias='guid')


class ParsingKnobs(Shape):
    """How documents are read: in worker processes that can be killed."""

    workers: StrictInt = _count(_PARSING.workers, 'Worker processes at most; 0 reads in the main process.', ge=0, le=64)
    documents_per_worker: StrictInt = _count(
        _PARSING.documents_per_worker, 'Documents after which a fresh process takes the place of a worker.'
    )
    limits: LimitKnobs = Field(default_factory=LimitKnobs, description='Bounds of one document.')


class PublishingKnobs(Shape):
    """How long a feed is."""

    entries: StrictInt = _count(_PUBLISHING.entries, 'Entries in one document.', le=10_000)
    max_age: Interval = _time(_PUBLISHING.max_age, "Older than the feed's newest entry by this: left out.")
    source_share: StrictFloat = Field(
        default=_PUBLISHING.source_share,
        gt=0,
        le=1,
        description='Part of a document that one source may fill while others have entries.',
        examples=[_PUBLISHING.source_share],
    )
    hubs: list[Url] = _any(
        list(_PUBLISHING.hubs), 'WebSub hubs: named in the feeds and in the Link field, and told of every change.'
    )
    private_hubs: StrictBool = _any(_PUBLISHING.private_hubs, 'Hubs may stand in your own network.')


class ServingKnobs(Shape):
    """Where and how it is served."""

    host: Text = _any(_SERVING.host, 'Address to listen on.')
    port: StrictInt = _count(_SERVING.port, 'Port to listen on; 0 takes any that is free.', ge=0, le=65535)
    min_max_age: Duration = _time(_SERVING.min_max_age, 'Cache-Control is never shorter.')


class RetentionKnobs(Shape):
    """What is kept, and for how long. What a source still lists is never removed."""

    max_age: Interval = _time(_RETENTION.max_age, 'Entries older than this are removed.')
    per_source: StrictInt = _count(_RETENTION.per_source, 'Entries kept of one source.', le=100_000_000)
    removed_source: Literal['retire', 'purge'] = _any(
        _RETENTION.removed_source, 'What happens to the entries of a source that left feeds.yml: retire keeps them.'
    )


class LoggingKnobs(Shape):
    """What is logged, and how."""

    format: Literal['text', 'json'] = _any(_LOGGING.format, 'Lines for people, or JSON for programs.')
    level: Literal['debug', 'info', 'warning', 'error'] = _any(_LOGGING.level, 'The least that is worth a line.')


class KnobsShape(Shape):
    """config/aggregator.yml: how it runs. Every key may be left out."""

    polling: PollingKnobs = Field(default_factory=PollingKnobs, description='How sources are visited.')
    parsing: ParsingKnobs = Field(default_factory=ParsingKnobs, description='How documents are read.')
    publishing: PublishingKnobs = Field(default_factory=PublishingKnobs, description='How long a feed is.')
    serving: ServingKnobs = Field(default_factory=ServingKnobs, description='Where and how it is served.')
    retention: RetentionKnobs = Field(default_factory=RetentionKnobs, description='What is kept.')
    logging: LoggingKnobs = Field(default_factory=LoggingKnobs, description='What is logged.')


def polling_of(knobs: KnobsShape) -> Polling:
    return _filled(Polling, knobs.polling, fetch=_filled(FetchLimits, knobs.polling.fetch))


def parsing_of(knobs: KnobsShape) -> Parsing:
    return _filled(Parsing, knobs.parsing, limits=_filled(ParseLimits, knobs.parsing.limits))


def publishing_of(knobs: KnobsShape) -> Publishing:
    return _filled(Publishing, knobs.publishing, hubs=tuple(knobs.publishing.hubs))


def serving_of(knobs: KnobsShape) -> Serving:
    return _filled(Serving, knobs.serving)


def retention_of(knobs: KnobsShape) -> Retention:
    return _filled(Retention, knobs.retention)


def logging_of(knobs: KnobsShape) -> Logging:
    return _filled(Logging, knobs.logging)


def _filled(model: type[T], knobs: Shape, **ready: Any) -> T:
    """The model's dataclass from fields of the same names."""
    values = {f.name: getattr(knobs, f.name) for f in fields(model) if f.name not in ready}  # type: ignore[arg-type]
    return model(**values, **ready)
