"""The entry point: what it loads, and how errors end."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from aggregator.cli.main import COMMANDS, main


def run(*args):
    return subprocess.run([sys.executable, '-m', 'aggregator', *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize('name', COMMANDS)
def test_every_command_has_a_sentence_and_two_examples(name):
    command = main.get_command(click.Context(main), name)
    assert command is not None
    said = command.help or ''
    if isinstance(command, click.Group):
        return
    assert said.split('\n')[0].endswith('.') or said.split('\n\n')[0].endswith('.')
    assert said.count(f'\n  aggregator {name}') + said.count('\n      aggregator ') >= 2


def test_a_bare_import_loads_no_room():
    """A worker process imports this module and needs none of it."""
    code = 'import sys, aggregator.cli; print([m for m in sys.modules if m.startswith("aggregator.")])'
    found = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['aggregator.cli']"


def test_usage_and_configuration_end_with_2(tmp_path):
    for args in (['nonsense'], ['poll', '-c', str(tmp_path / 'none.yml')], ['poll', '--nonsense']):
        ended = run(*args)
        assert ended.returncode == 2
        assert 'Traceback' not in ended.stdout + ended.stderr
