"""From valid shapes to the settings that everyone sees: defaults applied, paths absolute, rows frozen."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.model import (
    AllOf,
    AnyOf,
    CategoryDef,
    CategoryRule,
    Condition,
    Key,
    Match,
    Not,
    Policy,
    Rule,
    Settings,
    Site,
    Source,
    UrlRules,
)
from aggregator.rules.cron import usual_gap
from aggregator.rules.rhythm import START
from aggregator.settings import knobs as knob
from aggregator.settings.knobs import KnobsShape
from aggregator.settings.rows import FeedsShape, options_of
from aggregator.settings.shape import (
    CategoryDefShape,
    CategoryShape,
    ConditionShape,
    DefaultsShape,
    KeyShape,
    RuleShape,
    SiteShape,
    SourceShape,
)

_PLAIN = Source(name='')
_FIELDS = ('title', 'text', 'url', 'author', 'publisher', 'source', 'tag')


def settings_of(feeds: FeedsShape, knobs: KnobsShape, path: Path, data: Path, lines: tuple[int, ...]) -> Settings:
    """`path` (of feeds.yml) and `data` are absolute; `lines` are those of the sources."""
    site = _site(feeds.site)
    seen: dict[Any, Any] = {}
    sources = tuple(
        _sharing(dataclasses.replace(_source(row, feeds, site, path.parent, order), line=line), seen)
        for order, (row, line) in enumerate(zip(feeds.sources, lines, strict=True))
    )
    polling = knob.polling_of(knobs)
    return Settings(
        path=path,
        data=data,
        site=site,
        sources=sources,
        stranger=_stranger(feeds, site),
        policy=_policy(feeds, site, sources, polling.max_revisions),
        polling=polling,
        parsing=knob.parsing_of(knobs),
        publishing=knob.publishing_of(knobs),
        serving=knob.serving_of(knobs),
        retention=knob.retention_of(knobs),
        logging=knob.logging_of(knobs),
    )


def _site(shape: SiteShape) -> Site:
    return Site(**_written(shape))


def _written(shape: Any) -> dict[str, Any]:
    return {name: value for name in shape.model_fields_set if (value := getattr(shape, name)) is not None}


# ------------------------------------------------ sources


def _source(row: Any, feeds: FeedsShape, site: Site, folder: Path, order: int) -> Source:
    def pick(name: str, otherwise: Any) -> Any:
        own = getattr(row, name)
        common = getattr(feeds.defaults, name) if own is None else own
        return otherwise if common is None else common

    options = _options(row, folder)
    zone = pick('timezone', site.timezone)
    return Source(
        name=row.name,
        kind=row.kind,
        order=order,
        url=options.path if hasattr(options, 'path') else row.url,
        group=pick('group', _PLAIN.group),
        **_every(pick('every', _PLAIN.every), zone),
        timezone=zone,
        content=pick('content', _PLAIN.content),
        private=pick('private', _PLAIN.private),
        encoding=pick('encoding', _PLAIN.encoding),
        headers=pick('headers', _PLAIN.headers),
        speaks_for=tuple(pick('speaks_for', ())),
        key=_key(pick('key', None)),
        category=_category(row, feeds.defaults),
        options=options,
    )


def _sharing(source: Source, seen: dict[Any, Any]) -> Source:
    """The same; what others before it said as well is in memory once: of ten thousand sources most say little else."""
    said = (source.every, source.key, source.category)
    every, key, category = (seen.setdefault(value, value) for value in said)
    return dataclasses.replace(source, every=every, key=key, category=category)


def _stranger(feeds: FeedsShape, site: Site) -> Source:
    common = feeds.defaults
    return Source(
        name='',
        timezone=common.timezone or site.timezone,
        private=bool(common.private),
        encoding=common.encoding or '',
        headers=common.headers or {},
    )


def _every(value: timedelta | str, zone: str) -> dict[str, Any]:
    match value:
        case timedelta():
            return {'every': value}
        case 'adaptive':
            return {'every': START, 'adaptive': True}
        case _:
            return {'every': usual_gap(value, zone), 'cron': value}


def _options(row: Any, folder: Path) -> Any:
    options = options_of(row)
    if hasattr(options, 'path'):
        return dataclasses.replace(options, path=str((folder / options.path).absolute()))
    return options


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _key(shape: KeyShape | None) -> Key:
    if shape is None:
        return Key()
    return Key(**{name: _frozen(value) for name, value in _written(shape).items()})


def _category(row: SourceShape, defaults: DefaultsShape) -> CategoryRule:
    """Without any word about it the entries say who published them."""
    if row.categories is not None:
        return CategoryRule(labels=_once(row.categories))
    match row.category if row.category is not None else defaults.category:
        case str() as label:
            return CategoryRule(labels=(label,))
        case CategoryShape() as shape:
            return CategoryRule(
                labels=_once(shape.labels),
                origin=shape.from_,
                label=shape.label,
                allow=tuple(shape.allow),
                deny=tuple(shape.deny),
                cap=shape.cap,
            )
        case _:
            return CategoryRule(origin='publisher')


def _once(labels: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))


# ------------------------------------------------ what is made of their entries


def _policy(feeds: FeedsShape, site: Site, sources: tuple[Source, ...], max_revisions: int) -> Policy:
    policy = Policy(
        sources={source.name: source for source in sources},
        urls=UrlRules(drop=tuple(feeds.urls.drop), unwrap=feeds.urls.unwrap),
        aliases=feeds.aliases,
        rules=tuple(map(_rule, feeds.rules)),
        categories=tuple(map(_category_def, feeds.categories)),
        max_revisions=max_revisions,
    )
    return dataclasses.replace(policy, authority=site.authority) if site.authority else policy


def _category_def(shape: CategoryDefShape) -> CategoryDef:
    return CategoryDef(**_written(shape))


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        when=_condition(shape.when),
        add=tuple(shape.add or ()),
        remove=tuple(shape.remove or ()),
        drop=bool(shape.drop),
    )


def _condition(shape: ConditionShape) -> Condition:
    """Several keys of one mapping mean all of them, in the order of the model."""
    parts: list[Condition] = [Match(name, pattern) for name in _FIELDS if (pattern := getattr(shape, name))]  # type: ignore[arg-type]
    if shape.all is not None:
        parts.append(AllOf(tuple(map(_condition, shape.all))))
    if shape.any is not None:
        parts.append(AnyOf(tuple(map(_condition, shape.any))))
    if shape.not_ is not None:
        parts.append(Not(_condition(shape.not_)))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
