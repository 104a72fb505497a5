"""What victims publish, and what an adversary makes of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from adversary_documents import NOON, Head, Said, atom, json_feed, json_list, rss

EVIL = 'https://evil.example'
AHEAD, BACK = timedelta(days=3000), timedelta(days=4000)
REPORTERS = ('甲报', '乙报', '丙报')


@dataclass(frozen=True)
class Article:
    """What a victim's entry can be named by. Its words change; these do not."""

    n: int
    host: str
    code: str = ''
    guid: str = ''
    bare: bool = False  # has no link

    @property
    def link(self) -> str:
        more = f'?infoCode={self.code}' if self.code else ''
        return '' if self.bare else f'https://{self.host}/a/{self.n}.html{more}'


def articles(rng: random.Random, host: str, *, named: bool, coded: bool) -> list[Article]:
    """`named`: some by what has no host, a code or a urn, where the victims stand before everybody else."""
    return [_article(rng, n, host, named=named, coded=coded) for n in range(1, 7)]


def _article(rng: random.Random, n: int, host: str, *, named: bool, coded: bool) -> Article:
    guids = ['', f'{host}-{n}', f'https://{host}/a/{n}.html']
    guids += [f'urn:uuid:00000000-0000-4000-8000-{n:012}'] if named else []
    code = f'NW2026041200{n}' if coded and rng.random() < 0.5 else ''
    return Article(n, host, code, rng.choice(guids), rng.random() < 0.2)


def victim_document(rng: random.Random, mine: Sequence[Article], host: str) -> bytes:
    """Some of its articles, now and then in other words, twice, with another spelling of the address, or undated."""
    told = rng.sample(mine, rng.randint(1, len(mine)))
    told += rng.sample(told, 1) if rng.random() < 0.2 else []  # twice, in other words
    items = [_told(rng, article) for article in told]
    return rss(Head(f'{host} 报', f'https://{host}/', f'https://{host}/rss', f'https://{host}/rss'), items)


def _told(rng: random.Random, article: Article) -> Said:
    link = respelled(rng, article.link) if rng.random() < 0.2 else article.link
    return Said(
        title=rng.choice(['', f'第{article.n}条', f'第{article.n}条（改）', '快讯']),
        link=link,
        guid=article.guid,
        text=rng.choice(
            [f'正文{article.n}', f'正文{article.n} 改', '同文', f'全文（文章来源：{rng.choice(REPORTERS)}）']
        ),
        author=rng.choice(['', '记者']),
        at=rng.choice([None, NOON - timedelta(minutes=rng.randint(0, 5000))]),
    )


def respelled(rng: random.Random, link: str) -> str:
    """Another spelling of one address, as browsers read it or as it is compared; some are another address."""
    if not link:
        return ''
    scheme, _, rest = link.partition('://')
    host, _, path = rest.partition('/')
    return rng.choice(
        [
            f'http://{rest}', f'https://www.{rest}', f'https://m.{rest}', f'{link}#top',
            f'{link}{"&" if "?" in link else "?"}utm_source=x', f'{scheme.upper()}://{host.upper()}/{path}',
            f'https://{host}:443/{path}', f'https://{host}./{path}', f'//{rest}', f'https:\\\\{host}\\{path}',
            f'https://{host}/x/../{path}', f'https://{host}/./{path}', f'https://{host}//{path}', f' {link}\n',
            f'https://u:p@{rest}', f'https://{host}/{path.replace("a", "%61", 1)}', f'https://{host}/{path.upper()}',
            f'https://{host}/{path.replace(".html", "%2ehtml")}', f'{link}?', f'ht\ttps://{rest}',
            link.replace('infoCode', 'INFOCODE'), f'https://evil.example@{rest}', f'{link}{"&" if "?" in link else "?"}from=x',
            f'https://go.example.org/out?to={quote(link, safe="")}',
        ]
    )  # fmt: skip


# ------------------------------------------------ the adversary


def evil_document(rng: random.Random, victims: Sequence[Article], ids: Sequence[str], turn: int) -> bytes:
    """`ids`: output ids that victims' entries have, or could have."""
    if rng.random() < 0.1:
        return _flood(rng, victims, turn)
    items = [_attack(rng, victims, ids, turn) for _ in range(rng.randint(1, 8))]
    spoofed = rng.choice(['evil.example', *sorted({v.host for v in victims})])
    feed = f'https://{spoofed}/rss'
    head = Head(f'{spoofed} 报', f'https://{spoofed}/', rng.choice(['', feed]), rng.choice(['', feed, *ids[:1]]))
    return rng.choice([rss, rss, atom, atom, json_feed])(head, items, rng.choice(['', f'https://{spoofed}/']))


def evil_list(rng: random.Random, victims: Sequence[Article], ids: Sequence[str], turn: int) -> bytes:
    return json_list([_attack(rng, victims, ids, turn) for _ in range(rng.randint(1, 8))])


def _attack(rng: random.Random, victims: Sequence[Article], ids: Sequence[str], turn: int) -> Said:
    """Each part is somebody else's or its own, so that every way to borrow, to join and to bridge comes up."""
    one, other = rng.choice(victims), rng.choice(victims)
    own = f'{EVIL}/{rng.randint(1, 4)}'
    link = rng.choice([one.link, one.link, respelled(rng, one.link), own, '', f'/a/{one.n}.html'])
    if other.code and rng.random() < 0.3:
        link = (link or own).partition('?')[0] + f'?infoCode={other.code}'
    borrowed = [one.guid, other.guid, other.link, respelled(rng, other.link), other.code, *ids]
    guid = rng.choice(['', f'g{rng.randint(1, 3)}', f'rotated-{turn}-{rng.random()}', *borrowed])
    at = rng.choice([None, NOON, NOON - BACK, NOON + AHEAD, NOON - timedelta(minutes=rng.randint(0, 5000))])
    texts = ['假文', f'正文{one.n}', f'假（文章来源：{rng.choice(REPORTERS)}）']
    texts += [f'见 <a href="{one.link}">{other.code}</a>', f'{other.code} {one.link}']
    return Said(
        title=rng.choice(['', f'假{one.n}', f'第{one.n}条', '快讯', other.code]),
        link=link,
        guid=guid,
        text=rng.choice(texts),
        author=rng.choice(['', '记者', '冒名']),
        at=at,
        raw=_source_of(one) if rng.random() < 0.3 else '',
        code=rng.choice(['', one.code, other.code, f'NW9{turn}']),
    )


def _source_of(article: Article) -> str:
    """An item copied from a victim, as it says itself, in both dialects at once."""
    feed = f'https://{article.host}/rss'
    return f'<source url="{feed}">{article.host}<title>{article.host}</title><id>{feed}</id><link rel="self" href="{feed}"/></source>'


def _flood(rng: random.Random, victims: Sequence[Article], turn: int) -> bytes:
    """Many at once, each with a publisher and so a category of its own, all of them from tomorrow."""
    some = rng.choice(victims)
    items = [
        Said(
            title=f'水{n}',
            link=rng.choice([f'{EVIL}/flood/{turn}/{n}', some.link or EVIL]),
            guid=f'flood-{turn}-{n}',
            text=f'灌水（文章来源：水{rng.choice("东南西北")}{n}报）',
            at=NOON + timedelta(hours=20),
        )
        for n in range(30)
    ]
    return rss(Head('水'), items)
