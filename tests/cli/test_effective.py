"""`aggregator show`: the settings that hold, and the line that each comes from."""

from __future__ import annotations

import json


def rows(world, *words):
    return {row['key']: row for row in map(json.loads, world.ok('show', '--json', *words).stdout.splitlines())}


def test_a_source_as_a_table(polled):
    lines = polled.ok('show', '证券时报网').stdout.splitlines()
    assert lines[0].split() == ['setting', 'value', 'from']
    told = {line.split()[0]: line for line in lines}
    assert told['name'].endswith('feeds.yml:5')
    assert '{from: publisher}' in told['category']
    assert told['private'].split() == ['private', 'true', 'feeds.yml:3', '(defaults)']
    assert told['every'].split() == ['every', '15m', 'built', 'in']
    assert told['parsing.limits.title'].endswith('built in')


def test_a_source_for_a_program(polled):
    found = rows(polled, '数字日报')
    assert found['url'] == {
        'key': 'url',
        'value': f'{polled.origin.base}/shuzi',
        'origin': 'source',
        'file': 'feeds.yml',
        'line': 10,
        'note': '',
    }
    assert (found['group']['origin'], found['group']['line'], found['group']['file']) == ('built-in', None, None)
    assert not any(key.startswith(('parsing.workers', 'serving')) for key in found)


def test_all_that_is_no_source(polled):
    found = rows(polled)
    assert (found['parsing.workers']['value'], found['parsing.workers']['file']) == (0, 'config/aggregator.yml')
    assert found['site.title']['line'] == 2
    assert 'url' not in found


def test_the_authority_of_the_first_run(world):
    world.feeds.write_text(world.feeds.read_text('utf-8').replace(', authority: "news.example.org,2026"', ''), 'utf-8')
    minted = rows(world)['site.authority']
    assert (minted['value'], minted['origin']) == ('news.example.org,2026', 'built-in')
    assert 'first run' in minted['note']


def test_before_the_first_run_nothing_is_made(world, tmp_path):
    world.ok('show', '--data', tmp_path / 'none')
    assert not (tmp_path / 'none').exists()


def test_a_value_cannot_steer_the_terminal(world):
    evil = world.feeds.read_text('utf-8').replace('name: 坏的', 'name: "坏\\u202e的"')
    world.feeds.write_text(evil, 'utf-8')
    result = world.run('show', '坏\u202e的')
    assert '\u202e' not in result.output


def test_a_name_that_is_not_there_is_guessed(polled):
    result = polled.run('show', '数字日抱')
    assert result.exit_code == 2
    assert "Did you mean '数字日报'" in result.stderr
