"""Who listens on a TCP port of this machine, as far as /proc tells (Linux; elsewhere nobody knows)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_LISTEN = '0A'  # of the kernel's TCP states
_OURS = 'aggregator'


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens. `started_at` is None where the kernel does not say."""

    name: str
    pid: int
    started_at: datetime | None


def holder_of(host: str, port: int, proc: Path = Path('/proc')) -> Holder | None:
    """The process that keeps others from listening there, or None: a foreign user's files are hidden from us."""
    inodes = set(_listening(host, port, proc))
    if not inodes:
        return None
    wanted = {f'socket:[{inode}]' for inode in inodes}
    return next((_holder(process) for process in _processes(proc) if _holds(process, wanted)), None)


def _listening(host: str, port: int, proc: Path) -> Iterator[str]:
    for table in ('tcp', 'tcp6'):
        with contextlib.suppress(OSError):
            for row in (proc / 'net' / table).read_text('ascii', 'replace').splitlines()[1:]:
                cells = row.split()
                address, _, in_hex = cells[1].rpartition(':')
                if cells[3] == _LISTEN and int(in_hex, 16) == port and _collide(host, _address(address)):
                    yield cells[9]


def _address(in_hex: str) -> IPv4Address | IPv6Address:
    """The kernel writes 32-bit words in its own byte order."""
    words = [bytes.fromhex(in_hex[at : at + 8])[::-1] for at in range(0, len(in_hex), 8)]
    return ip_address(b''.join(words))


def _collide(host: str, other: IPv4Address | IPv6Address) -> bool:
    try:
        ours = ip_address(host)
    except ValueError:
        return True  # a name: the port must do
    return ours == other or ours.is_unspecified or other.is_unspecified


def _processes(proc: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted((p for p in proc.iterdir() if p.name.isdecimal()), key=lambda p: int(p.name))
    return []


def _holds(process: Path, wanted: set[str]) -> bool:
    try:
        files = list((process / 'fd').iterdir())
    except OSError:  # ended meanwhile, or another user's
        return False
    for file in files:
        with contextlib.suppress(OSError):
            if str(file.readlink()) in wanted:
                return True
    return False


def _holder(process: Path) -> Holder:
    return Holder(_name(process), int(process.name), _started_at(process))


def _name(process: Path) -> str:
    with contextlib.suppress(OSError):
        words = (process / 'cmdline').read_bytes().decode('utf-8', 'replace').split('\0')
        if any(Path(word).name == _OURS for word in words[:4]):  # python -m aggregator, or its script
            return _OURS
    with contextlib.suppress(OSError):
        return (process / 'comm').read_text('utf-8', 'replace').strip()
    return 'a program'


def _started_at(process: Path) -> datetime | None:
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        # The name in brackets may hold blanks; the start is the 22nd field of the line, in ticks since boot.
        ticks = int((process / 'stat').read_text('ascii', 'replace').rpartition(')')[2].split()[19])
        rows = (process.parent / 'stat').read_text('ascii', 'replace').splitlines()
        boot_s = int(next(row for row in rows if row.startswith('btime ')).split()[1])
        return datetime.fromtimestamp(boot_s + ticks / os.sysconf('SC_CLK_TCK'), UTC)
    return None
