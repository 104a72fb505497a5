"""Hubs are told what was published: by the daemon from threads of their own, by a command before it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from aggregator.daemon.assembly import contact_of
from aggregator.fetch import Posted, Poster, user_agent
from aggregator.model import Settings
from aggregator.publish import Published
from aggregator.version import VERSION
from aggregator.websub import Announcer, Post, announced, topics_of


def tell_hubs(settings: Settings, published: Published) -> Iterator[str]:
    """Once and now; what went wrong as sentences."""
    topics = topics_of(published.written, settings.site)
    yield from announced(settings.publishing.hubs, topics, post_by(lambda: settings))


class Hubs:
    """Those of the settings that hold when something is published."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._announcer = Announcer(post_by(settings))

    def published(self, published: Published) -> None:
        settings = self._settings()
        self._announcer.changed(settings.publishing.hubs, topics_of(published.written, settings.site))

    def close(self) -> None:
        self._announcer.close()


def post_by(settings: Callable[[], Settings]) -> Post:
    """A form to one address, by the settings of that moment, over a connection that nothing else uses."""

    def post(url: str, form: Mapping[str, str]) -> Posted:
        now = settings()
        with closing(Poster(now.polling.fetch, user_agent(VERSION, contact_of(now)))) as poster:
            return poster.post(url, form, private=now.publishing.private_hubs)

    return post
