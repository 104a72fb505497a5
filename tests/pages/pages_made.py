"""A town of made-up sources that is polled for a day and a half, published and served: what the pages are looked at with.

Names, titles and addresses are invented. Chance has a fixed seed and time is given, so the pages are always the same.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.daemon import Assembly, assembled, poll_now
from aggregator.daemon.installed import note_taken_up
from aggregator.daemon.live import LivePages
from aggregator.model import Answer, Fetched, FetchFailed, FetchResult, NotModified, Received, Request, Validators
from aggregator.parse import InlineParser, parse_document
from aggregator.publish import not_found, publish
from aggregator.serve import App, Server, make_app
from aggregator.settings import load_settings

NOW = datetime(2026, 11, 25, 4, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=8)  # when the pages are looked at
EVERY = timedelta(hours=1)
ROUNDS = 36
CHINESE_SITE = '{title: 财经新闻聚合, url: "http://127.0.0.1:8000/", authority: "news.example,2026", language: zh-CN}'
ENGLISH_SITE = '{title: Financial news, url: "http://127.0.0.1:8000/", authority: "news.example,2026", language: en}'

ROWS = """
defaults: {every: 1h, content: full, group: town}
sources:
  - name: 江城财经
    kind: json
    url: https://jiangcheng.example/list
    items: data.list
    fields: {title: title, link: url, code: code, published: at, publisher: from, content: text}
    key: {code: '^(\\d{18})$', prefix: NW}
    category: {from: publisher, label: "{publisher}新闻"}
  - {name: 海港证券报, url: "https://haigang.example/rss", category: 海港证券报新闻, key: {path: ['/(\\d{18})\\.html'], prefix: NW}}
  - {name: 北岭经济周刊, url: "https://beiling.example/atom", category: 北岭经济周刊新闻}
  - {name: 云谷科技, url: "https://yungu.example/feed", category: 云谷科技新闻, content: summary}
  - {name: 南湖日报, url: "https://nanhu.example/rss", category: 南湖日报新闻}
  - {name: 青石观察, url: "https://qingshi.example/rss", category: 青石观察新闻, every: 2h}
  - {name: 老城快讯, url: "https://laocheng.example/rss", category: 老城快讯新闻}
rules:
  - {when: {title: 数字经济}, add: 数字经济}
  - {when: {any: [{title: 银行}, {title: 利率}]}, add: 银行与利率}
  - {when: {title: 新能源}, add: 新能源}
