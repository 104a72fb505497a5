"""Documents as they would come over the wire: RSS, Atom, JSON Feed, and the list of a site with its texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

NOON = datetime(2026, 4, 12, 4, tzinfo=UTC)


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
    code: str = ''  # a list has a field for it


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


def json_feed(head: Head, items: Sequence[Said], base: str = '') -> bytes:  # it has no base
    """An item without an id is none (JSON Feed 1.1), so it gets its link, or its text."""
    told = [
        _written(
            id=i.guid or i.link or i.text,
            url=i.link,
            title=i.title,
            content_html=i.text,
            date_published=i.at.isoformat() if i.at else '',
            authors=[{'name': i.author}] if i.author else '',
        )
        for i in items
    ]
    top = _written(title=head.title, home_page_url=head.link, feed_url=head.self_url)
    return json.dumps({'version': 'https://jsonfeed.org/version/1.1', **top, 'items': told}).encode()


def json_list(items: Sequence[Said]) -> bytes:
    rows = [
        _written(t=i.title, u=i.link, g=i.guid, c=i.code, who=i.author, at=i.at.isoformat() if i.at else '')
        for i in items
    ]
    return json.dumps({'rows': rows}).encode()


def json_text(text: str) -> bytes:
    return json.dumps({'text': text}).encode()


def _element(name: str, text: str, attributes: str = '') -> str:
    return f'<{name}{attributes}>{escape(text)}</{name}>' if text else ''


def _written(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}
