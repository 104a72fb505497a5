"""For the tests of the whole river in one process: settings from a text, a network that is a table, a clock that is a number."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.daemon import Assembly, assembled, chosen, poll_now
from aggregator.model import (
    Answer,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    PollReport,
    Received,
    Request,
    StoredEntry,
    Validators,
)
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import publish
from aggregator.settings import load_settings

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


@dataclass
class Net:
    """A transport: what stands at each URL, and who asked for it. Gives an ETag and honours it."""

    pages: dict[str, bytes | FetchFailed] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    now: datetime = NOON

    def fetch(self, request: Request) -> FetchResult:
        self.asked.append(request)
        found = self.pages.get(request.url)
        if isinstance(found, FetchFailed):
            return found
        if found is None:
            return FetchFailed(request.url, 'status', 'the server says there is nothing at this address (404)')
        etag = f'"{hash(found)}"'
        same = request.validators.etag == etag
        answer = Answer(
            url=request.url,
            final_url=request.url,
            status=304 if same else 200,
            fetched_at=self.now,
            validators=Validators(etag=etag),
        )
        return NotModified(answer) if same else Fetched(answer, Received(request.url, found, self.now))

    def close(self) -> None:
        pass


@dataclass
class River:
    """A folder with feeds.yml and data/, a network, a clock."""

    folder: Path
    net: Net = field(default_factory=Net)
    now: datetime = NOON

    def write(self, text: str) -> None:
        (self.folder / 'feeds.yml').write_text(text, 'utf-8')

    def open(self) -> AbstractContextManager[Assembly]:
        settings = load_settings(self.folder / 'feeds.yml')
        parser = InlineParser(parse_document, settings.parsing.limits)
        return assembled(settings, spacing=timedelta(0), now=lambda: self.now, transport=self.net, parser=parser)

    def poll(self, *names: str, reread: bool = False) -> list[PollReport]:
        self.net.now = self.now
        with self.open() as house:
            sources = chosen(house.settings, names)
            reports = list(poll_now(sources, house.tools, lambda: self.now, reread=reread))
            publish(house.store, house.settings, house.folder)
        return reports

    def publish(self) -> None:
        with self.open() as house:
            publish(house.store, house.settings, house.folder)

    def entries(self) -> list[StoredEntry]:
        with self.open() as house:
            return list(house.store.all_entries())

    def public(self) -> dict[str, bytes]:
        """Every published document by its path; compressed forms left out."""
        root = self.folder / 'data' / 'public'
        files = (p for p in sorted(root.rglob('*')) if p.is_file() and p.suffix not in ('.gz', '.br'))
        return {str(p.relative_to(root)): p.read_bytes() for p in files}


def rss(*items: str, title: str = '甲报') -> bytes:
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
    return f'{head}<link>https://jia.example/</link>{"".join(items)}</channel></rss>'.encode()


def item(
    n: int, title: str = '', *, link: str = '', at: int | None = 0, text: str = '', guid: str = '', more: str = ''
) -> str:
    date = (
        ''
        if at is None
        else f'<pubDate>{(NOON - timedelta(days=1, minutes=-at)).strftime("%a, %d %b %Y %H:%M:%S +0000")}</pubDate>'
    )
    link = link or f'https://jia.example/{n}.html'
    guid = f'<guid isPermaLink="false">{guid}</guid>' if guid else ''
    return f'<item><title>{title or f"第{n}条"}</title><link>{link}</link>{guid}{date}<description>{text or f"正文{n}"}</description>{more}</item>'
