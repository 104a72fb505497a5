"""Days of the daemon's life within minutes, and what its publishers would say of it.

    python bench/days.py [--feeds 2000] [--hosts 50] [--days 3] [--every 30] [--speed 300]

Sender, line, manners, transport, parser and store are the daemon's own, the requests are real ones over loopback; only
the clock is ours (simulation.py). The feeds are those of the origin beside the checkout, each answer 10 ms late; one in
a hundred publishes an entry each hour. With them stand sources that fail in every way, and publishers that ask for a
floor or for silence (strict.py). The daemon is stopped and started again after a third of the time, and after two
thirds everything stands still for two hours, as a machine does that was suspended.

It ends with 1 where a request was not conditional that could have been, where a host had two under way at once, where
one came before its time, or where a minute of ordinary life had more than twice the mean.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from beside import CORPUS, ORIGIN, Beside, beside, end_in_order
from judge import Judge
from simulation import START, Clock, Run, alive
from strict import Strict

from aggregator.model import PollReport
from aggregator.settings import load_settings

LATENCY_MS, JITTER_MS = 10, 8
HOUR_S = 3600.0
STILL_S = 2 * HOUR_S  # of the suspended machine
ENOUGH = 20  # requests a minute, to say something of their spread
FAULTS = ('503/a?retry=7200', '429/b?retry=5400', '500/c', '404/d', '410/e', 'reset/f', 'delay/g?s=0.1', 'html/h')


@dataclass(frozen=True, slots=True)
class Life:
    """Hours of ordinary life, from..to in seconds of the clock: without the first two intervals after a start."""

    began_s: float
    steady_s: float
    ended_s: float


def main(words: Sequence[str] | None = None) -> int:
    given = _asked(words)
    clock = Clock()
    judge = Judge(clock.now)
    strict = Strict(clock.now, LATENCY_MS / 1000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(strict.open(given.strict))
        origin = stack.enter_context(_origin(given))
        urls = [*strict.urls, *(_of(origin, given.feeds) if origin else ())]
        _write(folder, urls, given.every)
        began = time.monotonic()
        lives = _live(folder, clock, judge, origin, given)
        print(f'{given.days:g} days in {time.monotonic() - began:.0f} s, {len(urls)} sources each {given.every} min')
        faults = [
            *_conditional(judge, origin),
            *_under_way(strict, origin),
            *_early(judge, strict),
            *_spread(judge, lives),
        ]
    print('\n'.join(f'FAULT: {fault}' for fault in faults) or 'nothing to complain of')
    return int(bool(faults))


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument('--feeds', type=int, default=2000, help='of the origin; 0: only the publishers of our own')
    asked.add_argument('--hosts', type=int, default=50)
    asked.add_argument('--strict', type=int, default=2, help='hosts of each kind that asks for something')
    asked.add_argument('--days', type=float, default=3.0)
    asked.add_argument('--every', type=int, default=30, help='minutes')
    asked.add_argument('--speed', type=float, default=300.0, help='times ours, while a request is under way')
    asked.add_argument('--origin', type=Path, default=ORIGIN)
    asked.add_argument('--corpus', type=Path, default=CORPUS)
    return asked.parse_args(words)


@contextmanager
def _origin(given: argparse.Namespace) -> Iterator[Beside | None]:
    if not given.feeds:
        yield None
        return
    options = {'latency': LATENCY_MS, 'jitter': JITTER_MS}
    with beside(given.origin, given.corpus, feeds=given.feeds, hosts=given.hosts, **options) as origin:
        yield origin


def _of(origin: Beside, feeds: int) -> list[str]:
    return [*origin.urls(feeds), *(f'{origin.base}/fault/{mode}' for mode in FAULTS)]


def _write(folder: Path, urls: Sequence[str], every: int) -> None:
    rows = ''.join(f'  - {{name: 来源{n}, url: "{url}", category: 分类{n % 50}}}\n' for n, url in enumerate(urls))
    head = 'site: {title: 久, url: "https://news.example/", authority: "news.example,2026"}\n'
    knobs = f'defaults: {{private: true, every: {every}m}}\n'
    (folder / 'feeds.yml').write_text(f'{head}{knobs}sources:\n{rows}', 'utf-8')


# ---------------------------------------------------------------- the days


def _live(folder: Path, clock: Clock, judge: Judge, origin: Beside | None, given: argparse.Namespace) -> list[Life]:
    """Three lives of one store: a first start, a restart, and after a long standstill."""
    settings = load_settings(folder / 'feeds.yml')
    third_s, lives = given.days * 86_400 / 3, []
    for still_s in (0.0, 0.0, min(STILL_S, third_s / 2)):
        ended_s = (len(lives) + 1) * third_s
        clock.pass_by(still_s)
        lives.append(Life(clock.seconds, clock.seconds + 2 * 60 * given.every, ended_s))
        outcomes: Counter[str] = Counter()
        with alive(settings, clock, judge) as living:
            life = Run(living, clock, given.speed, partial(_count, outcomes, judge))
            for hour_s in _hours(clock.seconds, ended_s):
                life.until(hour_s)
                if origin:
                    origin.tick(1.0)
            life.stop()
        told = ', '.join(f'{count} {word}' for word, count in outcomes.most_common())
        print(f'to hour {ended_s / HOUR_S:g}: {told}', flush=True)
    return lives


def _count(outcomes: Counter[str], judge: Judge, report: PollReport) -> None:
    outcomes[report.outcome] += 1
    if report.outcome != 'failed':
        judge.read(report.url)


def _hours(began_s: float, ended_s: float) -> Iterator[float]:
    while began_s < ended_s:
        began_s = min(began_s + HOUR_S, ended_s)
        yield began_s


# ---------------------------------------------------------------- what is said of them


def _conditional(judge: Judge, origin: Beside | None) -> Iterator[str]:
    share = 100 * (judge.owed - len(judge.bare)) / max(1, judge.owed)
    print(f'conditional: {share:.3f} % of {judge.owed} requests that followed an answer with a validator')
    urls = {line.split()[-1] for line in judge.unread}
    print(f'  not among them: {len(judge.unread)} for {len(urls)} documents that are no feed, of which nothing is kept')
    if judge.bare or not judge.owed:
        yield f'{len(judge.bare)} of {judge.owed} were not conditional: {judge.bare[:3]}'
    if origin:
        paths = origin.stats(paths=True)['paths'].values()
        later, with_one = sum(row[0] - 1 for row in paths), sum(row[1] for row in paths)
        print(f'  the origin counted {with_one} of {later} after the first of each of {len(paths)} feeds')
        if later - with_one > len(judge.unread):
            yield f'the origin saw {later - with_one} requests without a validator'


def _under_way(strict: Strict, origin: Beside | None) -> Iterator[str]:
    most = dict(strict.most)
    if origin:
        most |= {host: row['max_in_flight'] for host, row in origin.stats()['hosts'].items()}
    print(f'under way at once: at most {max(most.values())} on any of {len(most)} hosts')
    yield from (f'{host} had {count} under way at once' for host, count in most.items() if count > 1)


def _early(judge: Judge, strict: Strict) -> Iterator[str]:
    floors = ', '.join(f'{count} by {why}' for why, count in sorted(judge.held.items()))
    print(f'before their time: {len(judge.early)} of {len(judge.requests)} requests; floors: {floors}')
    print(f'  refusals of our own publishers: {strict.refused}')
    yield from judge.early[:10]


def _spread(judge: Judge, lives: Sequence[Life]) -> Iterator[str]:
    minutes = Counter(int((at - START).total_seconds() // 60) for at, _, _ in judge.requests)
    for number, life in enumerate(lives):
        start = [minutes[m] for m in range(int(life.began_s // 60), int(life.steady_s // 60))]
        steady = [minutes[m] for m in range(int(life.steady_s // 60) + 1, int(life.ended_s // 60))]
        mean = sum(steady) / max(1, len(steady))
        most = max(steady, default=0)
        print(
            f'polls a minute, life {number + 1}: mean {mean:.1f}, least {min(steady, default=0)}, most {most}'
            f' ({most / max(mean, 0.1):.2f} times); in the first two intervals at most {max(start, default=0)}'
        )
        if mean >= ENOUGH and most > 2 * mean:
            yield f'a minute of life {number + 1} had {most} requests, {most / mean:.2f} times the mean'


if __name__ == '__main__':
    end_in_order()
    sys.exit(main())
