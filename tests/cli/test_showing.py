"""What a terminal gets to see of what a source said."""

from __future__ import annotations

import json

import pytest

from aggregator.cli.showing import safe, show_json

REVERSED = 'a\u202eb\u2066c\u200d\x1b[2J\x9b\u2028\ud800\U000e0001'


@pytest.mark.parametrize('text', [REVERSED, '中文，没有别的', '', 'a\nb', '\\u202e', '全角\u3000空格'])
def test_a_json_line_is_printable_and_says_the_same(text, capsys):
    show_json({'title': text})

    line = capsys.readouterr().out.removesuffix('\n')

    assert line.isprintable()
    assert json.loads(line) == {'title': text}


def test_only_what_cannot_be_shown_is_escaped(capsys):
    show_json({'title': '中\u202e文'})

    assert capsys.readouterr().out == '{"title": "中\\u202e文"}\n'


def test_a_text_keeps_its_lines_and_nothing_that_steers_a_terminal():
    assert safe(f'中\n{REVERSED}') == '中\na�b�c��[2J����'
