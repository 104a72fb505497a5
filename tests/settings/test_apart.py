"""Settings that another process has read: the same, the same faults, and nothing of what it took is here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aggregator import interpreter
from aggregator.errors import AggregatorError, ConfigError
from aggregator.settings import load_settings, load_settings_apart
from aggregator.settings.apart import START

SHIPPED = Path(__file__).parents[2] / 'feeds.yml'
RULES = "\nrules: [{when: {tag: '\\\\p{Han}', any: [{url: a}, {source: b}]}, add: [x], remove: z}]\n"
ASKED = """
import sys
from pathlib import Path
import aggregator.cli.running
from aggregator.settings import load_settings_apart
print(len(load_settings_apart(Path(sys.argv[1])).sources), {'pydantic', 'ruamel.yaml'} & set(sys.modules))
"""


@pytest.fixture
def feeds_yml(tmp_path):
    file = tmp_path / 'feeds.yml'
    file.write_text(SHIPPED.read_text('utf-8') + RULES, 'utf-8')
    return file


def test_they_are_the_same_and_share_what_they_shared(feeds_yml, tmp_path):
    (tmp_path / 'odd name.yml').write_text('polling: {threads: 3}\n', 'utf-8')
    paths = {'settings_file': tmp_path / 'odd name.yml', 'data': tmp_path / 'there'}
    apart = load_settings_apart(feeds_yml, **paths)

    assert apart == load_settings(feeds_yml, **paths)
    assert (apart.polling.threads, apart.data) == (3, tmp_path / 'there')
    assert len({source.kind for source in apart.sources}) > 1
    assert all(apart.policy.sources[source.name] is source for source in apart.sources)


def test_what_many_sources_say_is_there_once(tmp_path):
    file = tmp_path / 'feeds.yml'
    row = '  - {{name: {0}, url: "https://{0}.example/", category: news, every: 5m, key: {{param: id}}}}\n'
    file.write_text('sources:\n' + ''.join(map(row.format, 'abc')) + row.format('d').replace('5m', '6m'), 'utf-8')
    *alike, other = load_settings_apart(file).sources

    for part in ('every', 'key', 'category', 'headers'):
        assert len({id(getattr(source, part)) for source in alike}) == 1
    assert (other.every, other.key) == (alike[0].every * 6 / 5, alike[0].key)


def test_the_faults_are_the_same(tmp_path):
    file = tmp_path / 'feeds.yml'
    file.write_text('sources:\n  - {name: a}\n  - {nome: b, url: c}\n', 'utf-8')
    told = []
    for load in (load_settings, load_settings_apart):
        with pytest.raises(ConfigError) as raised:
            load(file)
        told.append(raised.value.faults)
    assert told[0] == told[1]
    assert len(told[0]) > 1


def test_a_process_that_fails_is_told(feeds_yml, monkeypatch):
    monkeypatch.setattr(sys, 'executable', '/bin/false')
    with pytest.raises(AggregatorError, match=r'could not be read: .* ended with 1'):
        load_settings_apart(feeds_yml)


def test_who_was_killed_meanwhile_leaves_no_complaint(feeds_yml):
    asked = interpreter.command(START, str(feeds_yml), '', '')
    with subprocess.Popen(
        asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=interpreter.environment()
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b''


def test_neither_the_commands_nor_the_daemon_load_what_reads_them(feeds_yml):
    ran = subprocess.run([sys.executable, '-c', ASKED, feeds_yml], check=True, capture_output=True, text=True)
    count, loaded = ran.stdout.split(maxsplit=1)
    assert int(count) > 0
    assert loaded.strip() == 'set()'


def test_another_interpreter_finds_modules_where_this_one_does(tmp_path, monkeypatch):
    (tmp_path / 'only_here.py').write_text('said = "here"\n')
    monkeypatch.syspath_prepend(tmp_path)
    asked = interpreter.command('import sys, only_here; print(only_here.said, sys.argv[1:])', 'a', 'b c')
    ran = subprocess.run(asked, check=True, capture_output=True, text=True, env=interpreter.environment())
    assert ran.stdout == "here ['a', 'b c']\n"
