"""The corpus against the running program: an origin that serves it, a daemon that polls it, and what it left behind."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import hostile_fields
import hostile_json
import hostile_pages
import hostile_wire
import hostile_xml
from fault_child import Child, Done, Place, eventually
from hostile_cases import Case
from hostile_judge import SITE
from origin_made import Origin

from aggregator.store import Store

PATIENCE_S = 120.0
_SETTINGS = {
    'polling': {'min_interval': '1h', 'host_spacing': '0s', 'host_concurrency': 8, 'threads': 8},
    'parsing': {'workers': 2},
    'publishing': {'entries': 10_000, 'max_age': '36500d', 'source_share': 1.0},
    'logging': {'format': 'json'},
}
_LINK = re.compile(r' href="(/[^"#]*)')
_CRAWLED = 120  # of our own pages
_BROKEN = 'sources: &a [*a, *a'


@dataclass(frozen=True, slots=True)
class World:
    """What was left when all sources had been polled and the daemon had ended."""

    cases: Mapping[str, Case]
    files: Mapping[str, bytes]  # of public/, by path
    crawled: Mapping[str, tuple[Mapping[str, str], bytes]]  # pages as they were served, by address: headers and body
    entries: Sequence[Mapping[str, Any]]
    rows: Mapping[str, Mapping[str, Any]]  # of `sources --json`, by name
    polls: Mapping[str, Sequence[Mapping[str, Any]]]  # lines of `poll --json`, by source
    reports: Done  # what it said
    notes: Sequence[str]  # of the daemon's log
    done: Done
    trapped: int  # requests that nobody should have made
    asked: Counter[str] = field(default_factory=Counter)

    def titles(self, source: str) -> set[str]:
        carried = (e for e in self.entries if any(c['source'] == source for c in e['carriers']))
        return {entry['title'] for entry in carried}

    def told(self, source: str) -> str:
        """All that a person can read about the rounds of this source."""
        lines = [text for poll in self.polls.get(source, ()) for text in (*poll['faults'], poll['error'])]
        return '\n'.join([*lines, self.rows[source]['error']])


def the_world(folder: Path) -> World:
    """Polls everything once, looks around, saves a broken feeds.yml, and ends the daemon as a person would."""
    place, origin = Place(folder), Origin('0.0.0.0')
    try:
        trap = f'{origin.base}/trap'
        cases = (
            *hostile_xml.cases(trap),
            *hostile_json.cases(),
            *hostile_pages.cases(),
            *hostile_fields.cases(),
            *hostile_wire.cases(),
        )
        place.configure(_rows(cases, origin), **_SETTINGS)
        _on_our_site(place)
        hostile_wire.write_posts(folder / 'posts')
        polled = place.start('poll', '--json')  # a daemon would spread so many new sources over minutes
        with polled:
            reports = polled.end(PATIENCE_S)
        with place.start('run', '--port', '0') as child:
            crawled, done = _watched(child, place)
        return _left(place, cases, crawled, reports, done, origin)
    finally:
        origin.close()


def _rows(cases: Sequence[Case], origin: Origin) -> list[dict[str, Any]]:
    """Each has a host of its own: a host that asks us to wait makes nobody else wait."""
    for case in cases:
        headers = {'Content-Type': case.media_type, **case.headers}
        origin.answers[f'/{case.name}'] = (case.status, case.body, headers)
    port = origin.server.server_port
    rows = [
        {
            'name': case.name,
            'url': f'http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/{case.name}',
            'every': '1h',
            'category': {'from': 'publisher', 'cap': 300},
            **case.options,
        }
        for number, case in enumerate(cases)
    ]
    return [*rows, {'name': 'posts', 'kind': 'posts', 'path': 'posts', 'category': {'from': 'tags'}}]


def _on_our_site(place: Place) -> None:
    """The judge knows the site by its address."""
    path = place.folder / 'feeds.yml'
    feeds = json.loads(path.read_text('utf-8'))
    feeds['site'] |= {'url': SITE, 'authority': 'news.example.org,2026'}
    path.write_text(json.dumps(feeds, ensure_ascii=False, indent=1), 'utf-8')


def _watched(child: Child, place: Place) -> tuple[dict[str, tuple[Mapping[str, str], bytes]], Done]:
    base = child.wait_for(r'serving (http://[^ "]+)').group(1)
    eventually(lambda: _settled(place), PATIENCE_S)
    crawled = _crawled(base)
    (place.folder / 'feeds.yml').write_text(_BROKEN, 'utf-8')
    child.wait_for(r'feeds\.yml:1:')
    assert _get(base, '-/healthy')[1].startswith(b'ok')
    return crawled, child.terminate()[0]


def _settled(place: Place) -> bool:
    """Nothing waits to be published."""
    if not (place.public / 'index.html').exists():
        return False
    with Store.open(place.data, read_only=True) as store:
        return not store.dirty()


def _crawled(base: str) -> dict[str, tuple[Mapping[str, str], bytes]]:
    """Our pages as a visitor finds them, from the first one on; those that are made when asked for are among them."""
    waiting, seen = (
        ['/', '/search?q=%3Cscript%3Ealert(1)%3C/script%3E', '/%3Cscript%3E', '/search?q=%00%FF'],
        dict[str, Any](),
    )
    shapes: Counter[str] = Counter()
    while waiting and len(seen) < _CRAWLED:
        address = waiting.pop(0)
        shape = address.partition('?')[0].rpartition('/')[0] + '?' * ('?' in address)
        shapes[shape] += 1
        if address in seen or shapes[shape] > _CRAWLED // 4:
            continue
        headers, body = seen[address] = _get(base, address.removeprefix('/'))
        if 'text/html' in headers.get('content-type', ''):
            waiting += [unescape(link) for link in _LINK.findall(body.decode())]
    return seen


def _get(base: str, path: str) -> tuple[Mapping[str, str], bytes]:
    try:
        with urllib.request.urlopen(f'{base}{path}', timeout=PATIENCE_S) as answer:
            return {key.lower(): value for key, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return {key.lower(): value for key, value in error.headers.items()}, error.read()


def _left(place: Place, cases: Sequence[Case], crawled: Any, reports: Done, done: Done, origin: Origin) -> World:
    _forget_the_broken(place, cases, origin)
    polls: dict[str, list[Any]] = {}
    for line in reports.out.splitlines():
        report = json.loads(line)
        polls.setdefault(report['source'], []).append(report)
    lines = [json.loads(line) for line in done.out.splitlines()]
    files = {name: body for name, body in place.documents().items() if not name.endswith(('.gz', '.br'))}
    rows = [json.loads(line) for line in place.ask('sources', '--json').out.splitlines()]
    return World(
        cases={case.name: case for case in cases},
        files=files,
        crawled=crawled,
        entries=[json.loads(line) for line in place.ask('entries', '--json').out.splitlines()],
        rows={row['name']: row for row in rows},
        polls=polls,
        reports=reports,
        notes=[line.get('message', '') for line in lines if line['event'] != 'poll'],
        done=done,
        trapped=len(origin.asked('/trap')),
    )


def _forget_the_broken(place: Place, cases: Sequence[Case], origin: Origin) -> None:
    """The commands that look want the feeds.yml that ran."""
    place.configure(_rows(cases, origin), **_SETTINGS)
    _on_our_site(place)
