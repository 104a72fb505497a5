"""The fast path of a connection: a document in memory is answered where its request is read.

It reads no HTTP of its own. httptools reads each head, and uvicorn goes on with whatever is not a plain question for a
document. A head that was answered here is remembered by its bytes: readers ask in the same words again and again, all
who use the same program, and what httptools makes of the same bytes is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from aggregator.serve.answers import Answer, Wanted, wanted_of
from aggregator.serve.connection import HEAD_END, GuardedConfig, GuardedConnection
from aggregator.serve.headers import on_the_wire

KNOWN_HEADS = 1024  # are remembered
KNOWN_BYTES = 1024  # of one of them; with what was made of it each takes about as much again
_UNUSUAL = frozenset({b'content-length', b'transfer-encoding', b'expect', b'upgrade'})


class FastConfig(GuardedConfig):
    """What all connections of a server share: who answers at once, and the heads that are known."""

    def __init__(self, *args: Any, at_once: Callable[[Wanted], Answer | None], **options: Any) -> None:
        super().__init__(*args, **options)
        self.at_once = at_once
        self.known: dict[bytes, Wanted] = {}


class FastConnection(GuardedConnection):
    """Sends what a `GuardedConnection` would send, byte for byte.

    At once is answered a head that came in a chunk of its own, while no other answer is under way.
    """

    def __init__(self, config: FastConfig, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self._at_once = config.at_once
        self._known = config.known
        self._between = True  # two messages: nothing of the next one has been read
        self._alone = False  # the chunk that is being read holds one whole head, and nothing else
        self._answered: Wanted | None = None  # at once: the last message whose head has ended

    def data_received(self, data: bytes) -> None:
        short = len(data) <= KNOWN_BYTES
        if short and (wanted := self._known.get(data)) is not None and self._is_free() and self._answers(wanted):
            self._head_bytes = 0
            self._unset_keepalive_if_required()
            return
        self._alone, begun = self._between and data.find(HEAD_END) == len(data) - len(HEAD_END), self._begun
        super().data_received(data)
        if short and self._begun == begun + 1 and self._answered is not None:
            self._remember(data, self._answered)  # not where blank lines came: they are no request

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        wanted = self._wanted() if self._alone and self._may_answer() else None
        self._answered = wanted if wanted is not None and self._answers(wanted) else None
        if self._answered is None:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._between = True
        if self._answered is None:
            super().on_message_complete()

    def _is_free(self) -> bool:
        return self._between and self._may_answer() and not self.transport.is_closing()

    def _may_answer(self) -> bool:
        """Whether the earlier answers have all been given, and so far taken that another may be."""
        return not self._answering() and not self.flow.write_paused

    def _wanted(self) -> Wanted | None:
        """What the head that has just ended asks for; None where there is anything special about it."""
        if (
            not self.parser.should_keep_alive()
            or self.parser.get_http_version() != '1.1'
            or not _UNUSUAL.isdisjoint([name for name, _ in self.headers])
        ):
            return None
        # A target that needs to be taken apart or decoded is the path of no document.
        path = self.url.decode('latin-1')
        scope = {**self.scope, 'method': self.parser.get_method().decode('ascii'), 'path': path, 'raw_path': self.url}
        wanted = wanted_of(scope)
        return wanted if isinstance(wanted, Wanted) else None

    def _answers(self, wanted: Wanted) -> bool:
        answer = self._at_once(wanted)
        if answer is None:
            return False
        head = _status_and_date(answer.status, *self.server_state.default_headers) + answer.wire + b'\r\n'
        self.transport.writelines((head,) if wanted.is_head else (head, answer.body))
        self._begun += 1
        self.server_state.total_requests += 1
        return True

    def _remember(self, head: bytes, wanted: Wanted) -> None:
        if len(self._known) >= KNOWN_HEADS:
            del self._known[next(iter(self._known))]
        self._known[head] = wanted


@lru_cache(maxsize=8)
def _status_and_date(status: int, *fields: tuple[bytes, bytes]) -> bytes:
    """The beginning of an answer: put together once a second."""
    return STATUS_LINE[status] + on_the_wire(fields)
