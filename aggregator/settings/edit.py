"""Rows written into a feeds.yml that a person keeps: what is there stays as it is, byte for byte.

The rows are inserted as text behind the last source. A round trip through a YAML library would wrap long lines and
change quotes; this touches nothing. The result is read again before it is written, and must say what was meant.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from bisect import bisect_right
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.settings.faults import Page
from aggregator.settings.load import check_feeds
from aggregator.settings.reading import read_tree
from aggregator.settings.source_file import read_page
from aggregator.settings.tree import Listing, Mapping, Node, Scalar, data_of, lines_of, value_of

Row = AnyMapping[str, Any]


def add_source(path: Path, row: Row) -> str:
    """Adds one source; see add_sources."""
    return add_sources(path, [row])


def add_sources(path: Path, rows: Sequence[Row]) -> str:
    """Writes the rows behind the last source of this feeds.yml, in one replacement, and returns the lines added.

    Comments, order and line ends stay. Raises UsageError for a name or address that is there already (or twice in
    `rows`), ConfigError where the file, or the file with the rows, has faults; then nothing is written.
    """
    if not rows:
        return ''
    path = Path(os.path.realpath(path))  # a link to the file stays a link
    text, page, unreadable = read_page(path, path.name, 'create it with site: and sources: first')
    if unreadable:
        raise ConfigError(unreadable)
    tree = _usable(text, page)
    _refuse_doubles(tree, rows)
    newline = '\r\n' if '\r\n' in text[:10_000] else '\n'
    at, addition = _addition(text, tree, rows, newline)
    changed = text[:at] + addition + text[at:]
    _usable(changed, Page(path.name, tuple(lines_of(changed))))
    _assert_same(tree, changed, rows)
    bom = '\ufeff' if path.read_bytes().startswith(b'\xef\xbb\xbf') else ''
    _replace(path, (bom + changed).encode())
    return addition.replace('\r\n', '\n').strip('\n')


def refused_rows(rows: Sequence[Row]) -> dict[int, str]:
    """Rows that no feeds.yml may hold, by index, each with what is wrong; with one of them nothing would be added."""
    lines, begin = ['sources:'], []
    for row in rows:
        begin.append(len(lines) + 1)
        lines += row_lines(row, '  ')
    _, _, faults = check_feeds('\n'.join(lines), Page('', tuple(lines)))
    refused: dict[int, str] = {}
    for fault in faults:
        refused.setdefault(bisect_right(begin, fault.line) - 1, fault.message)
    return refused


def _usable(text: str, page: Page) -> Node | None:
    _, tree, faults = check_feeds(text, page)
    if faults:
        raise ConfigError(faults)
    return tree


def _refuse_doubles(tree: Node | None, rows: Sequence[Row]) -> None:
    data = data_of(tree) if tree is not None else {}
    names = {row['name'] for row in data.get('sources') or ()}
    urls = {row['url']: row['name'] for row in data.get('sources') or () if 'url' in row}
    for row in rows:
        name, url = str(row.get('name', '')).strip(), row.get('url')
        if name in names:
            raise UsageError(f'there is a source {name!r} already', 'give it another name')
        if url in urls:
            raise UsageError(f'{url} is polled already, as {urls[url]!r}')
        names.add(name)
        urls |= {url: name} if isinstance(url, str) else {}


def _assert_same(tree: Node | None, changed: str, rows: Sequence[Row]) -> None:
    """The text inserted must mean the rows, and everything else what it meant."""
    before = data_of(tree) if tree is not None else {}
    after = read_tree(changed)[0]
    meant = {**before, 'sources': [*(before.get('sources') or []), *map(_plain_data, rows)]}
    if after is None or data_of(after) != meant:
        raise AggregatorError('the sources cannot be written into this feeds.yml', 'add them by hand')


def _plain_data(value: Any) -> Any:
    if isinstance(value, AnyMapping):
        return {key: _plain_data(inner) for key, inner in value.items()}
    return [_plain_data(inner) for inner in value] if isinstance(value, list | tuple) else value


# ------------------------------------------------ where, and which text


def _addition(text: str, tree: Node | None, rows: Sequence[Row], newline: str) -> tuple[int, str]:
    """The index at which to insert, and the text."""
    pair = tree.pairs.get('sources') if isinstance(tree, Mapping) else None
    if pair is None:
        raise AggregatorError('this feeds.yml has no sources:', 'add the line sources: to it')
    key, node = pair
    if isinstance(node, Listing) and node.flow and node.items:
        at = text.rindex(']', 0, node.mark.end)
        kept = text[:at].rstrip()
        return len(kept), (' ' if kept.endswith(',') else ', ') + ', '.join(map(flow_text, rows))
    if isinstance(node, Listing) and node.items:
        return _below(text, _last(node), node.mark.column - 1, rows, newline)
    if isinstance(node, Listing):
        at = text.rindex(']', 0, node.mark.end)
        return at, ', '.join(map(flow_text, rows))
    return _below(text, key.mark.end, key.mark.column + 1, rows, newline)


def _below(text: str, end: int, indent: int, rows: Sequence[Row], newline: str) -> tuple[int, str]:
    """Behind the line in which index `end` lies."""
    found = re.compile(r'\r\n|\r|\n').search(text, end - 1 if text[end - 1 : end] in '\r\n' and end else end)
    lines = newline.join(line for row in rows for line in row_lines(row, ' ' * indent)) + newline
    return (found.end(), lines) if found else (len(text), newline + lines)


def _last(node: Node) -> int:
    """Index behind the last thing that a block list says; comments and blank lines that follow are not part of it."""
    match node:
        case Listing(flow=False) if node.items:
            return _last(node.items[-1])
        case Mapping() if node.pairs and node.mark.width == 1:
            return _last(next(reversed(node.pairs.values()))[1])
    return node.mark.end


def row_lines(row: Row, indent: str) -> list[str]:
    """A row in block style, one line a key."""
    pairs = [
        f'{_scalar(str(key))}: {_scalar(value) if isinstance(value, str) else flow_text(value)}'
        for key, value in row.items()
    ]
    return [f'{indent}{"  " if n else "- "}{pair}' for n, pair in enumerate(pairs)]


def flow_text(value: Any) -> str:
    """A value in flow style (YAML 1.2.2, 7.4), in one line."""
    match value:
        case AnyMapping():
            return '{' + ', '.join(f'{flow_text(str(key))}: {flow_text(inner)}' for key, inner in value.items()) + '}'
        case list() | tuple():
            return '[' + ', '.join(map(flow_text, value)) + ']'
        case str():
            return value if re.fullmatch(r'[^\W\d_][\w./-]*', value) and _stays_text(value) else _quoted(value)
        case bool() | int() | float() | None:
            return json.dumps(value)
    raise UsageError(f'a source cannot hold a {type(value).__name__}')


def _scalar(text: str) -> str:
    plain = re.fullmatch(r'[^\W_](?:[\w./?&=%+~@,:-]| (?=[^\W_]))*', text) and not text.endswith(':')
    return text if plain and _stays_text(text) else _quoted(text)


def _stays_text(text: str) -> bool:
    """Also for readers of YAML 1.1, to whom yes and on are truth values and 2022-04-12 is a date."""
    if text.lower() in ('y', 'n', 'yes', 'no', 'on', 'off') or re.fullmatch(r'[\d:._+-]+(?:[eE][\d+-]+)?', text):
        return False
    return isinstance(value_of(Scalar(mark=None, text=text, plain=True)), str)  # type: ignore[arg-type]  # no place needed


def _quoted(text: str) -> str:
    """Single quotes where the text allows, for patterns are full of backslashes; else JSON, which YAML can read."""
    return (
        "'" + text.replace("'", "''") + "'"
        if text.isprintable() and text
        else json.dumps(text, ensure_ascii=not text.isprintable())
    )


def _replace(path: Path, body: bytes) -> None:
    """Whole or not at all: readers see the old file or the new one, never half of it."""
    name = ''
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
        with os.fdopen(handle, 'wb') as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o7777)  # noqa: PTH101  # the name came from mkstemp
        os.replace(name, path)  # noqa: PTH105  # the same
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108  # the same
        raise AggregatorError(f'{path.name} cannot be written: {error.strerror}') from error
