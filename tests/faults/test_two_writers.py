"""A command and the daemon work on one data folder at once: what the command took away stays away."""

from __future__ import annotations

import threading

from river_made import item, rss

from aggregator.publish import publish
from aggregator.serve import PublicFolder

SITE = 'site: {title: 聚合, url: "https://news.example/", authority: "news.example,2026"}\n'
JIA = 'https://jia.example/rss'
ONE = f'sources: [{{name: 甲报, url: "{JIA}", category: 甲报新闻}}]\n'


class Overtaken(PublicFolder):
    """While it is about to write the first documents, somebody else does all of his work."""

    def __init__(self, root, meanwhile):
        super().__init__(root)
        self._meanwhile = [meanwhile]

    def write(self, documents):
        documents = list(documents)  # rendered from here on
        for meanwhile in self._meanwhile:
            meanwhile.start()
            meanwhile.join(0.3)  # it cannot end before this one has written
        self._meanwhile.clear()
        return super().write(documents)


def test_a_takedown_while_the_daemon_publishes_reaches_every_output(river):
    river.write(SITE + ONE)
    river.net.pages[JIA] = rss(item(1), item(2))
    with river.open() as house:
        from aggregator.daemon import chosen, poll_now

        list(poll_now(chosen(house.settings, ()), house.tools, lambda: river.now))

        def takedown():
            with house.store.writing() as writer:
                writer.takedown('https://jia.example/1.html', river.now)
            publish(house.store, house.settings, house.folder)

        other = threading.Thread(target=takedown)
        publish(house.store, house.settings, Overtaken(house.folder.root, other))
        other.join()
    assert not any('第1条'.encode() in body for body in river.public().values())
