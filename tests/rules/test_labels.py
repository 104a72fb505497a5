"""Labels: fixed ones, tags, open ones, the fall-back, and the rules for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import AllOf, CategoryRule, Entry, Match, Not, Rule
from aggregator.rules.conditions import Subject
from aggregator.rules.labels import MAX_LABEL, Labelled, apply_rules, fallback_label, labels_of

OPEN = CategoryRule(origin='publisher')
TAGS = CategoryRule(origin='tags')


@pytest.mark.parametrize(
    ('rule', 'entry', 'publisher', 'wanted'),
    [
        (CategoryRule(labels=('甲', ' 乙  丙 ', '甲', '')), Entry(tags=('x',)), 'p', Labelled(('甲', '乙 丙'))),
        (CategoryRule(), Entry(), 'p', Labelled()),
        (OPEN, Entry(), '证券时报网', Labelled((), ('证券时报网新闻',))),
        (OPEN, Entry(), '每日经济新闻', Labelled((), ('每日经济新闻新闻',))),
        (OPEN, Entry(), '', Labelled()),
        (CategoryRule(labels=('甲',), origin='publisher', label='{publisher}'), Entry(), 'p', Labelled(('甲',), ('p',))),
        (CategoryRule(origin='publisher', label='{x} {publisher} {'), Entry(), '{publisher}', Labelled((), ('{x} {publisher} {',))),
        (CategoryRule(origin='publisher', allow=('a',)), Entry(), 'a', Labelled((), ('a新闻',))),
        (CategoryRule(origin='publisher', allow=('a',)), Entry(), 'b', Labelled()),
        (CategoryRule(origin='publisher', deny=('a',)), Entry(), 'a', Labelled()),
        (TAGS, Entry(tags=('证券时报网新闻',), slug='zhengquanshibaowang'), '', Labelled((), ('证券时报网新闻',), {'证券时报网新闻': 'zhengquanshibaowang'})),
        (TAGS, Entry(tags=('T', ' T '), slug='TechWeb 2'), '', Labelled((), ('T',), {'T': 'techweb-2'})),
        (TAGS, Entry(tags=('a', 'b'), slug='s'), '', Labelled((), ('a', 'b'))),
        (TAGS, Entry(tags=('a',), slug='财经'), '', Labelled((), ('a',))),
        (TAGS, Entry(slug='s'), 'p', Labelled()),
    ],
)  # fmt: skip
def test_labels_of(rule, entry, publisher, wanted):
    assert labels_of(rule, entry, publisher) == wanted


@pytest.mark.parametrize(
    ('rule', 'wanted'),
    [
        (OPEN, '来源甲新闻'),
        (TAGS, ''),
        (CategoryRule(labels=('x',)), ''),
        (CategoryRule(origin='publisher', deny=('来源甲',)), ''),
        (CategoryRule(origin='publisher', allow=('别家',)), ''),
    ],
)
def test_fallback_label(rule, wanted):
    assert fallback_label(rule, '来源甲') == wanted


def test_rules_apply_in_the_order_of_the_rows():
    title = Match('title', '数字')
    rules = (
        Rule(when=AllOf((title, Not(Match('publisher', '某网')))), add=('数字经济', '甲')),
        Rule(when=title, remove=('甲', '没有')),
        Rule(when=Match('title', '没有'), add=('乙',), drop=True),
    )
    assert apply_rules(rules, Subject(title='数字'), ['甲', '要闻']) == (('要闻', '数字经济'), False)
    assert apply_rules(rules, Subject(title='数字', publisher='某网'), ['甲']) == ((), False)
    assert apply_rules(rules, Subject(title='没有'), ()) == (('乙',), True)
    assert apply_rules((), Subject(), ('b', 'a', 'b')) == (('b', 'a'), False)


def test_a_later_rule_does_not_undo_a_drop():
    rules = (Rule(when=AllOf(()), drop=True), Rule(when=AllOf(()), add=('a',)))
    assert apply_rules(rules, Subject(), ()) == (('a',), True)


@given(
    st.text(max_size=150),
    st.text(max_size=150),
    st.lists(st.text(max_size=120)),
    st.text(),
    st.sampled_from(['', 'tags', 'publisher']),
)
def test_any_words_make_clean_labels(template, publisher, words, slug, origin):
    rule = CategoryRule(labels=tuple(words), origin=origin, label=template)
    found = labels_of(rule, Entry(tags=tuple(words), slug=slug), publisher)
    for label in found.fixed + found.open:
        assert 0 < len(label) <= MAX_LABEL
        assert label == ' '.join(label.split())
    assert set(found.slugs) <= set(found.open)
    assert len(set(found.open)) == len(found.open)
