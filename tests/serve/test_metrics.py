"""What is counted, and that no label comes from outside."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import PollReport
from aggregator.serve.metrics import Metrics


@pytest.fixture
def metrics():
    return Metrics(output_age_s=lambda: 12.5, open_errors=lambda: 3)


def report(**fields):
    given = {'source': '证券时报网', 'url': 'https://example.org/', 'outcome': 'changed', **fields}
    return PollReport(at=datetime(2026, 11, 22, tzinfo=UTC), **given)


def values(metrics):
    rows = (row for row in metrics.render().decode().splitlines() if not row.startswith('#'))
    return {name: float(value) for name, value in (row.rsplit(' ', 1) for row in rows)}


def test_every_outcome_is_there_from_the_start(metrics):
    found = values(metrics)
    for outcome in ('changed', 'same', 'not-modified', 'failed'):
        assert found[f'aggregator_polls_total{{outcome="{outcome}"}}'] == 0
    for outcome in ('new', 'revised', 'merged', 'unchanged', 'dropped'):
        assert found[f'aggregator_entries_total{{outcome="{outcome}"}}'] == 0


def test_a_round_is_counted(metrics):
    metrics.polled(report(elapsed_ms=250, bytes=1000, counts={'new': 3, 'merged': 1}))
    metrics.polled(report(outcome='not-modified', elapsed_ms=5))
    metrics.started_late(timedelta(seconds=2))
    found = values(metrics)
    assert found['aggregator_polls_total{outcome="changed"}'] == 1
    assert found['aggregator_polls_total{outcome="not-modified"}'] == 1
    assert found['aggregator_entries_total{outcome="new"}'] == 3
    assert found['aggregator_poll_seconds_sum'] == pytest.approx(0.255)
    assert found['aggregator_poll_seconds_bucket{le="0.3"}'] == 2
    assert found['aggregator_received_bytes_total'] == 1000
    assert found['aggregator_schedule_lag_seconds_sum'] == 2
    assert found['aggregator_output_age_seconds'] == 12.5
    assert found['aggregator_open_errors'] == 3


def test_labels_are_a_closed_list(metrics):
    before = len(values(metrics))
    for n in range(50):
        metrics.polled(report(source=f's{n}', outcome=f'o{n}', counts={f'c{n}': 1}, elapsed_ms=-1, bytes=-1))
    metrics.started_late(timedelta(seconds=-5))
    found = values(metrics)
    assert len(found) <= before + 4
    assert found['aggregator_polls_total{outcome="other"}'] == 50
    assert '证券时报网' not in metrics.render().decode()
    assert found['aggregator_received_bytes_total'] == 0


def test_two_programs_do_not_count_for_each_other(metrics):
    other = Metrics(output_age_s=lambda: 0, open_errors=lambda: 0)
    metrics.polled(report())
    assert values(other)['aggregator_polls_total{outcome="changed"}'] == 0
