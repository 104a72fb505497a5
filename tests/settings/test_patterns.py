"""Patterns that RE2 can run, told from those it cannot."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from aggregator.settings.patterns import pattern_fault

QUIET = re2.Options()
QUIET.log_errors = False

GOOD = [
    r'/a/(\d{18})\.html', r'(?:^|:)((?:NW|AP|AN)?\d{18})$', '数字|经济', r'\p{Han}+', r'[\p{Han}a]', r'\P{Greek}', r'\pL',
    '(?i)a', 'a(?i)b', '(?i:a)b', '(?s-i:a)', '(?<n>a)', '(?P<n>a)', '[*+]', '[(?=]', r'[\x{4e00}-\x{9fa5}]', r'a\z',
    '[[:alpha:]]', '[]a]', r'\Qa(b\E', r'\\1', r'[^\]]',
]  # fmt: skip
BAD = {
    '(': 'is no regular expression: missing ), unterminated subpattern',
    '*': 'is no regular expression: nothing to repeat',
    '[a-': 'is no regular expression: unterminated character set',
    '(?=a)': 'uses look-around ((?=), which the engine (RE2) does not have',
    '(?<!a)b': 'uses look-around ((?<!), which the engine (RE2) does not have',
    r'(a)\1': r'uses a back-reference (\1), which the engine (RE2) does not have',
    '(?P<a>x)(?P=a)': 'uses a back-reference ((?P=), which the engine (RE2) does not have',
    'a++': 'uses an atomic group or possessive quantifier (++), which the engine (RE2) does not have',
    '(?>a)': 'uses an atomic group or possessive quantifier ((?>), which the engine (RE2) does not have',
    '(?#x)a': 'uses a comment ((?#), which the engine (RE2) does not have',
    '(?x)a': 'uses a flag ((?x)), which the engine (RE2) does not have',
    'a{1001}': 'repeats more than 1000 times ({1001})',
    r'\u4e00': r'uses an escape of Python; write the character itself or \x{…} (\u), which the engine (RE2) does not have',
}


@pytest.mark.parametrize('pattern', GOOD)
def test_what_re2_runs_is_fine(pattern):
    assert pattern_fault(pattern) == ''
    re2.compile(pattern, QUIET)


@pytest.mark.parametrize(('pattern', 'fault'), BAD.items(), ids=BAD)
def test_what_re2_refuses_is_told(pattern, fault):
    assert pattern_fault(pattern) == fault
    with pytest.raises(re2.error):
        re2.compile(pattern, QUIET)


@pytest.mark.parametrize(('pattern', 'groups'), [('a', 0), ('(a)(b)', 2), ('(?:a)', 0), ('((a))', 2)])
def test_a_key_has_one_group(pattern, groups):
    fault = f'must have exactly one group (…) around the code; it has {groups}'
    assert pattern_fault(pattern, one_group=True) == fault
    assert pattern_fault('(?:a|b)(c)', one_group=True) == ''


@pytest.mark.parametrize('pattern', ['(' * 3000, '(' * 900 + ')' * 900])
def test_the_size_of_a_pattern_is_bounded(pattern):
    assert pattern_fault(pattern).startswith('is ')


@given(st.text(st.sampled_from('ab()[]{}|*+?\\^$.:<>=!PpQEZz-,0123新ix#&~'), max_size=30))
def test_no_pattern_makes_an_exception(pattern):
    assert isinstance(pattern_fault(pattern), str)
