"""The command `fetch`: what a round of a source would store, before it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from aggregator.cli.leaving import ends_at_once
from aggregator.cli.options import Place, as_json, located, source_or_url
from aggregator.cli.showing import safe, show_json, show_table, when
from aggregator.daemon import Rehearsed, rehearse, targets
from aggregator.errors import UsageError
from aggregator.model import PollReport

COLUMNS = ('outcome', 'published', 'title', 'publisher', 'categories', 'text', 'id')
TITLE = 60  # characters that the table shows


@click.command()
@located
@as_json
@click.argument('target', metavar='SOURCE|URL', shell_complete=source_or_url)
@click.option('--dry-run', is_flag=True, help='Store nothing. It must be said: `poll` is what stores.')
@click.option('--texts', is_flag=True, help='Ask for the texts of new entries too, as a round would: one request each.')
@click.pass_context
def fetch(ctx: click.Context, place: Place, target: str, *, dry_run: bool, texts: bool, in_json: bool) -> None:
    """Show what a round of this source would store, item by item, and store nothing.

    The whole document is asked for once. An address that is no source is read as a feed that says nothing else.

    \b
    Examples:
      aggregator fetch 证券时报网 --dry-run
      aggregator fetch https://example.org/rss.xml --dry-run --json
    """
    if not dry_run:
        raise UsageError('fetch stores nothing and wants to be told so', 'Say --dry-run, or use `aggregator poll`.')
    settings = place.settings()
    [source] = targets(settings, target)
    with ends_at_once():
        report, items = rehearse(settings, source, texts=texts)
    if in_json:
        for item in items:
            show_json(_row(item))
    else:
        _show(items)
    _tell(report)
    ctx.exit(int(report.outcome == 'failed'))


def _show(items: Sequence[Rehearsed]) -> None:
    if items:
        show_table(COLUMNS, map(_cells, items), spare=('text', 'publisher', 'categories', 'id'))
    counts = Counter(item.trace.outcome for item in items)
    said = ', '.join(f'{n} {word}' for word, n in counts.items()) or 'nothing'
    click.echo(f'{len(items)} items: {said}; nothing was stored')


def _tell(report: PollReport) -> None:
    """What was wrong, on the other stream."""
    if report.error:
        click.echo(safe(f'{report.source}: {report.error}'), err=True)
    for fault in report.faults:
        click.echo(safe(f'{report.source}: {fault.message} {fault.hint}'.rstrip()), err=True)


def _cells(item: Rehearsed) -> tuple[str, ...]:
    row = _row(item)
    title = row['title'] if len(row['title']) <= TITLE else f'{row["title"][: TITLE - 1]}…'
    text = 'in a round' if row['text_at'] else f'{row["text"]}'
    labels = ', '.join(row['categories'])
    return (row['outcome'], row['published'] or '', title, row['publisher'], labels, text, row['id'])


def _row(item: Rehearsed) -> dict[str, Any]:
    trace, entry, said = item.trace, item.entry, item.said
    return {
        'outcome': trace.outcome,
        'id': trace.entry,
        'identity': trace.identity,
        'rule': trace.rule,
        'title': entry.title if entry else said.title,
        'url': entry.link if entry else said.link,
        'published': when(entry.published_at) if entry else None,
        'updated': when(entry.updated_at) if entry else None,
        'publisher': entry.publisher if entry else said.publisher,
        'categories': list(entry.labels) if entry else [],
        'text': len(entry.content or entry.summary) if entry else 0,
        'text_at': item.text_at,
    }
