"""Commands that do the work: run, poll, publish."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from aggregator.cli.hubs import tell_hubs
from aggregator.cli.leaving import ends_at_once
from aggregator.cli.options import Place, as_json, located, source_or_url
from aggregator.cli.progress import AGAIN, Bar, bar, counted, first_round, opened
from aggregator.cli.showing import json_line, poll_line, safe
from aggregator.daemon import Configuration, chosen, collect_rarely, now_utc, poll_now, run_daemon
from aggregator.daemon.logs import PollLog, note
from aggregator.daemon.logs import set_up as set_up_logging
from aggregator.errors import AggregatorError, DataError
from aggregator.model import Logging, PollReport, Settings
from aggregator.publish import publish as publish_changes
from aggregator.store import Store
from aggregator.store.opening import FILE, is_there


@click.command()
@located
@click.option('--host', help='The address to listen on.  [default: serving.host, 127.0.0.1]')
@click.option(
    '--port', type=click.IntRange(0, 65535), help='The port; 0 takes a free one.  [default: serving.port, 8000]'
)
def run(place: Place, host: str | None, port: int | None) -> None:
    """Poll the sources and serve the feeds until stopped.

    \b
    Examples:
      aggregator run
      aggregator run -c /etc/aggregator/feeds.yml --data /var/lib/aggregator --port 8080
    """
    configuration = Configuration(place.settings_apart, place.files)
    settings = configuration.read()
    with first_round(_never_polled(settings)) as shown:
        log = _Log(settings.logging, shown)
        run_daemon(
            settings,
            host=host or settings.serving.host,
            port=settings.serving.port if port is None else port,
            say=log.say,
            on_report=log.report,
            configuration=configuration,
            on_settings=lambda after: log.take_up(after.logging),
            progress=shown.counted(*AGAIN),
        )
    sys.stdout.flush()
    os._exit(0)  # a visit that hangs until its deadline must not hold up the end; all that is recorded is on disk


@click.command()
@located
@click.argument('names', metavar='[SOURCE]...', nargs=-1, shell_complete=source_or_url)
@click.option(
    '--trace', type=click.Path(path_type=Path), help='Write what became of every item to this file, as JSON lines.'
)
@as_json
@click.pass_context
def poll(ctx: click.Context, place: Place, names: tuple[str, ...], trace: Path | None, *, in_json: bool) -> None:
    """Poll these sources once, now (all where none is named), publish what changed, and exit.

    A person asked for it, so it does not wait for `host_spacing`; it still keeps `host_concurrency`. A source that was
    gone for good (410) is asked where it is named, and goes on if it answers.

    \b
    Examples:
      aggregator poll
      aggregator poll 证券时报网 --trace trace.jsonl
    """
    settings = place.settings()
    picked = chosen(settings, names)
    traces: list[str] = []
    failed = False
    with ends_at_once(), opened(settings, spacing=timedelta(0)) as house:
        gone = set() if names else {s.name for s in house.store.each_source() if s.state == 'gone'}
        for name in sorted(gone):
            click.echo(safe(f'{name}: gone (410), not asked; `aggregator poll {name}` asks it again'), err=True)
        asked = [s for s in picked if s.name not in gone]
        collect_rarely()
        with bar('polling', len(asked), 'sources') as shown:
            for report in poll_now(asked, house.tools, now_utc, reread=trace is not None):
                traces += [json.dumps(asdict(t), ensure_ascii=False) for t in report.traces]
                failed = failed or report.outcome == 'failed'
                shown.advance(report.source)
                shown.say(_line(report, in_json=in_json))
        with counted('publishing', 'feeds') as progress:
            published = publish_changes(house.store, house.settings, house.folder, progress=progress)
        tell_hubs(house, published)
    if trace is not None:
        _write(trace, ''.join(f'{line}\n' for line in traces))
    ctx.exit(int(failed))


@click.command()
@located
def publish(place: Place) -> None:
    """Render every document again from the store. Only those whose bytes change are written.

    \b
    Examples:
      aggregator publish
      aggregator publish --data /var/lib/aggregator
    """
    with opened(place.settings()) as house:
        with counted('publishing', 'feeds') as progress:
            published = publish_changes(house.store, house.settings, house.folder, everything=True, progress=progress)
        tell_hubs(house, published)
    click.echo(f'{len(published.written)} documents written, {published.unchanged} were as they should be')
    for fault in published.faults:
        click.echo(f'  left out: {fault.message}', err=True)


def _never_polled(settings: Settings) -> list[str]:
    """The sources whose first round is still to come; a database that cannot be read is told of by whoever opens it."""
    names = [s.name for s in settings.sources]
    try:
        if not is_there(settings.data / FILE):
            return names
        with Store.open(settings.data, read_only=True) as store:
            polled = {s.name for s in store.each_source() if s.last_poll_at is not None}
    except DataError:
        return []
    return [name for name in names if name not in polled]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, 'utf-8')
    except OSError as error:
        raise AggregatorError(f'{file} cannot be written: {error.strerror}', 'What was polled is recorded.') from error


class _Log:
    """What `run` writes to the terminal: a line a poll and what the daemon says of itself, as the settings say."""

    def __init__(self, settings: Logging, shown: Bar) -> None:
        self._shown = shown
        self.take_up(settings)

    def take_up(self, settings: Logging) -> None:
        self._settings = settings
        self._polls = PollLog(settings, poll_line)
        set_up_logging(settings, logging.getLogger())

    def say(self, text: str) -> None:
        self._shown.say(note(self._settings, text, now_utc()))

    def report(self, report: PollReport) -> None:
        self._shown.advance(report.source)
        line = self._polls.report(report)
        if line is not None:
            self._shown.say(line)


def _line(report: PollReport, *, in_json: bool) -> str:
    if not in_json:
        return poll_line(report)
    return json_line(
        {
            'source': report.source,
            'outcome': report.outcome,
            'status': report.status,
            'bytes': report.bytes,
            'elapsed_ms': report.elapsed_ms,
            'counts': dict(report.counts),
            'error': report.error,
            'faults': [fault.message for fault in report.faults],
        }
    )
