"""What the program counts, for Prometheus. Labels come from closed lists: no source, host or path ever is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator.model import Outcome, PollReport, StateWord

MEDIA_TYPE = CONTENT_TYPE_LATEST
FORMATS = ('html', 'atom', 'rss', 'json')  # outputs whose age is told
_POLLS = ('changed', 'same', 'not-modified', 'failed')
_ENTRIES: tuple[str, ...] = get_args(Outcome)
_STATES: tuple[str, ...] = get_args(StateWord)
_OTHER = 'other'
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # a 304 from near by up to the total deadline of a request
_LAG = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is so at the moment of a scrape. Times in seconds; None: not known, and then not told."""

    sources: Mapping[str, int] = field(default_factory=dict)  # by state
    due: int = 0
    overdue: int = 0
    behind_s: float = 0.0  # since the longest due source was due
    under_way: int = 0
    unrecorded: int = 0  # visits that wait for the writer
    unpublished: int = 0  # categories that changed and were not rendered since
    unpublished_s: float = 0.0  # for how long there has been one
    tick_age_s: float | None = None
    success_age_s: float | None = None
    output_age_s: Mapping[str, float] = field(default_factory=dict)  # by format, since its main document changed
    database_bytes: int = 0
    free_bytes: int = 0


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
        self._conditional = Counter('aggregator_conditional_polls', 'Rounds that sent a validator', registry=registry)
        age = Gauge('aggregator_output_age_seconds', 'Age of the newest output', registry=registry)
        age.set_function(output_age_s)
        errors = Gauge('aggregator_open_errors', 'Sources that fail now', registry=registry)
        errors.set_function(open_errors)
        for outcome in _POLLS:
            self._polls.labels(outcome)  # a counter that is missing until it moves hides its first step
        for outcome in _ENTRIES:
            self._entries.labels(outcome)

    def watch(self, levels: Callable[[], Levels]) -> None:
        """Tell these levels too; they are asked for once at every `render`. To be called once."""
        self._registry.register(_Watched(levels))

    def polled(self, report: PollReport) -> None:
        self._polls.labels(_known(report.outcome, _POLLS)).inc()
        self._poll_s.observe(max(0, report.elapsed_ms) / 1000)
        self._bytes.inc(max(0, report.bytes))
        self._conditional.inc(int(report.conditional))
        for outcome, number in report.counts.items():
            self._entries.labels(_known(outcome, _ENTRIES)).inc(max(0, number))

    def started_late(self, lag: timedelta) -> None:
        """A round began this long after it was due."""
        self._lag_s.observe(max(0.0, lag.total_seconds()))

    def render(self) -> bytes:
        """The exposition text, of `MEDIA_TYPE`."""
        return generate_latest(self._registry)


class _Watched(Collector):
    def __init__(self, levels: Callable[[], Levels]) -> None:
        self._levels = levels

    def describe(self) -> list[Metric]:
        """None beforehand: so that registering asks nobody anything."""
        return []

    def collect(self) -> Iterator[Metric]:
        now = self._levels()
        yield _by('sources', 'Sources by state', 'state', _in(_STATES, now.sources))
        yield _one('sources_due', 'Sources that are due now', now.due)
        yield _one('sources_overdue', 'Sources that have been due for over a minute', now.overdue)
        yield _one('behind_schedule_seconds', 'Since the longest due source was due', now.behind_s)
        yield _one('polls_under_way', 'Visits that hold a thread', now.under_way)
        yield _one('polls_unrecorded', 'Visits that wait for the writer', now.unrecorded)
        yield _one('outputs_unpublished', 'Categories that changed and were not rendered since', now.unpublished)
        yield _one('outputs_unpublished_seconds', 'For how long something has been unpublished', now.unpublished_s)
        yield _by('feed_age_seconds', 'Since the feed of everything changed', 'format', _in(FORMATS, now.output_age_s))
        yield _one('database_bytes', 'Size of the database', now.database_bytes)
        yield _one('database_free_bytes', 'Of them, empty', now.free_bytes)
        if now.tick_age_s is not None:
            yield _one('tick_age_seconds', 'Since the scheduler last looked', now.tick_age_s)
        if now.success_age_s is not None:
            yield _one('success_age_seconds', 'Since a poll of any source last went well', now.success_age_s)


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f'aggregator_{name}', told, value=value)


def _by(name: str, told: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f'aggregator_{name}', told, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def _in(words: tuple[str, ...], values: Mapping[str, float]) -> dict[str, float]:
    """Those of the closed list; what is none of its words counts as another."""
    strange = sum(value for word, value in values.items() if word not in words)
    return {word: values[word] for word in words if word in values} | ({_OTHER: strange} if strange else {})


def _known(word: str, words: tuple[str, ...]) -> str:
    return word if word in words else _OTHER
