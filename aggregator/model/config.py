"""What the configuration says: sources, rules, limits. Validated by settings/ before anyone else sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

# ------------------------------------------------ feeds.yml: what


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where an entry of a source shows its publisher's own id. All patterns are regular expressions with one group."""

    param: str = ''  # name of a URL parameter of the link, matched in any case
    path: tuple[str, ...] = ()  # searched in the path of the link
    guid: str = ''  # searched in the guid as sent
    code: str = ''  # searched in the code field as sent
    prefix: str = ''  # put before a code of bare digits


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """How a source's entries get their labels: fixed ones, and at most one open origin."""

    labels: tuple[str, ...] = ()
    origin: Literal['', 'publisher', 'tags'] = ''  # `from:` in feeds.yml
    label: str = '{publisher}新闻'  # template of an open label
    allow: tuple[str, ...] = ()  # publishers that may make a label; empty: all
    deny: tuple[str, ...] = ()
    cap: int = 5000  # open labels that may come to life through this source


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRules:
    """`urls:` of feeds.yml. `unwrap` maps host/path of a redirect wrapper to the parameter that holds the real link."""

    drop: tuple[str, ...] = ()
    unwrap: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A leaf of a rule: the regular expression (RE2 syntax) is searched in this field of the entry."""

    field: Literal['title', 'text', 'url', 'author', 'publisher', 'source', 'tag']
    pattern: str


@dataclass(frozen=True, slots=True)
class AllOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: Condition


Condition = Match | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of `rules:`. Labels are added and removed in the order of the rows; `drop` keeps it out of all feeds."""

    when: Condition
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDef:
    """A row of `categories:`. An empty slug is made from the label, an empty title is the label."""

    label: str
    slug: str = ''
    title: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    title: str = 'Feeds'
    url: str = 'http://127.0.0.1:8000/'  # public base of every link; ends in a slash
    authority: str = ''  # 'news.example.org,2026' (RFC 4151); '' until the first run has stored one
    language: str = 'zh-CN'
    timezone: str = 'Asia/Shanghai'
    noindex: bool = True  # republished pages ask search engines to stay away


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One row of feeds.yml, defaults applied. `options` is the frozen dataclass of its kind (parse/kinds.py)."""

    name: str
    kind: str = 'feed'
    order: int = 0  # place in feeds.yml; the earlier wins a tie
    url: str = ''  # of its feed or list; for posts the folder, absolute
    group: str = ''  # sources of one group trust each other; '' stands alone
    every: timedelta = timedelta(minutes=15)  # with `cron` or `adaptive`: about how often, for those who publish
    cron: str = ''  # five fields in `timezone`; decides instead of `every`
    adaptive: bool = False  # the rhythm of publishing decides instead of `every`
    timezone: str = 'Asia/Shanghai'
    content: Literal['full', 'summary', 'link'] = 'full'
    private: bool = False  # its configured origin may be a private or loopback address
    encoding: str = ''
    headers: Mapping[str, str] = field(default_factory=dict)
    speaks_for: tuple[str, ...] = ()  # further hosts that it may speak for
    key: Key = Key()
    category: CategoryRule = CategoryRule()
    options: Any = None
    line: int = 0  # in feeds.yml


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that rules/ needs to decide what the entries are: equal policies and carriers give equal entries."""

    sources: Mapping[str, Source]  # by name
    urls: UrlRules = UrlRules()
    aliases: Mapping[str, str] = field(default_factory=dict)  # publisher as written -> as meant
    rules: tuple[Rule, ...] = ()
    categories: tuple[CategoryDef, ...] = ()
    authority: str = 'localhost,2026'
    max_revisions: int = 20  # texts that one source may give to one entry


# ------------------------------------------------ config/aggregator.yml: how


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Bounds of one request. Bytes are counted after the content coding is undone."""

    total_s: float = 30.0
    connect_s: float = 5.0
    redirects: int = 5
    header_bytes: int = 64 * 1024
    body_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """Bounds of one document and of what it may say. Lengths in characters unless the name says bytes."""

    parse_s: float = 5.0
    memory_bytes: int = 256 * 1024 * 1024
    entries: int = 500
    title: int = 500
    author: int = 200
    tag: int = 100
    tags: int = 20
    html_bytes: int = 256 * 1024
    guid_bytes: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """`polling:` of config/aggregator.yml."""

    min_interval: timedelta = timedelta(seconds=60)
    max_interval: timedelta = timedelta(days=1)
    host_spacing: timedelta = timedelta(seconds=1)
    host_concurrency: int = 1
    threads: int = 16  # requests under way at once
    contact: str = ''  # URL or address in the User-Agent; '' is the site's about page
    max_revisions: int = 20
    fetch: FetchLimits = FetchLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsing:
    """`parsing:` of config/aggregator.yml. Worker processes that can be killed; 0: this process (tests)."""

    workers: int = 2
    documents_per_worker: int = 500  # then a fresh process takes its place
    limits: ParseLimits = ParseLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """`publishing:` of config/aggregator.yml: how long a feed is."""

    entries: int = 100  # in one document
    max_age: timedelta = timedelta(days=365)  # older than the feed's newest entry by this: left out
    source_share: float = 0.5  # of a document that one source may fill while others have entries
    hubs: tuple[str, ...] = ()
    private_hubs: bool = False  # they may stand in our own network


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """`serving:` of config/aggregator.yml."""

    host: str = '127.0.0.1'
    port: int = 8000
    min_max_age: timedelta = timedelta(seconds=60)  # Cache-Control is never shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """`retention:` of config/aggregator.yml. What a source still lists is never removed."""

    max_age: timedelta = timedelta(days=3650)
    per_source: int = 5000
    removed_source: Literal['retire', 'purge'] = 'retire'


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """`logging:` of config/aggregator.yml."""

    format: Literal['text', 'json'] = 'text'
    level: Literal['debug', 'info', 'warning', 'error'] = 'info'


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """feeds.yml and config/aggregator.yml together, complete and valid."""

    path: Path  # of feeds.yml
    data: Path  # folder of aggregator.db and public/
    site: Site
    sources: tuple[Source, ...]
    stranger: Source = Source(name='')  # a row that says nothing: how an address that is no source is asked
    policy: Policy  # its authority is the site's, or the default until the store knows better
    polling: Polling = Polling()
    parsing: Parsing = Parsing()
    publishing: Publishing = Publishing()
    serving: Serving = Serving()
    retention: Retention = Retention()
    logging: Logging = Logging()
