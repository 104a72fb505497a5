"""Hubs are told what was published: by the daemon from threads of their own, by a command before it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial

from aggregator.daemon.assembly import introduction
from aggregator.daemon.replaceable import Replaceable
from aggregator.fetch import Posted, Poster
from aggregator.model import Settings
from aggregator.publish import Published
from aggregator.websub import Announcer, announced, topics_of


def tell_hubs(settings: Settings, published: Published) -> Iterator[str]:
    """Once and now; what went wrong as sentences."""
    topics = topics_of(published.written, settings.site)
    with closing(_poster(settings)) as poster:
        post = partial(poster.post, private=settings.publishing.private_hubs)
        yield from announced(settings.publishing.hubs, topics, post)


class Hubs:
    """Those of the settings that hold when something is published."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._made_for = settings()
        self._poster = Replaceable(_poster(self._made_for))  # reading its certificates takes 44 ms
        self._announcer = Announcer(self._post)

    def published(self, published: Published) -> None:
        settings = self._settings()
        self._announcer.changed(settings.publishing.hubs, topics_of(published.written, settings.site))

    def close(self) -> None:
        self._announcer.close()
        self._poster.close()

    def _post(self, url: str, form: Mapping[str, str]) -> Posted:
        """By the settings of this moment."""
        settings = self._settings()
        if settings is not self._made_for:
            self._made_for = settings
            self._poster.replace(_poster(settings))
        with self._poster.used() as poster:
            return poster.post(url, form, private=settings.publishing.private_hubs)


def _poster(settings: Settings) -> Poster:
    return Poster(settings.polling.fetch, introduction(settings))
