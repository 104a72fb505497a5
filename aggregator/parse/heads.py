"""What feedparser read of a channel or feed -> FeedHead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aggregator.model import FeedHead
from aggregator.parse.entries import (
    MAX_LANGUAGE,
    Frame,
    alternate_of,
    date_of,
    guid_of,
    is_html,
    links_of,
    people_of,
)
from aggregator.parse.texts import clean_text, http_url
from aggregator.parse.wording import title_of

MAX_TTL: Final = timedelta(days=31)  # a mistyped ttl must not silence a source for years
MAX_HUBS: Final = 5

_PERIODS: Final = {
    'hourly': timedelta(hours=1),
    'daily': timedelta(days=1),
    'weekly': timedelta(weeks=1),
    'monthly': timedelta(days=30),
    'yearly': timedelta(days=365),
}
_DAYS: Final = ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')
_NUMBER: Final = re.compile(r'\s*([0-9]{1,9})(?:\.[0-9]{0,9})?\s*\Z')


def base_of(raw: Mapping[str, Any], url: str) -> str:
    """Against what relative links of the feed are meant: its page where that is known, else the document itself."""
    return alternate_of(raw, url) or http_url(str(raw.get('link') or ''), url) or url


def head_of(raw: Mapping[str, Any], url: str, frame: Frame) -> FeedHead:
    """All that a document says about itself. `url` is the document's; `frame.base` that of its links."""
    limits = frame.limits

    def words(key: str, limit: int = limits.title) -> str:
        return title_of(_text(raw, key), limit, html=is_html(raw, key))

    return FeedHead(
        title=words('title'),
        link=frame.base if frame.base != url else '',
        id=guid_of(raw, limits.guid_bytes),
        subtitle=words('subtitle', 2 * limits.title),
        updated=date_of(raw, ('updated', 'dc_date', 'published'), frame),
        icon=_icon(raw, frame.base),
        language=clean_text(_text(raw, 'language'), MAX_LANGUAGE),
        rights=words('rights'),
        authors=people_of(raw, limits.author),
        self_url=next(iter(_urls(raw, 'self', url)), ''),
        hubs=tuple(dict.fromkeys(_urls(raw, 'hub', url)))[:MAX_HUBS],
        next_url=next(iter(_urls(raw, 'next', url)), ''),
        ttl=_ttl(raw),
        skip_hours=frozenset(int(hour) % 24 for hour in _words(raw, 'skip_hours') if _number(hour) in range(25)),
        skip_days=frozenset(_DAYS.index(day) for day in map(str.lower, _words(raw, 'skip_days')) if day in _DAYS),
    )


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ''


def _words(raw: Mapping[str, Any], key: str) -> list[str]:
    values = raw.get(key)
    return [value.strip() for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _urls(raw: Mapping[str, Any], relation: str, base: str) -> list[str]:
    return [url for link in links_of(raw, relation) if (url := http_url(link['href'], base))]


def _icon(raw: Mapping[str, Any], base: str) -> str:
    image = raw.get('image')
    shown = (_text(raw, 'icon'), _text(raw, 'logo'), _text(image, 'href') if isinstance(image, dict) else '')
    return next((url for one in shown if (url := http_url(one, base))), '')


def _number(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[1]) if found else None


def _ttl(raw: Mapping[str, Any]) -> timedelta | None:
    """RSS ttl in minutes, else the period of the syndication module divided by its frequency."""
    if minutes := _number(_text(raw, 'ttl')):
        return min(timedelta(minutes=minutes), MAX_TTL)
    period = _PERIODS.get(_text(raw, 'sy_updateperiod').strip().lower())
    return min(period / (_number(_text(raw, 'sy_updatefrequency')) or 1), MAX_TTL) if period else None
