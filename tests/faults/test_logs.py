"""One line a poll, and the same trouble in few lines."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta

import pytest
from river_made import NOON

from aggregator.cli.showing import poll_line
from aggregator.daemon.logs import PollLog, Repeated, note, set_up
from aggregator.errors import AggregatorError
from aggregator.model import Fault, Logging, PollReport

TEXT, JSON = Logging(), Logging(format='json')


def report(**fields):
    given = {'source': '甲报', 'url': 'https://jia.example/rss', 'at': NOON, 'outcome': 'changed', 'status': 200}
    return PollReport(**(given | fields))


def failed(error='it is down', **fields):
    return report(outcome='failed', status=500, error=error, **fields)


class TestText:
    def test_a_poll_is_one_line(self):
        line = PollLog(TEXT, poll_line).report(
            report(
                bytes=10,
                elapsed_ms=5,
                counts={'new': 2, 'revised': 1},
                next_poll_at=NOON + timedelta(minutes=15),
                why_next='every 15m',
                faults=(Fault('x', 'a\nb'),),
            )
        )
        assert line is not None
        assert '\n' not in line
        for part in (
            '甲报',
            'status=200',
            'bytes=10',
            'ms=5',
            'new=2',
            'revised=1',
            'every 15m',
            '2026-11-25T04:15:00Z',
        ):
            assert part in line

    def test_a_failure_that_repeats_is_told_first_and_every_tenth_time(self):
        log = PollLog(TEXT, poll_line)
        lines = [log.report(failed()) for _ in range(25)]
        assert [n for n, line in enumerate(lines, 1) if line] == [1, 10, 20]
        assert lines[0].endswith('error=it is down')
        assert lines[9].endswith('error=it is down  (10 times in a row)')

    def test_another_failure_another_source_and_a_success_are_told(self):
        log = PollLog(TEXT, poll_line)
        story = [failed(), failed(), failed('other'), failed(source='乙报'), failed('other'), report(), failed('other')]
        assert [bool(log.report(one)) for one in story] == [True, False, True, True, False, True, True]

    def test_a_fault_that_repeats_leaves_the_line_of_its_poll(self):
        log = PollLog(TEXT, poll_line)
        lines = [log.report(report(faults=(Fault('no-date', f'entry {n} has no date'),))) for n in range(10)]
        assert all(lines)
        assert ['no-date' in line for line in lines] == [True, *[False] * 8, True]
        assert '(10 times in a row)' in lines[9]

    def test_a_round_without_news_does_not_begin_the_count_again(self):
        log = PollLog(TEXT, poll_line)
        faulty = report(faults=(Fault('no-date', 'x'),))
        story = [faulty, report(outcome='not-modified', status=304), faulty, report(), faulty]
        assert ['no-date' in log.report(one) for one in story] == [True, False, False, False, True]

    @pytest.mark.parametrize(
        ('level', 'fine', 'fails'),
        [('debug', 3, 3), ('info', 3, 1), ('warning', 0, 1), ('error', 0, 0)],
    )
    def test_levels(self, level, fine, fails):
        log = PollLog(Logging(level=level), poll_line)
        assert sum(bool(log.report(report())) for _ in range(3)) == fine
        assert sum(bool(log.report(failed())) for _ in range(3)) == fails


class TestJson:
    def test_a_poll_is_one_object(self):
        line = PollLog(JSON, poll_line).report(
            report(counts={'new': 2}, faults=(Fault('x', 'a\nb'),), next_poll_at=NOON, why_next='every 15m')
        )
        row = json.loads(line)
        assert '\n' not in line
        assert '甲报' in line
        assert (row['event'], row['level'], row['at']) == ('poll', 'info', '2026-11-25T04:00:00.000Z')
        assert (row['counts'], row['faults'], row['why_next']) == ({'new': 2}, ['x: a\nb'], 'every 15m')

    def test_the_same_keys_every_time(self):
        log = PollLog(JSON, poll_line)
        rows = [json.loads(log.report(one)) for one in (report(), failed(), report(next_poll_at=NOON))]
        assert len({tuple(row) for row in rows}) == 1
        assert [row['level'] for row in rows] == ['info', 'warning', 'info']

    def test_hostile_text_is_one_line_that_any_stream_takes(self):
        line = PollLog(JSON, poll_line).report(failed('\ud800 \u2028 \x1b[31m \n', source='甲\u202e报'))
        assert line.encode().decode().isprintable()
        assert json.loads(line)['source'] == '甲\u202e报'

    def test_notes_look_like_the_rest(self):
        assert note(TEXT, 'stopping', NOON) == 'stopping'
        assert json.loads(note(JSON, 'stopping', NOON))['message'] == 'stopping'

    @pytest.fixture
    def root(self):
        """A tree of loggers of its own."""
        root = logging.RootLogger(logging.WARNING)
        root.manager, root.root = logging.Manager(root), root
        root.addHandler(logging.StreamHandler(io.StringIO()))
        return root

    def test_the_rest_of_the_log_is_json_too(self, root):
        set_up(JSON, root)
        try:
            [].pop()
        except IndexError:
            root.getChild('aggregator.poll').exception('not %s', 'published')
        said = root.handlers[0].stream.getvalue()
        row = json.loads(said)
        assert said.count('\n') == 1
        assert (row['level'], row['message'], row['logger']) == ('error', 'not published', 'aggregator.poll')
        assert 'IndexError: pop from empty list' in row['traceback']

    @pytest.mark.parametrize(
        ('level', 'asked', 'told'),
        [
            ('info', logging.WARNING, ['ours', 'loud']),
            ('error', logging.WARNING, ['loud']),
            ('error', logging.DEBUG, ['ours', 'theirs', 'loud']),
        ],
    )
    def test_the_level_is_of_what_is_ours(self, root, level, asked, told):
        root.setLevel(asked)
        set_up(Logging(level=level), root)
        root.getChild('aggregator').info('ours')
        root.getChild('apscheduler').info('theirs')
        root.getChild('apscheduler').error('loud')
        assert root.handlers[0].stream.getvalue().split() == told


class TestTroubleOfOurOwn:
    def test_it_is_told_first_and_every_tenth_time(self):
        trouble = Repeated()
        lines = [trouble.line('the disk is full') for _ in range(25)]
        assert [n for n, line in enumerate(lines, 1) if line] == [1, 10, 20]
        assert (lines[0], lines[9]) == ('the disk is full', 'the disk is full  (10 times in a row)')

    def test_another_trouble_is_told_at_once_and_the_same_one_after_it_was_over(self):
        trouble = Repeated()
        assert trouble.line('a')
        assert trouble.line('b')
        assert not trouble.line('b')
        trouble.over()
        assert trouble.line('b') == 'b'

    def test_what_to_do_stands_apart_from_what_happened(self):
        assert AggregatorError('the disk is full', 'Make room.').line == 'the disk is full (Make room)'
        assert AggregatorError('the disk is full').line == 'the disk is full'
