"""Some documents at once through the whole house: poll, parse, decide, store, render; and what is wrong afterwards.

    documents -> a round of one source each -> store -> Atom, RSS, JSON Feed, pages, OPML, posts -> the judge

Everything is real but the wire, which is a table, and the parser's process, which is this one.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fuzz_documents import Document
from fuzz_laws import broken_laws
from fuzz_others import other_faults
from hostile_judge import SITE, faults_of

from aggregator.emit import views_of
from aggregator.model import (
    Answer,
    CategoryRule,
    Feed,
    Fetched,
    FetchResult,
    Key,
    ParsedFeed,
    ParseLimits,
    Policy,
    Polling,
    PollReport,
    Received,
    Request,
    Site,
    Source,
)
from aggregator.model import Document as Published
from aggregator.parse import KINDS, parse_document
from aggregator.poll import Tools, conclude, visit
from aggregator.render import FORMATS, categories_opml, edition_of, index_page, newest_rows, post_of, sources_opml
from aggregator.store import Store

NOW: Final = datetime(2026, 11, 25, 8, tzinfo=UTC)
LIMITS: Final = ParseLimits()
LABEL: Final = '总新闻'  # every entry has it, and then those that it asks for
SLUG: Final = 'zong'
_SITE: Final = Site(title='站', url=SITE, authority='news.example.org,2026')
_LAWS: Final = 8  # of so many documents one is read in other ways too, which must come to the same
_HANDLED: Final = frozenset({'internal', 'parse-crash'})  # rules of faults that stand for an exception

_KINDS: Final = {'xml': 'feed', 'json': 'feed', 'list': 'json', 'page': 'page', 'post': 'posts'}
_LIST_FIELDS: Final = {
    'title': 'title', 'link': 'uniqueUrl || url', 'code': 'code', 'guid': 'id', 'published': 'showTime', 'updated': 'updateTime',
    'publisher': 'mediaName', 'summary': 'summary', 'content': 'content', 'author': 'author', 'tags': 'tags[].name', 'image': 'cover',
}  # fmt: skip
_PAGE_FIELDS: Final = {
    'title': 'h2 a', 'link': 'h2 a@href', 'published': '.date', 'summary': '.summary', 'content': '.article', 'publisher': '.source',
    'author': '.author', 'image': 'img@src', 'code': '@data-code',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong; `numbers` are the documents of which one or more did it."""

    stage: str
    told: str
    numbers: tuple[int, ...]


