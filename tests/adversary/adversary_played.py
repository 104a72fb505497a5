"""The same history twice, once without the adversary: what the victims' entries say must not differ by a byte.

Everything is real but the network and the clock: documents are parsed, rounds concluded and recorded in a store,
entries retired by retention and taken down by a person; of some histories the documents are published as well.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adversary_documents import NOON, json_text
from adversary_story import AUTHORITY, MEMBERS, Feeds, History, Step
from adversary_told import EVIL
from lxml import etree

from aggregator.daemon.roster import take_up
from aggregator.model import (
    Answer,
    Fetched,
    FetchResult,
    Hop,
    ParseLimits,
    Publishing,
    Received,
    Request,
    Retention,
    Settings,
    Site,
    StoredEntry,
)
from aggregator.parse import InlineParser, parse_document
from aggregator.poll import Tools, conclude, visit
from aggregator.publish import publish
from aggregator.serve import PublicFolder
from aggregator.settings import load_settings
from aggregator.store import Store

ATOM = '{http://www.w3.org/2005/Atom}'
KEPT = timedelta(days=20)


@dataclass
class Differences:
    """Between what the victims' entries say with and without the adversary."""

    seed: int
    compared: int = 0  # entries
    documents: int = 0
    found: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return f'seed {self.seed}:\n' + '\n'.join(self.found)


# ------------------------------------------------ played


@dataclass
class Wire:
    """A transport: what each source is answered, and where that stands."""

    answers: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    now: datetime = NOON

    def fetch(self, request: Request) -> FetchResult:
        body, final = self.answers[request.source]
        if request.url.startswith(f'{EVIL}/text'):
            body, final = json_text(f'长文 {request.url}'), ''
        hops = (Hop(301, final),) if final else ()
        answer = Answer(url=request.url, final_url=final or request.url, status=200, fetched_at=self.now, hops=hops)
        return Fetched(answer, Received(answer.final_url, body, self.now))

    def close(self) -> None:
        pass


class Played:
    """A store after some steps of a history."""

    def __init__(self, feeds: Feeds) -> None:
        self.store = Store.in_memory()
        self.wire = Wire()
        self.read(feeds, NOON)

    def read(self, feeds: Feeds, at: datetime) -> None:
        """feeds.yml was changed."""
        sources = feeds.sources()
        self.settings = Settings(
            path=Path('feeds.yml'),
            data=Path('data'),
            site=Site(authority=AUTHORITY),
            sources=tuple(sources.values()),
            policy=feeds.policy(),
            retention=Retention(removed_source='purge' if feeds.purges else 'retire'),
        )
        policy, _ = take_up(self.store, self.settings, at)
        self.names = {'evil': feeds.name, 'list': 'list' if feeds.lists else ''}
        self.tools = Tools(
            store=self.store,
            transport=self.wire,
            parser=InlineParser(parse_document, ParseLimits()),
            policy=policy,
            polling=self.settings.polling,
        )

    def do(self, step: Step, doomed: str = '') -> None:
        self.wire.now = step.at
        match step.what:
            case 'feeds' if step.feeds:
                self.read(step.feeds, step.at)
            case 'prune':
                ids = self.store.surplus_entries(older_than=step.at - KEPT, per_source=8)
                with self.store.writing() as writer:
                    writer.retire_unlisted(ids, step.at)
            case 'takedown' | 'his':
                with self.store.writing() as writer:
                    writer.takedown(doomed, step.at)
            case _:
                self._poll(step)

    def _poll(self, step: Step) -> None:
        name = self.names.get(step.what, step.what)
        source = next((s for s in self.settings.sources if s.name == name), None)
        if source is None:
            return
        self.wire.answers[name] = step.body, step.final
        report = conclude(visit(source, self.tools, step.at), self.tools)
        assert not report.error or (step.what not in MEMBERS and 'itself' not in report.error), report

    def entries(self) -> list[StoredEntry]:
        return list(self.store.all_entries())

    def of_victims(self) -> dict[str, StoredEntry]:
        return _of_victims(self.entries())


def _of_victims(entries: Sequence[StoredEntry]) -> dict[str, StoredEntry]:
    """In their order."""
    return {e.id: told(e) for e in entries if e.source in MEMBERS}


def told(entry: StoredEntry) -> StoredEntry:
    """What an entry says. That a stranger carries it too, which ids lead to it and how often it has changed since
    somebody told it first is not said by the victim.
    """
    return replace(entry, carriers=tuple(c for c in entry.carriers if c.own), replaces=(), revision=0)