"""

TITLES = {
    'haigang': '海港证券报',
    'beiling': '北岭经济周刊',
    'yungu': '云谷科技',
    'nanhu': '南湖日报',
    'laocheng': '老城快讯',
}
PUBLISHERS = ('江城财经', '远山商报', '东埠时报', '芦洲金融网', '柳林产业报', '海港证券报')
WHO = (
    '多家银行',
    '央行',
    '证监会',
    '三家上市公司',
    '江城市',
    '新能源车企',
    '一家芯片企业',
    '港口集团',
    '多地财政部门',
    '基金公司',
)
DID = ('发布', '下调', '推进', '披露', '回应', '启动', '加快', '调整', '公布', '试点')
WHAT = (
    '数字经济三年行动方案',
    '存款利率',
    '年度业绩预告',
    '新能源汽车出口数据',
    '产业数字化转型清单',
    '绿色债券发行计划',
    '跨境电商新规',
    '先进制造业集群名单',
    '养老金入市安排',
    '半导体材料项目',
    '回购进展公告',
    '外贸稳增长措施',
)
TAIL = ('', '', '，市场反应平稳', '：三个看点', '，较上月增长近一成', '，专家解读', '，细则年底前出台')
SAID = (
    '业内人士表示，此次安排延续了此前的政策方向，重点在于稳定预期、降低企业成本，并为明年的工作预留空间。',
    '数据显示，前十个月相关行业增加值同比增长百分之六点三，其中数字产品制造业增速最快，对整体增长的贡献超过三成。',
    '多位受访者认为，中小企业数字化转型仍面临人才不足、投入回报周期较长等问题，需要更多公共服务平台的支持。',
    '会议提出，要统筹区域布局，避免重复建设，鼓励龙头企业开放供应链，带动上下游共同升级。',
    '记者从有关部门获悉，配套的财政贴息和税收优惠将同步实施，预计惠及两万余家企业。',
)


@dataclass(frozen=True)
class Item:
    code: str
    title: str
    publisher: str
    at: datetime
    text: str


@dataclass
class Press:
    """What has been written until now, by the host that shows it; some hosts are in trouble."""

    now: datetime
    items: dict[str, list[Item]] = field(default_factory=dict)

    @classmethod
    def printed(cls) -> Press:
        """Everything that will ever be written, and a clock that has not begun."""
        chance = random.Random(20261125)
        press = cls(NOW)
        rate = {'jiangcheng': 5.5, 'haigang': 2.2, 'beiling': 0.7, 'yungu': 1.1, 'nanhu': 1.6, 'laocheng': 0.5}
        for host, per_hour in rate.items():
            press.items[host] = sorted(_written(chance, host, per_hour), key=lambda item: item.at, reverse=True)
        # The same articles, carried by a second paper under the same codes.
        shared = [item for item in press.items['jiangcheng'] if item.publisher == '海港证券报']
        press.items['haigang'] = sorted([*press.items['haigang'], *shared], key=lambda item: item.at, reverse=True)
        return press

    def fetch(self, request: Request) -> FetchResult:
        host = request.url.split('/')[2].removesuffix('.example')
        hour = int((NOW - self.now) / EVERY)
        if host == 'qingshi':
            return FetchFailed(
                request.url,
                'dns',
                'There is no server named qingshi.example',
                'Check the spelling, and the network of this machine; the site may be gone',
            )
        if (host == 'laocheng' and hour < 6) or (host == 'yungu' and hour in (9, 17, 18)):
            answer = self._answer(request, 403)
            hint = 'Perhaps the site keeps programs out; ask its people, or give this source the `headers` it wants'
            return FetchFailed(request.url, 'status', 'The server refuses us (403)', hint, answer)
        listed = [item for item in self.items[host] if item.at <= self.now][:40]
        body = _list(listed) if host == 'jiangcheng' else _rss(host, listed)
        etag = f'"{listed[0].code if listed else 0}"'
        same = request.validators.etag == etag
        answer = self._answer(request, 304 if same else 200, etag)
        return NotModified(answer) if same else Fetched(answer, Received(request.url, body, self.now))

    def _answer(self, request: Request, status: int, etag: str = '') -> Answer:
        return Answer(
            url=request.url,
            final_url=request.url,
            status=status,
            fetched_at=self.now,
            elapsed_ms=40 + hash(len(request.url)) % 300,
            validators=Validators(etag=etag),
            max_age=timedelta(minutes=10),
            headers=self._headers(etag),
        )

    def _headers(self, etag: str) -> tuple[tuple[str, str], ...]:
        """What servers say besides, some of it long and some of it not for everybody."""
        return (
            ('Date', f'{self.now:%a, %d %b %Y %H:%M:%S} GMT'),
            ('Content-Type', 'text/xml; charset=utf-8'),
            ('ETag', etag),
            ('Cache-Control', 'max-age=600'),
            ('Set-Cookie', 'visitor=precious; HttpOnly'),
            ('Content-Security-Policy', "default-src 'self'; img-src https://images.example/" + 'x' * 280),
        )

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Town:
    house: Assembly
    app: App
    base: str  # address, with a slash at its end

    def entry_id(self, title: str = '') -> str:
        """Of the newest entry that several carried and whose title holds this."""
        found = (e for e in self.house.store.all_entries() if title in e.title and len(e.carriers) > 1)
        return next(found).id


@contextmanager
def polled(folder: Path, site: str = CHINESE_SITE, rounds: int = ROUNDS) -> Iterator[Assembly]:
    """The house of the town, after its rounds, published."""
    (folder / 'feeds.yml').write_text(f'site: {site}\n{ROWS}', 'utf-8')
    settings = load_settings(folder / 'feeds.yml')
    press = Press.printed()
    parser = InlineParser(parse_document, settings.parsing.limits)
    with assembled(settings, spacing=timedelta(0), now=lambda: press.now, transport=press, parser=parser) as house:
        for back in reversed(range(rounds)):
            press.now = NOW - back * EVERY
            list(poll_now(settings.sources, house.tools, lambda: press.now))
        publish(house.store, house.settings, house.folder)
        note_taken_up(house.store, '0123456789abcdef', NOW - timedelta(hours=3))
        yield house


@contextmanager
def served(folder: Path, site: str = CHINESE_SITE, rounds: int = ROUNDS) -> Iterator[Town]:
    """The same, and its pages over HTTP on some port."""
    with polled(folder, site, rounds) as house:
        app = application(house)
        server = Server(app, '127.0.0.1', 0)
        host, port = server.start()
        try:
            yield Town(house, app, f'http://{host}:{port}/')
        finally:
            server.stop()


def application(house: Assembly, now: datetime = LATER) -> App:
    """As the daemon makes it."""
    site = house.settings.site
    return make_app(
        house.folder,
        site=site,
        clock=time.monotonic,
        not_found=lambda _path: not_found(house.store, site),
        live=LivePages(house, lambda: now).pages(),
        now=lambda: now,
    )


def _written(chance: random.Random, host: str, per_hour: float) -> Iterator[Item]:
    """More by day than by night, in the zone of the papers."""
    for minute in range(-60, ROUNDS * 60 + 14 * 60):
        at = NOW - timedelta(minutes=minute)
        busy = 1.6 if 8 <= (at + timedelta(hours=8)).hour < 20 else 0.25
        if minute < 0 or chance.random() >= per_hour * busy / 60:
            continue
        title = f'{chance.choice(WHO)}{chance.choice(DID)}{chance.choice(WHAT)}{chance.choice(TAIL)}'
        publisher = chance.choice(PUBLISHERS) if host == 'jiangcheng' else ''
        text = ''.join(f'<p>{said}</p>' for said in chance.sample(SAID, chance.randint(2, 5)))
        picture = '<p><img src="https://images.example/1.jpg" alt="现场"></p>' if chance.random() < 0.1 else ''
        yield Item(f'{at:%Y%m%d%H%M}{chance.randrange(10**6):06}', title, publisher, at, picture + text)


def _list(items: Sequence[Item]) -> bytes:
    rows = [
        {
            'title': item.title,
            'url': f'https://jiangcheng.example/a/{item.code}.html',
            'code': item.code,
            'at': f'{item.at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}',
            'from': item.publisher,
            'text': item.text,
        }
        for item in items
    ]
    return json.dumps({'data': {'list': rows}}, ensure_ascii=False).encode()


def _rss(host: str, items: Sequence[Item]) -> bytes:
    told = ''.join(
        f'<item><title>{item.title}</title><link>https://{host}.example/{item.code}.html</link>'
        f'<description><![CDATA[{item.text}]]></description><pubDate>{item.at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>'
        for item in items
    )
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{TITLES[host]}</title>'
    return f'{head}<link>https://{host}.example/</link>{told}</channel></rss>'.encode()
