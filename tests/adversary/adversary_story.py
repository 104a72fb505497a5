"""A history: what stands in feeds.yml, and step by step what is polled, removed, or changed in it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adversary_documents import NOON
from adversary_told import EVIL, Article, articles, evil_document, evil_list, victim_document

from aggregator.model import CategoryRule, Key, Match, Policy, Rule, Source, UrlRules
from aggregator.parse.jsonlist import Detail, Fields, JsonOptions
from aggregator.parse.kinds import FeedOptions

VICTIM, OTHER = 'victim.example', 'second.example'
MEMBERS = {'甲报': VICTIM, '甲网': VICTIM, '乙社': OTHER}  # the first two are one house
AUTHORITY = 'news.example.org,2026'
FIRST, SECOND, LAST = 0, 20, 90  # where the adversary stands in feeds.yml: before all, after 甲报, after all


@dataclass(frozen=True)
class Feeds:
    """What stands in feeds.yml."""

    place: int = LAST  # of the adversary
    coded: bool = False
    name: str = 'evil'  # of his feed, '' where it has left; his list is never renamed
    lists: bool = True  # whether his list is there
    purges: bool = False
    trusted: bool = False  # the adversary is of the victim's own house
    changed: frozenset[str] = frozenset()  # of CHANGES

    def sources(self) -> dict[str, Source]:
        key = Key(param='infoCode', guid=r'^(NW\d+)$', code=r'^(NW\d+)$', prefix='NW') if self.coded else Key()
        made = [_member(at, name, key) for at, name in enumerate(MEMBERS)]
        made = [self._changed(source) for source in made if not (source.name == '乙社' and '乙社' in self.changed)]
        his = replace(
            _member(0, '甲报', key), group='g' if self.trusted else '', category=CategoryRule(origin='publisher')
        )
        if self.name:
            made.append(replace(his, name=self.name, order=self.place, url=f'{EVIL}/rss'))
        if self.lists:
            listed = {'name': 'list', 'order': self.place + 1, 'url': f'{EVIL}/list', 'kind': 'json', 'options': LIST}
            made.append(replace(his, **listed))
        return {source.name: source for source in made}

    def _changed(self, source: Source) -> Source:
        if 'alone' in self.changed:
            source = replace(source, group='')
        if 'fixed' in self.changed and source.name == '甲网':
            source = replace(source, category=CategoryRule(labels=('要闻',)))
        return source

    def policy(self) -> Policy:
        rules = [
            Rule(when=Match('title', '改'), add=('更正',)),
            Rule(when=Match('text', '丙报'), remove=('丙报新闻',)),
        ]
        return Policy(
            sources=self.sources(),
            authority=AUTHORITY,
            rules=tuple(rules[:1] if 'rules' in self.changed else rules),
            urls=UrlRules(drop=('from',) if 'drop' in self.changed else (), unwrap={'go.example.org/out': 'to'}),
            aliases={'乙报': '甲报'} if 'alias' in self.changed else {},
            max_revisions=2 if 'revisions' in self.changed else 4,
        )


CHANGES = ('alias', 'rules', 'drop', 'revisions', 'fixed', 'alone')
LIST = JsonOptions(
    items='rows',
    fields=Fields(title='t', link='u', guid='g', code='c', published='at', author='who'),
    detail=Detail(url=f'{EVIL}/text?id={{code}}', fields=Fields(content='text')),
)


def _member(at: int, name: str, key: Key) -> Source:
    host = MEMBERS[name]
    return Source(
        name=name,
        order=10 + 20 * at,
        url=f'https://{host}/rss/{at}',
        group='g' if host == VICTIM else '',
        key=key,
        category=CategoryRule(origin='publisher', cap=8),
        options=FeedOptions(),
    )


@dataclass(frozen=True)
class Step:
    """`what`: 'evil', 'list', a member, 'prune', 'takedown' (of a victim's entry), 'his' (a takedown of one of the
    adversary's), or 'feeds' (feeds.yml was changed).
    """

    at: datetime
    what: str
    body: bytes = b''
    final: str = ''  # where a permanent redirect led
    nth: int = 0  # which entry
    feeds: Feeds | None = None


@dataclass(frozen=True)
class History:
    seed: int
    feeds: Feeds
    steps: Sequence[Step]


def history(seed: int) -> History:
    """Victims stand in any place where they may speak for what is theirs (docs/identity.md, rule 4).

    A code and a urn have no host: there who stands first in feeds.yml is heard. So they come up where the adversary
    stands last.
    """
    rng = random.Random(seed)
    last = rng.random() < 0.6
    coded = last and rng.random() < 0.7
    feeds = Feeds(LAST if last else rng.choice([FIRST, SECOND]), coded, purges=rng.random() < 0.5)
    theirs = {host: articles(rng, host, named=last, coded=coded) for host in (VICTIM, OTHER)}
    return History(seed, feeds, list(_Steps(rng, theirs, feeds).all()))


@dataclass
class _Steps:
    rng: random.Random
    theirs: Mapping[str, Sequence[Article]]
    feeds: Feeds
    now: datetime = NOON
    bodies: dict[str, bytes] = field(default_factory=dict)  # the last of each host
    known: list[Article] = field(init=False)
    ids: list[str] = field(init=False)  # output ids that could be theirs

    def __post_init__(self) -> None:
        self.known = [article for some in self.theirs.values() for article in some]
        told = [(a.link, f'tag:{AUTHORITY}:{a.code}' if a.code else '', a.guid) for a in self.known]
        self.ids = [i for some in told for i in some if i]

    def all(self) -> Sequence[Step]:
        return [self._step(turn) for turn in range(self.rng.randint(6, 16))]

    def _step(self, turn: int) -> Step:
        rng = self.rng
        self.now += timedelta(hours=rng.choice([1, 1, 6, 30, 300]))
        kinds = {
            **dict.fromkeys(MEMBERS, 2.5),
            'evil': 6,
            'list': 2,
            'prune': 2,
            'takedown': 0.5,
            'his': 0.7,
            'feeds': 1.5,
        }
        what = rng.choices([*kinds], [*kinds.values()])[0]
        match what:
            case 'evil':
                return self._redirected(Step(self.now, what, evil_document(rng, self.known, self.ids, turn)))
            case 'list':
                return Step(self.now, what, evil_list(rng, self.known, self.ids, turn))
            case 'feeds':
                self.feeds = self._other_feeds(turn)
                return Step(self.now, what, feeds=self.feeds)
            case 'prune' | 'takedown' | 'his':
                return Step(self.now, what, nth=rng.randint(0, 5))
        host = MEMBERS[what]
        self.bodies[host] = victim_document(rng, self.theirs[host], host)
        return Step(self.now, what, self.bodies[host])

    def _redirected(self, step: Step) -> Step:
        """His feed leads for good to a victim's: what stands there comes, or even what he likes."""
        if self.rng.random() < 0.8:
            return step
        host = self.rng.choice([VICTIM, OTHER])
        body = self.bodies.get(host, step.body) if self.rng.random() < 0.7 else step.body
        return replace(step, final=f'https://{host}/rss', body=body)

    def _other_feeds(self, turn: int) -> Feeds:
        rng, feeds = self.rng, self.feeds
        match rng.randint(0, 5):
            case 0:
                return replace(feeds, name='' if feeds.name else 'evil')
            case 1:
                return replace(feeds, lists=not feeds.lists)
            case 2 if feeds.name:
                return replace(feeds, name=f'evil-{turn}')
            # One that has left stands last, and codes and urns are for the first. What is purged is for whoever tells it.
            case 3 if feeds.place != LAST and not feeds.purges:
                return replace(feeds, changed=feeds.changed ^ {'乙社'})
        return replace(feeds, changed=feeds.changed ^ {rng.choice(CHANGES)})
