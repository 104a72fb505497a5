"""YAML text to a tree with places, or to what YAML refuses in it. Meaning is not its business.

ruamel's events are used and not its constructors: positions come for nothing, nothing is built that the text did not
say, and 10,000 short sources take 2.0 s where the round-trip loader takes 3.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from aggregator.settings.tree import Listing, Mapping, Mark, Node, Scalar, lines_of

MAX_DEPTH = 50
MAX_NODES = 1_000_000  # aliases count what they stand for: a bomb is refused before anything is built of it
_CHARS_PER_NODE = 256  # a long text counts as several nodes, so that aliases cannot multiply it either
_TRAILING = re.compile(r'(?<![ \t])[ \t]++(?=[\r\n]|\Z)')
_KNOWN_TAGS = ('!', 'tag:yaml.org,2002:str', 'tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq')


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that YAML itself refuses. `fatal`: reading ended here, and what follows was not seen."""

    mark: Mark
    message: str
    hint: str = ''
    fatal: bool = False


class _Stop(Exception):  # it ends the reading and never leaves this file
    def __init__(self, mark: Mark, message: str, hint: str = '') -> None:
        super().__init__(message)
        self.trouble = Trouble(mark, message, hint, fatal=True)


def read_tree(text: str) -> tuple[Node | None, tuple[Trouble, ...]]:
    """The root (None: no content) and what YAML refuses in the text. After a fatal trouble the root is partial."""
    builder = _Builder()
    try:
        for event in YAML(typ='safe', pure=True).parse(_TRAILING.sub(_blanks, text)):
            builder.take(event)
    except _Stop as stop:
        builder.troubles.append(stop.trouble)
    except MarkedYAMLError as error:
        builder.troubles.append(_translated(error, text))
    except (
        YAMLError,
        ArithmeticError,
        AttributeError,
        LookupError,
        NotImplementedError,
        ValueError,
        TypeError,
    ) as error:
        # The scanner lets its own slips out, such as OverflowError for "\UFFFFFFFF".
        message = f'YAML cannot be read from here on ({type(error).__name__})'
        builder.troubles.append(Trouble(builder.last, message, 'look at quotes and escapes', fatal=True))
    return builder.root, tuple(builder.troubles)


def _blanks(found: re.Match[str]) -> str:
    """Tabs at the end of a line mean nothing (YAML 1.2.2, 6.2), and the scanner refuses them."""
    return ' ' * len(found[0])


