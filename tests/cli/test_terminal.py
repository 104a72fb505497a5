"""What a person sees who sits at a terminal, and what a pipe gets instead: bars, colours, widths, questions, Ctrl-C."""

from __future__ import annotations

import re
import shlex

import pytest
from cli_made import on_terminal, screen
from rich.cells import cell_len

pytestmark = pytest.mark.slow

ESCAPE = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')
COLOUR = re.compile(r'\x1b\[[0-9;]*\b(?:3[0-7]|38|9[0-7])[0-9;]*m')


def bars(text):
    """Each state of each bar, as the terminal showed it."""
    return [part for part in re.split(r'[\r\n]', ESCAPE.sub('', text)) if '━' in part]


WORK = {  # command -> the last state of its bar
    'poll': 'polling 3/3 sources',
    'publish': 'publishing 4/4 feeds',
    'check --online': 'looking 3/3 sources',
    'import --online subscriptions.opml': 'looking 2/2 feeds',
}


@pytest.mark.parametrize('command', WORK)
def test_work_shows_a_bar_and_nothing_of_it_stays(world, command):
    seen = on_terminal(world.command(*command.split()), world.folder)
    shown = {re.sub(r'[━╸╺ ]+', ' ', bar) for bar in bars(seen.text)}
    assert any(WORK[command] in bar for bar in shown), shown
    left = screen(seen.text)
    assert left
    assert '━' not in ''.join(left)
    assert seen.text.count('\x1b[?25h') == seen.text.count('\x1b[?25l'), 'the cursor is there again'


def with_other_rules(world):
    world.feeds.write_text(world.feeds.read_text('utf-8').replace('add: 数字经济', 'add: 数字'), 'utf-8')


@pytest.mark.parametrize('command', ['publish', 'poll', 'prune'])
def test_deciding_again_shows_a_bar_of_its_own(world, command):
    with_other_rules(world)
    seen = on_terminal(world.command(command), world.folder)
    assert any('deciding again' in bar and '4/4 items' in re.sub(r' +', ' ', bar) for bar in bars(seen.text)), seen.text
    assert '━' not in ''.join(screen(seen.text))
    assert seen.text.count('\x1b[?25h') >= seen.text.count('\x1b[?25l') > 0
    assert not any('deciding' in bar for bar in bars(on_terminal(world.command(command), world.folder).text))


@pytest.mark.parametrize('polled_before', [True, False])
def test_the_daemon_shows_that_it_decides_again(world, polled_before):
    with_other_rules(world)
    if not polled_before:
        new = f'  - {{name: 新, url: "{world.origin.base}/rss.xml", category: 新}}\naliases:'
        world.feeds.write_text(world.feeds.read_text('utf-8').replace('aliases:', new), 'utf-8')
    seen = on_terminal(world.command('run', '--port', '0'), world.folder, keys=[('serving http', b'\x03')])
    assert seen.code == 0
    assert any('deciding again' in bar for bar in bars(seen.text))
    assert '━' not in ''.join(screen(seen.text))


@pytest.mark.parametrize('command', ['poll', 'import --online subscriptions.opml'])
def test_a_pipe_gets_the_lines_alone(world, command):
    child = world.child(*command.split(), env={'FORCE_COLOR': '1', 'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8'})
    for stream in (child.stdout.decode(), child.stderr.decode()):
        assert '\x1b' not in stream
        assert '━' not in stream
        assert not stream or stream.endswith('\n')


def test_lines_stand_above_the_bar_and_are_those_of_a_pipe(world):
    seen = on_terminal(world.command('check', '--online'), world.folder)
    assert screen(seen.text) == world.child('check', '--online').stdout.decode().splitlines()


def test_output_goes_to_its_file_while_the_bar_is_on_the_terminal(world):
    shell = f'{shlex.join(world.command("poll"))} > lines.txt'
    seen = on_terminal(['sh', '-c', shell], world.folder)
    assert bars(seen.text)
    assert screen(seen.text) == []
    lines = (world.folder / 'lines.txt').read_text('utf-8').splitlines()
    assert [line.split('  ')[0] for line in lines] == ['证券时报网', '数字日报', '坏的']


