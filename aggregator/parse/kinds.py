"""The kinds of source. A kind is one class, whose fields are its keys in feeds.yml, and one row of this table."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from aggregator.model import Entry, Fault, ParsedFeed, ParseLimits, Received, Source
from aggregator.parse.feed import parse_feed
from aggregator.parse.jsonlist import JsonOptions
from aggregator.parse.page import PageOptions
from aggregator.parse.posts import PostsOptions


class Options(Protocol):
    """What the class of a kind can do. It is a frozen dataclass; bad values raise ValueError with a sentence."""

    def requests(self, source: Source) -> tuple[str, ...]:
        """The addresses of one round, in order; none where no address is asked."""

    def parse(self, received: Received, source: Source, limits: ParseLimits) -> ParsedFeed:
        """The entries of one document. Never raises."""

    def detail_request(self, entry: Entry) -> str:
        """The address of the entry's text, '' where there is none to ask for."""

    def with_detail(
        self, entry: Entry, received: Received, source: Source, limits: ParseLimits
    ) -> tuple[Entry, Fault | None]:
        """The entry with what the answer to `detail_request` adds. Never raises."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """Kind `feed` has no options: a feed says itself where everything is."""

    def requests(self, source: Source) -> tuple[str, ...]:
        return (source.url,)

    def parse(
        self, received: Received, source: Source, limits: ParseLimits, seen: Container[bytes] = frozenset()
    ) -> ParsedFeed:
        return parse_feed(received, source, limits, seen)

    def detail_request(self, entry: Entry) -> str:  # noqa: ARG002  # every kind answers it
        return ''

    def with_detail(
        self,
        entry: Entry,
        received: Received,  # noqa: ARG002  # every kind answers it
        source: Source,  # noqa: ARG002  # the same
        limits: ParseLimits,  # noqa: ARG002  # the same
    ) -> tuple[Entry, Fault | None]:
        return entry, None


@dataclass(frozen=True, slots=True)
class KindRow:
    """`options` is the class of the kind; `sentence` says in help and docs what the kind reads."""

    options: type[Any]
    sentence: str


KINDS: Final[Mapping[str, KindRow]] = MappingProxyType(
    {
        'feed': KindRow(FeedOptions, 'RSS, Atom or JSON Feed, whichever comes.'),
        'json': KindRow(JsonOptions, 'A list in JSON or JSONP; JMESPath says where its fields are.'),
        'page': KindRow(PageOptions, 'An HTML page that lists news; CSS selectors say where its fields are.'),
        'posts': KindRow(PostsOptions, 'A folder of Jekyll posts.'),
    },
)


def parse_document(
    received: Received, source: Source, limits: ParseLimits, seen: Container[bytes] = frozenset()
) -> ParsedFeed:
    """Read a document as its source's kind does. A plain function of this module, so that a worker can be told it.

    Only a feed's items have marks; those in `seen` may be left out.
    """
    options = options_of(source)
    if isinstance(options, FeedOptions):
        return options.parse(received, source, limits, seen)
    return options.parse(received, source, limits)


def detail_request(entry: Entry, source: Source) -> str:
    """The address where the text of this entry of the source is; '' where none is to be asked for."""
    return options_of(source).detail_request(entry)


def written_addresses(source: Source) -> tuple[str, ...]:
    """The addresses that stand in feeds.yml: of the documents, and the one that those of texts are made from."""
    detail = getattr(options_of(source), 'detail', None)
    return (*options_of(source).requests(source), getattr(detail, 'url', ''))


def with_detail(entry: Entry, received: Received, source: Source, limits: ParseLimits) -> tuple[Entry, Fault | None]:
    """The entry with what the answer to `detail_request` adds, and what was wrong with that answer."""
    return options_of(source).with_detail(entry, received, source, limits)


def options_of(source: Source) -> Options:
    """The source's options; those of its kind where it was made without. Raises TypeError where a kind needs some."""
    options: Options = KINDS[source.kind].options() if source.options is None else source.options
    return options
