"""Documents that the folder has lost, to a power cut or to a person, are written again by whoever opens the house next."""

import shutil

import pytest
from daemon_made import published, row, rows, rss

from aggregator.daemon import poll_now

URL = 'https://jia.example/rss'


def cleared(public):
    shutil.rmtree(public)


def without_one(public):
    (public / 'category' / 'jia.rss').unlink()


def emptied(public):
    for name in ('all.atom', 'category/jia.html'):
        (public / name).write_bytes(b'')


@pytest.fixture
def before(town):
    """What is published of one source, and nothing is left to do."""
    town.write(rows(row('甲', URL, ', category: 甲')))
    town.net.pages[URL] = rss('一', '二')
    with town.open() as house:
        list(poll_now(house.settings.sources, house.tools, town.clock.now))
        published(house)
    return town.public()


@pytest.mark.parametrize('loss', [cleared, without_one, emptied])
def test_what_the_folder_has_lost_is_made_again(town, before, loss):
    loss(town.folder / 'data' / 'public')
    assert town.public() != before
    with town.open() as house:
        published(house)
    assert town.public() == before


def test_a_whole_folder_is_left_alone(town, before):
    with town.open() as house:
        assert house.store.dirty() == []
