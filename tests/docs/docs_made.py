"""For the tests of the docs: pages as fenced blocks, and a network that serves the documents of an example."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from aggregator.daemon import assembled, poll_now
from aggregator.model import Answer, Fetched, FetchFailed, FetchResult, Received, Request
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import publish
from aggregator.settings import load_settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / 'docs'
PAGES = (ROOT / 'README.md', ROOT / 'CHANGELOG.md', *sorted(DOCS.rglob('*.md')))
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)

_FENCE = re.compile(r'^```(\w+)(?: ([^\n]*))?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: ```language name, and what it holds."""

    language: str
    name: str
    text: str


@dataclass
class Example:
    """A feeds.yml of a page, the documents of its sources by address or path, and what the page says it gives."""

    feeds: str
    documents: dict[str, str] = field(default_factory=dict)
    entries: str = ''


def blocks(page: Path) -> list[Block]:
    return [Block(found[1], found[2] or '', found[3]) for found in _FENCE.finditer(page.read_text('utf-8'))]


def examples(page: Path) -> list[Example]:
    """Every `yaml feeds.yml` of the page with the blocks up to its `text entries`."""
    found: list[Example] = []
    for block in blocks(page):
        if (block.language, block.name) == ('yaml', 'feeds.yml'):
            found.append(Example(block.text))
        elif (block.language, block.name) == ('text', 'entries'):
            found[-1].entries = block.text
        elif block.name:
            found[-1].documents[block.name] = block.text
    return found


class Net:
    def __init__(self, documents: dict[str, str]) -> None:
        self._documents = documents

    def fetch(self, request: Request) -> FetchResult:
        body = self._documents.get(request.url)
        if body is None:
            return FetchFailed(request.url, 'status', 'The server says there is nothing at this address (404)')
        answer = Answer(url=request.url, final_url=request.url, status=200, fetched_at=NOW)
        return Fetched(answer, Received(request.url, body.encode(), NOW))

    def close(self) -> None:
        pass


def poll(example: Example, folder: Path) -> list[str]:
    """Polls and publishes the example in this folder; the errors and faults that were met."""
    (folder / 'feeds.yml').write_text(example.feeds, 'utf-8')
    for name, text in example.documents.items():
        if '://' not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, 'utf-8')
    settings = load_settings(folder / 'feeds.yml')
    parser = InlineParser(parse_document, settings.parsing.limits)
    with assembled(
        settings, spacing=timedelta(0), now=lambda: NOW, transport=Net(example.documents), parser=parser
    ) as house:
        reports = list(poll_now(settings.sources, house.tools, lambda: NOW))
        publish(house.store, house.settings, house.folder)
    return [told for r in reports for told in (r.error, *(f.message for f in r.faults)) if told]


# ---------------------------------------------------------------- the tables of identity.md


def table_rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the table under `### heading`, without its head."""
    section = page.read_text('utf-8').split(f'### {heading}\n', 1)[1].split('\n#', 1)[0]
    lines = [line for line in section.splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.strip('|').split(' | ')] for line in lines[2:]]


def items(cell: str) -> list[tuple[str, dict[str, str]]]:
    """`甲: link …, title … <br> 乙: …` as source and fields."""
    parts = (part.strip().partition(': ') for part in cell.split('<br>'))
    return [(name, dict(pair.split(' ', 1) for pair in fields.split(', '))) for name, _, fields in parts]


# ---------------------------------------------------------------- what the program says


@cache
def said_in_source() -> frozenset[str]:
    """Every text of the source as a person sees it: … where something is put in."""
    files = (ROOT / 'aggregator').rglob('*.py')
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text('utf-8'))))
    return frozenset(text for node in nodes if (text := _text_of(node)))


def _text_of(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values):
            return ''.join(value.value if isinstance(value, ast.Constant) else '…' for value in values)
    return ''
