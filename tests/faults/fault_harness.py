"""Kills the program again and again while its data grow, and compares what is left with a twin that nobody disturbed.

    origin (grows) -> child (killed, started again, killed …) -> entries, public/   ==   twin (same documents, same order)

Kills come at any instant of the child's life, from its first; in the moments after it was given a document that it has
not recorded yet, where it parses and records; in those after a write of the database, where it commits; and in those
after a file appeared, where it publishes: a quarter of them each.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from xml.parsers import expat

import brotli
from fault_child import Child, Place, eventually, pids_with
from fault_origin import Origin

from aggregator.daemon import assembled, chosen, now_utc, poll_now
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import publish
from aggregator.settings import load_settings
from aggregator.store import Store

COUNTED = ('sources', 'carriers', 'entries', 'categories', 'tombstones', 'blocked', 'dirty')
# In lengths of one undisturbed `poll` on this machine, which is 1.6 s where nothing else runs.
LONGEST = {'run': 1.6, 'poll': 1.0, 'publish': 0.6}  # from start to kill
AFTER_DOCUMENT, AFTER_WRITE = 0.5, 0.1
LOOK_S = 0.003  # between two looks at the child
CHECKED = 0.3  # of the kills
COMMANDS = ('run', 'run', 'run', 'poll', 'poll', 'poll', 'poll', 'publish')


@dataclass
class Seen:
    """What the harness saw. `faults` and `differences` are sentences; both are empty where all is well."""

    kills: Counter[str] = field(default_factory=Counter)  # by command
    ended: Counter[str] = field(default_factory=Counter)  # lives that were over before their kill
    documents: int = 0  # recorded, in the end
    entries: int = 0
    files: int = 0
    reads: int = 0  # whole files that the reader saw
    repeated: int = 0  # documents that were given and, for a kill, not recorded: they were asked for again
    checked: int = 0  # times that everything was rendered again in between
    left_over: int = 0  # temporary files that a kill left and a start took away
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = sum(self.kills.values())
        by = ', '.join(f'{n} of {command}' for command, n in sorted(self.kills.items()))
        rows = [
            f'{total} kills ({by}) in {self.seconds:.0f} s; {sum(self.ended.values())} children ended before theirs',
            f'{self.repeated} documents were under way when a kill came, and were asked for again',
            f'{self.documents} documents recorded, {self.entries} entries, {self.files} files in public/',
            f'{self.checked} times everything was rendered again in between, and had to be the same',
            f'{self.reads} files read while it ran, {self.left_over} temporary files left by kills and swept at start',
            f'{len(self.faults)} faults, {len(self.differences)} differences from the undisturbed twin',
        ]
        return '\n'.join([*rows, *self.faults[:20], *self.differences[:20]])


def _silent(_kills: int, _seen: Seen) -> None:
    """Nobody wants to know."""


def kill_again_and_again(
    folder: Path, kills: int, seed: int, *, worlds: int = 2, progress: Callable[[int, Seen], None] = _silent
) -> Seen:
    """At least so many kills, then an undisturbed end, then the comparison."""
    began, seen, dice = time.monotonic(), Seen(), Random(seed)  # repeatable on purpose
    token = f'fault-{uuid.uuid4().hex}'
    with Origin(worlds=worlds) as origin:
        place = Place(folder / 'killed', {'FAULT_TOKEN': token})
        place.configure(origin.rows())
        with _reader(place.public, seen):
            poll_s = _undisturbed_poll(place)
            while seen.kills.total() < kills:
                _one_life(place, origin, dice, seen, poll_s)
                if dice.random() < CHECKED:
                    _nothing_is_stale(place, seen)
                progress(seen.kills.total(), seen)
            _undisturbed_end(place, origin, seen)
        seen.repeated = origin.given - len(origin.log)
        _nobody_left(token, seen)
        twin = Place(folder / 'twin')
        twin.configure(origin.rows())
        feed_twin(twin, origin)
    seen.documents = len(origin.log)
    compare(place, twin, seen)
    seen.seconds = time.monotonic() - began
    return seen


def side_by_side(
    folder: Path, kills: int, seed: int, jobs: int, *, worlds: int = 2, progress: Callable[[int, Seen], None] = _silent
) -> list[Seen]:
    """The kills dealt out to `jobs` children at a time, each with a folder, an origin and a seed of its own."""
    with ThreadPoolExecutor(jobs) as pool:
        futures = [
            pool.submit(
                kill_again_and_again, folder / str(job), -(-kills // jobs), seed + job, worlds=worlds, progress=progress
            )
            for job in range(jobs)
        ]
        return [future.result() for future in futures]


def differences_from_twin(place: Place, origin: Origin, folder: Path) -> list[str]:
    """What a place has that a twin has not which was fed with the same documents and never disturbed."""
    twin, seen = Place(folder), Seen()
    twin.configure(origin.rows())
    feed_twin(twin, origin)
    compare(place, twin, seen)
    return seen.differences


# ------------------------------------------------ lives


def _undisturbed_poll(place: Place) -> float:
    began = time.monotonic()
    assert place.do('poll').code == 0
    return time.monotonic() - began


def _one_life(place: Place, origin: Origin, dice: Random, seen: Seen, poll_s: float) -> None:
    command = dice.choice(COMMANDS)
    came, within = _moment(place, origin, dice, command)
    dead = set(place.temporary())
    with place.start(command, *(['--port', '0'] if command == 'run' else [])) as child:
        if _watch(child, came, LONGEST[command] * poll_s):
            _watch(child, lambda: False, dice.random() * within * poll_s)
        if child.process.poll() is None:
            child.kill()
            seen.kills[command] += 1
        else:
            seen.ended[command] += 1
        done = child.end()
    _listen(command, done.code, done.err, seen)
    if 'serving http' in done.out:
        kept = dead & set(place.temporary())
        seen.left_over += len(dead) - len(kept)
        seen.faults += [f'a temporary file stayed after a start: {name}' for name in sorted(kept)]


def _moment(place: Place, origin: Origin, dice: Random, command: str) -> tuple[Callable[[], bool], float]:
    """What to wait for, and how soon after it the kill comes."""
    given, written, shown = origin.given, _written(place), _shown(place)
    moments = [
        (lambda: True, LONGEST[command]),
        (lambda: origin.given != given, AFTER_DOCUMENT),
        (lambda: _written(place) != written, AFTER_WRITE),
        (lambda: _shown(place) != shown, AFTER_WRITE),
    ]
    return moments[0] if command == 'publish' else dice.choice(moments)


def _watch(child: Child, came: Callable[[], bool], for_s: float) -> bool:
    """Whether it came before the time was over or the child ended by itself."""
    give_up_at = time.monotonic() + for_s
    while not (there := came()) and child.process.poll() is None and (left := give_up_at - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_S))
    return there


def _written(place: Place) -> tuple[int, int] | None:
    """Changes with every write to the database."""
    try:
        status = place.database.with_name(place.database.name + '-wal').stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def _shown(place: Place) -> list[int]:
    """Changes with every file that appears in public/."""
    folders = (place.public, place.public / 'category')
    return [folder.stat().st_mtime_ns for folder in folders if folder.exists()]


def _nothing_is_stale(place: Place, seen: Seen) -> None:
    """What a kill left marked is published (by `prune`, which finds nothing else to do); all the rest is as it was."""
    done = place.do('prune')
    _listen('prune', done.code, done.err, seen)
    done = place.do('publish')
    _listen('publish', done.code, done.err, seen)
    seen.checked += 1
    if not done.out.startswith('0 documents written'):
        seen.faults.append(f'documents were stale after a kill: {done.out.strip()}')


def _listen(command: str, code: int, err: str, seen: Seen) -> None:
    if code not in (0, -9):
        seen.faults.append(f'{command} ended with {code}: {err[-300:]}')
    if 'Traceback' in err or 'damaged' in err:
        seen.faults.append(f'{command} said: {err[-600:]}')


def _undisturbed_end(place: Place, origin: Origin, seen: Seen) -> None:
    """Let it take in the documents that are there, end it as a person would, and publish what is still marked."""
    origin.grows = False
    with place.start('run', '--port', '0') as child:
        child.wait_for('serving')
        eventually(origin.settled, 60)
        done, _ = child.terminate()
    _listen('run', done.code, done.err, seen)
    done = place.do('poll')
    _listen('poll', done.code, done.err, seen)
    seen.faults += [f'a temporary file in the end: {name}' for name in place.temporary()]


def _nobody_left(token: str, seen: Seen) -> None:
    """Whoever is killed takes its parser processes along."""
    try:
        eventually(lambda: not list(pids_with(token)), 10)
    except AssertionError:
        seen.faults.append(f'processes of killed parents live on: {list(pids_with(token))}')


# ------------------------------------------------ the reader


@contextmanager
def _reader(public: Path, seen: Seen) -> Iterator[None]:
    """Somebody who reads every file all the while and never wants to see half of one."""
    stop = threading.Event()
    thread = threading.Thread(target=_read_on, args=(public, seen, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _read_on(public: Path, seen: Seen, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        for path in sorted(public.rglob('*')):
            if stop.wait(0.001):
                return
            if path.name.startswith('.') or path.is_dir():
                continue
            try:
                body = path.read_bytes()
            except FileNotFoundError:  # a form that no longer pays
                continue
            seen.reads += 1
            if trouble := trouble_with(path.name, body):
                seen.faults.append(f'half a file was seen: {path.name} ({len(body)} bytes): {trouble}')


def trouble_with(name: str, body: bytes) -> str:
    """What is wrong with this document; '' where it is whole."""
    try:
        match name.rpartition('.')[2]:
            case 'gz':
                return trouble_with(name.removesuffix('.gz'), gzip.decompress(body))
            case 'br':
                return trouble_with(name.removesuffix('.br'), brotli.decompress(body))
            case 'json':
                json.loads(body)
            case 'atom' | 'rss' | 'opml':
                expat.ParserCreate().Parse(body, True)  # it has no name for it
            case 'html':
                return '' if body.rstrip().endswith(b'</html>') else 'no end'
            case _:
                return '' if body else 'empty'
    except (OSError, EOFError, ValueError, brotli.error, expat.ExpatError) as error:
        return str(error)
    return ''


# ------------------------------------------------ the twin


def feed_twin(twin: Place, origin: Origin) -> None:
    """The same documents in the same order to a house that is opened once and closed once."""
    log, origin.log, origin.grows = list(origin.log), [], False
    origin.begin_again()
    settings = load_settings(twin.folder / 'feeds.yml')
    parser = InlineParser(parse_document, settings.parsing.limits)
    with assembled(settings, spacing=timedelta(0), parser=parser) as house:
        for name, version in log:
            origin.shown[name] = version
            for report in poll_now(chosen(house.settings, [name]), house.tools, now_utc):
                assert report.outcome == 'changed', report
            publish(house.store, house.settings, house.folder)
    origin.log = log


def compare(place: Place, twin: Place, seen: Seen) -> None:
    mine, theirs = place.entries(), twin.entries()
    seen.entries = len(mine)
    seen.differences += _differences('entry', {e['id']: e for e in mine}, {e['id']: e for e in theirs})
    if [e['id'] for e in mine] != [e['id'] for e in theirs]:
        seen.differences.append('the entries are in another order, or one is there twice')
    files = place.documents()
    seen.files = len(files)
    seen.differences += _differences('file', files, twin.documents())
    seen.differences += _differences('rows of', _counts(place), _counts(twin))


def _counts(place: Place) -> dict[str, int]:
    with Store.open(place.data, read_only=True) as store:
        return store.counts()


def _differences(what: str, mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    rows = []
    for key in sorted(mine.keys() | theirs.keys()):
        if mine.get(key) != theirs.get(key):
            word = 'lost' if key not in mine else 'too many' if key not in theirs else 'other'
            rows.append(f'{what} {key}: {word}')
            if word == 'other' and what != 'file':
                rows.append(f'   {mine[key]}\n   {theirs[key]}')
    return rows