def test_the_first_round_shows_a_bar_and_the_daemon_goes_on_without_it(world):
    for file in (world.folder / 'data').glob('aggregator.db*'):
        file.unlink()
    keys = [('坏的  status=404', b''), ('3/3', b''), ('\x1b[?25h', b'\x03')]
    seen = on_terminal(world.command('run', '--port', '0'), world.folder, keys=keys)
    assert seen.code == 0
    assert any('first round' in bar for bar in bars(seen.text))
    assert '━' not in ''.join(screen(seen.text))
    again = on_terminal(world.command('run', '--port', '0'), world.folder, keys=[('serving http', b'\x03')])
    assert bars(again.text) == [], 'each source was polled before'


def test_a_dumb_terminal_gets_no_bar(world):
    assert '\x1b' not in on_terminal(world.command('publish'), world.folder, env={'TERM': 'dumb'}).text


# ---------------------------------------------------------------- colours and widths


def test_colours_are_for_terminals_and_for_those_who_want_them(polled):
    words = polled.command('sources')
    assert COLOUR.search(on_terminal(words, polled.folder).text)
    assert not COLOUR.search(on_terminal(words, polled.folder, env={'NO_COLOR': '1'}).text)


def test_a_narrow_terminal_gets_fewer_columns_and_no_strips(polled):
    lines = screen(on_terminal(polled.command('sources'), polled.folder, cells=40).text)
    assert lines[0].split() == ['state', 'name', 'error']
    assert max(map(cell_len, lines)) <= 40, 'a Chinese character is two cells wide'
    assert any(line.startswith('● ok') and '证券时报网' in line for line in lines), 'a name is not folded'


def test_a_narrow_terminal_gets_a_bar_that_fits(world):
    text = on_terminal(world.command('publish'), world.folder, cells=40).text
    assert {cell_len(bar.rstrip()) <= 40 for bar in bars(text)} == {True}


# ---------------------------------------------------------------- questions and Ctrl-C


@pytest.mark.parametrize(
    ('keys', 'code', 'added'),
    [(b'\r', 0, True), (b'n\r', 0, False), (b'\x03', 130, False), (b'\x04', 130, False)],
    ids=['Enter', 'n', 'Ctrl-C', 'Ctrl-D'],
)
def test_add_asks_a_person(world, keys, code, added):
    before = world.feeds.read_text('utf-8')
    words = world.command('add', f'{world.origin.base}/other.xml')
    seen = on_terminal(words, world.folder, keys=[('[Y/n]', keys)])
    assert seen.code == code
    assert ('/other.xml' in world.feeds.read_text('utf-8')) == added
    assert added or world.feeds.read_text('utf-8') == before
    assert screen(seen.text)[-1].startswith('    url: http' if added else 'nothing was changed')


def test_add_asks_nobody_where_its_answer_is_read_by_a_program(world):
    shell = f'{shlex.join(world.command("add", f"{world.origin.base}/other.xml"))} | cat'
    seen = on_terminal(['sh', '-c', shell], world.folder)
    assert '[Y/n]' not in seen.text
    assert '/other.xml' in world.feeds.read_text('utf-8')


def test_ctrl_c_leaves_a_clean_terminal(world):
    world.feeds.write_text(world.feeds.read_text('utf-8').replace('/nowhere', '/silent'), 'utf-8')
    seen = on_terminal(world.command('poll'), world.folder, keys=[('2/3', b'\x03')])
    assert seen.code == 130
    assert screen(seen.text)[-1] == 'aggregator: stopped by Ctrl-C; what was recorded is kept'
    assert seen.text.rindex('\x1b[?25h') > seen.text.rindex('\x1b[?25l'), 'the cursor is there again'
