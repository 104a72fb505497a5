"""The tables of the benchmark, and that its page keeps what a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from report import BEGIN, END, NoMarks, Table, figure, ratio, written

ROOT = Path(__file__).parents[2]
PAGE = f'# Performance\n\nBy hand.\n\n{BEGIN}\nold\n{END}\n\nBy hand too.\n'
TABLE = Table('Rounds', ['phase', 'ms', 'ratio'], [['304', '0.21', '9.8×'], ['a | b', '12', '1.0×']], ['A note.'])


def test_columns_stand_under_each_other():
    assert TABLE.as_text().splitlines() == [
        'Rounds',
        '  phase    ms  ratio',
        '  304    0.21   9.8×',
        '  a | b    12   1.0×',
        'A note.',
    ]


def test_a_chinese_cell_is_as_wide_as_it_looks():
    first, second = Table('', ['', 'n'], [['新闻', '1'], ['abcd', '2']]).as_text().splitlines()[2:]
    assert (first, second) == ('  新闻  1', '  abcd  2')


def test_markdown_has_a_row_for_each():
    assert TABLE.as_markdown().splitlines() == [
        '### Rounds',
        '',
        '| phase | ms | ratio |',
        '| --- | --: | --: |',
        '| 304 | 0.21 | 9.8× |',
        r'| a \| b | 12 | 1.0× |',
        '',
        'A note.',
    ]


def test_only_what_stands_between_the_marks_is_replaced():
    page = written(PAGE, ['2026-11-25'], [TABLE])
    assert page.startswith(f'# Performance\n\nBy hand.\n\n{BEGIN}\n\n- 2026-11-25\n')
    assert page.endswith(f'A note.\n\n{END}\n\nBy hand too.\n')
    assert 'old' not in page


def test_writing_twice_changes_nothing():
    once = written(PAGE, ['2026-11-25'], [TABLE])
    assert written(once, ['2026-11-25'], [TABLE]) == once


@pytest.mark.parametrize('page', ['', BEGIN, END, f'{END}{BEGIN}', f'{BEGIN}{BEGIN}{END}', f'{BEGIN}{END}{END}'])
def test_a_page_without_its_marks_is_left_alone(page):
    with pytest.raises(NoMarks):
        written(page, [], [TABLE])


@pytest.mark.parametrize(
    ('value', 'said'),
    [(0.0471, '0.047'), (0.5, '0.500'), (1.234, '1.23'), (12.34, '12.3'), (123.4, '123'), (82000.0, '82,000')],
)
def test_figures_have_three_digits(value, said):
    assert figure(value) == said


def test_a_ratio_is_theirs_by_ours():
    assert ratio(19.0, 2.0) == '9.50×'
    assert ratio(19.0, 0.0) == '?'


def test_the_page_of_the_docs_can_be_written():
    page = (ROOT / 'docs' / 'performance.md').read_text('utf-8')
    assert 'A note.' in written(page, [], [TABLE])
