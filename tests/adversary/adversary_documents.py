"""What victims publish, and what an adversary makes of it: RSS and Atom as they would come over the wire."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

NOON = datetime(2026, 4, 12, 4, tzinfo=UTC)
EVIL = 'https://evil.example'
AHEAD, BACK = timedelta(days=3000), timedelta(days=4000)


@dataclass(frozen=True)
class Said:
    """An item; '' and None are left out."""

    title: str = ''
    link: str = ''
    guid: str = ''
    text: str = ''
    author: str = ''
    at: datetime | None = None
    raw: str = ''  # further elements


@dataclass(frozen=True)
class Head:
    title: str = 't'
    link: str = ''
    self_url: str = ''
    id: str = ''


def rss(head: Head, items: Sequence[Said], base: str = '') -> bytes:
    told = ''.join(
        '<item>'
        + _element('title', i.title)
        + _element('link', i.link)
        + _element('guid', i.guid, ' isPermaLink="false"')
        + _element('description', i.text)
        + _element('dc:creator', i.author)
        + _element('pubDate', format_datetime(i.at) if i.at else '')
        + i.raw
        + '</item>'
        for i in items
    )
    based = f' xml:base="{escape(base)}"' if base else ''
    self_link = f'<atom:link rel="self" href="{escape(head.self_url)}"/>' if head.self_url else ''
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
        f'{based}><channel>{_element("title", head.title)}{_element("link", head.link)}{self_link}{told}</channel></rss>'
    ).encode()


def atom(head: Head, items: Sequence[Said], base: str = '') -> bytes:
    told = ''.join(
        '<entry>'
        + _element('title', i.title)
        + _element('id', i.guid)
        + (f'<link rel="alternate" href="{escape(i.link)}"/>' if i.link else '')
        + _element('summary', i.text, ' type="html"')
        + (f'<author>{_element("name", i.author)}</author>' if i.author else '')
        + _element('published', i.at.isoformat() if i.at else '')
        + _element('updated', i.at.isoformat() if i.at else '')
        + i.raw
        + '</entry>'
        for i in items
    )
    based = f' xml:base="{escape(base)}"' if base else ''
    self_link = f'<link rel="self" href="{escape(head.self_url)}"/>' if head.self_url else ''
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{based}>{_element("title", head.title)}{_element("id", head.id)}'
        f'{self_link}{told}</feed>'
    ).encode()


def _element(name: str, text: str, attributes: str = '') -> str:
    return f'<{name}{attributes}>{escape(text)}</{name}>' if text else ''


# ------------------------------------------------ the victims


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
    """Some of its articles, now and then in other words, with another spelling of the address, or without a date."""
    items = [_told(rng, article) for article in rng.sample(mine, rng.randint(1, len(mine)))]
    return rss(Head(f'{host} 报', f'https://{host}/', f'https://{host}/rss', f'https://{host}/rss'), items)


def _told(rng: random.Random, article: Article) -> Said:
    link = _respelled(rng, article.link) if rng.random() < 0.2 else article.link
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


REPORTERS = ('甲报', '乙报', '丙报')


def _respelled(rng: random.Random, link: str) -> str:
    return rng.choice(
        [
            link.replace('https://', 'http://'), link.replace('https://', 'https://www.'), link + '#top',
            link + ('&' if '?' in link else '?') + 'utm_source=x', link.replace('https://', 'https://m.'),
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
    return rng.choice([rss, atom])(head, items, rng.choice(['', f'https://{spoofed}/']))


def _attack(rng: random.Random, victims: Sequence[Article], ids: Sequence[str], turn: int) -> Said:
    """Each part is somebody else's or its own, so that every way to borrow, to join and to bridge comes up."""
    one, other = rng.choice(victims), rng.choice(victims)
    own = f'{EVIL}/{rng.randint(1, 4)}'
    link = rng.choice([one.link, one.link, _respelled(rng, one.link) if one.link else '', own, '', f'/a/{one.n}.html'])
    if other.code and rng.random() < 0.3:
        link = (link or own).partition('?')[0] + f'?infoCode={other.code}'
    guid = rng.choice(
        ['', one.guid, other.guid, other.link, f'g{rng.randint(1, 3)}', f'rotated-{turn}-{rng.random()}', *ids]
    )
    at = rng.choice([None, NOON, NOON - BACK, NOON + AHEAD, NOON - timedelta(minutes=rng.randint(0, 5000))])
    return Said(
        title=rng.choice(['', f'假{one.n}', f'第{one.n}条', '快讯']),
        link=link,
        guid=guid,
        text=rng.choice(['假文', f'正文{one.n}', f'假（文章来源：{rng.choice(REPORTERS)}）']),
        author=rng.choice(['', '记者', '冒名']),
        at=at,
        raw=_source_of(one) if rng.random() < 0.3 else '',
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
