"""Bytes of a configuration file to text and lines; what stops a file from being read at all, as a fault."""

from __future__ import annotations

import re
from pathlib import Path

from aggregator.model import ConfigFault
from aggregator.settings.faults import Page
from aggregator.settings.tree import Mark, lines_of

MAX_BYTES = 4_000_000
_MAX_SHOWN = 20  # control characters that are told one by one

# YAML 1.2.2, 5.1: the characters that a stream may not hold.
_FORBIDDEN = re.compile('[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')
_TOP = Mark(1, 1)


def read_page(path: Path, name: str, missing_hint: str) -> tuple[str, Page, tuple[ConfigFault, ...]]:
    """Text without a byte order mark, its page, and the faults that make reading on useless."""
    try:
        with path.open('rb') as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        message, hint = _unreadable(error, missing_hint)
        return '', Page(name), (Page(name).fault(_TOP, message, hint),)
    if len(body) > MAX_BYTES:
        return (
            '',
            Page(name),
            (Page(name).fault(_TOP, f'the file is larger than {MAX_BYTES // 10**6} MB', 'is it the right one?'),),
        )
    try:
        text = body.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        return '', Page(name), (_not_utf8(body, error, name),)
    page = Page(name, tuple(lines_of(text)))
    return text, page, _forbidden(text, page)


def _unreadable(error: OSError | ValueError, missing_hint: str) -> tuple[str, str]:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return 'there is no such file', missing_hint
        case IsADirectoryError():
            return 'this is a folder', 'name the file in it'
        case PermissionError():
            return 'this file may not be read', 'give the user that runs this program the right to read it'
    return f'this file cannot be read: {getattr(error, "strerror", None) or error}', ''


def _not_utf8(body: bytes, error: UnicodeDecodeError, name: str) -> ConfigFault:
    start = error.start - (
        3 if body.startswith(b'\xef\xbb\xbf') and error.start >= 0 and error.object is not body else 0
    )
    before = lines_of(body[:start].decode('utf-8-sig', 'replace'))
    page = Page(name, tuple(lines_of(body.decode('utf-8-sig', 'replace'))))
    hint = 'it is UTF-16' if body[:2] in (b'\xff\xfe', b'\xfe\xff') else 'it may be GBK'
    return page.fault(Mark(len(before), len(before[-1]) + 1), 'this is not UTF-8', f'{hint}; save the file as UTF-8')


def _forbidden(text: str, page: Page) -> tuple[ConfigFault, ...]:
    faults = []
    for found in _FORBIDDEN.finditer(text):
        before = text[max(text.rfind('\n', 0, found.start()), text.rfind('\r', 0, found.start())) + 1 : found.start()]
        line = len(lines_of(text[: found.start()]))
        message = f'the control character U+{ord(found[0]):04X} cannot stand in YAML'
        faults.append(page.fault(Mark(line, len(before) + 1), message, 'remove it'))
        if len(faults) == _MAX_SHOWN:
            break
    return tuple(faults)
