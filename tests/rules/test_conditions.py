"""Conditions: fields, operators, the text that is made only when asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import AllOf, AnyOf, Match, Not
from aggregator.rules.conditions import Subject, holds, plain_text

SUBJECT = Subject(
    title='大力发展数字经济',
    html='<p>数<b>字</b>经济 &amp; 更多</p>',
    url='https://h.example/a/1',
    authors=('张三', 'Li Si'),
    publisher='证券时报网',
    sources=('东方财富', '旧站'),
    tags=('要闻',),
)
YES, NO = Match('title', '数字'), Match('title', 'x')


@pytest.mark.parametrize(
    ('field', 'pattern', 'wanted'),
    [
        ('title', '数字经济', True),
        ('title', '^数字', False),
        ('text', '数字经济 & 更多', True),
        ('text', '<b>', False),
        ('url', r'h\.example/a/\d', True),
        ('author', '^Li', True),
        ('author', '^li', False),
        ('author', '(?i)^li', True),
        ('author', '张三.*Li', False),
        ('publisher', '时报', True),
        ('source', '^旧站$', True),
        ('source', '^旧$', False),
        ('tag', '要闻', True),
        ('title', '(', False),
        ('title', '(?=数)', False),
        ('title', '', True),
    ],
)
def test_match(field, pattern, wanted):
    assert holds(Match(field, pattern), SUBJECT) is wanted


@pytest.mark.parametrize(
    ('when', 'wanted'),
    [
        (AllOf((YES, YES)), True),
        (AllOf((YES, NO)), False),
        (AllOf(()), True),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, NO)), False),
        (AnyOf(()), False),
        (Not(NO), True),
        (Not(YES), False),
        (AllOf((YES, Not(AnyOf((NO, Match('publisher', '某网')))))), True),
    ],
)
def test_operators(when, wanted):
    assert holds(when, SUBJECT) is wanted


def test_an_empty_list_matches_nothing():
    assert not holds(Match('author', ''), Subject())


class Unread(str):
    """A text that fails the test when it is looked at."""

    __slots__ = ()

    def __hash__(self):
        raise AssertionError('the text was read')


def test_text_is_not_made_for_rules_that_do_not_look():
    assert holds(AnyOf((YES, Match('text', 'x'))), Subject(title='数字', html=Unread('x')))
    with pytest.raises(AssertionError, match='was read'):
        holds(Match('text', 'x'), Subject(html=Unread('x')))


def test_plain_text_takes_linear_time_on_open_brackets():
    assert plain_text('<' * 300_000) == '<' * 300_000
    assert plain_text('a<br/>b&lt;c') == 'ab<c'


@given(st.text(), st.text(), st.sampled_from(['title', 'text', 'url', 'author', 'publisher', 'source', 'tag']))
def test_never_raises_and_not_turns_it_round(pattern, said, field):
    subject = Subject(title=said, html=said, url=said, authors=(said,), publisher=said, sources=(said,), tags=(said,))
    assert holds(Match(field, pattern), subject) is not holds(Not(Match(field, pattern)), subject)
