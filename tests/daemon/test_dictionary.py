"""The dictionary in a process of its own gives what it gives here, and is there only while it is asked."""

from __future__ import annotations

from contextlib import closing

import pytest

from aggregator.daemon.dictionary import Dictionary
from aggregator.rules.slugs import syllables

TEXTS = ['重庆银行', '证券时报网', 'a\nb', '"\\', '\ud800中', '🙂', '']


@pytest.fixture
def dictionary():
    with closing(Dictionary()) as one:
        yield one


def test_it_gives_what_is_given_here(dictionary):
    assert [dictionary.syllables(text) for text in TEXTS] == [syllables(text) for text in TEXTS]


def test_it_ends_when_nobody_asks_and_comes_back(dictionary):
    dictionary.syllables('中')
    process = dictionary._process
    dictionary.rest()  # it was asked since the last time
    assert process.poll() is None
    dictionary.rest()
    assert (process.poll(), dictionary._process) == (-9, None)
    assert dictionary.syllables('中') == 'zhong'


def test_one_that_ended_is_done_without(dictionary, caplog):
    dictionary.syllables('中')
    dictionary._process.kill()
    dictionary._process.wait()

    assert dictionary.syllables('重庆') == 'chongqing'
    assert 'read here' in caplog.text
    assert dictionary.syllables('银行') == 'yinhang'
