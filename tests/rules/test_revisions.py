"""An entry that was said once is decided without comparing: as if it were compared with itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from made import carrier, policy, source, together

from aggregator.rules.identity import scoped, shown_by, voice_of
from aggregator.rules.revisions import Version, _of_one_source, current, surplus, updated_of, versions_of
from aggregator.rules.twins import barren_keys

ONE = st.builds(
    lambda name, at, title, run: carrier(1, name, at=at, title=title, run=run),
    st.sampled_from(['a', 'gone']),
    st.sampled_from([None, 0, 5, 60 * 24 * 30]),
    st.sampled_from(['', '甲']),
    st.sampled_from([(1, 1), (3, 7)]),
)


@given(ONE, st.integers(0, 3))
def test_alone_as_among_others(one, order):
    (version,) = versions_of([one], {'a': order})
    assert [version] == _of_one_source([one], {'a': order}.get(one.source, 1_000_000))
    assert current([version]) == [one]
    twice = [version, Version(one, version.at, version.changed, version.order, 1)]
    assert updated_of([version]) == updated_of(twice)


@given(st.lists(st.sampled_from('abc'), max_size=6), st.integers(1, 4))
def test_no_more_texts_than_allowed_are_never_too_many(titles, most):
    said = [carrier(n, title=title) for n, title in enumerate(titles, 1)]
    over = surplus(said, most)
    assert len(said) - len(over) <= 2 * most
    assert over == frozenset() or len(said) > most


def test_a_key_of_one_carrier_is_not_barren_and_one_of_two_in_a_document_is():
    rules = policy(source('a'), *together('b'))
    said = [carrier(1, guid='g', title='甲', run=(1, 2)), carrier(2, guid='g', title='乙', run=(2, 2))]
    shown = {c.seq: shown_by(c, rules) for c in said}
    voices = dict.fromkeys(shown, voice_of(rules.sources['a']))
    key = scoped(shown[1].guid, voices[1])
    assert barren_keys(said[:1], {1: shown[1]}, voices, frozenset()) == frozenset()
    assert barren_keys(said, shown, voices, frozenset()) == {key}
    assert barren_keys(said, shown, voices, frozenset({key})) == frozenset()
