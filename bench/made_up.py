"""Made-up feeds, the same at every run: RSS with Chinese titles and texts of some 500 bytes."""

from __future__ import annotations

import hashlib
import random

WORDS = '市场 报告 芯片 仓储 指数 季度 利润 信号 云 证券 时报 数字 经济 深圳 产业 公司 光伏 储能 机器人 创新药 订单 供应'.split()


class Feed:
    """One feed: its entries, newest first, and the document that they make."""

    def __init__(self, number: int, entries: int) -> None:
        self.number = number
        self.entries = entries
        self.random = random.Random(number)
        self.count = 0
        self.items: list[str] = []
        for _ in range(entries):
            self.publish()

    def publish(self) -> None:
        self.count += 1
        self.items = [self.item(), *self.items[: self.entries - 1]]
        self.etag = f'"{self.number}-{self.count}-{hashlib.sha256(self.items[0].encode()).hexdigest()[:8]}"'

    def item(self) -> str:
        n, words = self.count, self.random.choices(WORDS, k=140)
        minute, hour, day = n % 60, n // 60 % 24, 1 + n // 1440
        text = ''.join(
            f'<p>{"".join(words[k : k + 20])}，<a href="/t/{k}">{words[k]}</a>。</p>' for k in range(0, 140, 20)
        )
        return (
            f'<item><title>{"".join(words[:8])} {n}</title><link>http://site{self.number}.example/a/{n}.html</link>'
            f'<guid isPermaLink="false">{self.number}-{n}</guid><pubDate>Tue, {day:02} Apr 2026 {hour:02}:{minute:02}:00'
            f' +0800</pubDate><category>{words[0]}</category><description><![CDATA[{text}]]></description></item>'
        )

    def body(self) -> bytes:
        head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>来源{self.number}</title>'
        home = f'<link>http://site{self.number}.example/</link><description>made up</description>'
        return f'{head}{home}{"".join(self.items)}</channel></rss>'.encode()


class MadeUp:
    def __init__(self, feeds: int, entries: int) -> None:
        self._feeds = [Feed(n, entries) for n in range(feeds)]
        self._turn = random.Random(1)

    def body(self, number: int) -> bytes:
        return self._feeds[number].body()

    def media_type(self, _number: int) -> str:
        return 'application/rss+xml'

    def etag(self, number: int) -> str:
        return self._feeds[number].etag

    def tick(self, percent: int) -> None:
        for feed in self._turn.sample(self._feeds, len(self._feeds) * percent // 100):
            feed.publish()
