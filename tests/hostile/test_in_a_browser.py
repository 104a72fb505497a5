"""Chromium as the judge of scripts: of all that is published, shown as the worst reader would, nothing runs.

The same vectors as they were sent, shown in the same way, do run: that shows that this judge can condemn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from browser_made import chromium_here, why_none
from hostile_fields import SAMPLE
from hostile_html import RUN, VECTORS
from hostile_published import Published, published
from hostile_reader import Reader, Seen, bare
from origin_made import Origin

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_none()), reason=why_none() or 'it is there')]

FIELDS = ('Atom content', 'Atom summary', 'RSS description', 'RSS content:encoded', 'JSON content_html')
EACH = 'each text of any of them by itself'
AT_ONCE = 5  # of our pages
HTML = {'Content-Type': 'text/html; charset=utf-8'}
# What a reader loads by itself from wherever an article says: we publish pictures and films on purpose.
SHOWN = {'image', 'media'}


# For the module only: while it is open no other test can run a loop in this thread.
@pytest.fixture(scope='module')
def browser() -> Iterator[Any]:
    with chromium_here() as started:
        yield started


@pytest.fixture(scope='module')
def everything(browser, tmp_path_factory) -> Iterator[Published]:
    with published(tmp_path_factory.mktemp('published') / 'house') as made:
        yield made


@dataclass
class Show:
    """Shows texts in one page, or each in a place of its own."""

    origin: Origin
    reader: Reader
    elements: int = 0

    def __call__(self, texts: Sequence[str], *, apart: bool) -> Seen:
        self.origin.answers['/'] = (200, bare() if apart else bare(texts), HTML)
        self.reader.open()
        if apart:
            self.reader.insert(texts)
        self.elements = self.reader.touch()
        return self.reader.seen()


@pytest.fixture
def show(browser) -> Iterator[Show]:
    origin = Origin()
    reader = Reader(browser, f'{origin.base}/')
    yield Show(origin, reader)
    reader.context.close()
    origin.close()


@pytest.mark.parametrize('field', [*FIELDS, EACH])
def test_nothing_runs_that_a_feed_carries(everything, show, field):
    texts = everything.texts.get(field) or sorted({text for texts in everything.texts.values() for text in texts})

    seen = show(texts, apart=field == EACH)

    assert len(texts) > 1000
    assert show.elements > len(texts)
    assert (seen.ran, seen.compiled) == ([], [])
    assert len(seen.went) == 1, 'the page itself'
    assert {kind for kind, _ in seen.asked} <= SHOWN
    assert seen.canary == 'ran'


@pytest.mark.parametrize('apart', [False, True], ids=['in one page', 'each by itself'])
def test_what_was_sent_does_run(show, apart):
    """The control."""
    numbered = [vector.replace(RUN, f'alert({number})') for number, vector in enumerate(SAMPLE)]

    seen = show(numbered, apart=apart)

    assert len({said for said in seen.ran if re.fullmatch('alert [0-9]+', said)}) > 40
    assert len(seen.compiled) > 40
    assert {kind for kind, _ in seen.asked} - SHOWN
    assert len(seen.went) > 1


def test_nothing_runs_on_our_own_pages_though_no_policy_forbids_it(everything, browser):
    reader = Reader(browser, everything.base, bypass_csp=True)
    reader.open('about.html')
    for start in range(0, len(everything.pages), AT_ONCE):
        paths = everything.pages[start : start + AT_ONCE]
        reader.turn_to(paths)
        assert reader.touch() > 40 * len(paths), paths
    seen = reader.seen()
    reader.context.close()

    assert everything.articles > len(VECTORS)
    assert (seen.ran, set(seen.compiled)) == ([], {'copy.js'})
    assert seen.asked == []
    assert len(seen.went) == 1, 'the first page'
    assert seen.canary == 'ran'


def test_a_page_as_it_is_served_gives_its_policy_nothing_to_forbid(everything, browser):
    reader = Reader(browser, everything.base)
    for path in everything.pages[::20]:
        reader.open(path)
        reader.touch()
        seen = reader.seen()
        assert (path, seen.ran, set(seen.compiled)) == (path, [], {'copy.js'})
        assert (path, seen.asked, len(seen.went)) == (path, [], 1)
        assert (path, seen.said) == (path, [])
        assert seen.canary == 'blocked'
    reader.context.close()
