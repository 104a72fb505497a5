"""The judge of the simulated days complains of what a publisher would complain of, and an hour of the daemon passes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from judge import Judge
from simulation import Clock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL, OTHER, AWAY = 'http://127.0.9.1:1/a', 'http://127.0.9.1:1/b', 'http://127.0.9.2:1/a'
DATE = {'date': format_datetime(NOON, usegmt=True)}
HOURLY = b'<rss xmlns:sy="x"><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>24</sy:updateFrequency>'


def judged(status=200, headers=(), body=b'', *, after_s, url=URL, conditional=True, read=True) -> Judge:
    """One answer at noon to a request for URL, and one request afterwards."""
    at = [NOON]
    judge = Judge(lambda: at[0])
    judge.asked(URL, conditional=False)
    judge.answered(URL, status, NOON, dict(headers), body)
    if read:
        judge.read(URL)
    at[0] += timedelta(seconds=after_s)
    judge.asked(url, conditional=conditional)
    return judge


@pytest.mark.parametrize(
    ('status', 'headers', 'body', 'until_s'),
    [
        (200, {'cache-control': 'public, max-age=5400'}, b'', 5400),
        (304, {'cache-control': 'max-age=600', 'expires': 'nonsense'}, b'', 600),
        (200, {'expires': format_datetime(NOON + timedelta(seconds=700), usegmt=True), **DATE}, b'', 699),
        (200, {}, b'<rss><channel><ttl> 90 </ttl><item>', 5400),
        (200, {}, HOURLY, 3600),
        (429, {'retry-after': '4000'}, b'', 4000),
        (503, {'retry-after': format_datetime(NOON + timedelta(seconds=50), usegmt=True)}, b'', 50),
        (503, {'retry-after': '999999'}, b'', 86_400),
        (200, {'cache-control': 'max-age=999999'}, b'', 86_400),
    ],
)
def test_a_floor_holds_until_its_instant_and_no_longer(status, headers, body, until_s):
    assert judged(status, headers, body, after_s=until_s - 1).early
    assert not judged(status, headers, body, after_s=until_s).early


def test_a_retry_after_is_of_the_host_and_freshness_of_the_document():
    refused = {'status': 429, 'headers': {'retry-after': '60'}, 'after_s': 1}
    fresh = {'headers': {'cache-control': 'max-age=60'}, 'after_s': 1}
    assert [bool(judged(**refused, url=url).early) for url in (URL, OTHER, AWAY)] == [True, True, False]
    assert [bool(judged(**fresh, url=url).early) for url in (URL, OTHER, AWAY)] == [True, False, False]


def test_what_is_gone_and_what_is_skipped_is_not_asked():
    skips = b'<rss><channel><skipHours><hour>13</hour><hour>25</hour></skipHours>'
    assert judged(410, after_s=86_400 * 30).early
    assert [bool(judged(body=skips, after_s=3600 * n).early) for n in range(4)] == [False, True, False, False]
    assert not judged(body=b'<skipHours>' + b''.join(b'<hour>%d</hour>' % n for n in range(24)), after_s=3600).early


@pytest.mark.parametrize(
    ('headers', 'conditional', 'owed', 'bare'),
    [
        ({'etag': '"a"'}, True, 1, 0),
        ({'etag': '"a"'}, False, 1, 1),
        ({'last-modified': 'x'}, False, 1, 1),
        ({}, False, 0, 0),
    ],
)
def test_a_validator_is_owed_once_one_was_given(headers, conditional, owed, bare):
    judge = judged(headers=headers, after_s=10, conditional=conditional)
    assert (judge.owed, len(judge.bare)) == (owed, bare)


def test_of_what_is_no_feed_no_validator_is_owed_and_it_is_told():
    judge = judged(headers={'etag': '"a"'}, after_s=10, conditional=False, read=False)
    assert (judge.owed, judge.bare, len(judge.unread)) == (0, [], 1)


def test_the_clock_stands_still_unless_it_is_moved():
    clock = Clock()
    began = clock.now()
    clock.pass_by(90)
    clock.pass_by(-5)
    assert (clock.monotonic(), clock.now() - began) == (90, timedelta(seconds=90))


@pytest.mark.slow
def test_an_hour_passes_without_a_complaint():
    program = Path(__file__).parents[2] / 'bench' / 'days.py'
    words = ['--feeds', '0', '--strict', '1', '--days', str(1 / 24), '--every', '10']
    ran = subprocess.run(
        [sys.executable, str(program), *words], check=False, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert 'conditional: 100.000 %' in ran.stdout
    assert 'at most 1 on any of 8 hosts' in ran.stdout
    assert 'nothing to complain of' in ran.stdout
