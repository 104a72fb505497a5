"""The hostile corpus from the wire to what is published: nothing hostile gets out, nobody is hurt, and it is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import hostile_fields
import hostile_json
import hostile_pages
import hostile_wire
import hostile_xml
import pytest
from hostile_judge import faults_of
from hostile_judge_html import page_faults
from hostile_world import the_world

pytestmark = pytest.mark.slow
CASES = (
    *hostile_xml.cases('http://trap.example/'),
    *hostile_json.cases(),
    *hostile_pages.cases(),
    *hostile_fields.cases(),
    *hostile_wire.cases(),
)
SITE = 'https://news.example.org/'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    return the_world(tmp_path_factory.mktemp('hostile') / 'place')


def test_the_daemon_lived_through_all_of_it(world):
    assert world.done.code == 0
    assert world.done.err == ''
    assert world.reports.code == 1, 'some sources are bad'
    assert world.polls.keys() == {*world.cases, 'posts'}
    assert not [name for name, polls in world.polls.items() if any('internal' in fault for fault in polls[0]['faults'])]


def test_no_parser_process_died_or_had_to_be_killed(world):
    assert not [name for name in world.polls if re.search('parse-(?:crash|timeout|memory)', world.told(name))]


def test_nothing_that_is_published_can_hurt(world):
    assert len(world.files) > 100
    assert [f'{path}: {fault}' for path, body in world.files.items() for fault in faults_of(path, body)[:3]] == []


def test_nor_can_what_is_made_when_it_is_asked_for(world):
    pages = {a: body for a, (headers, body) in world.crawled.items() if headers['content-type'].startswith('text/html')}

    assert len(pages) > 20
    assert [f'{a}: {fault}' for a, body in pages.items() for fault in page_faults(body, SITE)] == []
    for headers, _ in world.crawled.values():
        assert headers['x-content-type-options'] == 'nosniff'
    for address in pages:
        headers = world.crawled[address][0]
        assert "default-src 'none'" in headers['content-security-policy']
        assert headers['referrer-policy'] == 'no-referrer'


def test_every_entry_can_be_found_in_every_format(world):
    ids = [entry['id'] for entry in world.entries]

    assert len(ids) == len(set(ids)) > 1500
    for path in ('all.atom', 'all.rss', 'all.json'):
        mark = {'all.atom': b'<entry', 'all.rss': b'<item>', 'all.json': b'"content_html"'}[path]
        assert world.files[path].count(mark) == len(ids)


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
def test_what_becomes_of_a_case(world, case):
    row, told = world.rows[case.name], world.told(case.name)

    assert (f'好 {case.name}' in world.titles(case.name)) is case.good
    assert case.state in {'', row['state']}
    assert re.search(case.told, told, re.DOTALL)
    if row['state'] != 'ok':
        assert told.strip(), 'whoever is not well is told why'


def test_nobody_asked_where_the_documents_wanted_us_to(world):
    assert world.trapped == 0


def test_every_line_of_the_log_is_one_line_without_controls(world):
    assert world.reports.out.count('\n') == sum(map(len, world.polls.values()))
    for said in (world.done.out, world.done.err, world.reports.out, world.reports.err):
        assert all(line.isprintable() for line in said.splitlines())


def test_dates_without_sense_are_the_time_of_the_first_sight(world):
    now = datetime.now(UTC)
    dates = [datetime.fromisoformat(entry['published']) for entry in world.entries]

    assert max(dates) < now + timedelta(days=2), 'nobody pins himself to the top with a date to come'
    assert min(dates) > datetime(1970, 1, 1, tzinfo=UTC)


def test_nobody_is_asked_again_too_soon_or_never(world):
    for name, polls in world.polls.items():
        assert len(polls) == 1, name
    for row in world.rows.values():
        if row['next_poll_at']:
            assert datetime.fromisoformat(row['next_poll_at']) < datetime.now(UTC) + timedelta(days=400), row


def test_texts_are_as_long_as_they_may_be(world):
    assert max(len(entry['title']) for entry in world.entries) <= 500
    assert max(len(entry['publisher']) for entry in world.entries) <= 500
    assert max(len(label) for entry in world.entries for label in entry['categories']) <= 500
    assert all(len(body) < 12_000_000 for body in world.files.values())


def test_posts_stay_inside_of_their_folder(world):
    titles = world.titles('posts')
    everything = b'\n'.join(world.files.values())

    assert '好 posts' in titles
    assert not titles & {'机密', '隐'}
    assert '机密'.encode() not in everything
    assert b'root:' not in everything
    for told in (
        r'link\.md leads out of the folder and was left out',
        r'passwd\.md leads out of the folder and was left out',
        r'sub leads out of the folder and was left out',
        r'huge\.md is larger than 2097152 bytes and was left out',
        r'pipe\.md cannot be read: it is no regular file',
    ):
        assert re.search(told, world.told('posts'))


def test_a_broken_feeds_yml_that_is_saved_meanwhile_is_told_and_not_taken_up(world):
    assert any('feeds.yml:1:' in note for note in world.notes)
