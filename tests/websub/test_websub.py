"""What hubs are told, by whom, and what happens when one is down."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from aggregator.fetch import Posted
from aggregator.model import Site
from aggregator.websub import Announcer, announced, topics_of

HUB, OTHER = 'https://hub.example/', 'https://other.example/'
WAIT_S = 20


class Listening:
    """Answers each POST as it is told to, in turn; then with 204."""

    def __init__(self, *answers: Posted) -> None:
        self.answers = list(answers)
        self.heard: SimpleQueue[tuple[str, dict[str, str]]] = SimpleQueue()

    def __call__(self, url, form):
        self.heard.put((url, dict(form)))
        return self.answers.pop(0) if self.answers else Posted(status=204)

    def next(self) -> tuple[str, str]:
        hub, form = self.heard.get(timeout=WAIT_S)
        return hub, form['hub.url']

    def next_ones(self, count: int) -> list[tuple[str, str]]:
        return [self.next() for _ in range(count)]


def test_topics_are_feeds_by_their_public_address():
    site = Site(url='https://news.example/a/')
    written = ['all.atom', 'category/新.rss', 'category/x.json', 'index.html', 'sources.opml']

    assert topics_of(written, site) == [
        'https://news.example/a/all.atom',
        'https://news.example/a/category/%E6%96%B0.rss',
        'https://news.example/a/category/x.json',
    ]


def test_a_form_says_what_has_changed():
    post = Listening()

    assert list(announced([HUB], ['https://news.example/all.atom'], post)) == []
    assert post.heard.get_nowait() == (
        HUB,
        {
            'hub.mode': 'publish',
            'hub.url': 'https://news.example/all.atom',
            'hub.topic': 'https://news.example/all.atom',
        },
    )


def test_a_command_tells_every_hub_once_and_leaves_one_that_is_down():
    post = Listening(Posted(trouble='nobody is there'), Posted(status=400), Posted(status=204))

    troubles = list(announced([HUB, OTHER], ['a', 'b'], post))

    assert post.next_ones(3) == [(HUB, 'a'), (OTHER, 'a'), (OTHER, 'b')]
    assert troubles == [
        f'{HUB} was not told of a: nobody is there',
        f'{OTHER} was not told of a: it answers 400',
    ]


def test_the_daemon_tells_each_hub_of_each_topic():
    post = Listening()
    announcer = Announcer(post)
    announcer.changed([HUB, OTHER], ['a', 'b'])

    heard = post.next_ones(4)
    announcer.close()

    assert [topic for hub, topic in heard if hub == HUB] == ['a', 'b']
    assert [topic for hub, topic in heard if hub == OTHER] == ['a', 'b']


def test_a_hub_that_is_down_is_told_later(caplog):
    post = Listening(Posted(trouble='nobody is there'), Posted(status=503), Posted(status=429))
    announcer = Announcer(post, first_rest_s=0.001)
    announcer.changed([HUB], ['a', 'b'])

    heard = [topic for _, topic in post.next_ones(5)]
    announcer.changed([HUB], ['c'])
    assert post.next() == (HUB, 'c')
    announcer.close()

    assert sorted(heard[3:]) == ['a', 'b']
    assert [r.message for r in caplog.records if 'tried again' in r.message] == [
        f'hub {HUB} cannot be told, it is tried again: nobody is there'
    ]


def test_a_topic_that_a_hub_refuses_is_not_told_again(caplog):
    post = Listening(Posted(status=400))
    announcer = Announcer(post, first_rest_s=0.001)
    announcer.changed([HUB], ['a', 'b'])

    assert post.next_ones(2) == [(HUB, 'a'), (HUB, 'b')]
    announcer.changed([HUB], ['c'])
    assert post.next() == (HUB, 'c')
    announcer.close()

    assert f'hub {HUB} was not told of a: it answers 400' in caplog.messages


def test_what_changes_while_a_hub_is_slow_is_told_once_more_and_holds_up_nobody():
    gate, post = threading.Event(), Listening()

    def slow(url, form):
        answer = post(url, form)
        gate.wait(WAIT_S)
        return answer

    announcer = Announcer(slow)
    announcer.changed([HUB], ['a'])
    assert post.next() == (HUB, 'a')
    for _ in range(3):
        announcer.changed([HUB], ['a'])
    gate.set()

    assert post.next() == (HUB, 'a')
    announcer.changed([HUB], ['b'])
    assert post.next() == (HUB, 'b')
    announcer.close()


def test_a_hub_that_left_the_settings_is_told_nothing_more():
    post = Listening(Posted(trouble='nobody is there'))
    announcer = Announcer(post, first_rest_s=WAIT_S)
    announcer.changed([HUB], ['a'])
    assert post.next() == (HUB, 'a')

    announcer.changed([OTHER], ['b'])

    assert post.next() == (OTHER, 'b')
    announcer.close()
    assert post.heard.empty()
