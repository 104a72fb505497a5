"""What a system asks of a program: completion in real shells, and a manual page that the programs for it take."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess

import click
import pytest
from cli_made import on_terminal
from test_main import ALL, examples

from aggregator.cli.manual import manual_page


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f'{program} is not installed')


# ---------------------------------------------------------------- completion

SOURCES = (
    '\n  - {name: 财经 要闻, url: "http://127.0.0.1:1/a"}',
    '\n  - {name: "[36氪]*", url: "http://127.0.0.1:1/b"}',
)
ASK_BASH = """
source /dev/stdin <<< "$SCRIPT"
COMP_WORDS=(aggregator "$@") COMP_CWORD=$#
_aggregator_completion aggregator
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def shelled(world, tmp_path):
    """The world with names that shells find hard, and the program on the path; the environment for it."""
    text = world.feeds.read_text('utf-8')
    world.feeds.write_text(text.replace('\naliases', f'{"".join(SOURCES)}\naliases'), 'utf-8')
    (tmp_path / 'bin').mkdir()
    program = tmp_path / 'bin' / 'aggregator'
    program.write_text(f'#!/bin/sh\nexec {shlex.join(world.command())} "$@"\n')
    program.chmod(0o755)
    return {**os.environ, 'PATH': f'{program.parent}:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8', 'HOME': str(tmp_path)}


def script(world, shell):
    return world.ok('completion', shell).stdout


@pytest.mark.slow
@needs('bash')
@pytest.mark.parametrize(
    ('typed', 'offered'),
    [
        (['sou'], ['sources']),
        (['export', ''], ['posts']),
        (['poll', '--tr'], ['--trace']),
        (['schema', ''], ['feeds', 'settings']),
        (['poll', '数'], ['数字日报']),
        (['check', '-c', 'feeds.yml', '财'], [r'财经\ 要闻']),
        (['poll', '"财经 '], ['财经 要闻']),
        (['poll', '[3'], [r'\[36氪\]\*']),
        (['poll', '-c', 'no.yml', ''], ['']),
    ],
)
def test_bash_completes(world, shelled, typed, offered):
    shell = ['bash', '--norc', '-c', ASK_BASH, 'bash', *typed]
    env = {**shelled, 'SCRIPT': script(world, 'bash')}
    said = subprocess.run(shell, cwd=world.folder, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.splitlines() == offered
    assert said.stderr == ''


STARTED = {
    'bash': (['bash', '--norc', '--noprofile', '-i'], 'source ./script'),
    'zsh': (['zsh', '-f', '-i'], 'autoload -Uz compinit && compinit -u -D && source ./script'),
    'fish': (['fish', '--no-config', '-i'], 'source ./script'),
}


@pytest.mark.slow
@pytest.mark.parametrize('shell', [pytest.param(name, marks=needs(name)) for name in STARTED])
def test_a_shell_completes_what_a_person_types(world, shelled, shell):
    """Tab after `takedo`, then after the first character of a name with a blank in it."""
    (world.folder / 'script').write_text(script(world, shell), 'utf-8')
    words, load = STARTED[shell]
    keys = [
        ('> ', f'{load}; echo rea""dy\r'.encode()),
        ('ready', b'aggregator takedo\t'),
        ('takedown', b'\x15aggregator poll \xe8\xb4\xa2\t'),
        ('要闻', b'\x15exit\r'),
    ]
    seen = on_terminal(words, world.folder, keys=keys, env={**shelled, 'PS1': '> ', 'PROMPT': '> '})
    assert re.search(r'ggregator poll 财经\\ 要闻 ', re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', seen.text)), seen.text


# ---------------------------------------------------------------- the manual page


def plain(roff):
    return roff.replace(r'\-', '-').replace(r'\e', '\\').replace(r'\&', '')


@pytest.mark.parametrize('name', ALL)
def test_the_manual_page_has_every_command_with_its_options_and_examples(name):
    section = re.search(rf'^\.SS "aggregator {name}\b.*?(?=^\.S[SH] )', plain(manual_page()), re.MULTILINE | re.DOTALL)
    common = plain(manual_page()).partition('.SH COMMANDS')[0]
    for option in (p for p in ALL[name].params if isinstance(p, click.Option)):
        assert any(re.search(rf'^\.B .*{re.escape(option.opts[-1])}\b', t, re.MULTILINE) for t in (section[0], common))
    for example in examples(ALL[name]):
        assert example in re.sub(r'\\\[u([0-9A-F]+)\]', lambda found: chr(int(found[1], 16)), section[0])


def test_the_manual_page_is_ascii_and_no_text_is_taken_for_a_request():
    page = manual_page()
    assert page.isascii()
    requests = {line.split()[0] for line in page.splitlines() if line.startswith(('.', "'"))}
    assert requests <= {'.TH', '.SH', '.SS', '.PP', '.TP', '.B', '.RS', '.RE', '.nf', '.fi'}


READERS = {
    'man': ['man', '--warnings', '-E', 'UTF-8', '-l', '-'],
    'groff': ['groff', '-man', '-ww', '-T', 'utf8'],
    'mandoc': ['mandoc', '-T', 'utf8', '-W', 'error,stop'],
}


@pytest.mark.slow
@pytest.mark.parametrize('reader', [pytest.param(name, marks=needs(name)) for name in READERS])
def test_the_programs_for_it_take_the_manual_page(reader):
    env = {**os.environ, 'LC_ALL': 'C.UTF-8', 'MANWIDTH': '80', 'MANPAGER': 'cat'}
    said = subprocess.run(
        READERS[reader], input=manual_page().encode(), env=env, capture_output=True, timeout=60, check=True
    )
    assert said.stderr == b''
    shown = re.sub(r'.\x08|\x1b\[[0-9;]*m', '', said.stdout.decode())
    assert 'aggregator search 数字经济' in shown
    assert re.search(r'^\s+--trace PATH$', shown, re.MULTILINE)
