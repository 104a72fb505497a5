"""Commands that only look: status, entries, search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from aggregator.cli.options import MOMENT, Place, as_json, located
from aggregator.cli.showing import safe, show_error, show_json, when
from aggregator.errors import ConfigError
from aggregator.lock import running
from aggregator.model import StoredEntry
from aggregator.store import Store


@click.command()
@located
@as_json
@click.pass_context
def status(ctx: click.Context, place: Place, *, in_json: bool) -> None:
    """Say how it is: sources by state, entries, what failed. Answers with a broken feeds.yml too.

    \b
    Examples:
      aggregator status
      aggregator status --json
    """
    from aggregator.daemon import facts_of, now_utc  # noqa: PLC0415  # the other commands here need no daemon

    fault = _config_fault(place)
    with Store.open(place.data, read_only=True) as store:
        facts = facts_of(store, now_utc())
    daemon = running(place.data)
    facts['pid'] = daemon.pid if daemon else None
    if in_json:
        show_json(facts | {'configuration': [str(f.message) for f in fault.faults] if fault else []})
    else:
        _show_facts(facts)
        if fault:
            show_error(fault)
            _show_what_runs(facts)
    ctx.exit(1 if fault else 0)


def _show_facts(facts: Mapping[str, Any]) -> None:
    said = ', '.join(f'{n} {word}' for word, n in facts['states'].items()) or 'none polled yet'
    pid = facts['pid']
    click.echo(f'{facts["sources"]} sources ({said}); {facts["entries"]} entries in {facts["categories"]} categories')
    click.echo(f'daemon: {f"runs (pid {pid})" if pid else "does not run"}')
    click.echo(f'last success: {facts["last_success_at"] or "never"}')
    if facts['overdue']:
        click.echo(f'overdue: {facts["overdue"]} sources, the first for {facts["behind_s"]} s')
    if facts['unpublished']:
        click.echo(f'changed and not published yet: {facts["unpublished"]} categories')
    for one in facts['failing']:
        click.echo(safe(f'  {one["name"]}: {one["error"]}') + (f' ({safe(one["hint"])})' if one['hint'] else ''))


def _show_what_runs(facts: Mapping[str, Any]) -> None:
    """Beside the mistakes of the files: what was taken up before they were made."""
    if facts['pid'] and facts['config_at']:
        click.echo(f'the daemon runs on with the version of {facts["config_at"]}', err=True)


@click.command()
@located
@as_json
@click.option('-n', '--limit', type=click.IntRange(1), help='At most so many, newest first.  [default: all]')
@click.option('--since', type=MOMENT, help='Only those published then or later: a day, or a day and a time, in UTC.')
def entries(place: Place, limit: int | None, since: datetime | None, *, in_json: bool) -> None:
    """List the entries, newest first.

    \b
    Examples:
      aggregator entries -n 20
      aggregator entries --since 2022-04-12 --json
    """
    with Store.open(place.data, read_only=True) as store:
        for n, entry in enumerate(store.all_entries()):
            if (limit is not None and n >= limit) or (since is not None and entry.published_at < since):
                break
            _show_entry(entry, in_json=in_json)


@click.command()
@located
@as_json
@click.argument('words', nargs=-1, required=True)
@click.option('-n', '--limit', type=click.IntRange(1), default=20, show_default=True, help='At most so many.')
def search(place: Place, words: tuple[str, ...], limit: int, *, in_json: bool) -> None:
    """Find entries that hold all these words, newest first. Two characters are enough: 数字.

    \b
    Examples:
      aggregator search 数字经济
      aggregator search 深圳 产业集群 --json
    """
    with Store.open(place.data, read_only=True) as store:
        for entry in store.search(' '.join(words), limit):
            _show_entry(entry, in_json=in_json)


def entry_row(entry: StoredEntry) -> dict[str, Any]:
    """An entry as `entries --json` shows it (design, 5)."""
    return {
        'id': entry.id,
        'title': entry.title,
        'url': entry.link,
        'published': when(entry.published_at),
        'updated': when(entry.updated_at),
        'publisher': entry.publisher,
        'categories': list(entry.labels),
        'slugs': list(entry.slugs),
        'carriers': [{'source': c.source, 'url': c.url, 'guid': c.guid} for c in entry.carriers],
        'replaces': list(entry.replaces),
    }


def _show_entry(entry: StoredEntry, *, in_json: bool) -> None:
    if in_json:
        show_json(entry_row(entry))
    else:
        click.echo(safe(f'{when(entry.published_at)}  {entry.title}  [{", ".join(entry.labels)}]\n    {entry.id}'))


def _config_fault(place: Place) -> ConfigError | None:
    try:
        place.settings()
    except ConfigError as error:
        return error
    return None
