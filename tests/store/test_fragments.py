"""Fragments live as long as their entry is as it was, and none is kept that was made of an entry as it was before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Placed
from aggregator.store import Place

ATOM, RSS, OTHER = Place('id1', 'atom', 'm'), Place('id1', 'rss', 'm'), Place('id2', 'atom', 'm')


def claim(store, *places):
    with store.writing() as w:
        w.claim_fragments(places)


def keep(store, *places):
    with store.writing() as w:
        w.keep_fragments((place, place.format.encode()) for place in places)


@pytest.fixture
def seqs(tale):
    """Carriers of two entries with fragments."""
    one, other, third = tale.hear(), tale.hear(), tale.hear(source='b')
    tale.tell('id1', one)
    tale.tell('id2', other, labels=('乙新闻',))
    claim(tale.store, ATOM, RSS, OTHER)
    keep(tale.store, ATOM, RSS, OTHER)
    return one, other, third


def kept(store):
    return set(store.fragments(['id1', 'id2']))


def test_gives_back_what_was_kept(tale, seqs):
    assert tale.store.fragments(['id1', 'id3']) == {ATOM: b'atom', RSS: b'rss'}


CHANGES = {
    'nothing': (lambda tale, one, other, third: tale.tell('id1', one), {ATOM, RSS, OTHER}),
    'a title': (lambda tale, one, other, third: tale.tell('id1', one, title='neu'), {OTHER}),
    'a date': (lambda tale, one, other, third: tale.tell('id1', one, updated_at=tale.NOON + timedelta(1)), {OTHER}),
    'a category': (lambda tale, one, other, third: tale.tell('id1', one, labels=('甲新闻', '乙新闻')), {OTHER}),
    'no category': (lambda tale, one, other, third: tale.tell('id1', one, labels=()), {OTHER}),
    'a carrier': (lambda tale, one, other, third: tale.tell('id1', one, others=(third,)), {OTHER}),
    'dropped': (lambda tale, one, other, third: tale.tell('id1', one, dropped=True), {OTHER}),
    'a join': (lambda tale, one, other, third: tale.tell('id1', one, other, replaces=('id2',)), set()),
}  # fmt: skip


@pytest.mark.parametrize('change', CHANGES)
def test_whatever_changes_an_entry_makes_its_fragments_void(tale, seqs, change):
    act, left = CHANGES[change]
    act(tale, *seqs)
    assert kept(tale.store) == left


def test_a_carrier_that_moves_to_another_entry_makes_those_of_both_void(tale, seqs):
    one, other, third = seqs
    tale.tell('id1', one, others=(third,))
    claim(tale.store, ATOM, OTHER)
    keep(tale.store, ATOM, OTHER)
    drafts = Placed(tale.draft(one), 'id1'), Placed(tale.draft(other, others=(third,), labels=('乙新闻',)), 'id2')
    tale.put(*drafts, over=seqs)
    assert kept(tale.store) == set()


@pytest.mark.parametrize(
    ('act', 'left'),
    [
        (lambda w, seqs: w.rename_slug('甲新闻', 'neu'), {OTHER}),
        (lambda w, seqs: w.remove_carriers(seqs[:1]), {OTHER}),
        (lambda w, seqs: w.rename_source('a', 'c'), set()),
        (lambda w, seqs: w.takedown('id1', datetime(2026, 1, 1, tzinfo=UTC)), {OTHER}),
    ],
    ids=['a slug', 'a removed carrier', 'a source by another name', 'a takedown'],
)  # fmt: skip
def test_so_does_what_goes_on_around_it(tale, seqs, act, left):
    with tale.store.writing() as w:
        act(w, seqs)
    assert kept(tale.store) == left


def test_nothing_is_kept_without_a_claim_or_of_an_entry_that_changed_after_it(tale, seqs):
    keep(tale.store, Place('id1', 'json', 'm'), Place('id3', 'json', 'm'))
    assert kept(tale.store) == {ATOM, RSS, OTHER}
    claim(tale.store, ATOM)
    assert kept(tale.store) == {RSS, OTHER}
    tale.tell('id1', seqs[0], title='neu')
    keep(tale.store, ATOM)
    assert kept(tale.store) == {OTHER}


def test_a_claim_of_another_make_is_not_filled(tale, seqs):
    later = ATOM._replace(made_with='n')
    claim(tale.store, ATOM)
    claim(tale.store, later)
    keep(tale.store, ATOM)
    assert kept(tale.store) == {RSS, OTHER}
    keep(tale.store, later)
    assert kept(tale.store) == {later, RSS, OTHER}


def test_what_left_a_feed_is_forgotten_unless_another_may_show_it(tale, seqs):
    tale.tell('id2', seqs[1], labels=())
    claim(tale.store, OTHER)
    keep(tale.store, OTHER)
    with tale.store.writing() as w:
        w.forget_fragments(['id1', 'id2'], of_a_category=False)
    assert kept(tale.store) == {ATOM, RSS}
    with tale.store.writing() as w:
        w.forget_fragments(['id1'], of_a_category=True)
    assert kept(tale.store) == set()


def test_outlines_are_what_a_feed_chooses_by(tale, seqs):
    fields = ('id', 'identity', 'rule', 'published_at', 'updated_at', 'source')
    for label in (None, '甲新闻', '乙新闻', '?'):
        for limit in (1, 9):
            whole = tale.store.entries(label=label, limit=limit)
            told = tale.store.outlines(label=label, limit=limit)
            assert [[getattr(e, f) for f in fields] for e in told] == [[getattr(e, f) for f in fields] for e in whole]


def test_entries_by_their_ids(tale, seqs):
    tale.tell('id2', seqs[1], dropped=True)
    assert tale.store.entries_by_ids(['id1', 'id2', 'id3']) == {'id1': tale.store.entry('id1')}
