"""The command `health`: asks the running daemon how it is. It loads little, for it is asked every few seconds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from aggregator.cli.options import Place, as_json, located
from aggregator.lock import running

_MOST = 64 * 1024  # bytes of an answer
_OK = 200


@dataclass(frozen=True, slots=True)
class _Health:
    ok: bool
    reasons: tuple[str, ...] = ()
    pid: int | None = None
    url: str = ''


@click.command()
@located
@as_json
@click.option('--alive', is_flag=True, help='Only whether it works at all, not whether there is something to read.')
@click.option('--timeout', type=click.FloatRange(0.1), default=4.0, show_default=True, help='Seconds to wait for it.')
@click.pass_context
def health(ctx: click.Context, place: Place, *, alive: bool, timeout: float, in_json: bool) -> None:
    """Ask the daemon of this data folder how it is: exit status 0 where it is well, else 1 and the reasons.

    Asked are /-/ready, or with --alive /-/healthy: a program that is not alive should be started again.

    \b
    Examples:
      aggregator health
      aggregator health --alive --data /data
    """
    found = _asked(place.data, '/-/healthy' if alive else '/-/ready', timeout)
    if in_json:
        click.echo(json.dumps({'ok': found.ok, 'pid': found.pid, 'url': found.url, 'reasons': found.reasons}))
    else:
        click.echo('\n'.join(('ok' if found.ok else 'not ok', *found.reasons)))
    ctx.exit(int(not found.ok))


def _asked(data: Path, path: str, timeout_s: float) -> _Health:
    daemon = running(data)
    if daemon is None:
        return _Health(ok=False, reasons=(f'no daemon runs in {data}',))
    if not daemon.url:
        return _Health(ok=False, reasons=(f'the daemon (pid {daemon.pid}) has not begun to answer',), pid=daemon.pid)
    try:
        status, text = _got(daemon.url, path, timeout_s)
    except (OSError, HTTPException) as error:
        told = f'the daemon (pid {daemon.pid}) does not answer at {daemon.url}: {error}'
        return _Health(ok=False, reasons=(told,), pid=daemon.pid, url=daemon.url)
    word, *reasons = text.splitlines() or ['']
    return _Health(status == _OK and word == 'ok', tuple(reasons), daemon.pid, daemon.url)


def _got(url: str, path: str, timeout_s: float) -> tuple[int, str]:
    """Status and text. It goes to this machine, past any proxy."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or '', parts.port, timeout=timeout_s)
    try:
        connection.request('GET', path, headers={'Connection': 'close'})
        answer = connection.getresponse()
        text = answer.read(_MOST).decode('utf-8', 'replace')
    finally:
        connection.close()
    return answer.status, ''.join(char if char.isprintable() or char == '\n' else '\ufffd' for char in text)
