"""How often is published: at once where it costs little, and never more than a tenth of a processor's time."""

from __future__ import annotations

import threading

import pytest

from aggregator.daemon.publishing import LONGEST_REST_S, SETTLE_S, Publisher, settle_s
from aggregator.publish import Published


@pytest.mark.parametrize(
    ('took_s', 'settle'),
    [(0.0, SETTLE_S), (0.01, SETTLE_S), (0.5, 4.5), (1.0, 9.0), (100.0, LONGEST_REST_S)],
)
def test_the_wait_follows_what_publishing_took(took_s, settle):
    assert settle_s(took_s) == settle


def test_an_end_does_not_wait_for_the_rest_of_a_costly_round(town):
    """Each round is said to have taken ten minutes of the processor; the next one would come much later."""
    spent = iter(range(0, 10**6, 600))
    heard: list[Published] = []
    once = threading.Event()

    def on_published(published: Published) -> None:
        heard.append(published)
        once.set()

    town.write('sources: []\n')
    house = town.house()
    publisher = Publisher(lambda: house, town.clock.now, on_published, spent_s=lambda: float(next(spent)))
    publisher.start()
    assert once.wait(20)
    publisher.changed()
    assert publisher.stop(20.0)
    assert len(heard) == 2
