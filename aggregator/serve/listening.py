"""The address to listen on: bound here, or a sentence that says why not and who has it."""

from __future__ import annotations

import errno
import socket
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from aggregator.errors import AggregatorError, PortInUse, UsageError
from aggregator.serve.holder import Holder, holder_of

_MOST_PORT = 65535
BACKLOG = 2048  # connections that the kernel holds until we take them


def listen(host: str, port: int, now: datetime) -> socket.socket:
    """A socket that listens there; port 0 is any free one.

    Raises PortInUse where another program has it, and UsageError where this machine has no such address.
    """
    if not 0 <= port <= _MOST_PORT:  # the resolver would take it modulo 65536
        raise UsageError(f'{port} is no port to listen on', f'Use --port with a number up to {_MOST_PORT}.')
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f'{host!r} is no address to listen on: {error.strerror if isinstance(error, OSError) else error}',
            'Use --host 127.0.0.1.',
        ) from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port that was just left may be taken again at once; one that is in use still may not.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error, now) from error
    return listening


def address_of(host: str, port: int) -> str:
    """Where a client on this machine reaches what listens there."""
    anywhere = {'0.0.0.0': '127.0.0.1', '::': '::1'}  # noqa: S104  # told apart, not listened on
    return f'http://{host_and_port(anywhere.get(host, host), port)}/'


def listening_warning(host: str, site_url: str) -> str:
    """A sentence where others can reach the server but its links lead them to their own machine, else ''."""
    if _is_loopback(host) or not _is_loopback(urlsplit(site_url).hostname or ''):
        return ''
    return f'listening on {host}, but site.url is {site_url}: every link leads readers to their own machine'


def in_use(host: str, port: int, holder: Holder | None, now: datetime) -> PortInUse:
    """What a person needs to know when the port is taken: by whom, and since when."""
    if holder is None:
        who = 'another program'
    else:
        since = f', started {_clock_time(holder.started_at, now)}' if holder.started_at else ''
        who = f'{holder.name} (pid {holder.pid}{since})'
    return PortInUse(f'{host_and_port(host, port)} is in use by {who}', 'Use --port or stop it.')


def _refused(host: str, port: int, error: OSError, now: datetime) -> AggregatorError:
    match error.errno:
        case errno.EADDRINUSE:
            return in_use(host, port, holder_of(host, port), now)
        case errno.EACCES | errno.EPERM:
            return UsageError(
                f'no permission to listen on {host_and_port(host, port)}', 'Use --port with 1024 or more.'
            )
        case errno.EADDRNOTAVAIL:
            return UsageError(f'this machine has no address {host}', 'Use --host 127.0.0.1, or 0.0.0.0 for all.')
    return UsageError(f'cannot listen on {host_and_port(host, port)}: {error}', 'Use --host and --port.')


def host_and_port(host: str, port: int) -> str:
    """As in an address: IPv6 stands in brackets (RFC 3986, 3.2.2)."""
    return f'[{host}]:{port}' if ':' in host else f'{host}:{port}'


def _clock_time(at: datetime, now: datetime) -> str:
    """In the zone of `now`; with the date where it was another day."""
    local = at.astimezone(now.tzinfo)
    return f'{local:%H:%M}' if local.date() == now.date() else f'{local:%Y-%m-%d %H:%M}'


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return host == 'localhost' or host.endswith('.localhost')
