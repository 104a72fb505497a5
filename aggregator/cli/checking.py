"""Commands that look before anything is done: check, schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from aggregator.cli.leaving import ends_at_once
from aggregator.cli.options import Place, as_json, located, source_or_url
from aggregator.cli.progress import bar
from aggregator.cli.showing import how_often, json_line, safe, show_json
from aggregator.daemon import Looked, look_at, targets
from aggregator.errors import ConfigError
from aggregator.model import Settings
from aggregator.settings import feeds_schema, settings_schema


@click.command()
@located
@click.argument('target', metavar='[SOURCE|URL]', required=False, shell_complete=source_or_url)
@click.option('--online', is_flag=True, help='Ask every source once, and write nothing.')
@as_json
@click.pass_context
def check(ctx: click.Context, place: Place, target: str | None, *, online: bool, in_json: bool) -> None:
    """Validate feeds.yml and the settings: every fault at once, with its line and what to do.

    With --online, or a SOURCE or URL, one request each, nothing written.

    \b
    Examples:
      aggregator check
      aggregator check --online
      aggregator check https://example.org/rss.xml
    """
    settings = _settings(place, in_json=in_json)
    sources = targets(settings, target) if online or target else []
    if not sources:
        _show_settings(place, len(settings.sources), in_json=in_json)
    failed = False
    with ends_at_once(), bar('looking', len(sources), 'sources') as shown:
        for one in look_at(settings, sources):
            shown.advance(one.source)
            shown.say('\n'.join(_lines(one, in_json=in_json)))
            failed = failed or bool(one.error)
    ctx.exit(int(failed))


@click.command()
@click.argument('which', type=click.Choice(['feeds', 'settings']), default='feeds')
def schema(which: str) -> None:
    """Print the JSON Schema of feeds.yml (or of config/aggregator.yml) for editors.

    \b
    Examples:
      aggregator schema > feeds.schema.json
      aggregator schema settings > aggregator.schema.json
    """
    found: dict[str, Any] = feeds_schema() if which == 'feeds' else settings_schema()
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _settings(place: Place, *, in_json: bool) -> Settings:
    """For a program every fault is an object; the sentences for people go to the other stream as always."""
    try:
        return place.settings()
    except ConfigError as error:
        for fault in error.faults if in_json else ():
            show_json(asdict(fault))
        raise


def _show_settings(place: Place, sources: int, *, in_json: bool) -> None:
    if in_json:
        show_json({'config': str(place.config), 'sources': sources, 'faults': []})
    else:
        click.echo(f'{place.config}: {sources} sources, no problems')


def _lines(one: Looked, *, in_json: bool) -> Iterator[str]:
    if in_json:
        yield json_line(one.row())
        return
    yield safe(f'{one.source}: {one.error or f"{one.entries} entries"}')
    if one.error and one.hint:
        yield safe(f'    {one.hint}')
        return
    for name, value in (
        ('url', one.url),
        ('title', one.title),
        ('newest', one.newest),
        ('dates', _dates(one)),
        ('how often', how_often(one.a_day) if one.a_day else ''),
        ('encoding', one.encoding),
        ('bytes', f'{one.bytes}'),
        *(('fault', fault) for fault in one.faults),
    ):
        if value:
            yield safe(f'    {name:<10} {value}')


def _dates(one: Looked) -> str:
    """From the oldest to the newest, and what there is no date for."""
    both = (one.oldest_at, one.newest_at)
    span = ' to '.join(f'{at:%Y-%m-%d %H:%M}' for at in both if at)
    parts = [f'{span} UTC'] if span else []
    parts += [f'{one.undated} without'] if one.undated else []
    parts += [f'not understood: {", ".join(map(repr, one.unread))}'] if one.unread else []
    return '; '.join(parts)
