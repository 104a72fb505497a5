"""What hubs are told: that a topic of ours has changed (WebSub, 6; PubSubHubbub 0.4, 7.1: `hub.mode=publish`).

    written documents -> topics -> one queue for each hub -> POST, again later where the hub is down

A hub that the feeds name and nobody tells would leave its subscribers without news. Telling holds up nothing: each hub
has a thread of its own, and what changes while it waits is told once.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Protocol

from aggregator.fetch import Posted
from aggregator.model import Site
from aggregator.serve import FEEDS, ascii_url

FIRST_REST_S = 10.0  # after a hub could not be told; twice as long each time
LONGEST_REST_S = 3600.0
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)  # of the client errors: not this time

_log = logging.getLogger('aggregator')


class Post(Protocol):
    def __call__(self, url: str, form: Mapping[str, str]) -> Posted: ...


def topics_of(written: Iterable[str], site: Site) -> list[str]:
    """The addresses of the feeds among these paths, as their answers name themselves (`rel="self"`)."""
    return [ascii_url(site.url + path) for path in written if PurePosixPath(path).suffix in FEEDS]


def announced(hubs: Sequence[str], topics: Sequence[str], post: Post) -> Iterator[str]:
    """Tell all of them now, once; what went wrong as sentences. A hub that cannot be reached is not asked again."""
    for hub in hubs:
        for topic in topics:
            posted = post(hub, _form(topic))
            if trouble := _trouble(posted):
                yield f'{hub} was not told of {topic}: {trouble}'
            if _is_down(posted):
                break


class Announcer:
    """Tells hubs from threads of its own. `changed` neither waits nor raises; a topic waits in each queue once."""

    def __init__(self, post: Post, *, first_rest_s: float = FIRST_REST_S) -> None:
        self._post = post
        self._first_rest_s = first_rest_s
        self._queues: dict[str, _Queue] = {}

    def changed(self, hubs: Sequence[str], topics: Sequence[str]) -> None:
        """These topics have changed; the hubs are those of now, and others are told nothing more."""
        for gone in self._queues.keys() - set(hubs):
            self._queues.pop(gone).close()
        for hub in dict.fromkeys(hubs) if topics else ():
            if hub not in self._queues:
                self._queues[hub] = _Queue(hub, self._post, self._first_rest_s)
            self._queues[hub].add(topics)

    def close(self) -> None:
        """What waits is told with the next change of its topic."""
        for queue in self._queues.values():
            queue.close()
        self._queues.clear()


class _Queue:
    """Topics that one hub is to be told of, and the thread that does it."""

    def __init__(self, hub: str, post: Post, first_rest_s: float) -> None:
        self._hub = hub
        self._post = post
        self._first_rest_s = first_rest_s
        self._topics: OrderedDict[str, None] = OrderedDict()
        self._turn = threading.Condition()
        self._ending = threading.Event()
        self._failures = 0  # in a row
        threading.Thread(target=self._run, name='hub', daemon=True).start()

    def add(self, topics: Iterable[str]) -> None:
        with self._turn:
            self._topics.update(dict.fromkeys(topics))
            self._turn.notify()

    def close(self) -> None:
        """Nobody is waited for."""
        with self._turn:
            self._ending.set()
            self._turn.notify()

    def _run(self) -> None:
        while (topic := self._next()) is not None:
            posted = self._post(self._hub, _form(topic))
            if _is_down(posted):
                self._rest(topic, posted)
            else:
                self._told(topic, posted)

    def _next(self) -> str | None:
        with self._turn:
            self._turn.wait_for(lambda: self._topics or self._ending.is_set())
            return None if self._ending.is_set() else self._topics.popitem(last=False)[0]

    def _rest(self, topic: str, posted: Posted) -> None:
        self._failures += 1
        if self._failures == 1:
            _log.warning('hub %s cannot be told, it is tried again: %s', self._hub, _trouble(posted))
        self.add([topic])
        self._ending.wait(min(self._first_rest_s * 2 ** min(self._failures - 1, 20), LONGEST_REST_S))

    def _told(self, topic: str, posted: Posted) -> None:
        if self._failures:
            _log.info('hub %s is there again', self._hub)
        self._failures = 0
        if trouble := _trouble(posted):
            _log.warning('hub %s was not told of %s: %s', self._hub, topic, trouble)


def _form(topic: str) -> dict[str, str]:
    """`hub.topic` is what some hubs call it."""
    return {'hub.mode': 'publish', 'hub.url': topic, 'hub.topic': topic}


def _trouble(posted: Posted) -> str:
    if not posted.status:
        return posted.trouble
    return '' if posted.status // 100 == HTTPStatus.OK // 100 else f'it answers {posted.status}'


def _is_down(posted: Posted) -> bool:
    """Whether the same may go well later; a hub that refuses a topic refuses it again."""
    return posted.status == 0 or posted.status >= HTTPStatus.INTERNAL_SERVER_ERROR or posted.status in _LATER
