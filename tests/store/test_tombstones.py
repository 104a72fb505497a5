"""Who spoke for what is gone is remembered, through joins, purges, renames and from one version to the next."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlite_utils import Migrations

from aggregator.store import Store
from aggregator.store.opening import connect, migrate
from aggregator.store.schema import MIGRATIONS


def spoke(tale, *ids):
    with tale.store.writing() as w:
        return dict(w.removed_ids(ids)), dict(w.folded_ids(ids))


@pytest.fixture
def house(tale):
    """id1 is told by two sources of one voice, and carried by a stranger; id2 of another one joins it."""
    one, other = tale.hear('url:x', source='a'), tale.hear('url:x', source='b')
    stranger, joined = tale.hear('url:x', source='c'), tale.hear('url:y', source='d')
    tale.tell('id2', joined)
    tale.tell('id1', one, other, others=(stranger,))
    tale.tell('id1', one, other, others=(stranger, joined), replaces=('id2',))
    return tale


def test_all_of_a_voice_and_no_stranger(house):
    assert spoke(house, 'id1', 'id2') == ({}, {'id2': {'d'}})
    with house.store.writing() as w:
        w.retire(['id1'], house.NOON)
        assert w.blocked(['url:x', 'url:y']) == {'url:x': {'a': 'retention', 'b': 'retention'}}
    assert spoke(house, 'id1', 'id2') == ({'id1': {'a', 'b'}, 'id2': {'d'}}, {})


def test_a_takedown_remembers_the_same(house):
    with house.store.writing() as w:
        w.takedown('id2', house.NOON)
        assert w.blocked(['url:x']) == {'url:x': {'a': 'takedown', 'b': 'takedown'}}
    assert spoke(house, 'id1', 'id2')[0] == {'id1': {'a', 'b'}, 'id2': {'d'}}


def test_a_purge_does_not_take_over_what_had_joined(tale):
    joined, one = tale.hear(source='d'), tale.hear(source='a')
    tale.tell('id2', joined)
    tale.tell('id1', one)
    tale.tell('id1', one, others=(joined,), replaces=('id2',))
    with tale.store.writing() as w:
        w.remove_carriers([joined])
        w.purge_source('a', tale.NOON)
    assert spoke(tale, 'id1', 'id2')[0] == {'id1': {'a'}, 'id2': {'d'}}


def test_an_id_that_lives_again_has_none(house):
    with house.store.writing() as w:
        w.retire(['id1'], house.NOON)
        w.lift(['id1'])
    house.tell('id1', house.hear('url:x', source='e'))
    with house.store.writing() as w:
        w.retire(['id1'], house.NOON)
    assert spoke(house, 'id1')[0] == {'id1': {'e'}}


def test_they_go_by_the_new_name_of_a_source(house):
    with house.store.writing() as w:
        w.retire(['id1'], house.NOON)
        w.block(['url:z'], 'takedown', house.NOON, ['a'])
        w.block(['url:z'], 'retention', house.NOON, ['f'])
        w.rename_source('a', 'f')
        w.rename_source('d', 'g')
        assert w.blocked(['url:x', 'url:z']) == {
            'url:x': {'f': 'retention', 'b': 'retention'},
            'url:z': {'f': 'takedown'},
        }
    assert spoke(house, 'id1', 'id2')[0] == {'id1': {'f', 'b'}, 'id2': {'g'}}


def until(last):
    """The steps that a former version knew."""
    found = Migrations('aggregator')
    for one in MIGRATIONS._migrations:
        if one.name <= last:
            found(name=one.name)(one.fn)
    return found


def test_what_a_former_version_remembered_is_still_known(tmp_path):
    with closing(connect(tmp_path / 'aggregator.db', 1)) as db:
        migrate(db, None, until('0005-speakers'))
        for key, reason, source in (('x', 'retention', 'a'), ('y', 'takedown', 'a'), ('z', 'retention', '')):
            db.execute('INSERT INTO blocked (key, reason, at, source) VALUES (?, ?, 1, ?)', (key, reason, source))
        for gone, reason, source in (('id1', 'retention', 'a'), ('id2', 'join', 'b'), ('id3', 'takedown', '')):
            db.execute(
                "INSERT INTO tombstones (id, into_id, reason, at, source) VALUES (?, '', ?, 1, ?)",
                (gone, reason, source),
            )
    with Store.open(tmp_path) as store, store.writing() as w:
        assert w.blocked('xyz') == {'x': {'a': 'retention'}, 'y': {'a': 'takedown'}, 'z': {'': 'retention'}}
        assert (w.removed_ids(['id1', 'id2', 'id3']), w.folded_ids(['id1', 'id2'])) == ({'id1': {'a'}}, {'id2': {'b'}})
        assert store.tombstone('id3').reason == 'takedown'
    assert list(tmp_path.glob('aggregator.db.before-*'))