@dataclass(slots=True)
class Seen:
    """What was counted while all went well."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0  # CPU of one document's parsing
    slowest: int = -1


Progress = Callable[[str, int], None]
"""Told before each stage: its name, and the number of the document, or -1."""


class River:
    """`parse` can be another function in a test of the harness itself."""

    def __init__(self, folder: Path, progress: Progress = lambda _stage, _number: None, parse: Any = parse_document):
        self.folder = folder
        self.seen = Seen()
        self._progress = progress
        self._parse = parse

    def faults(self, documents: Sequence[Document]) -> list[Finding]:
        """What is wrong when these documents come in together."""
        findings = [f for d in documents if d.dialect not in _KINDS for f in self._other(d)]
        flowing = [d for d in documents if d.dialect in _KINDS]
        sources = {d.number: source_of(d, n, self.folder) for n, d in enumerate(flowing)}
        policy = Policy(sources={s.name: s for s in sources.values()}, authority=_SITE.authority)
        with Store.in_memory() as store:
            for document in flowing:
                findings += self._round(document, sources[document.number], store, policy)
            self._progress('publish', -1)
            findings += self._published(store, tuple(sources.values()), tuple(d.number for d in flowing))
        return findings

    def _other(self, document: Document) -> Iterator[Finding]:
        """A document that holds no entries: a list of subscriptions, feeds.yml, headers."""
        self._progress('other', document.number)
        began = time.process_time()
        try:
            for fault in other_faults(document, NOW):
                yield Finding('other', fault, (document.number,))
        except Exception as error:  # noqa: BLE001  # that is what we look for
            yield Finding('other', _raised(error), (document.number,))
        self._took(document, began)

    def _round(self, document: Document, source: Source, store: Store, policy: Policy) -> Iterator[Finding]:
        parser = _Parser(self, document)
        wire = _Wire(document)
        tools = Tools(store=store, transport=wire, parser=parser, policy=policy, polling=Polling())
        if source.kind == 'posts':
            _write_post(source, document)
        self._progress('visit', document.number)
        visited = visit(source, tools, NOW)
        self._progress('record', document.number)
        report = conclude(visited, tools)
        self._count(report)
        for told in parser.raised or _unhandled(report):
            yield Finding('parse', told, (document.number,))

    def _count(self, report: PollReport) -> None:
        self.seen.counts[report.outcome] += 1
        self.seen.counts.update(f'fault {fault.rule}' for fault in report.faults)
        self.seen.counts['entries'] += sum(report.counts.values())

    def _took(self, document: Document, began: float) -> None:
        took = time.process_time() - began
        if took > self.seen.slowest_s:
            self.seen.slowest_s, self.seen.slowest = took, document.number

    def _published(self, store: Store, sources: Sequence[Source], numbers: tuple[int, ...]) -> Iterator[Finding]:
        try:
            made = list(_documents(store, sources, self.seen))
        except Exception as error:  # noqa: BLE001  # the same
            yield Finding('render', _raised(error), numbers)
            return
        self.seen.counts['published documents'] += len(made)
        self._progress('judge', -1)
        for one in made:
            for fault in faults_of(one.path, one.body):
                yield Finding('published', f'{one.path}: {fault}', numbers)


def source_of(document: Document, order: int, folder: Path) -> Source:
    """A source of its own for each, alone in its group, so that no document hides another."""
    kind, host = _KINDS[document.dialect], f'https://s{document.number}.example/feed'
    return Source(
        name=f'源{document.number}',
        kind=kind,
        order=order,
        url=str(folder / str(document.number)) if kind == 'posts' else host,
        category=CategoryRule(labels=(LABEL,), origin='tags' if document.number % 3 == 0 else 'publisher'),
        key=Key(param='id', code=r'^((?:NW)?\d{18})$', prefix='NW') if document.number % 5 == 0 else Key(),
        options=_options(kind, detail=document.number % 4 == 0),
        content='summary' if document.number % 11 == 0 else 'full',
    )


def _options(kind: str, *, detail: bool) -> Any:
    options = KINDS[kind].options
    match kind:
        case 'json':
            from aggregator.parse.jsonlist import Detail, Fields

            answer = Detail(url='https://d.example/{code}', fields=Fields(content='data.list[0].content'))
            return options(items='data.list', fields=Fields(**_LIST_FIELDS), detail=answer if detail else None)
        case 'page':
            from aggregator.parse.page import PageDetail, PageDetailFields, PageFields

            own = PageDetail(fields=PageDetailFields(content='.article', publisher='.source'))
            return options(items='ul.news > li', fields=PageFields(**_PAGE_FIELDS), detail=own if detail else None)
        case 'posts':
            return options(path='posts')
    return options()


@dataclass(slots=True)
class _Parser:
    """Parses here, and remembers what was raised."""

    river: River
    document: Document
    raised: list[str] = field(default_factory=list)

    def parse(self, source: Source, received: Received, seen: frozenset[bytes] = frozenset()) -> ParsedFeed:
        began = time.process_time()
        try:
            parsed: ParsedFeed = self.river._parse(received, source, LIMITS, *([seen] if seen else []))
        except MemoryError:
            self.river.seen.counts['stopped by the memory limit'] += 1
            return ParsedFeed(failed=True)
        except Exception as error:  # noqa: BLE001  # that is what we look for
            self.raised.append(_raised(error))
            return ParsedFeed(failed=True)
        finally:
            self.river._took(self.document, began)
        if self.document.number % _LAWS == 0 and source.kind == 'feed' and not parsed.failed:
            self.raised += broken_laws(received, source, LIMITS, parsed)
        return parsed

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Wire:
    """Answers every address with the document: the source's own, and those of details."""

    document: Document

    def fetch(self, request: Request) -> FetchResult:
        answer = Answer(url=request.url, final_url=request.url, status=200, fetched_at=NOW)
        document = self.document
        return Fetched(answer, Received(request.url, document.body, NOW, document.media_type, document.charset))

    def close(self) -> None: ...


def _write_post(source: Source, document: Document) -> None:
    folder = Path(source.url)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / '2026-11-25-post.md').write_bytes(document.body)


def _unhandled(report: PollReport) -> Iterator[str]:
    """Exceptions that the house caught and told as a fault of its own."""
    yield from (f'{f.rule}: {f.message}' for f in report.faults if f.rule in _HANDLED)
    if 'the aggregator itself failed' in report.error or 'The parser failed with' in report.error:
        yield report.error


def _documents(store: Store, sources: Sequence[Source], seen: Seen) -> Iterable[Published]:
    entries = store.entries(label=None, limit=100_000)
    views = views_of(sources, store.sources())
    categories = store.categories()
    everything = Feed(slug='', label='', title='站', updated_at=NOW, entries=entries, sources=views, site=_SITE)
    one = Feed(slug=SLUG, label=LABEL, title=LABEL, updated_at=NOW, entries=entries, sources=views, site=_SITE)
    edition = edition_of(everything)
    seen.counts.update(f'left out: {fault.message.rpartition(":")[2][:60]}' for fault in edition.faults)
    yield from edition.documents
    yield Published(f'category/{SLUG}.html', '', FORMATS['html'].render(one))
    yield from (Published(f'category/{c.slug}.atom', '', _EMPTY) for c in categories)
    yield Published('index.html', '', index_page(_SITE, categories, list(views.values()), newest_rows(everything)[:30]))
    yield Published('feeds.opml', '', categories_opml(_SITE, categories, NOW))
    yield Published('sources.opml', '', sources_opml(_SITE, list(views.values()), NOW))
    for entry in entries[::10]:
        post_of(entry, _SITE)


_EMPTY: Final = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'  # only the name is of interest


def _raised(error: BaseException) -> str:
    """Kind and place, which tell one defect from the next; the text only as far as it helps."""
    trace, place = error.__traceback__, ''
    while trace is not None:
        code = trace.tb_frame.f_code
        if '/aggregator/' in code.co_filename:
            place = f'{Path(code.co_filename).name}:{code.co_name}'
        trace = trace.tb_next
    return f'{type(error).__name__} in {place}: {str(error)[:200]!r}'


def silence() -> None:
    """What the house logs about itself is found by its reports."""
    logging.getLogger('aggregator').setLevel(logging.CRITICAL + 1)
