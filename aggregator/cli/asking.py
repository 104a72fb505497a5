"""Commands that only look: status, sources, entries, search, explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from aggregator.cli.options import Place, as_json, located
from aggregator.cli.showing import safe, show_error, show_json, show_table, when
from aggregator.errors import ConfigError, UsageError
from aggregator.model import Settings, SourceState, StoredEntry
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
    from aggregator.daemon import facts_of, now_utc, running_pid  # noqa: PLC0415  # the other commands here need no daemon

    fault = _config_fault(place)
    with Store.open(place.data, read_only=True) as store:
        facts = facts_of(store, now_utc())
    facts['pid'] = running_pid(place.data)
    if in_json:
        show_json(facts | {'configuration': [str(f.message) for f in fault.faults] if fault else []})
    else:
        _show_facts(facts)
        if fault:
            show_error(fault)
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


@click.command()
@located
@as_json
def sources(place: Place, *, in_json: bool) -> None:
    """List the sources: state, last and next poll, entries, last error.

    \b
    Examples:
      aggregator sources
      aggregator sources --json
    """
    settings = place.settings()
    with Store.open(settings.data) as store:
        remembered = {s.name: s for s in store.sources()}
    rows = [_source_row(settings, remembered.get(s.name, SourceState(name=s.name)), s.name) for s in settings.sources]
    if in_json:
        for row in rows:
            show_json(row)
        return
    columns = ('name', 'kind', 'state', 'last_poll_at', 'next_poll_at', 'entries', 'error')
    show_table(
        [c.removesuffix('_at').replace('_', ' ') for c in columns], ([str(r[c] or '') for c in columns] for r in rows)
    )


@click.command()
@located
@as_json
@click.option('-n', '--limit', type=click.IntRange(1), help='At most so many, newest first.  [default: all]')
def entries(place: Place, limit: int | None, *, in_json: bool) -> None:
    """List the entries, newest first.

    \b
    Examples:
      aggregator entries -n 20
      aggregator entries --json
    """
    with Store.open(place.data, read_only=True) as store:
        for n, entry in enumerate(store.all_entries()):
            if limit is not None and n >= limit:
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


@click.command()
@located
@as_json
@click.argument('entry_id', metavar='ENTRY')
def explain(place: Place, entry_id: str, *, in_json: bool) -> None:
    """Say why an entry is what it is: its identity and rule, who carries it, whose words it shows, its categories.

    ENTRY is an output id, a code or a link.

    \b
    Examples:
      aggregator explain NW202204122339013090
      aggregator explain https://example.org/a/1.html --json
    """
    with Store.open(place.data, read_only=True) as store:
        entry = found(store, entry_id)
    if in_json:
        show_json({**entry_row(entry), 'identity': entry.identity, 'rule': entry.rule, 'revision': entry.revision})
        return
    click.echo(
        safe(f'{entry.title}\n  id          {entry.id}\n  identity    {entry.identity} (by the rule {entry.rule!r})')
    )
    click.echo(
        safe(f'  publisher   {entry.publisher or "none stated"}\n  categories  {", ".join(entry.labels) or "none"}')
    )
    click.echo(f'  published   {when(entry.published_at)}, updated {when(entry.updated_at)}, revision {entry.revision}')
    for carrier in entry.carriers:
        speaks = 'speaks' if carrier.source == entry.source else 'carries it' if carrier.own else 'adds itself only'
        click.echo(safe(f'  carrier     {carrier.source}: {speaks}; {carrier.url or carrier.guid}'))
    for old in entry.replaces:
        click.echo(safe(f'  replaces    {old}'))


def found(store: Store, wanted: str) -> StoredEntry:
    """The entry of this id, code or link. Raises UsageError."""
    entry = store.entry(wanted) or store.entry_by_key(wanted)
    if entry is None:
        raise UsageError(
            f'there is no entry {wanted!r}', '`aggregator search WORDS` or `aggregator entries` finds its id.'
        )
    return entry


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


def _source_row(settings: Settings, state: SourceState, name: str) -> dict[str, Any]:
    source = next(s for s in settings.sources if s.name == name)
    return {
        'name': name,
        'kind': source.kind,
        'url': source.url,
        'state': state.state,
        'error': state.error,
        'last_poll_at': when(state.last_poll_at) if state.last_poll_at else None,
        'next_poll_at': when(state.next_poll_at) if state.next_poll_at else None,
        'entries': state.entries,
    }


def _config_fault(place: Place) -> ConfigError | None:
    try:
        place.settings()
    except ConfigError as error:
        return error
    return None
