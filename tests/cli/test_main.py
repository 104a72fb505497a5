"""The entry point: what it loads, how every command introduces itself, and that its examples run."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys

import click
import pytest

from aggregator.cli.main import COMMANDS, main


def commands(group, *above):
    """-> (its words, the command), groups opened"""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield ' '.join((*above, name)), command


ALL = dict(commands(main))


def examples(command):
    _, _, shown = command.help.partition('Examples:')
    return [line.strip() for line in shown.splitlines() if line.strip()]


@pytest.mark.parametrize('name', ALL)
def test_every_command_has_a_sentence_and_two_examples(name):
    said = ALL[name].help
    assert said.split('\n\n')[0].rstrip().endswith(('.', '数字.'))
    assert len(examples(ALL[name])) >= 2
    assert all(line.startswith(f'aggregator {name}') for line in examples(ALL[name]))


@pytest.mark.parametrize('name', ALL)
def test_every_option_says_what_it_does(name):
    options = [p for p in ALL[name].params if isinstance(p, click.Option)]
    assert [p.name for p in options if not p.help] == []


def here(example, world):
    """The example as it is run in the world: its own addresses and folders instead of those of the text."""
    shell = example.partition(' > ')[0].partition(' | ')[0]
    words = shlex.split(shell, comments=True)[1:]
    for made in (world.folder / 'etc', world.folder / 'mnt'):
        made.mkdir()
    data = world.folder / 'data'
    stands_for = {
        'https://example.org/a/1.html': f'{world.origin.base}/a/1.html?infoCode=NW202204122339013090',
        'https://example.org': world.origin.base,
        '/etc/aggregator/feeds.yml': str(world.feeds),
        '/var/lib/aggregator': str(data),
        '/mnt/backup/': f'{world.folder}/mnt/',
        '/srv/site/': f'{world.folder}/mnt/',
        '8080': '0',
    }
    for text, value in stands_for.items():
        words = [word.replace(text, value) for word in words]
    return words


RUNS = [line for name, command in ALL.items() for line in examples(command)]


@pytest.mark.parametrize('example', [line for line in RUNS if not line.startswith('aggregator run')])
def test_an_example_runs(world, example):
    words = here(example, world)
    result = world.run(*words)
    fails = example in {'aggregator poll', 'aggregator check --online'}  # one source of the world is bad
    stands = example.startswith('aggregator health')  # there is no daemon to be asked
    assert result.exit_code == int(fails or stands), result.output
    assert result.output


@pytest.mark.slow
@pytest.mark.parametrize('example', [line for line in RUNS if line.startswith('aggregator run')])
def test_an_example_of_run_serves(world, example):
    words = here(example, world)
    port = [] if '--port' in words else ['--port', '0']
    child = subprocess.Popen(
        world.command(*words, *port), cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline().startswith('serving http://127.0.0.1:')
    finally:
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, '')


def test_a_bare_import_loads_no_room():
    """A worker process imports this module and needs none of it."""
    code = 'import sys, aggregator.cli; print([m for m in sys.modules if m.startswith("aggregator.")])'
    found = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['aggregator.cli']"


def loaded_by(command, told):
    """What another interpreter prints of its modules once it has run this command."""
    code = f'import sys, aggregator.cli.main as m\nm.main([{command!r}], standalone_mode=False)\nprint({told})'
    found = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    return found.stdout.splitlines()[-1]


def test_the_version_needs_no_room():
    """Nor does a shell that asks for completions of a command."""
    rooms = '("aggregator.store", "aggregator.parse", "rich", "pydantic")'
    assert loaded_by('--version', f'[n for n in sys.modules if n in {rooms}]') == '[]'


def test_health_needs_no_room():
    """It is asked every few seconds."""
    rooms = 'sorted({n.split(".")[1] for n in sys.modules if n.startswith("aggregator.")}), "rich" in sys.modules'
    assert loaded_by('health', rooms) == "['cli', 'errors', 'lock', 'version'] False"


def test_it_is_called_by_its_name_however_it_was_started(polled):
    said = polled.child('poll', '--nonsense', env={**os.environ}).stderr.decode()
    assert said.startswith('Usage: aggregator poll ')
    assert '__main__' not in said


def test_the_table_of_commands_is_what_there_is():
    assert [name.split()[0] for name in ALL] == list(COMMANDS)


def test_a_feed_of_the_own_network_is_added_when_a_person_says_so(world):
    world.feeds.write_text(world.feeds.read_text('utf-8').replace('defaults: {private: true}\n', ''), 'utf-8')
    url = f'{world.origin.base}/other.xml'
    refused = world.run('add', url, '--yes')
    assert refused.exit_code == 1
    assert 'is not on the public internet' in refused.stderr
    assert '`add --private`' in refused.stderr
    world.ok('add', url, '--private', '--yes')
    assert world.feeds.read_text('utf-8').count('private: true') == 1
    assert world.ok('check', '另一频道').stdout.startswith('另一频道: 1 entries')