class _Builder:
    """Puts nodes together without recursion, so that depth costs nothing before it is refused."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.troubles: list[Trouble] = []
        self.last = Mark(1, 1)
        self._stack: list[Listing | Mapping] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def take(self, event: Any) -> None:
        if isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, NodeEvent):
            self.last = mark = _mark(event)
            node = self._aliased(event, mark) if isinstance(event, AliasEvent) else self._made(event, mark)
            self._count(node)
            self._place(node, mark)
            if isinstance(node, Listing | Mapping) and not isinstance(event, AliasEvent):
                self._open(node)
        elif isinstance(event, DocumentStartEvent) and self.root is not None:
            raise _Stop(_mark(event), 'a second document starts here', 'one file holds one configuration; remove ---')

    def _made(self, event: Any, mark: Mark) -> Node:
        if event.tag is not None and event.tag not in _KNOWN_TAGS:
            self.troubles.append(Trouble(mark, f'unknown tag {event.tag!r}', 'tags are not used here; remove it'))
        node = _node(event, mark)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _aliased(self, event: Any, mark: Mark) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise _Stop(mark, f'the alias *{event.anchor} has no anchor &{event.anchor} before it')
        if not isinstance(node, Scalar) and node.open:
            raise _Stop(mark, f'the alias *{event.anchor} stands inside its own anchor')
        self._bound(mark, len(self._stack) + node.height)
        return node

    def _bound(self, mark: Mark, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _Stop(mark, f'lists and mappings nested deeper than {MAX_DEPTH}')

    def _count(self, node: Node) -> None:
        self._nodes += node.size
        if self._nodes > MAX_NODES:
            raise _Stop(self.last, f'more than {MAX_NODES:,} values, aliases counted as what they stand for')

    def _place(self, node: Node, mark: Mark) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        parent.size += node.size
        parent.height = max(parent.height, 1 + node.height)
        if isinstance(parent, Listing):
            parent.items.append(node)
        elif parent.pending is None:
            parent.pending = self._key(node, mark)
        else:
            self._pair(parent, parent.pending, node)
            parent.pending = None

    def _key(self, node: Node, mark: Mark) -> Scalar:
        if not isinstance(node, Scalar):
            raise _Stop(mark, 'a list or mapping cannot be a key', "put braces that belong to a text in quotes: '{…}'")
        return Scalar(mark, node.text, node.plain)

    def _pair(self, parent: Mapping, key: Scalar, node: Node) -> None:
        first = parent.pairs.get(key.text)
        if first is None:
            if isinstance(node, Scalar) and node.plain and not node.text:
                # The scanner sees that nothing was written only at whatever comes next; the key's colon is the place.
                node = Scalar(Mark(key.mark.line, key.mark.column + key.mark.width, 1, key.mark.end), '', plain=True)
            parent.pairs[key.text] = (key, node)
            return
        hint = f'it stands in line {first[0].mark.line}, column {first[0].mark.column} already; keep one of them'
        self.troubles.append(Trouble(key.mark, f'duplicate key {key.text!r}', hint))

    def _open(self, node: Listing | Mapping) -> None:
        self._stack.append(node)
        self._bound(node.mark, len(self._stack))

    def _close(self, event: Any) -> None:
        node = self._stack.pop()
        node.open = False
        node.mark.end = event.end_mark.index
        if event.start_mark.index != event.end_mark.index:  # a flow collection: its bracket
            node.mark.width = event.end_mark.column - node.mark.column + 1 if _one_line(node.mark, event) else 0
        if self._stack:
            parent = self._stack[-1]
            parent.size += node.size - 1  # it counted as one when it was opened
            parent.height = max(parent.height, 1 + node.height)


def _node(event: Any, mark: Mark) -> Node:
    match event:
        case ScalarEvent():
            return Scalar(mark, event.value, bool(event.implicit[0]), 1 + len(event.value) // _CHARS_PER_NODE)
        case SequenceStartEvent():
            return Listing(mark, flow=bool(event.flow_style))
        case MappingStartEvent():
            return Mapping(mark)
    raise TypeError(type(event).__name__)


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    width = end.column - start.column if start.line == end.line else 0
    return Mark(start.line + 1, start.column + 1, max(width, 1) if start.line == end.line else 0, end.index)


def _one_line(mark: Mark, event: Any) -> bool:
    return bool(mark.line == event.end_mark.line + 1)


# ------------------------------------------------ what the scanner says, in words


def _translated(error: MarkedYAMLError, text: str) -> Trouble:
    at = error.problem_mark or error.context_mark
    line, column = (at.line, at.column) if at is not None else (0, 0)
    problem, context = str(error.problem or ''), str(error.context or '')
    for words in _WORDS:
        if re.search(words.says, f'{context}: {problem}'):
            if words.start and error.context_mark is not None:
                line, column = error.context_mark.line, error.context_mark.column
            message = words.message.replace('{}', lines_of(text)[line][column : column + 1])
            return Trouble(Mark(line + 1, column + 1), message, words.hint, fatal=True)
    return Trouble(Mark(line + 1, column + 1), f'this is no YAML: {problem or context}', fatal=True)


@dataclass(frozen=True, slots=True)
class _Words:
    """For what the scanner says (a pattern): our message and hint. `start`: point at where the construct begins."""

    says: str
    message: str
    hint: str = ''
    start: bool = False


_WORDS = (
    _Words(
        'mapping values are not allowed',
        "a ':' that YAML cannot place",
        'quote a text that holds a colon and a blank, or mend the indentation',
    ),
    _Words(
        "simple key.*could not find expected ':'",
        "this line has no ':' with a blank after it",
        'a key is written key: value',
        start=True,
    ),
    _Words(r"'\\t' that cannot start", 'a tab cannot indent YAML; use blanks'),
    _Words('cannot start any token', "'{}' cannot start a value", 'put the value in quotes'),
    _Words('quoted scalar.*unexpected', 'this quote is never closed', start=True),
    _Words('unknown escape', "unknown escape '\\{}' in double quotes", "write the text in single quotes: '…'"),
    _Words('flow sequence', 'this list is never closed', 'a , or ] is missing', start=True),
    _Words('flow mapping', 'this mapping is never closed', 'a , or } is missing', start=True),
    _Words('flow node', 'a list or mapping is never closed', 'a ] or } is missing'),
    _Words(
        'expected <block end>',
        'this line is not indented like the lines it belongs to',
        'keys of one mapping start in one column',
    ),
    _Words(
        'sequence entries are not allowed',
        "a '- ' that YAML cannot place",
        'the rows of a list start on lines of their own',
    ),
)
