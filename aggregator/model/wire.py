"""Over the wire: a request, and what became of it. Headers are values here; whoever decides never sees one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Validators:
    """Byte for byte as received (RFC 9110, 8.8); '' where the answer had none."""

    etag: str = ''
    last_modified: str = ''
    url: str = ''  # final URL of the answer that gave them, where redirects led there; '' is the URL asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One visit to one URL. With `private` the origin of `url`, and it alone, may be a private address."""

    url: str
    source: str = ''  # for the log
    validators: Validators = Validators()
    headers: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    accept: str = ''


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: its status and where it led."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the headers of an answer mean."""

    url: str  # as asked for
    final_url: str  # after redirects
    status: int
    fetched_at: datetime
    elapsed_ms: int = 0
    hops: tuple[Hop, ...] = ()
    validators: Validators = Validators()
    max_age: timedelta | None = None  # Cache-Control max-age, else Expires minus Date (RFC 9111, 4.2.1)
    retry_after: timedelta | None = None  # RFC 9110, 10.2.3
    hubs: tuple[str, ...] = ()  # Link rel=hub
    self_url: str = ''  # Link rel=self
    headers: tuple[tuple[str, str], ...] = ()  # as received, for a person to read


@dataclass(frozen=True, slots=True)
class Received:
    """A document as it came in, from the wire or a folder; what a parser is given."""

    url: str  # final URL, or the path of a post: the base of relative links
    body: bytes  # content coding undone
    fetched_at: datetime
    content_type: str = ''  # media type in lower case, without parameters
    charset: str = ''  # parameter of Content-Type


@dataclass(frozen=True, slots=True)
class Fetched:
    answer: Answer
    received: Received


@dataclass(frozen=True, slots=True)
class NotModified:
    answer: Answer


Reason = Literal[
    'dns',
    'connect',
    'tls',
    'timeout',
    'too-large',
    'redirect',
    'address',
    'protocol',
    'status',
    'file',
    'robots',
    'held',  # not asked, because the host wants to be left alone for a while
]


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """`message` is a sentence that says what happened and whose fault it is; `hint` what to do."""

    url: str
    reason: Reason
    message: str
    hint: str = ''
    answer: Answer | None = None  # where the server answered at all


FetchResult = Fetched | NotModified | FetchFailed
