"""Commands that change what there is: takedown, export, prune, backup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from aggregator.cli.hubs import tell_hubs
from aggregator.cli.options import Place, located
from aggregator.cli.progress import opened
from aggregator.cli.showing import safe
from aggregator.daemon import now_utc, prune_now
from aggregator.daemon.why import named
from aggregator.errors import AggregatorError
from aggregator.model import Document
from aggregator.publish import publish
from aggregator.render import post_of


@click.command()
@located
@click.argument('entry_id', metavar='ENTRY')
def takedown(place: Place, entry_id: str) -> None:
    """Take an entry out of every output for good; it does not come back when it is polled again.

    ENTRY is an output id, a code or a link.

    \b
    Examples:
      aggregator takedown NW202204122339013090
      aggregator takedown https://example.org/a/1.html
    """
    with opened(place.settings()) as house:
        entry = named(house.store, entry_id, house.tools.policy)
        with house.store.writing(durable=True) as writer:
            writer.takedown(entry.id, now_utc())
        tell_hubs(house, publish(house.store, house.settings, house.folder))
    click.echo(safe(f'taken down: {entry.title} ({entry.id})'))


@click.group()
def export() -> None:
    """Write entries out in other forms."""


@export.command('posts')
@located
@click.argument('folder', metavar='DIR', type=click.Path(path_type=Path))
def export_posts(place: Place, folder: Path) -> None:
    """Write every entry as a Jekyll post. Files that are as they should be are not touched.

    \b
    Examples:
      aggregator export posts _posts
      aggregator export posts --data /var/lib/aggregator /srv/site/_posts
    """
    with opened(place.settings()) as house:
        documents = (post_of(entry, house.settings.site) for entry in house.store.all_entries())
        written, unchanged = _write_posts(documents, folder)
    click.echo(f'{written} posts written, {unchanged} were as they should be')


@click.command()
@located
def prune(place: Place) -> None:
    """Apply retention now: remove entries that are too old or too many and that no source lists any more.

    \b
    Examples:
      aggregator prune
      aggregator prune --data /var/lib/aggregator
    """
    with opened(place.settings()) as house:
        removed = prune_now(house, now_utc())
        tell_hubs(house, publish(house.store, house.settings, house.folder))
    click.echo(f'{removed} entries removed')


@click.command()
@located
@click.argument('file', type=click.Path(path_type=Path))
def backup(place: Place, file: Path) -> None:
    """Copy the database to FILE while it is in use. With feeds.yml it is everything there is.

    To go back: stop the daemon, put the copy in place of data/aggregator.db, remove aggregator.db-wal beside it.

    \b
    Examples:
      aggregator backup aggregator-backup.db
      aggregator backup --data /var/lib/aggregator /mnt/backup/aggregator.db
    """
    from aggregator.store import Store  # noqa: PLC0415  # beside the only command that needs no feeds.yml

    with Store.open(place.data, read_only=True) as store:
        store.backup(file)
    click.echo(f'{file}: {file.stat().st_size} bytes')


def _write_posts(documents: Iterable[Document], folder: Path) -> tuple[int, int]:
    written = unchanged = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for document in documents:
            target = folder / Path(document.path).name
            if target.exists() and target.read_bytes() == document.body:
                unchanged += 1
                continue
            target.write_bytes(document.body)
            written += 1
    except OSError as error:
        raise AggregatorError(f'{folder} cannot be written: {error.strerror}') from error
    return written, unchanged
