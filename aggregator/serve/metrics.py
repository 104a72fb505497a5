"""What the program counts, for Prometheus. Labels come from closed lists: no source, host or path ever is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from aggregator.model import Outcome, PollReport

MEDIA_TYPE = CONTENT_TYPE_LATEST
_POLLS = ('changed', 'same', 'not-modified', 'failed')
_ENTRIES: tuple[str, ...] = get_args(Outcome)
_OTHER = 'other'
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # a 304 from near by up to the total deadline of a request
_LAG = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


class Metrics:
    """Counters of one running program. Each has its own registry, so two in one process do not meet.

    `output_age_s` is the age of the newest output in seconds, `open_errors` the number of sources that fail now;
    both are asked at every `render`. Safe from any thread.
    """

    def __init__(self, *, output_age_s: Callable[[], float], open_errors: Callable[[], int]) -> None:
        self._registry = registry = CollectorRegistry()
        self._polls = Counter('aggregator_polls', 'Rounds by outcome', ['outcome'], registry=registry)
        self._poll_s = Histogram('aggregator_poll_seconds', 'Length of a round', buckets=_SECONDS, registry=registry)
        self._lag_s = Histogram(
            'aggregator_schedule_lag_seconds', 'How late a round began', buckets=_LAG, registry=registry
        )
        self._entries = Counter('aggregator_entries', 'Items by what became of them', ['outcome'], registry=registry)
        self._bytes = Counter('aggregator_received_bytes', 'Bytes of documents, decoded', registry=registry)
        age = Gauge('aggregator_output_age_seconds', 'Age of the newest output', registry=registry)
        age.set_function(output_age_s)
        errors = Gauge('aggregator_open_errors', 'Sources that fail now', registry=registry)
        errors.set_function(open_errors)
        for outcome in _POLLS:
            self._polls.labels(outcome)  # a counter that is missing until it moves hides its first step
        for outcome in _ENTRIES:
            self._entries.labels(outcome)

    def polled(self, report: PollReport) -> None:
        self._polls.labels(_known(report.outcome, _POLLS)).inc()
        self._poll_s.observe(max(0, report.elapsed_ms) / 1000)
        self._bytes.inc(max(0, report.bytes))
        for outcome, number in report.counts.items():
            self._entries.labels(_known(outcome, _ENTRIES)).inc(max(0, number))

    def started_late(self, lag: timedelta) -> None:
        """A round began this long after it was due."""
        self._lag_s.observe(max(0.0, lag.total_seconds()))

    def render(self) -> bytes:
        """The exposition text, of `MEDIA_TYPE`."""
        return generate_latest(self._registry)


def _known(word: str, words: tuple[str, ...]) -> str:
    return word if word in words else _OTHER
