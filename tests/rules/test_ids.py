"""Output ids: natural at first, frozen after, the lower one after a join, never another's."""

from __future__ import annotations

from dataclasses import replace

from made import C1, carrier, policy, source, together

from aggregator.rules.derive import Closure, derive
from aggregator.rules.ids import Previous, place

AUTHORITY = 'news.example.org,2026'
LINK = 'https://news.example/p/1'


def drafts(*carriers, rules=None):
    closure = Closure(carriers, rules or policy())
    return derive(closure, closure.barren(frozenset()))


def placed(found, previous=None, held=()):
    before = {seq: Previous(*p) for seq, p in (previous or {}).items()}
    return {p.draft.own: (p.id, p.replaces) for p in place(found, before, lambda i, _draft: i in held, AUTHORITY)}


def test_made_of_the_identity_alone():
    assert placed(drafts(carrier(1, code=C1))) == {(1,): (f'tag:{AUTHORITY}:{C1}', ())}
    assert placed(drafts(carrier(1, link=f'{LINK}?utm_source=x#c'))) == {(1,): (LINK, ())}
    assert placed(drafts(carrier(1, guid='urn:x:1'))) == {(1,): ('urn:x:1', ())}


def test_frozen_once_published():
    found = drafts(carrier(1, link=LINK), carrier(2, link=LINK, code=C1))
    assert found[0].natural_id == f'tag:{AUTHORITY}:{C1}'
    assert placed(found, {1: (LINK, 7)}) == {(1, 2): (LINK, ())}


def test_a_join_keeps_the_id_of_its_first_carrier():
    """An entry that stood before under the other id, as a stranger can have published it, is no reason."""
    found = drafts(carrier(1, link=LINK), carrier(2, code=C1), carrier(3, link=LINK, code=C1))
    tag = f'tag:{AUTHORITY}:{C1}'
    assert placed(found, {1: (LINK, 7), 2: (tag, 8)}) == {(1, 2, 3): (LINK, (tag,))}
    assert placed(found, {1: (LINK, 9), 2: (tag, 8)}) == {(1, 2, 3): (LINK, (tag,))}
    assert placed(found, {2: (tag, 8), 3: (LINK, 9)}) == {(1, 2, 3): (tag, (LINK,))}


def test_after_a_split_one_of_them_keeps_the_id():
    said = [carrier(1, guid='g', title='甲', run=(1, 1)), carrier(2, guid='g', title='乙', run=(1, 1))]
    ids = placed(drafts(*said), {1: ('urn:old', 1), 2: ('urn:old', 1)})
    assert ids[1,][0] == 'urn:old'
    assert ids[2,][0] != 'urn:old'


def test_who_speaks_is_independent_of_who_came_first():
    rules = policy(source('v', 0), source('evil', 1))
    found = drafts(carrier(1, 'evil', link='http://www.news.example/p/1'), carrier(2, 'v', link=LINK), rules=rules)
    assert placed(found, {1: ('http://www.news.example/p/1', 1)}) == {(2,): (LINK, ('http://www.news.example/p/1',))}


def test_who_merely_carried_an_entry_does_not_inherit_its_id():
    rules = policy(source('v', 0), source('evil', 1))
    found = drafts(carrier(1, 'v', link=LINK), carrier(2, 'evil', link=f'{LINK}0'), rules=rules)
    assert placed(found, {1: ('urn:other', 1, True), 2: ('urn:old', 2, False)})[2,] == ('urn:old', ())
    there = {1: ('urn:old', 1, True), 2: ('urn:old', 1, False)}
    assert placed(found, there) == {(1,): ('urn:old', ()), (2,): (f'{LINK}0', ())}
    assert placed(found, there, held={'urn:old'}) == {(1,): (LINK, ('urn:old',)), (2,): (f'{LINK}0', ())}


def test_one_guid_in_two_sources_is_two_entries_and_the_earlier_source_has_it():
    rules = policy(*together('a', 'b'))
    found = drafts(
        carrier(1, 'b', guid='urn:x:1', title='假'), carrier(2, 'a', guid='urn:x:1', title='真'), rules=rules
    )
    ids = placed(found, {1: ('urn:x:1', 1)})
    assert ids[2,][0] == 'urn:x:1'
    assert ids[1,][0] not in {'urn:x:1', ''}
    assert ids == placed(found[::-1], {1: ('urn:x:1', 1)})


def test_an_id_that_another_entry_holds_is_not_taken():
    found = drafts(carrier(1, link=LINK))
    assert placed(found, held={LINK})[1,][0].startswith(f'tag:{AUTHORITY}:entry-')
    assert placed(found, held={LINK}) == placed([replace(found[0])], held={LINK})
