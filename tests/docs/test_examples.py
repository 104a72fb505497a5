"""Every example of the docs runs and gives what the page says."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from docs_made import DOCS, PAGES, ROOT, blocks, examples, poll

from aggregator.cli.main import main
from aggregator.settings import load_settings

KINDS = examples(DOCS / 'kinds.md')
FEEDS_YML = [(page, b.text) for page in PAGES for b in blocks(page) if b.language == 'yaml' and 'sources:' in b.text]


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize('text', [t for _, t in FEEDS_YML], ids=[f'{p.stem}-{n}' for n, (p, _) in enumerate(FEEDS_YML)])
def test_every_feeds_yml_is_right(text, tmp_path):
    (tmp_path / 'feeds.yml').write_text(text, 'utf-8')
    assert load_settings(tmp_path / 'feeds.yml').sources


@pytest.mark.parametrize('example', KINDS, ids=range(len(KINDS)))
def test_a_kind_gives_the_entries_of_its_example(example, tmp_path):
    assert example.documents
    assert example.entries
    faults = poll(example, tmp_path)
    assert [f for f in faults if 'neither a title nor a link' not in f] == []
    assert run('entries', '-c', str(tmp_path / 'feeds.yml')) == example.entries


def test_explain_says_what_the_page_of_commands_shows(tmp_path):
    poll(KINDS[1], tmp_path)
    shown = next(b.text for b in blocks(DOCS / 'commands.md') if 'aggregator explain' in b.text)
    command, _, said = shown.partition('\n')
    assert run(*command.split()[2:], '-c', str(tmp_path / 'feeds.yml')) == said


def test_show_says_what_the_page_of_commands_shows(tmp_path):
    worked = next(b.text for b in blocks(DOCS / 'configuration.md') if b.name == 'feeds.yml')
    (tmp_path / 'feeds.yml').write_text(worked, 'utf-8')
    command, *shown = next(b.text for b in blocks(DOCS / 'commands.md') if 'aggregator show' in b.text).splitlines()
    said = iter(run(*command.split()[2:], '-c', str(tmp_path / 'feeds.yml')).splitlines())
    assert [line for line in shown if line != '…' and line not in said] == []


def test_check_says_what_the_page_of_configuration_shows(tmp_path, monkeypatch):
    shown = next(b.text for b in blocks(DOCS / 'configuration.md') if '$ aggregator check' in b.text)
    wrong = 'sources:\n  - name: 000001\n    url: https://example.org/b\n    catgory: 新闻\n    every: 15\n'
    (tmp_path / 'feeds.yml').write_text(wrong, 'utf-8')
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ['check'])
    assert result.exit_code == 2
    assert result.output.strip() == shown.partition('\n')[2].strip()


def test_restored_from_a_backup_the_feeds_are_the_same(tmp_path):
    """The steps of docs/operating.md."""
    poll(KINDS[1], tmp_path)
    data, copy, feeds = tmp_path / 'data', tmp_path / 'copy.db', str(tmp_path / 'feeds.yml')
    before = {p.name: p.read_bytes() for p in (data / 'public' / 'category').iterdir()}
    run('backup', '-c', feeds, str(copy))
    shutil.rmtree(data)
    data.mkdir()
    shutil.copy(copy, data / 'aggregator.db')
    run('publish', '-c', feeds)
    assert {p.name: p.read_bytes() for p in (data / 'public' / 'category').iterdir()} == before


def test_the_shipped_files_are_right():
    assert load_settings(ROOT / 'feeds.yml', settings_file=ROOT / 'config' / 'aggregator.yml').sources
