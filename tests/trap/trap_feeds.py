"""Feeds and pages that hold addresses at every place where a reader could go and get something."""

from __future__ import annotations

import json
from html import escape


def rss(urls):
    """Each URL at every place of an item, and all of them in the head."""
    items = ''.join(
        f'<item><title>{n}</title><link>{u}</link><guid isPermaLink="true">{u}#g</guid><comments>{u}</comments>'
        f'<enclosure url="{u}" type="audio/mpeg" length="1"/><media:content url="{u}" medium="image"/><source url="{u}">s</source>'
        f'<media:thumbnail url="{u}"/><itunes:image href="{u}"/><wfw:commentRss>{u}</wfw:commentRss><media:player url="{u}"/>'
        f'<description>{escape(marked_up(u))}</description></item>'
        for n, u in enumerate(urls)
    )
    head = ''.join(
        f'<image><url>{u}</url><link>{u}</link></image><docs>{u}</docs><itunes:image href="{u}"/><itunes:new-feed-url>{u}</itunes:new-feed-url>'
        f'<atom:link rel="hub" href="{u}"/><atom:link rel="self" href="{u}"/><atom:link rel="next" href="{u}"/><redirect>{u}</redirect>'
        for u in urls
    )
    names = (
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
        'xmlns:xi="http://www.w3.org/2001/XInclude"'
    )
    entities = ''.join(f'<!ENTITY e{n} SYSTEM "{u}"><!ENTITY % p{n} SYSTEM "{u}"> %p{n};' for n, u in enumerate(urls))
    asked_for = ''.join(f'<xi:include href="{u}" parse="text"/>&e{n};' for n, u in enumerate(urls))
    return (
        f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{urls[0]}"?><!DOCTYPE rss SYSTEM "{urls[0]}" [{entities}]>'
        f'<rss version="2.0" {names}><channel><title>t</title>{head}{items}<item><title>e{asked_for}</title></item></channel></rss>'
    )


def atom(urls):
    rels = ('alternate', 'enclosure', 'related', 'via', 'replies', 'self', 'next', 'hub', 'icon')
    links = {u: ''.join(f'<link rel="{rel}" href="{u}"/>' for rel in rels) for u in urls}
    entries = ''.join(
        f'<entry xml:base="{u}"><id>{u}</id><title>{n}</title><updated>2026-11-20T00:00:00Z</updated>{links[u]}'
        f'<content src="{u}" type="text/html"/><author><name>a</name><uri>{u}</uri></author>'
        f'<source><id>{u}</id>{links[u]}<logo>{u}</logo></source><summary type="html">{escape(marked_up(u))}</summary></entry>'
        for n, u in enumerate(urls)
    )
    head = ''.join(f'<logo>{u}</logo><icon>{u}</icon>{links[u]}' for u in urls)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{urls[0]}"><title>t</title><id>{urls[0]}</id>{head}{entries}</feed>'


def json_feed(urls):
    hubs = [{'type': 'WebSub', 'url': u} for u in urls]
    items = [
        {
            'id': u, 'url': u, 'external_url': u, 'title': str(n), 'image': u, 'banner_image': u, 'content_html': marked_up(u),
            'authors': [{'url': u, 'avatar': u}], 'attachments': [{'url': u, 'mime_type': 'audio/mpeg'}],
        }
        for n, u in enumerate(urls)
    ]  # fmt: skip
    top = dict.fromkeys(('home_page_url', 'feed_url', 'next_url', 'icon', 'favicon'), urls[0])
    return json.dumps(
        {'version': 'https://jsonfeed.org/version/1.1', 'title': 't', **top, 'hubs': hubs, 'items': items}
    )


def marked_up(url):
    u = escape(url)
    return (
        f'<p>a</p><img src="{u}" srcset="{u} 2x"><a href="{u}" ping="{u}">a</a><video src="{u}" poster="{u}"></video>'
        f'<iframe src="{u}"></iframe><link rel="stylesheet" href="{u}"><object data="{u}"></object><base href="{u}">'
    )


def page_of(urls, *, typed=True):
    links = [f'<link rel="alternate" type="application/rss+xml" href="{escape(u)}">' for u in urls]
    anchors = [f'<a href="{escape(u)}">RSS</a>' for u in urls]
    return f'<html><head>{"".join(links if typed else ())}</head><body>{"".join(anchors)}</body></html>'
