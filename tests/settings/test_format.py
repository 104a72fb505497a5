"""Faults as a terminal shows them, whole texts."""

from __future__ import annotations

from aggregator.model import ConfigFault
from aggregator.settings import show_faults

CATGORY = ConfigFault('feeds.yml', 7, 5, "unknown key 'catgory'", "did you mean 'category'?", '    catgory: 新闻', 7)
NUMBER = ConfigFault(
    'feeds.yml', 12, 11, '000001 is read as the number 1; put it in quotes: "000001"', '', '  - name: 000001', 6
)


def test_line_caret_hint_and_count():
    assert show_faults([CATGORY, NUMBER], 'nothing was changed, still running the version of 10:02.') == (
        "feeds.yml:7:5: unknown key 'catgory'\n"
        '  7 |     catgory: 新闻\n'
        "    |     ^^^^^^^ did you mean 'category'?\n"
        'feeds.yml:12:11: 000001 is read as the number 1; put it in quotes: "000001"\n'
        '  12 |   - name: 000001\n'
        '     |           ^^^^^^\n'
        '2 problems in feeds.yml; nothing was changed, still running the version of 10:02.\n'
    )


def test_wide_characters_take_two_cells():
    fault = ConfigFault('feeds.yml', 3, 9, 'm', 'h', '    新闻: 代码：x', 5)
    assert show_faults([fault]) == (
        'feeds.yml:3:9: m\n'
        '  3 |     新闻: 代码：x\n'
        '    |           ^^^^^^^ h\n'
        '1 problem in feeds.yml.\n'
    )  # fmt: skip


def test_a_tab_is_one_cell_and_nothing_steers_the_terminal():
    fault = ConfigFault('feeds.yml', 3, 1, 'a \x1b[31m', '', '\tx: \x1b[2J', 1)
    assert show_faults([fault]) == (
        'feeds.yml:3:1: a \ufffd[31m\n'
        '  3 |  x: \ufffd[2J\n'
        '    | ^\n'
        '1 problem in feeds.yml.\n'
    )  # fmt: skip


def test_a_fault_without_a_line_shows_its_advice():
    fault = ConfigFault('feeds.yml', 1, 1, 'there is no such file', 'create it')
    assert show_faults([fault]) == 'feeds.yml:1:1: there is no such file\n  create it\n1 problem in feeds.yml.\n'


def test_of_a_long_line_the_place_is_shown():
    fault = ConfigFault('f', 1, 5001, 'm', '', 'a' * 5000 + 'BBB' + 'c' * 5000, 3)
    _, line, caret, _ = show_faults([fault]).splitlines()
    assert len(line) < 200
    start = caret.index('^')
    assert line[start : start + 3] == 'BBB'
    assert caret.count('^') == 3


def test_two_files_and_many_faults():
    faults = [CATGORY] * 150 + [ConfigFault('config/aggregator.yml', 1, 1, 'm')]
    shown = show_faults(faults).splitlines()
    assert shown[-2:] == ['… and 51 more', '151 problems in feeds.yml and config/aggregator.yml.']


def test_no_fault_no_text():
    assert show_faults([]) == ''
