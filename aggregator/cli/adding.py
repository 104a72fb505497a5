"""Commands that write feeds.yml: add, import. What stands there stays as it is, comments and order too."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from aggregator.cli.leaving import INTERRUPTED, ends_at_once
from aggregator.cli.options import Place, as_json, located
from aggregator.cli.progress import bar
from aggregator.cli.showing import how_often, safe, show_json
from aggregator.daemon import Found, Looked, at_address, discover, look_at
from aggregator.errors import AggregatorError, UsageError
from aggregator.model import Settings
from aggregator.parse import read_opml
from aggregator.settings import add_sources, refused_rows

SHOWN = 5  # other feeds of a page that are named
NAMED = 200  # characters of an address that stands for a name
Row = dict[str, Any]


@click.command()
@located
@as_json
@click.argument('url')
@click.option('--category', help='Its label, such as 证券时报网新闻.  [default: the publisher of each entry]')
@click.option('--name', help='Its name in feeds.yml.  [default: the title of the feed]')
@click.option('--private', is_flag=True, help='It is on your own network: ask it although its address is not public.')
@click.option('-y', '--yes', is_flag=True, help='Do not ask. Without a terminal nobody is asked.')
def add(
    place: Place, url: str, category: str | None, name: str | None, *, private: bool, yes: bool, in_json: bool
) -> None:
    """Find the feed behind an address, show it, and add it to feeds.yml; comments and order there are kept.

    Looked for at the address itself, in the page's own links to feeds, and where feeds usually are.

    \b
    Examples:
      aggregator add https://example.org/
      aggregator add https://example.org/rss.xml --category 证券时报网新闻 --yes
    """
    settings = _trusting(place.settings()) if private else place.settings()
    with ends_at_once():
        found = discover(settings, url)
    row: Row = {'name': name or found.feed.title or found.feed.url, 'url': found.feed.url}
    row |= {'category': category} if category else {}
    row |= {'private': True} if private else {}
    _refuse_known(settings, row)
    if not in_json:
        _show(found)
        if not (yes or not _a_person_is_there() or _agreed()):
            click.echo('nothing was changed')
            return
    lines = add_sources(place.config, [row])
    if in_json:
        show_json({**found.feed.row(), 'others': list(found.others), 'added': row})
    else:
        click.echo(f'added to {place.config}:\n{lines}')


@click.command('import')
@located
@as_json
@click.argument('file', metavar='OPML', type=click.Path(path_type=Path))
@click.option('--online', is_flag=True, help='Ask every feed once, and leave out those that cannot be read.')
def import_opml(place: Place, file: Path, *, online: bool, in_json: bool) -> None:
    """Add the feeds of an OPML file to feeds.yml; those that are there already are passed over.

    \b
    Examples:
      aggregator import subscriptions.opml
      aggregator import --online -c /etc/aggregator/feeds.yml subscriptions.opml
    """
    settings = place.settings()
    read = read_opml(_bytes_of(file))
    for fault in read.faults:
        click.echo(safe(f'{file}: {fault.message}'), err=True)
    if read.faults and not read.rows:
        raise AggregatorError(f'{file} holds no feed that could be read', 'feeds.yml was not changed.')
    fresh = _fresh(settings, [(row.title, row.url, row.categories[:1]) for row in read.rows])
    rows, refused = _of_use(settings, fresh, online=online)
    if rows:
        add_sources(place.config, rows)
    there = len(read.rows) - len(fresh)
    if in_json:
        show_json({'added': rows, 'there': there, 'refused': [one.row() for one in refused]})
        return
    for one in refused:
        click.echo(safe(f'left out: {one.source} ({one.url}): {one.error}'), err=True)
    more = f', {len(refused)} left out' if online or refused else ''
    click.echo(f'{len(rows)} source{"" if len(rows) == 1 else "s"} added, {there} there already{more}')


def _trusting(settings: Settings) -> Settings:
    """As if the row were there already and said `private: true`."""
    return replace(settings, stranger=replace(settings.stranger, private=True))


def _show(found: Found) -> None:
    """What a person needs to know before saying yes: is it the right feed, is it alive, how often does it speak."""
    feed = found.feed
    newest = f'{feed.newest}  ({feed.newest_at:%Y-%m-%d %H:%M} UTC)' if feed.newest_at else feed.newest
    for name, value in (
        ('found', feed.url),
        ('title', feed.title or 'none'),
        ('entries', f'{feed.entries}' + (f', {feed.undated} of them without a date' if feed.undated else '')),
        ('newest', newest or 'none'),
        ('how often', how_often(feed.a_day)),
        *(('faults', fault) for fault in feed.faults),
        *(('also there', other) for other in found.others[:SHOWN]),
    ):
        click.echo(safe(f'{name:<11} {value}'))


def _a_person_is_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _agreed() -> bool:
    """Ctrl-C and Ctrl-D are no answer."""
    try:
        return click.confirm('Add it to feeds.yml?', default=True)
    except click.Abort:
        click.echo('\nnothing was changed')
        raise click.exceptions.Exit(INTERRUPTED) from None


def _refuse_known(settings: Settings, row: Row) -> None:
    """Before a person is asked: `add_sources` would refuse it after the answer."""
    for source in settings.sources:
        if source.url == row['url']:
            raise UsageError(f'{source.url} is polled already, as {source.name!r}')
        if source.name == row['name']:
            raise UsageError(f'there is a source {source.name!r} already', 'Give this one another with --name.')


def _fresh(settings: Settings, listed: Sequence[tuple[str, str, Sequence[str]]]) -> list[Row]:
    """Rows for the addresses that are not polled yet, each with a name of its own."""
    known = {s.url for s in settings.sources}
    names = {s.name for s in settings.sources}
    rows: list[Row] = []
    for title, url, categories in listed:
        if url in known:
            continue
        known.add(url)
        name = _free_name(title or url[:NAMED], names)
        names.add(name)
        rows.append({'name': name, 'url': url} | ({'category': categories[0]} if categories else {}))
    return rows


def _of_use(settings: Settings, fresh: Sequence[Row], *, online: bool) -> tuple[list[Row], list[Looked]]:
    """The rows that can be added, and what is wrong with the others. One bad row does not keep the good ones out."""
    wrong = refused_rows(fresh)
    refused = [Looked(source=row['name'], url=row['url'], error=wrong[n]) for n, row in enumerate(fresh) if n in wrong]
    rows = [row for n, row in enumerate(fresh) if n not in wrong]
    unread = _unreadable(settings, rows) if online else {}
    return [row for row in rows if row['url'] not in unread], [*refused, *unread.values()]


def _unreadable(settings: Settings, rows: Sequence[Row]) -> dict[str, Looked]:
    """Those that gave no feed when they were asked, by address."""
    sources = [at_address(settings, row['url'], row['name']) for row in rows]
    refused: dict[str, Looked] = {}
    with ends_at_once(), bar('looking', len(sources), 'feeds') as shown:
        for looked in look_at(settings, sources):
            shown.advance(looked.source)
            if looked.error:
                refused[looked.url] = looked
    return refused


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f'{file} cannot be read: {error.strerror}') from error


def _free_name(wanted: str, taken: set[str]) -> str:
    name, n = wanted, 2
    while name in taken:
        name, n = f'{wanted} {n}', n + 1
    return name
