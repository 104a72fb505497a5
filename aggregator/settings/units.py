"""Durations such as 15m and sizes such as 2MB: from text to value, and back for the files that show defaults."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r'(?:(\d{1,5})d)?(?:(\d{1,7})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?', re.ASCII)
_SIZE = re.compile(r'(\d{1,13}) ?(B|kB|KB|KiB|MB|MiB|GB|GiB)', re.ASCII)
_BYTES = {'B': 1, 'kB': 10**3, 'KB': 10**3, 'KiB': 2**10, 'MB': 10**6, 'MiB': 2**20, 'GB': 10**9, 'GiB': 2**30}
MAX_DURATION = timedelta(days=36500)
MAX_SIZE = 2**40

DURATION_PATTERN = r'^(?=.)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$'
SIZE_PATTERN = r'^\d+ ?(B|kB|KB|KiB|MB|MiB|GB|GiB)$'


def duration(text: str) -> timedelta | None:
    """15m, 30s, 500ms, 1h30m, 1d; None for anything else and for more than a hundred years."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        return None
    days, hours, minutes, seconds, millis = (int(group or 0) for group in found.groups())
    value = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=millis)
    return value if value <= MAX_DURATION else None


def size(text: str) -> int | None:
    """Bytes of 512B, 64KiB, 2MB (1 MB is 1,000,000, 1 MiB 1,048,576); None for anything else and over 1 TiB."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    value = int(found[1]) * _BYTES[found[2]]
    return value if value <= MAX_SIZE else None


def duration_text(value: timedelta) -> str:
    """The plainest text that reads back as this value; up to a minute and a half in seconds (60s, 90s)."""
    rest, parts = value // timedelta(milliseconds=1), []
    if rest <= 90_000 and rest % 1000 == 0:  # noqa: PLR2004  # see above
        return f'{rest // 1000}s'
    for unit, length in (('d', 86_400_000), ('h', 3_600_000), ('m', 60_000), ('s', 1000), ('ms', 1)):
        count, rest = divmod(rest, length)
        parts += [f'{count}{unit}'] if count else []
    return ''.join(parts) or '0s'


def size_text(value: int) -> str:
    """The shortest text that reads back as this value, binary units first."""
    for unit in ('GiB', 'GB', 'MiB', 'MB', 'KiB', 'KB'):
        if value and value % _BYTES[unit] == 0:
            return f'{value // _BYTES[unit]}{unit}'
    return f'{value}B'
