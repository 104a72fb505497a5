"""The command `show`: which settings hold, and where each of them comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from aggregator.cli.options import Place, as_json, located, source_or_url
from aggregator.cli.showing import show_json, show_table
from aggregator.errors import UsageError
from aggregator.model import Source
from aggregator.settings.load import Loaded
from aggregator.settings.origins import Effective, of_settings, of_site, of_source
from aggregator.settings.places import flow
from aggregator.store import Store
from aggregator.store.opening import FILE, is_there

SHARED = ('defaults', 'site')  # origins of a source's values that are not its own


@click.command()
@located
@as_json
@click.argument('name', metavar='[SOURCE]', required=False, shell_complete=source_or_url)
def show(place: Place, name: str | None, *, in_json: bool) -> None:
    """Show the settings that hold, with the line that each comes from: of a source, or of all that is no source.

    What nobody wrote is built in. Values of headers that may be secrets are not shown.

    \b
    Examples:
      aggregator show
      aggregator show 证券时报网 --json
    """
    loaded = place.loaded()
    found = of_source(loaded, _named(loaded, name)) if name else _of_all(loaded)
    if in_json:
        for one in found:
            show_json(_row(one))
    else:
        show_table(('setting', 'value', 'from'), ((one.key, _value(one), _origin(one)) for one in found))


def _named(loaded: Loaded, name: str) -> Source:
    for source in loaded.settings.sources:
        if source.name == name:
            return source
    raise _no_source(name, loaded)


def _no_source(name: str, loaded: Loaded) -> UsageError:
    from aggregator.daemon.naming import no_source  # noqa: PLC0415  # only whoever erred waits for the daemon

    return no_source(name, (s.name for s in loaded.settings.sources))


def _of_all(loaded: Loaded) -> Iterator[Effective]:
    for one in of_site(loaded):
        yield _minted(one, loaded.settings.data) if one.key == 'site.authority' else one
    yield from of_settings(loaded)


def _minted(one: Effective, data: Path) -> Effective:
    """Who mints the ids is stored at the first run, and holds from then on where nobody wrote it."""
    if one.origin != 'built-in' or not is_there(data / FILE):
        return one
    with Store.open(data, read_only=True) as store:
        return replace(one, value=store.meta('authority') or '', note='stored at the first run')


def _row(one: Effective) -> dict[str, Any]:
    place = {'file': one.file or None, 'line': one.line or None}
    return {'key': one.key, 'value': one.value, 'origin': one.origin, **place, 'note': one.note}


def _value(one: Effective) -> str:
    if one.value in (None, '', [], {}):
        return ''
    return {True: 'true', False: 'false'}[one.value] if isinstance(one.value, bool) else flow(one.value)


def _origin(one: Effective) -> str:
    written = f'{one.file}:{one.line}' if one.file else 'built in'
    written += f' ({one.origin})' if one.origin in SHARED and not one.key.startswith('site.') else ''
    return f'{written}; {one.note}' if one.note else written
