"""For the tests of rounds: a store in memory, a network that is a table, a clock that is a number. All real otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.model import (
    Answer,
    Fetched,
    FetchFailed,
    FetchResult,
    Hop,
    NotModified,
    ParseLimits,
    Policy,
    Polling,
    PollReport,
    Received,
    Request,
    Source,
    SourceState,
    Validators,
)
from aggregator.parse import InlineParser, parse_document
from aggregator.parse.kinds import FeedOptions
from aggregator.poll import Tools, conclude, visit
from aggregator.store import Store

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = 'https://a.example/feed'


def rss(*titles: str, head: str = '') -> bytes:
    items = ''.join(f'<item><title>{t}</title><link>https://a.example/{t}</link></item>' for t in titles)
    return f'<rss version="2.0"><channel><title>甲</title>{head}{items}</channel></rss>'.encode()


@dataclass(frozen=True)
class Reply:
    """What stands at a URL."""

    body: bytes = b''
    status: int = 200
    etag: str = ''
    modified: str = ''
    to: str = ''  # where a redirect leads
    max_age: timedelta | None = None
    retry_after: timedelta | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Net:
    """A transport: follows redirects, honours validators as fetch/visit.py does."""

    at: dict[str, Reply] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    sent: list[tuple[str, Validators]] = field(default_factory=list)  # each hop, with what was sent there
    now: datetime = NOW
    silent: bool = False  # nobody answers

    def fetch(self, request: Request) -> FetchResult:
        self.asked.append(request)
        if self.silent:
            return FetchFailed(request.url, 'timeout', 'The server does not answer', 'Wait')
        here, hops = request.url, ()
        while True:
            sent = request.validators if (request.validators.url or request.url) == here else Validators()
            self.sent.append((here, sent))
            reply = self.at.get(here, Reply(status=404))
            if not reply.to:
                return self._result(request, here, hops, reply, sent)
            here, hops = reply.to, (*hops, Hop(reply.status, reply.to))

    def _result(
        self, request: Request, here: str, hops: tuple[Hop, ...], reply: Reply, sent: Validators
    ) -> FetchResult:
        same = reply.status == 200 and bool(reply.etag) and sent.etag == reply.etag
        answer = Answer(
            url=request.url,
            final_url=here,
            status=304 if same else reply.status,
            fetched_at=self.now,
            hops=hops,
            validators=Validators(reply.etag, reply.modified, here if hops else ''),
            max_age=reply.max_age,
            retry_after=reply.retry_after,
            headers=reply.headers,
        )
        if same:
            return NotModified(answer)
        if reply.status != 200:
            return FetchFailed(request.url, 'status', f'The server says no ({reply.status})', 'Look', answer)
        return Fetched(answer, Received(here, reply.body, self.now))

    def close(self) -> None:
        pass


@dataclass
class World:
    net: Net = field(default_factory=Net)
    store: Store = field(default_factory=Store.in_memory)
    now: datetime = NOW
    polling: Polling = Polling()
    sources: dict[str, Source] = field(default_factory=dict)

    def source(self, name: str = '甲', url: str = URL, **more: object) -> Source:
        order = self.sources[name].order if name in self.sources else len(self.sources)
        source = replace(Source(name=name, url=url, order=order, options=FeedOptions()), **more)
        self.sources[name] = source
        return source

    def tools(self) -> Tools:
        return Tools(
            store=self.store,
            transport=self.net,
            parser=InlineParser(parse_document, ParseLimits()),
            policy=Policy(sources=self.sources),
            polling=self.polling,
        )

    def poll(self, name: str = '甲', after: timedelta = timedelta(0)) -> PollReport:
        """One round, so much later than the last."""
        self.now += after
        self.net.now = self.now
        tools = self.tools()
        return conclude(visit(self.sources[name], tools, self.now), tools)

    def state(self, name: str = '甲') -> SourceState:
        found = self.store.source(name)
        assert found is not None
        return found

    def memory(self) -> Mapping[str, object]:
        """All that a reader could see a difference in."""
        return {
            'entries': list(self.store.all_entries(dropped=True)),
            'dirty': self.store.dirty(),
            'counts': self.store.counts(),
        }
