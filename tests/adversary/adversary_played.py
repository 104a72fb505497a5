"""The same history twice, once without the adversary: what the victims' entries say must not differ by a byte.

Everything is real but the network and the clock: documents are parsed, rounds concluded and recorded in a store,
entries retired by retention and taken down by a person; of some histories the documents are published as well.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adversary_documents import EVIL, NOON, Article, articles, evil_document, victim_document
from lxml import etree

from aggregator.model import (
    Answer,
    CategoryRule,
    Fetched,
    FetchResult,
    Key,
    Match,
    ParseLimits,
    Policy,
    Polling,
    Publishing,
    Received,
    Request,
    Rule,
    Settings,
    Site,
    Source,
    StoredEntry,
)
from aggregator.parse import InlineParser, parse_document
from aggregator.parse.kinds import FeedOptions
from aggregator.poll import Tools, conclude, visit
from aggregator.publish import publish
from aggregator.serve import PublicFolder
from aggregator.settings import load_settings
from aggregator.store import Store

ATOM = '{http://www.w3.org/2005/Atom}'
KEPT = timedelta(days=20)
VICTIM, OTHER = 'victim.example', 'second.example'
MEMBERS = {'甲报': VICTIM, '甲网': VICTIM, '乙社': OTHER}  # the first two are one house
AUTHORITY = 'news.example.org,2026'


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str  # a source, 'prune' or 'takedown'
    body: bytes = b''


@dataclass(frozen=True)
class History:
    seed: int
    sources: Mapping[str, Source]
    steps: Sequence[Step]


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


# ------------------------------------------------ a history


def history(seed: int) -> History:
    """Victims stand in any place where they may speak for what is theirs (docs/identity.md, rule 4).

    A code and a urn have no host: there who stands first in feeds.yml is heard. So they come up where the adversary
    stands last.
    """
    rng = random.Random(seed)
    last = rng.random() < 0.6
    coded = last and rng.random() < 0.7
    sources = _sources(coded=coded, evil_at=9 if last else rng.choice([0, 2]))
    theirs = {host: articles(rng, host, named=last, coded=coded) for host in (VICTIM, OTHER)}
    known = [article for some in theirs.values() for article in some]
    return History(seed, sources, _steps(rng, theirs, known))


def _sources(*, coded: bool, evil_at: int) -> dict[str, Source]:
    key = Key(param='infoCode') if coded else Key()
    made = {
        name: Source(
            name=name,
            order=1 + 2 * at,
            url=f'https://{host}/rss/{at}',
            group='g' if host == VICTIM else '',
            key=key,
            category=CategoryRule(origin='publisher', cap=8),
            options=FeedOptions(),
        )
        for at, (name, host) in enumerate(MEMBERS.items())
    }
    evil = replace(made['乙社'], name='evil', order=evil_at, url=f'{EVIL}/rss', group='')
    return {**made, 'evil': replace(evil, category=CategoryRule(origin='publisher'))}


def _steps(rng: random.Random, theirs: Mapping[str, Sequence[Article]], known: Sequence[Article]) -> list[Step]:
    steps, now = [], NOON
    for turn in range(rng.randint(6, 14)):
        now += timedelta(hours=rng.choice([1, 1, 6, 30, 300]))
        what = rng.choices([*MEMBERS, 'evil', 'prune', 'takedown'], [3, 2, 3, 7, 2, 0.5])[0]
        body = b''
        if what == 'evil':
            body = evil_document(rng, known, _ids(known), turn)
        elif what in MEMBERS:
            body = victim_document(rng, theirs[MEMBERS[what]], MEMBERS[what])
        steps.append(Step(now, what, body))
    return steps


def _ids(known: Sequence[Article]) -> list[str]:
    """Output ids that could be theirs."""
    return [i for a in known for i in (a.link, a.code and f'tag:{AUTHORITY}:{a.code}', a.guid) if i]


# ------------------------------------------------ played


@dataclass
class Wire:
    """A transport: what stands at each URL."""

    pages: dict[str, bytes] = field(default_factory=dict)
    now: datetime = NOON

    def fetch(self, request: Request) -> FetchResult:
        answer = Answer(url=request.url, final_url=request.url, status=200, fetched_at=self.now)
        return Fetched(answer, Received(request.url, self.pages[request.url], self.now))

    def close(self) -> None:
        pass


class Played:
    """A store after some steps of a history."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.store = Store.in_memory()
        self.wire = Wire()
        self.policy = Policy(
            sources=sources,
            authority=AUTHORITY,
            rules=(
                Rule(when=Match('title', '改'), add=('更正',)),
                Rule(when=Match('text', '丙报'), remove=('丙报新闻',)),
            ),
            max_revisions=4,
        )
        self.tools = Tools(
            store=self.store,
            transport=self.wire,
            parser=InlineParser(parse_document, ParseLimits()),
            policy=self.policy,
            polling=Polling(),
        )

    def do(self, step: Step, doomed: str = '') -> None:
        self.wire.now = step.at
        if step.what == 'prune':
            ids = self.store.surplus_entries(older_than=step.at - KEPT, per_source=8)
            with self.store.writing() as writer:
                writer.retire_unlisted(ids, step.at)
        elif step.what == 'takedown':
            with self.store.writing() as writer:
                writer.takedown(doomed, step.at)
        else:
            source = self.policy.sources[step.what]
            self.wire.pages[source.url] = step.body
            report = conclude(visit(source, self.tools, step.at), self.tools)
            assert not report.error, report

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
    alone, beside = Played(story.sources), Played(story.sources)
    found = Differences(story.seed)
    mine: dict[str, StoredEntry] = {}
    for step in story.steps:
        doomed = next(iter(mine), '') if step.what == 'takedown' else ''
        if step.what != 'evil':
            alone.do(step, doomed)
            mine = alone.of_victims()
        beside.do(step, doomed)
        entries = beside.entries()
        _compare(mine, _of_victims(entries), step, found)
        found.found += [f'{entry_id} has come back' for entry_id in _back(alone, mine, entries)]
    if settings is not None:
        _compare_documents(alone, beside, settings, found)
    return found


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
    settings = replace(settings, sources=tuple(played.policy.sources.values()), policy=played.policy)
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
