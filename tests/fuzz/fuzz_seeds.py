"""What is mutated: small documents of every dialect, written by us. A long run adds real ones from a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

MOST_BYTES = 24_000  # of a real document; larger ones say nothing that smaller ones do not


@dataclass(frozen=True, slots=True)
class Seed:
    """`dialect` decides how it is read and which mutations know its grammar."""

    dialect: str
    body: bytes
    media_type: str = 'application/xml'


_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>甲报 &amp; 乙</title><link>https://jia.example/</link><description>每日新闻</description>
<atom:link href="https://jia.example/rss.xml" rel="self" type="application/rss+xml"/><language>zh-cn</language>
<lastBuildDate>Wed, 25 Nov 2026 08:00:00 +0800</lastBuildDate><ttl>30</ttl><image><url>https://jia.example/i.png</url><title>图</title><link>https://jia.example/</link></image>
<skipHours><hour>3</hour></skipHours>
<item><title>数字经济 &lt;b&gt;新&lt;/b&gt;政</title><link>https://jia.example/n/1.html?utm_source=rss&amp;id=1</link>
<guid isPermaLink="false">jia-1</guid><pubDate>Wed, 25 Nov 2026 07:00:00 +0800</pubDate><dc:creator>张三</dc:creator>
<category domain="https://jia.example/c">经济</category><author>a@jia.example (李四)</author>
<description>&lt;p&gt;正文 &lt;a href="/x"&gt;链&lt;/a&gt;&lt;img src="i.png" onerror="x()"&gt;&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>全文 <em>强</em></p><table><tr><td>表</td></tr></table><p>（文章来源：乙报）</p>]]></content:encoded>
<enclosure url="https://jia.example/a.mp3" length="12345" type="audio/mpeg"/><media:content url="https://jia.example/m.jpg" medium="image"/>
<source url="https://yi.example/rss">乙报</source><itunes:summary>简介</itunes:summary></item>
<item><title>第二条</title><link>https://jia.example/n/2.html</link><pubDate>25 Nov 2026 06:00 CST</pubDate><description>只有一句</description></item>
</channel></rss>
"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN" xml:base="https://yi.example/blog/"><title type="html">乙 &lt;i&gt;刊&lt;/i&gt;</title>
<subtitle>副题</subtitle><id>tag:yi.example,2026:blog</id><updated>2026-11-25T08:00:00+08:00</updated><link rel="self" href="feed.atom"/>
<link rel="alternate" type="text/html" href="./"/><link rel="hub" href="https://hub.example/"/><author><name>王五</name><uri>https://yi.example/w</uri><email>w@yi.example</email></author>
<icon>favicon.ico</icon><rights>© 2026</rights><generator uri="https://gen.example/" version="1">机</generator>
<entry><title>标题 &amp;amp; 一</title><id>tag:yi.example,2026:1</id><link href="1.html"/><link rel="enclosure" href="a.ogg" type="audio/ogg" length="9"/>
<published>2026-11-25T06:00:00.123Z</published><updated>2026-11-25T07:00:00+08:00</updated><category term="t1" label="标签一" scheme="https://yi.example/s"/>
<summary type="text">摘要 &lt;b&gt;</summary><content type="xhtml" xml:base="posts/"><div xmlns="http://www.w3.org/1999/xhtml"><p>段 <a href="2.html">链</a><br/></p></div></content>
<source><id>tag:bing.example,2026:f</id><title>丙报</title><updated>2026-11-24T00:00:00Z</updated><link rel="self" href="https://bing.example/atom"/></source></entry>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">二<b>粗</b></div></title><id>https://yi.example/2</id><updated>2026-11-24T07:00:00Z</updated>
<content type="html">&lt;p&gt;二 &amp;nbsp; &amp;hellip;&lt;/p&gt;</content><rights type="html">&lt;b&gt;权&lt;/b&gt;</rights></entry></feed>
"""
_RDF = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE rdf:RDF [<!ENTITY % h SYSTEM "x.dtd"> <!ENTITY c "丁">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://ding.example/rss"><title>丁&c;</title><link>https://ding.example/</link><description>述</description><dc:date>2026-11-25</dc:date><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<items><rdf:Seq><rdf:li resource="https://ding.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://ding.example/1"><title>条一&eacute;</title><link>https://ding.example/1</link><description>述一</description><dc:date>2026-11-25T07:00+08:00</dc:date><dc:subject>主题</dc:subject><dc:creator>赵六</dc:creator></item></rdf:RDF>
"""
_OLD = """<?xml version="1.0" encoding="gb2312"?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>旧报</title><link>http://jiu.example/</link><description>旧</description>
<item><title>旧闻 R&D</title><link>http://jiu.example/a?b=1&c=2</link><description>不合 <b>规 <br>矩</description></item></channel></rss>
"""
_JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "戊报", "home_page_url": "https://wu.example/", "feed_url": "https://wu.example/feed.json",
 "icon": "https://wu.example/i.png", "authors": [{"name": "孙七", "url": "https://wu.example/s"}], "language": "zh", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
 "items": [{"id": "wu-1", "url": "https://wu.example/1", "external_url": "https://x.example/", "title": "一 & 二", "content_html": "<p>文<a href='/y'>链</a></p>", "summary": "摘", "image": "https://wu.example/1.png",
 "date_published": "2026-11-25T07:00:00+08:00", "date_modified": "2026-11-25T07:30:00+08:00", "tags": ["甲", "乙"], "attachments": [{"url": "https://wu.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 99}]},
 {"id": 2, "content_text": "只有文字\\n第二行", "author": {"name": "周八"}}]}
"""
_LIST = """{"code": 0, "data": {"list": [{"title": "表一", "uniqueUrl": "https://biao.example/a/202611253012345678.html", "url": "", "code": "NW202611253012345678", "id": "9", "showTime": "2026-11-25 07:00:00:123", "updateTime": 1795561200,
 "mediaName": "己报", "summary": "摘要", "content": "<p>文</p>", "author": ["吴九"], "tags": [{"name": "标"}], "cover": "//img.biao.example/1.jpg"},
 {"title": "表二", "uniqueUrl": null, "url": "/b/2.html", "code": "202611253012345679", "showTime": "11-25 06:00", "mediaName": "庚报"}]}}
"""
_PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>列表</title><base href="https://ye.example/dir/">
<link rel="alternate" type="application/rss+xml" title="订" href="/rss.xml"></head><body><ul class="news">
<li data-code="NW202611253012345670"><h2><a href="a.html">页一 &amp; <em>二</em></a></h2><span class="date">2026年11月25日 07:00</span><span class="source">辛报</span><span class="author">郑十</span>
<p class="summary">摘 <b>要</b></p><img src="i.png"><div class="article"><p>文 <a href="/x">链</a></p></div></li>
<li><h2><a href="https://ye.example/b.html">页三</a></h2><span class="date">3小时前</span></li></ul><script>var a = "<li>";</script></body></html>
"""
_POST = """---
layout: post
title: "一篇 \\"引\\" 文"
date: 2026-11-25 07:00:00 +0800
categories: renbao
tags: [壬报新闻, '二 三']
note: |
  块
  二
---
<p>文 <a href="https://ren.example/1">链</a></p>

* 列
* 表

[原文](https://ren.example/a/202611253012345671.html) （文章来源：壬报）
"""
_OPML = """<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><head><title>订阅</title></head><body><outline text="夹">
<outline type="rss" text="甲报" title="甲报" xmlUrl="https://jia.example/rss.xml" htmlUrl="https://jia.example/" category="/a,/b"/></outline>
<outline type="rss" text="乙" xmlUrl="http://yi.example/atom"/></body></opml>
"""
_SETTINGS = """site: {title: 站, url: "https://news.example.org/", authority: "news.example.org,2026"}
defaults: &d {every: 15m, group: g, category: {from: publisher, label: "{publisher}新闻", cap: 50}}
sources:
  - name: 甲报
    url: https://jia.example/rss.xml
    category: 甲报新闻
  - {name: 列表, kind: json, url: "https://biao.example/{page}", pages: 2, items: data.list, fields: {title: title, link: url}, key: {param: infoCode, code: '^((?:NW)?\\d{18})$', prefix: NW}}
  - {name: 页, kind: page, url: https://ye.example/, items: ul.news > li, fields: {title: h2 a}}
urls: {drop: [spm], unwrap: {go.example.org/out: to}}
aliases: {证券时报: 证券时报网}
rules:
  - {when: {all: [{title: 数字经济}, {not: {publisher: 某网}}]}, add: 数字经济}
"""
_HEADERS = """Content-Type: text/xml; charset=gb2312
Cache-Control: max-age=600, no-cache="set-cookie"
Expires: Wed, 25 Nov 2026 08:00:00 GMT
Date: Wed, 25 Nov 2026 07:00:00 GMT
Retry-After: 120
ETag: W/"a-1"
Last-Modified: Wed, 25 Nov 2026 06:00:00 GMT
Content-Encoding: gzip
Location: /moved?x=1
Link: <https://hub.example/>; rel="hub", <https://jia.example/rss>; rel=self
"""

SEEDS: Mapping[str, Seed] = MappingProxyType(
    {
        'rss': Seed('xml', _RSS.encode(), 'application/rss+xml; charset=utf-8'),
        'atom': Seed('xml', _ATOM.encode(), 'application/atom+xml'),
        'rdf': Seed('xml', _RDF.encode(), 'text/xml'),
        'old': Seed('xml', _OLD.encode('gb18030'), 'text/xml; charset=gb2312'),
        'jsonfeed': Seed('json', _JSON_FEED.encode(), 'application/feed+json'),
        'list': Seed('list', _LIST.encode(), 'application/json'),
        'jsonp': Seed('list', f'callback({_LIST.strip()});'.encode(), 'application/javascript'),
        'page': Seed('page', _PAGE.encode(), 'text/html'),
        'post': Seed('post', _POST.encode(), 'text/markdown'),
        'opml': Seed('opml', _OPML.encode(), 'text/x-opml'),
        'settings': Seed('settings', _SETTINGS.encode(), 'application/yaml'),
        'headers': Seed('headers', _HEADERS.encode(), 'message/http'),
    }
)
# How often each is taken; feeds.yml is written by its owner and slow to judge.
WEIGHTS: Mapping[str, int] = MappingProxyType(
    {'rss': 26, 'atom': 22, 'rdf': 8, 'old': 6, 'jsonfeed': 8, 'list': 7, 'jsonp': 2, 'page': 9, 'post': 6, 'opml': 3}
    | {'settings': 1, 'headers': 2}
)


def real_seeds(folder: Path) -> tuple[Seed, ...]:
    """The smaller documents of a corpus, in the order of their names; none where there is no such folder."""
    files = sorted(path for path in folder.rglob('*') if path.is_file() and path.stat().st_size <= MOST_BYTES)
    return tuple(_real(path.read_bytes()) for path in files)


def _real(body: bytes) -> Seed:
    return Seed('json' if body.lstrip()[:1] == b'{' else 'xml', body, '')


def names(weights: Mapping[str, int] = WEIGHTS) -> Sequence[str]:
    return [name for name, weight in weights.items() for _ in range(weight)]
