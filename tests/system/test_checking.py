"""`check` and what a faulty feeds.yml does to the other commands: every fault, its file, line and column."""

import json
import re

import pytest

pytestmark = pytest.mark.slow

# The marks ☞ stand where a fault is to be told; they are taken out.
FAULTY = """site: {title: 一, url: ☞ftp://x}
defaults: {private: true, ☞evry: 15m}
sources:
  - name: 甲
    url: https://example.org/a
    every: ☞15 minutes
  - name: ☞甲
    url: https://example.org/b
    kind: ☞fed
  - ☞url: https://example.org/b
  - name: 乙
    url: https://example.org/c
    category: {from: ☞publishr}
    key: {code: ☞'\\d+', path: ☞'(a'}
    timezone: ☞Mars/Olympus
rules:
  - {when: {☞titel: x}, add: y}
  - {when: {title: ☞'(a'}, add: y}
  - {when: {title: a}, add: [y, ☞{z: 1}]}
☞bogus: 1
"""
UNCLOSED = 'site: {title: 一\nsources:\n  - name: x\n'
SYNTAX = {
    'sources:\n  - {name: x, url: "https://a.example/"}\nsources: []\n': (3, 1),
    'sources:\n\t- name: x\n': (2, 1),
}


def places(marked):
    """-> the (line, column) of each mark, and the text without"""
    found = []
    for number, line in enumerate(marked.splitlines(), 1):
        parts = line.split('☞')
        found += [(number, len(''.join(parts[:n])) + 1) for n in range(1, len(parts))]
    return found, marked.replace('☞', '')


def told(ran):
    return [(int(a), int(b)) for a, b in re.findall(r'^\S*feeds\.yml:(\d+):(\d+): .', ran.said, re.MULTILINE)]


def test_check_tells_every_fault_at_once_with_line_and_column(place):
    wanted, text = places(FAULTY)
    place.write_text(text)
    ran = place.run('check')
    assert ran.code == 2
    assert told(ran) == wanted
    assert "did you mean 'every'" in ran.said
    assert "did you mean 'title'" in ran.said


def test_check_tells_the_faults_of_a_kind_together_with_the_others(place):
    row = 'kind: {0}, url: "https://a.example/", items: ☞"{1}", fields: {{title: t}}'
    rows = [f'  - {{name: {kind}, {row.format(kind, bad)}}}\n' for kind, bad in (('json', 'data.['), ('page', 'li['))]
    wanted, text = places(f'☞bogus: 1\nsources:\n{"".join(rows)}')
    place.write_text(text)
    ran = place.run('check')
    assert ran.code == 2
    assert told(ran) == wanted


def test_check_tells_every_fault_of_one_row(place):
    row = '  - {name: a, kind: json, url: "https://a.example/", items: ☞"data.[", fields: {title: t, ☞lnk: u}}\n'
    wanted, text = places(f'sources:\n{row}')
    place.write_text(text)
    assert told(place.run('check')) == wanted


@pytest.mark.parametrize('text', SYNTAX)
def test_a_file_that_is_no_yaml_is_told_by_line_and_column(place, text):
    place.write_text(text)
    ran = place.run('check')
    assert (ran.code, told(ran)) == (2, [SYNTAX[text]])


def test_check_answers_a_program_in_json(place):
    place.write_text('bogus: 1\nsources: []\n')
    ran = place.run('check', '--json')
    assert ran.code == 2
    assert len(ran.rows()) >= 1
    assert 'bogus' in ran.out


def test_a_broken_file_stops_poll_and_not_status(copied):
    copied.write_text(UNCLOSED)
    status, made, polled = copied.each(('status',), ('status', '--json'), ('poll',))
    assert told(status) == told(polled) == [(1, 7)]
    assert '2 entries' in status.said
    assert json.loads(made.out)['entries'] == 2
    assert polled.code == 2


def test_check_of_a_right_file_and_of_settings(polled, copied):
    asked = len(polled.origin.requests)
    assert copied.run('check').code == 0
    assert len(polled.origin.requests) == asked, 'nobody is asked'
    (copied.folder / 'config').mkdir()
    (copied.folder / 'config' / 'aggregator.yml').write_text('polling:\n  min_interval: 60 s\n  threds: 3\n')
    ran = copied.run('check')
    assert ran.code == 2
    assert re.search(r'aggregator\.yml:2:17: ', ran.said)
    assert re.search(r"aggregator\.yml:3:3: .*threds[\s\S]*did you mean 'threads'", ran.said)
