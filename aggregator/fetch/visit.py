"""A visit to one URL, across redirects: from a Request to Fetched or NotModified; every other end is a Failure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.fetch.deadline import Deadline
from aggregator.fetch.exchange import Exchange, Reply
from aggregator.fetch.failure import Failure, status_failed
from aggregator.fetch.headers import (
    content_type_of,
    every,
    first,
    for_people,
    max_age_of,
    retry_after_of,
    validators_of,
)
from aggregator.fetch.links import hubs_and_self
from aggregator.fetch.target import Target, read_target, redirected
from aggregator.fetch.unpacking import CODINGS
from aggregator.model import Answer, Fetched, Hop, NotModified, Received, Request, Validators

ACCEPT = (
    'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, '
    'application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1'
)
_OK, _NOT_MODIFIED = 200, 304
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(slots=True)
class Path:
    """How far a visit has come. `at_home`: it never left the origin of the configured URL."""

    request: Request
    home: Target
    here: Target
    deadline: Deadline
    started: float
    hops: list[Hop] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    at_home: bool = True

    @property
    def conditional(self) -> bool:
        """Whether the validators are about the document at this stop.

        They go to the URL whose answer gave them and nowhere else: another document could match a date by chance.
        """
        validators = self.request.validators
        if not (validators.etag or validators.last_modified):
            return False
        return validators.url == self.here.url if validators.url else not self.hops


@dataclass(frozen=True, slots=True)
class Visits:
    """What all visits share."""

    exchange: Exchange
    user_agent: str
    now: Callable[[], datetime]
    monotonic: Callable[[], float]

    def visit(self, request: Request, deadline: Deadline) -> Fetched | NotModified:
        return self.follow(self.path(request, deadline), self.exchange)

    def path(self, request: Request, deadline: Deadline) -> Path:
        """Nothing was asked yet."""
        home = read_target(request.url)
        return Path(request, home, home, deadline, self.monotonic(), seen={home.key})

    def follow(self, path: Path, exchange: Exchange) -> Fetched | NotModified:
        """From where it stands to its end."""
        while True:
            private = path.request.private and path.at_home
            with exchange.ask(path.here, self.headers(path), private=private, deadline=path.deadline) as reply:
                answer = self._answer(path, reply)
                if reply.status not in _REDIRECTS:
                    return self._result(path, reply, answer)
            try:
                self._follow(path, answer, reply)
            except Failure as failure:
                failure.answer = answer
                raise

    def headers(self, path: Path) -> dict[str, str]:
        """What the source adds goes to its own origin only, and never again after a redirect has led away from it."""
        request = path.request
        headers = {
            'User-Agent': self.user_agent,
            'Accept': request.accept or ACCEPT,
            'Accept-Encoding': ', '.join(CODINGS),
            'Connection': self.exchange.connection,
        }
        if path.conditional:
            validators = request.validators
            headers |= {'If-None-Match': validators.etag} if validators.etag else {}
            headers |= {'If-Modified-Since': validators.last_modified} if validators.last_modified else {}
        return _overlaid(headers, request) if path.at_home else headers

    def not_modified(self, path: Path, reply: Reply) -> NotModified | None:
        """What a 304 means; None where nobody asked for one."""
        return NotModified(self._answer(path, reply)) if path.conditional else None

    def _answer(self, path: Path, reply: Reply) -> Answer:
        now, headers, url = self.now(), reply.headers, path.here.url
        hubs, self_url = hubs_and_self(every(headers, 'link'), url)
        return Answer(
            url=path.request.url,
            final_url=url,
            status=reply.status,
            fetched_at=now,
            elapsed_ms=self._elapsed_ms(path),
            hops=tuple(path.hops),
            validators=_placed(validators_of(headers), path),
            max_age=max_age_of(headers, now),
            retry_after=retry_after_of(headers, now),
            hubs=hubs,
            self_url=self_url,
            headers=for_people(headers),
        )

    def _elapsed_ms(self, path: Path) -> int:
        return round((self.monotonic() - path.started) * 1000)

    def _result(self, path: Path, reply: Reply, answer: Answer) -> Fetched | NotModified:
        if reply.status == _NOT_MODIFIED and path.conditional:
            return NotModified(answer)
        try:
            if reply.status != _OK:
                raise status_failed(reply.status)
            body = reply.body(self.exchange.limits.body_bytes)
        except Failure as failure:
            failure.answer = answer
            raise
        media_type, charset = content_type_of(reply.headers)
        received = Received(path.here.url, body, answer.fetched_at, media_type, charset)
        return Fetched(dataclasses.replace(answer, elapsed_ms=self._elapsed_ms(path)), received)

    def _follow(self, path: Path, answer: Answer, reply: Reply) -> None:
        """One step on (RFC 9110, 15.4)."""
        location = first(reply.headers, 'location')
        if not location:
            raise Failure('redirect', f'The server sends us elsewhere and does not say where ({reply.status})')
        if len(path.hops) >= self.exchange.limits.redirects:
            raise Failure('redirect', f'The server sends us on more than {self.exchange.limits.redirects} times')
        there = redirected(path.here, location)
        if there.key in path.seen:
            raise Failure(
                'redirect',
                'The server sends us round in circles; the problem is on their side',
                'Perhaps the site wants cookies, which we do not keep; look for another address of the feed',
            )
        path.seen.add(there.key)
        path.hops.append(Hop(answer.status, there.url))
        path.here = there
        path.at_home = path.at_home and there.origin == path.home.origin


def _placed(validators: Validators, path: Path) -> Validators:
    """Where redirects led to the document, its validators say so; none stay none."""
    if validators == Validators() or not path.hops:
        return validators
    return dataclasses.replace(validators, url=path.here.url)


def _overlaid(headers: dict[str, str], request: Request) -> dict[str, str]:
    """The source's own headers, in whatever case, win over ours."""
    if not request.headers:
        return headers
    own = {name.lower() for name in request.headers}
    return {name: value for name, value in headers.items() if name.lower() not in own} | dict(request.headers)
