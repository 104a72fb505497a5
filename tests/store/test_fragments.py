"""Fragments live as long as their entry is as it was, and none is kept that was made of an entry as it was before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Placed
from aggregator.store import Place
from aggregator.store.voiding import LINES, Voided


@dataclass(frozen=True)
class Seqs:
    """Carriers of two entries, the last one of either."""

    one: int
    other: int
    third: int
    ns: dict[str, int]  # of the entries


def place(seqs, name, entry_id='id1', made_with='m'):
    return Place(seqs.ns[entry_id], name, made_with)


def keep(tale, *places, since=None):
    since = tale.store.voided(None).change if since is None else since
    with tale.store.writing() as w:
        w.keep_fragments(((place, place.format.encode()) for place in places), since)


@pytest.fixture
def seqs(tale):
    """Two entries with fragments."""
    one, other, third = tale.hear(), tale.hear(), tale.hear(source='b')
    tale.tell('id1', one)
    tale.tell('id2', other, labels=('乙新闻',))
    numbers = tale.store.newest(label='甲新闻', limit=9), tale.store.newest(label='乙新闻', limit=9)
    found = Seqs(one, other, third, dict(zip(('id1', 'id2'), (ns[0] for ns in numbers), strict=True)))
    keep(tale, place(found, 'atom'), place(found, 'rss'), place(found, 'atom', 'id2'))
    return found


def kept(tale):
    """Ids and formats."""
    return {(one, name) for one, bodies in tale.store.fragments_by_id(['id1', 'id2']).items() for name in bodies}


ATOM, RSS, OTHER = ('id1', 'atom'), ('id1', 'rss'), ('id2', 'atom')


def test_gives_back_what_was_kept(tale, seqs):
    bodies = {'atom': ('m', b'atom'), 'rss': ('m', b'rss')}
    assert tale.store.fragments_by_id(['id1', 'id3']) == {'id1': bodies}
    assert tale.store.fragments([seqs.ns['id1'], 99]) == {seqs.ns['id1']: bodies}


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
    act(tale, seqs.one, seqs.other, seqs.third)
    assert kept(tale) == left


def test_a_carrier_that_moves_to_another_entry_makes_those_of_both_void(tale, seqs):
    tale.tell('id1', seqs.one, others=(seqs.third,))
    keep(tale, place(seqs, 'atom'), place(seqs, 'atom', 'id2'))
    drafts = (
        Placed(tale.draft(seqs.one), 'id1'),
        Placed(tale.draft(seqs.other, others=(seqs.third,), labels=('乙新闻',)), 'id2'),
    )
    tale.put(*drafts, over=(seqs.one, seqs.other, seqs.third))
    assert kept(tale) == set()


@pytest.mark.parametrize(
    ('act', 'left'),
    [
        (lambda w, seqs: w.rename_slug('甲新闻', 'neu'), {OTHER}),
        (lambda w, seqs: w.remove_carriers([seqs.one]), {OTHER}),
        (lambda w, seqs: w.rename_source('a', 'c'), set()),
        (lambda w, seqs: w.takedown('id1', datetime(2026, 1, 1, tzinfo=UTC)), {OTHER}),
    ],
    ids=['a slug', 'a removed carrier', 'a source by another name', 'a takedown'],
)  # fmt: skip
def test_so_does_what_goes_on_around_it(tale, seqs, act, left):
    with tale.store.writing() as w:
        act(w, seqs)
    assert kept(tale) == left


def test_nothing_is_kept_of_an_entry_that_is_gone_or_changed_since_it_was_read(tale, seqs):
    since = tale.store.voided(None).change
    tale.tell('id1', seqs.one, title='neu')
    keep(tale, place(seqs, 'atom'), place(seqs, 'json', 'id2'), Place(99, 'atom', 'm'), since=since)
    assert kept(tale) == {OTHER, ('id2', 'json')}
    keep(tale, place(seqs, 'atom'))
    assert kept(tale) == {ATOM, OTHER, ('id2', 'json')}


def test_what_was_made_otherwise_takes_the_place(tale, seqs):
    keep(tale, place(seqs, 'atom', made_with='n'))
    assert tale.store.fragments_by_id(['id1'])['id1']['atom'] == ('n', b'atom')


def test_what_left_a_feed_is_forgotten_unless_another_may_show_it(tale, seqs):
    tale.tell('id2', seqs.other, labels=())
    keep(tale, place(seqs, 'atom', 'id2'))
    with tale.store.writing() as w:
        w.forget_fragments(seqs.ns.values(), of_a_category=False)
    assert kept(tale) == {ATOM, RSS}
    with tale.store.writing() as w:
        w.forget_fragments([seqs.ns['id1']], of_a_category=True)
    assert kept(tale) == set()


def test_outlines_are_what_a_feed_chooses_by(tale, seqs):
    fields = ('id', 'identity', 'rule', 'published_at', 'updated_at', 'source')
    for label in (None, '甲新闻', '乙新闻', '?'):
        for limit in (1, 9):
            whole = tale.store.entries(label=label, limit=limit)
            ns = tale.store.newest(label=label, limit=limit)
            told = tale.store.outlines(ns)
            assert [[getattr(told[n], f) for f in fields] for n in ns] == [
                [getattr(e, f) for f in fields] for e in whole
            ]


def test_entries_by_their_numbers(tale, seqs):
    assert tale.store.numbered([seqs.ns['id1'], 99]) == {seqs.ns['id1']: tale.store.entry('id1')}


class TestVoided:
    def test_whoever_begins_knows_nothing(self, tale, seqs):
        assert tale.store.voided(None).everything

    def test_then_what_changed_since(self, tale, seqs):
        began = tale.store.voided(None).change
        assert tale.store.voided(began) == Voided(began)
        tale.tell('id1', seqs.one, title='neu')
        told = tale.store.voided(began)
        assert (told.entries, told.sources, told.everything) == ({seqs.ns['id1']}, set(), False)
        with tale.store.writing() as w:
            w.mark_source('a')
        later = tale.store.voided(told.change)
        assert (later.entries, later.sources, later.everything) == (set(), {'a'}, False)
        with tale.store.writing() as w:
            w.mark_sources()
        assert tale.store.voided(later.change).everything

    def test_what_is_new_voids_nothing(self, tale, seqs):
        began = tale.store.voided(None).change
        tale.tell('id3', tale.hear())
        assert tale.store.voided(began) == Voided(began)

    def test_whoever_missed_more_than_is_kept_begins_anew(self, tale, seqs):
        began = tale.store.voided(None).change
        with tale.store.writing() as w:
            for n in range(LINES):
                w.mark_source(f'{n}')
        assert not tale.store.voided(began).everything
        with tale.store.writing() as w:
            w.mark_source('one more')
        assert tale.store.voided(began).everything
        keep(tale)
        assert tale.store.voided(began).everything
        assert not tale.store.voided(began + 1).everything