def play(story: History, settings: Settings | None = None) -> Differences:
    """With `settings` the documents are published and compared too."""
    alone, beside = Played(story.feeds), Played(story.feeds)
    found = Differences(story.seed)
    mine: dict[str, StoredEntry] = {}
    entries: list[StoredEntry] = []
    for step in story.steps:
        doomed = _doomed(step, mine, entries)
        if step.what not in ('evil', 'list', 'his'):
            alone.do(step, doomed)
            mine = alone.of_victims()
        beside.do(step, doomed)
        entries = beside.entries()
        _compare(mine, _of_victims(entries), step, found)
        found.found += [f'{entry_id} has come back' for entry_id in _back(alone, mine, entries)]
    if settings is not None:
        _compare_documents(alone, beside, settings, found)
    return found


def _doomed(step: Step, mine: Mapping[str, StoredEntry], entries: Sequence[StoredEntry]) -> str:
    """What a person takes down. Not a code of the adversary's: it is at home nowhere, and stays away from everybody."""
    match step.what:
        case 'takedown':
            ids = [*mine]
        case 'his':
            ids = [e.id for e in entries if e.source not in MEMBERS and e.rule != 'code']
        case _:
            ids = []
    return ids[step.nth % len(ids)] if ids else ''


def _compare(mine: Mapping[str, StoredEntry], there: Mapping[str, StoredEntry], step: Step, found: Differences) -> None:
    found.compared += len(mine)
    for entry_id in {**mine, **there}:
        one, other = mine.get(entry_id), there.get(entry_id)
        if one != other:
            found.found.append(f'at {step.at:%m-%d %H:%M} after {step.what}, {entry_id}: {_unlike(one, other)}')
    if mine == there and list(mine) != list(there):
        found.found.append(f'at {step.at:%d %H:%M} after {step.what}: another order')


def _back(alone: Played, mine: Mapping[str, StoredEntry], entries: Sequence[StoredEntry]) -> list[str]:
    """Ids of victims' entries that are gone for good, and live again under another's words."""
    others = [e.id for e in entries if e.source not in MEMBERS and e.id not in mine]
    with alone.store.writing() as writer:
        return sorted(writer.ids_taken(others))


def _unlike(one: StoredEntry | None, other: StoredEntry | None) -> str:
    if one is None or other is None:
        return f'only {"alone" if one else "beside"}'
    names = [f.name for f in fields(StoredEntry) if getattr(one, f.name) != getattr(other, f.name)]
    return '; '.join(f'{name} {getattr(one, name)!r} became {getattr(other, name)!r}' for name in names)


# ------------------------------------------------ documents


def settings_in(folder: Path) -> Settings:
    feeds = {'site': {'title': '聚合', 'authority': AUTHORITY}, 'sources': []}
    (folder / 'feeds.yml').write_text(json.dumps(feeds), 'utf-8')
    loaded = load_settings(folder / 'feeds.yml')
    publishing = replace(Publishing(), entries=10_000, max_age=timedelta(days=36_500), source_share=1.0)
    return replace(loaded, publishing=publishing, site=replace(Site(), authority=AUTHORITY))


def _compare_documents(alone: Played, beside: Played, settings: Settings, found: Differences) -> None:
    mine, there = _published(alone, settings), _published(beside, settings)
    for path in mine:
        wanted = list(mine[path])
        got = [i for i in there.get(path, {}) if i in mine[path]]
        found.documents += 1
        if got != wanted:
            found.found.append(f'{path}: {wanted} became {got}')
        found.found += [f'{path}: {i} was changed' for i in got if there[path][i] != mine[path][i]]


def _published(played: Played, settings: Settings) -> dict[str, dict[str, bytes]]:
    """The bytes of each victim's entry in each document, in its order, by path."""
    settings = replace(settings, sources=played.settings.sources, policy=played.tools.policy)
    ids = played.of_victims().keys()
    with tempfile.TemporaryDirectory() as folder:
        publish(played.store, settings, PublicFolder(Path(folder)))
        paths = [p for p in sorted(Path(folder).rglob('*')) if p.suffix in ('.atom', '.json') and p.is_file()]
        read = {str(p.relative_to(folder)): (_atom(p) if p.suffix == '.atom' else _json(p)) for p in paths}
    return {path: {i: body for i, body in some.items() if i in ids} for path, some in read.items()}


def _atom(path: Path) -> dict[str, bytes]:
    entries = etree.fromstring(path.read_bytes()).iter(f'{ATOM}entry')
    return {str(e.findtext(f'{ATOM}id')): etree.tostring(e) for e in entries}


def _json(path: Path) -> dict[str, bytes]:
    read = json.loads(path.read_bytes())
    return {item['id']: json.dumps(_without_strangers(item)).encode() for item in read.get('items', ())}


def _without_strangers(item: dict[str, Any]) -> dict[str, Any]:
    more = {name: value for name, value in item.get('_aggregator', {}).items() if name != 'replaces'}
    if 'carriers' in more:
        more['carriers'] = [c for c in more['carriers'] if c['source'] in MEMBERS]
    return {**item, '_aggregator': more}
